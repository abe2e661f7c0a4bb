"""Which versions of what a run rests on. Loads none of it."""

import platform
import sys
from contextlib import suppress
from importlib import metadata

__all__ = ["versions"]

_ALWAYS = ("qvl-agent", "gymnasium", "numpy", "pillow")
_WHERE_LOADED = ("torch", "transformers")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide what is seen and answered."""
    found = {"python": platform.python_version()}
    for package in (*_ALWAYS, *(name for name in _WHERE_LOADED if name in sys.modules)):
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found
