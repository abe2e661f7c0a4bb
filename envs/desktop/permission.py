"""Whether macOS lets this program see the screen and move the pointer. It does neither silently.

Without permission a picture there shows the wallpaper only, and clicks go nowhere.
"""

import ctypes
from typing import Any

from qvl_agent.actions.errors import DeviceError

__all__ = ["require_permission"]

_FRAMEWORKS = "/System/Library/Frameworks/{0}.framework/{0}"
_WHERE = "System Settings > Privacy & Security > {}: allow the terminal, and start it again"


def require_permission(load: Any = ctypes.CDLL) -> None:
    """Do nothing where this program may see the screen and act.

    Args:
        load: Loads a framework, by its path.

    Raises:
        DeviceError: If it may not; says where it is allowed.

    Source: Apple, CGPreflightScreenCaptureAccess and AXIsProcessTrusted.
    """
    graphics = load(_FRAMEWORKS.format("CoreGraphics"))
    if not _says_yes(graphics.CGPreflightScreenCaptureAccess):
        where = _WHERE.format("Screen Recording")
        raise DeviceError(f"macOS does not let this program see the screen. {where}")
    services = load(_FRAMEWORKS.format("ApplicationServices"))
    if not _says_yes(services.AXIsProcessTrusted):
        where = _WHERE.format("Accessibility")
        raise DeviceError(f"macOS does not let this program click and type. {where}")


def _says_yes(function: Any) -> bool:
    function.restype = ctypes.c_bool
    return bool(function())
