"""Each kind of error has one exit code and one line, and with --json one document."""

import json

import pytest
import typer

from qvl_agent.actions.errors import (
    DataError,
    DeviceError,
    EnvError,
    MissingDependency,
    ParseError,
    PolicyError,
    QvlAgentError,
    ResetNeeded,
    UsageError,
)
from qvl_agent.cli.errors import run_app

CODES = [
    (UsageError("no such\nworld"), 2),
    (DataError("no such\nworld"), 2),
    (MissingDependency("adbutils", extra="android", purpose="drive a phone"), 2),
    (QvlAgentError("no such\nworld"), 2),
    (EnvError("no such\nworld"), 3),
    (DeviceError("no such\nworld"), 3),
    (ResetNeeded("no such\nworld"), 3),
    (PolicyError("no such\nworld"), 4),
    (ParseError("no_call", "no such\nworld"), 4),
    (RuntimeError("no such\nworld"), 70),
    (KeyboardInterrupt(), 130),
    (typer.Exit(1), 1),
]


def _app(error: BaseException) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def verb(as_json: bool = typer.Option(False, "--json")) -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code"), CODES, ids=lambda x: getattr(x, "__class__", x).__name__
)
def test_an_error_has_its_exit_code(error: BaseException, code: int) -> None:
    assert run_app(_app(error), []) == code


@pytest.mark.parametrize("error", [error for error, code in CODES if code in (2, 3, 4)])
def test_an_error_is_one_line_on_stderr(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    run_app(_app(error), [])
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"qvl-agent: {' '.join(str(error).split())}\n"


@pytest.mark.parametrize(("error", "code"), CODES[:-2])
def test_with_json_an_error_is_the_document(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app(_app(error), ["--json"]) == code
    told = json.loads(capsys.readouterr().out)["error"]
    assert told["kind"] == type(error).__name__
    assert told["exit_code"] == code
    assert "\n" not in told["message"]


def test_only_a_bug_shows_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    for error, code in CODES[:-2]:
        run_app(_app(error), [])
        assert ("Traceback" in capsys.readouterr().err) == (code == 70)


def test_a_slip_on_the_command_line_is_the_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(_app(UsageError("")), ["--json", "--nope"]) == 2
    assert "--nope" in json.loads(capsys.readouterr().out)["error"]["message"]
