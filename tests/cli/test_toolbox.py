"""`qvl-agent run --env tools`: functions of the user's, the code interpreter, a picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Cli = Callable[..., Any]
Script = Callable[..., str]

TOOLS = '''
def weather(city: str, hour: int = 12) -> str:
    """Tell the weather.

    Args:
        city: Where.
        hour: When.
    """
    return f"rain in {city} at {hour}"
'''
CALL = '*FUNCTION*: weather\n*ARGS*: {"city": "Xian", "hour": 9}\n'
ANSWER = '*FUNCTION*: Answer\n*ARGS*: {"text": "take an umbrella"}\n'


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    path = tmp_path / "my_tools.py"
    path.write_text(TOOLS)
    return path


def test_the_functions_of_a_file_are_called_and_their_results_seen(
    cli: Cli, script: Script, tools: Path, tmp_path: Path
) -> None:
    Image.fromarray(np.full((40, 60, 3), 200, np.uint8)).save(tmp_path / "ticket.png")
    model = script(CALL, ANSWER)
    arguments = ["run", "Do I need an umbrella?", "--env", "tools", "--tools", tools]
    ran = cli(*arguments, "--picture", tmp_path / "ticket.png", "--model", model, "--json")
    assert ran.code == 0
    assert [step["call"]["function"] for step in ran.document["steps"]] == ["weather", "Answer"]
    trace = Path(ran.document["trace"]) / "trace.jsonl"
    assert "rain in Xian at 9" in trace.read_text()
    assert '"width":60,"height":40' in trace.read_text()


def test_without_a_file_there_is_the_code_interpreter(cli: Cli, script: Script) -> None:
    code = '*FUNCTION*: code_interpreter\n*ARGS*: {"code": "print(6 * 7)"}\n'
    ran = cli("run", "What is 6 x 7?", "--env", "tools", "--model", script(code, ANSWER), "--json")
    assert ran.code == 0
    assert "42" in (Path(ran.document["trace"]) / "trace.jsonl").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--env", "tools", "--tools", "nowhere.py"], "there is no Python file nowhere.py"),
        (["--env", "tools", "--picture", "nowhere.png"], "nowhere.png cannot be read"),
        (["--env", "numberline", "--tools", "my_tools.py"], "for --env tools, not for numberline"),
    ],
)
def test_what_cannot_be_is_wrong_usage(cli: Cli, arguments: list[str], told: str) -> None:
    ran = cli("run", "hm", *arguments, "--model", "random")
    assert ran.code == 2
    assert told in ran.err
