"""The phone's fonts, with their licences."""
