"""From an error to one clear line and an exit code: the only place that knows both.

| code | meaning |
| --- | --- |
| 0 | done; for an episode: the environment says success |
| 1 | the episode ended, and the environment does not say success |
| 2 | wrong usage: an option, a name, a file or a folder that is not what it should be |
| 3 | the environment broke |
| 4 | the policy broke |
| 70 | a bug of this project: its traceback is on stderr |
| 130 | interrupted by Ctrl-C |

It knows no verb. Heavy imports wait until there is an error to explain.
"""

import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer

__all__ = ["BUG", "ENV", "FAILURE", "INTERRUPTED", "POLICY", "SUCCESS", "USAGE", "run_app"]

SUCCESS: Final = 0
FAILURE: Final = 1
USAGE: Final = 2
ENV: Final = 3
POLICY: Final = 4
BUG: Final = 70  # sysexits.h: EX_SOFTWARE
INTERRUPTED: Final = 130


def run_app(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run a typer application and return the exit code, with every error told in its one form.

    With `--json` among the arguments an error is also the one document on stdout:
    `{"error": {"kind": ..., "message": ..., "exit_code": ...}}`.
    """
    as_json = "--json" in arguments
    try:
        code = app(args=list(arguments), prog_name="qvl-agent", standalone_mode=False)
        sys.stdout.flush()  # a reader who is gone is met here, and not when Python shuts down
        return code or SUCCESS
    except typer.TyperException as exc:
        # Raised while reading the command line, for an unknown option or a missing argument.
        return _tell("UsageError", exc.format_message(), USAGE, as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _tell("Interrupted", "interrupted", INTERRUPTED, as_json)
    except BrokenPipeError:
        # `qvl-agent list envs | head -1`: the reader has what it wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SUCCESS
    except SystemExit:
        return SUCCESS  # the same, met by typer in the middle of a verb
    except Exception as exc:
        code = _exit_code(exc)
        if code == BUG:
            traceback.print_exc()
        return _tell(type(exc).__name__, str(exc) or repr(exc), code, as_json)


def _exit_code(error: Exception) -> int:
    """Return the exit code of an error; `BUG` for what is not raised on purpose."""
    from qvl_agent.actions import errors

    match error:
        case errors.EnvError():
            return ENV
        case errors.PolicyError() | errors.ParseError():
            return POLICY
        case errors.QvlAgentError():
            return USAGE
        case _:
            return BUG


def _tell(kind: str, message: str, code: int, as_json: bool) -> int:
    """Write an error to stderr, with `as_json` also as the document on stdout; return its code."""
    line = " ".join(message.split())
    print(f"qvl-agent: {line}", file=sys.stderr)
    if as_json:
        error: Mapping[str, Any] = {"kind": kind, "message": line, "exit_code": code}
        print(json.dumps({"error": error}))
    return code
