"""Phones: real ones over adb, and a simulated one."""
