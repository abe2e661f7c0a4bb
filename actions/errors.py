"""Every error this project raises on purpose, as one tree.

QvlAgentError
├── ParseError           the policy's text holds no valid call (data for the loop, never a crash)
├── EnvError             the world failed, not the policy
│   ├── DeviceError      a device, simulator or screen is gone, locked, black or frozen
│   └── ResetNeeded      `step` was called before `reset` or after the episode ended
├── PolicyError          the model failed: out of memory, NaN, prompt too long
├── DataError            a file or folder does not hold what it should
├── UsageError           the user asked for something that does not exist or cannot be
└── MissingDependency    an optional package is not installed; says which extra to install

A message says what was expected, what came, and what to do. `ValueError` and `TypeError` stay what
they are in Python: a bug of the caller.
"""

from typing import Literal, get_args

__all__ = [
    "DataError",
    "DeviceError",
    "EnvError",
    "MissingDependency",
    "ParseError",
    "ParseErrorKind",
    "PolicyError",
    "QvlAgentError",
    "ResetNeeded",
    "UsageError",
]

ParseErrorKind = Literal[
    "no_call",  # text without a call
    "empty_output",  # nothing, or white space
    "empty_name",  # arguments without a function
    "unknown_function",
    "missing_param",
    "bad_args",  # the arguments are not readable, or ambiguous
    "bad_type",
    "bad_value",
    "out_of_range",  # a point outside the grid: a sign of a wrong frame, never clamped
    "truncated",  # the text ends inside a name, number or string
]


class QvlAgentError(Exception):
    """Root of every error raised on purpose."""


class ParseError(QvlAgentError):
    """The policy's text holds no valid call.

    Attributes:
        kind: One of `ParseErrorKind`.
        text: The text that was read.
        span: Half-open character range of the offending part in `text`.
        flags: What had been repaired before the error was met.
    """

    def __init__(
        self,
        kind: ParseErrorKind,
        message: str,
        *,
        text: str = "",
        span: tuple[int, int] = (0, 0),
        flags: tuple[str, ...] = (),
    ) -> None:
        if kind not in get_args(ParseErrorKind):
            raise ValueError(f"kind must be one of {get_args(ParseErrorKind)}, got {kind!r}")
        super().__init__(message)
        self.kind: ParseErrorKind = kind
        self.text = text
        self.span = span
        self.flags = flags


class EnvError(QvlAgentError):
    """The world failed, not the policy."""


class DeviceError(EnvError):
    """A device, simulator or screen is gone, locked, black or frozen."""


class ResetNeeded(EnvError):
    """`step` was called before `reset` or after the episode ended."""


class PolicyError(QvlAgentError):
    """The model could not answer: out of memory, NaN in the logits, a prompt too long."""


class DataError(QvlAgentError):
    """A file or folder does not hold what it should."""


class UsageError(QvlAgentError):
    """The user asked for something that does not exist or cannot be done."""


class MissingDependency(QvlAgentError, ImportError):
    """An optional package is missing.

    Args:
        package: The name to import.
        extra: The extra of this project that installs it.
        purpose: What it is needed for, as in "drive a phone".
    """

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        super().__init__(
            f"{package} is needed to {purpose} and is not installed; "
            f"run: pip install 'qvl-agent[{extra}]'"
        )
        self.package = package
        self.extra = extra
