"""A visual agent: a local Qwen2-VL policy sees screenshots, reasons, and acts.

Importing this package loads neither torch nor any device library.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
