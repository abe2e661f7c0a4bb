"""Which versions of what a run rests on. Loads none of it."""

import platform
import sys
from functools import cache
from importlib import metadata

__all__ = ["versions"]

_ALWAYS = ("qvl-agent", "gymnasium", "numpy", "pillow")
_WHERE_LOADED = ("torch", "transformers")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide what is seen and answered."""
    packages = (*_ALWAYS, *(name for name in _WHERE_LOADED if name in sys.modules))
    found = {name: version for name in packages if (version := _version(name))}
    return {"python": platform.python_version(), **found}


@cache
def _version(package: str) -> str:
    """Return the version of an installed package, "" where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
