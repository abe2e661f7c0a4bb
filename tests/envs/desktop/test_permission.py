from types import SimpleNamespace
from typing import Any

import pytest

from qvl_agent.actions.errors import DeviceError
from qvl_agent.envs.desktop.permission import require_permission


class Answer:
    """A function of a framework, which says yes or no."""

    def __init__(self, yes: bool) -> None:
        self.yes = yes
        self.restype: Any = None

    def __call__(self) -> bool:
        assert self.restype is not None, "read as an int, a bool's upper bytes are anything"
        return self.yes


def mac(see: bool, act: bool) -> Any:
    frameworks = {
        "CoreGraphics": SimpleNamespace(CGPreflightScreenCaptureAccess=Answer(see)),
        "ApplicationServices": SimpleNamespace(AXIsProcessTrusted=Answer(act)),
    }
    return lambda path: frameworks[path.rpartition("/")[2]]


def test_who_may_see_and_act_goes_on() -> None:
    require_permission(mac(True, True))


@pytest.mark.parametrize(
    ("see", "act", "told"),
    [(False, True, "see the screen.*Screen Recording"), (True, False, "click.*Accessibility")],
)
def test_who_may_not_is_told_where_it_is_allowed(see: bool, act: bool, told: str) -> None:
    with pytest.raises(DeviceError, match=told):
        require_permission(mac(see, act))
