"""The desktop's actions as one tool, as Qwen2.5-VL and Qwen3-VL were taught them: `computer_use`.

It translates calls, not actions: a call of the tool is a call of the desktop's own space with
other names, and that space checks it.

Source: QwenLM/Qwen2.5-VL cookbooks/utils/agent_function_call.py, class ComputerUse; `answer` and
the coordinates of clicks from Qwen3-VL's. A scroll may say where; a click has to.
"""

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from qvl_agent.actions.errors import ParseError
from qvl_agent.actions.frames import FRAME_1000, Frame
from qvl_agent.actions.functions import POINT, Function, Parameter, ToolCall
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Call

__all__ = ["ComputerUseSpace"]

_TOOL = "computer_use"

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "key": "Hotkey",
        "type": "Type",
        "mouse_move": "MoveTo",
        "left_click": "Click",
        "left_click_drag": "Drag",
        "right_click": "RightClick",
        "middle_click": "MiddleClick",
        "double_click": "DoubleClick",
        "scroll": "Scroll",
        "wait": "Wait",
        "answer": "Answer",
        "terminate": "Done",
    }
)
"""From the tool's word to the function of the desktop's space."""

_BY_FUNCTION = {function: word for word, function in _WORDS.items()}

_NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "key": "keys",
        "type": "text",
        "mouse_move": "coordinate",
        "left_click": "coordinate",
        "left_click_drag": "coordinate",
        "right_click": "coordinate",
        "middle_click": "coordinate",
        "double_click": "coordinate",
        "scroll": "pixels",
        "answer": "text",
        "terminate": "status",
    }
)
"""The argument that a word cannot do without; `wait` has none."""

_DESCRIPTION = """\
Use a mouse and keyboard to interact with a computer, and take screenshots.
* This is an interface to a desktop GUI. You do not have access to a terminal or applications \
menu. You must click on desktop icons to start applications.
* Some applications may take time to start or process actions, so you may need to wait and take \
successive screenshots to see the results of your actions. E.g. if you click on Firefox and a \
window doesn't open, try wait and taking another screenshot.
* Whenever you intend to move the cursor to click on an element like an icon, you should consult a \
screenshot to determine the coordinates of the element before moving the cursor.
* If you tried clicking on a program or link but it failed to load, even after waiting, try \
adjusting your cursor position so that the tip of the cursor visually falls on the element that \
you want to click.
* Make sure to click any buttons, links, icons, etc with the cursor tip in the center of the \
element. Don't click boxes on their edges unless asked."""

_ACTION = """\
The action to perform. The available actions are:
* `key`: Performs key down presses on the arguments passed in order, then performs key releases in \
reverse order.
* `type`: Type a string of text on the keyboard.
* `mouse_move`: Move the cursor to a specified (x, y) pixel coordinate on the screen.
* `left_click`: Click the left mouse button at a specified (x, y) pixel coordinate on the screen.
* `left_click_drag`: Click and drag the cursor to a specified (x, y) pixel coordinate on the screen.
* `right_click`: Click the right mouse button at a specified (x, y) pixel coordinate on the screen.
* `middle_click`: Click the middle mouse button at a specified (x, y) pixel coordinate on the \
screen.
* `double_click`: Double-click the left mouse button at a specified (x, y) pixel coordinate on the \
screen.
* `scroll`: Performs a scroll of the mouse scroll wheel.
* `wait`: Wait specified seconds for the change to happen.
* `answer`: Answer a question.
* `terminate`: Terminate the current task and report its completion status."""

_PARAMETERS = (
    Parameter("action", _ACTION, {"type": "string", "enum": list(_WORDS)}),
    Parameter(
        "keys",
        "Required only by `action=key`",
        {"type": "array", "items": {"type": "string"}},
        required=False,
    ),
    Parameter(
        "text", "Required only by `action=type` and `action=answer`", {"type": "string"}, False
    ),
    Parameter(
        "coordinate",
        "The x (from the left edge) and y (from the top edge) coordinates to move the mouse to",
        POINT,
        False,
    ),
    Parameter(
        "pixels",
        "The amount of scrolling to perform. Positive values scroll up, negative values scroll "
        "down. Required only by `action=scroll`",
        {"type": "number"},
        False,
    ),
    Parameter("time", "The seconds to wait, for `action=wait`", {"type": "number"}, False),
    Parameter(
        "status",
        "The status of the task. Required only by `action=terminate`",
        {"type": "string", "enum": ["success", "failure"]},
        False,
    ),
)


class ComputerUseSpace(ActionSpace):
    """The space of a desktop as the one tool `computer_use`.

    A drag with a start cannot be written: the tool drags from where the pointer is.

    Args:
        plain: The desktop's own space.
    """

    def __init__(self, plain: ActionSpace) -> None:
        tool = Function(_TOOL, _DESCRIPTION, _PARAMETERS, _called)
        super().__init__(_TOOL, [tool])
        self.plain = plain

    def validate(self, call: Call, frame: Frame = FRAME_1000) -> None:
        """Check a call of the tool, then what it means.

        Raises:
            ParseError: Naming the kind, what was expected and what came.
        """
        super().validate(call, frame)
        word = call.args["action"]
        needed = _NEEDED.get(word)
        if needed is not None and needed not in call.args:
            raise ParseError("missing_param", f"{word} needs {needed!r}")
        self.plain.validate(_plain(call), frame)

    def build(self, call: Call, frame: Frame = FRAME_1000) -> Action:
        """Return the typed action of a call that `validate` takes.

        Raises:
            ParseError: If the action refuses its values.
        """
        return self.plain.build(_plain(call), frame)

    def to_call(self, action: Action, frame: Frame = FRAME_1000) -> Call:
        """Return the call of the tool that writes an action on `frame`.

        Raises:
            ValueError: If the tool cannot say it.
        """
        return _packed(self.plain.to_call(action, frame))

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> Action:
        """Return a random action that the tool can say.

        Args:
            mask: Unused; part of gymnasium's signature.
            probability: Unused; part of gymnasium's signature.
        """
        plain = copy.copy(self.plain)  # seeding must not disturb the space of a world
        plain.seed(int(self.np_random.integers(2**31)))
        while True:
            action = plain.sample()
            if getattr(action, "start", None) is None:
                return action


def _called(args: Mapping[str, Any]) -> ToolCall:
    """Return a call of the tool as an action; by name, so that a space can be pickled."""
    return ToolCall(_TOOL, dict(args))


def _plain(call: Call) -> Call:
    """Return the call of the desktop's own space that a valid call of the tool means."""
    args = call.args
    point = {"point": args["coordinate"]} if "coordinate" in args else {}
    function = _WORDS[args["action"]]
    match function:
        case "Hotkey":
            return Call(function, {"keys": args["keys"]})
        case "Type" | "Answer":
            return Call(function, {"text": args["text"]})
        case "Drag":
            return Call(function, {"end": args["coordinate"]})
        case "Scroll":
            return Call(function, {"pixels": round(args["pixels"]), **point})
        case "Wait":
            return Call(function, {"time": args["time"]} if "time" in args else {})
        case "Done":
            return Call(function, {"status": "failure"} if args["status"] == "failure" else {})
        case _:
            return Call(function, point)


def _packed(call: Call) -> Call:
    """Return the call of the tool that says what a call of the desktop's own space says."""
    args = dict(call.args)
    if "start" in args:
        raise ValueError(f"{_TOOL} drags from where the pointer is: it cannot say a start")
    names = {"point": "coordinate", "end": "coordinate"}
    written = {names.get(key, key): value for key, value in args.items()}
    if call.function == "Done":
        written.setdefault("status", "success")
    return Call(_TOOL, {"action": _BY_FUNCTION[call.function], **written})
