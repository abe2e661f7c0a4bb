"""`qvl-agent parse`, as a shell sees it."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from qvl_agent.cli.errors import run_app
from qvl_agent.cli.parse import parse

APP = typer.Typer()
APP.command()(parse)
HOME = "*FUNCTION*: Home\n*ARGS*: {}"


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def run(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, list[dict[str, Any]], str]:
    """Return the exit code, the documents on stdout, and stderr."""
    code = run_app(APP, arguments)
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def test_one_text_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    text = '*FUNCTION*: Click *ARGS*: {"point": "(687, 792.0)",}'
    assert run(capsys, text) == (
        0,
        [
            {
                "calls": [{"function": "Click", "args": {"point": [687, 792.0]}}],
                "flags": ["trailing_comma"],
                "error": None,
            }
        ],
        "",
    )


def test_text_without_a_call_is_an_error_document_and_exit_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, (document,), _ = run(capsys, "*RESULT*: I am done.")
    assert (code, document["calls"], document["flags"]) == (1, [], ["stop_word_leak"])
    assert document["error"]["kind"] == "no_call"
    assert "*FUNCTION*" in document["error"]["message"]


def test_each_line_gives_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    raws = [HOME, "", 'half a pair \ud83c *FUNCTION*: Type *ARGS*: {"text": "🍕"}']
    data = "\n\n".join(json.dumps({"raw": raw}) for raw in raws).encode()
    file = tmp_path / "outputs.jsonl"
    file.write_bytes(data)
    monkeypatch.setattr("sys.stdin", _Stdin(data))
    code, documents, _ = run(capsys, "--jsonl", str(file))
    assert run(capsys, "--jsonl", "-") == (code, documents, "")
    assert code == 0
    assert [d["error"] and d["error"]["kind"] for d in documents] == [None, "empty_output", None]
    assert documents[2]["calls"][0]["args"] == {"text": "🍕"}


@pytest.mark.parametrize("line", ["nope", "[1]", '{"rw": 1}', '{"raw": 5}', "[" * 200_000, "\xff"])
def test_line_that_is_none_ends_with_one_clear_line_and_exit_2(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outputs.jsonl"
    file.write_bytes(json.dumps({"raw": HOME}).encode() + b"\n" + line.encode("latin-1"))
    code, documents, err = run(capsys, "--jsonl", str(file))
    assert (code, len(documents), err.count("\n")) == (2, 1, 1)
    assert "line 2" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "either a TEXT or --jsonl"),
        (("x", "--jsonl", "-"), "either a TEXT or --jsonl"),
        (("--jsonl", "/no/such/file"), "cannot read /no/such/file"),
        (("x", "--space", "phone"), "there is no space 'phone'; there are paper, mobile"),
        (("x", "--dialect", "sta"), "did you mean 'star'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, documents, err = run(capsys, *arguments)
    assert (code, documents, err.count("\n")) == (2, [], 1)
    assert message in err


@pytest.mark.parametrize(
    ("space", "text"),
    [
        ("mobile", '*FUNCTION*: OpenApp *ARGS*: {"name": "Clock"}'),
        ("numberline", "*FUNCTION*: Plus *ARGS*: {}"),
        ("blackjack", "*FUNCTION*: Stand *ARGS*: {}"),
        ("ezpoints", '*FUNCTION*: Append *ARGS*: {"token": "*"}'),
        ("points24", '*FUNCTION*: Append *ARGS*: {"token": "("}'),
    ],
)
def test_each_space_reads_its_own_calls(
    space: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, text, "--space", space)[0] == 0
    assert run(capsys, text)[0] == 1


def test_dialect_decides_what_is_flagged(capsys: pytest.CaptureFixture[str]) -> None:
    text = '<tool_call>\n{"name": "Home", "arguments": {}}\n</tool_call>'
    assert run(capsys, text)[1][0]["flags"] == ["tool_call_format"]
    assert run(capsys, text, "--dialect", "hermes")[1][0]["flags"] == []


def test_parsing_loads_no_torch() -> None:
    script = (
        "import sys; from qvl_agent.cli.parse import parse\n"
        "try: parse('x')\n"
        "except BaseException: pass\n"
        "sys.exit('torch' in sys.modules or 'qvl_agent.actions.dialects' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0
