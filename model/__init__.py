"""Who decides: policies and what they need. The only folder that imports torch."""
