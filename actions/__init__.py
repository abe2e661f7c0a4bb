"""What can be done: action types, action spaces and the dialects calls are written in.

No torch and no I/O.
"""

from qvl_agent.actions.errors import (
    DataError,
    DeviceError,
    EnvError,
    MissingDependency,
    ParseError,
    ParseErrorKind,
    PolicyError,
    QvlAgentError,
    ResetNeeded,
    UsageError,
)
from qvl_agent.actions.frames import FRAME_999, FRAME_1000, FRAME_UNIT, Frame, pixel_frame
from qvl_agent.actions.functions import POINT, Function, Parameter, ToolCall
from qvl_agent.actions.space import ActionSpace, Detail
from qvl_agent.actions.types import JSON, Action, Call, Point

__all__ = [
    "FRAME_999",
    "FRAME_1000",
    "FRAME_UNIT",
    "JSON",
    "POINT",
    "Action",
    "ActionSpace",
    "Call",
    "DataError",
    "Detail",
    "DeviceError",
    "EnvError",
    "Frame",
    "Function",
    "MissingDependency",
    "Parameter",
    "ParseError",
    "ParseErrorKind",
    "Point",
    "PolicyError",
    "QvlAgentError",
    "ResetNeeded",
    "ToolCall",
    "UsageError",
    "pixel_frame",
]
