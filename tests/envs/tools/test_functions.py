import enum
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from PIL import Image

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.tools import Tool, load_tools, result_of, schema_of
from qvl_agent.envs.tools.functions import MAX_TEXT


class Colour(enum.Enum):
    RED = "red"


def book(
    train: str,
    seats: int = 1,
    kind: Literal["window", "aisle"] = "aisle",
    note: Annotated[str | None, "Anything else"] = None,
    colours: list[Colour] | None = None,
    extra: dict[str, float] | None = None,
) -> str:
    """Book seats on a train.

    More words that the policy is not told.

    Args:
        train: Its number,
            as on the ticket.
        seats: How many.

    Returns:
        A reference.
    """
    return f"{train} x{seats} {kind} {note} {colours} {extra}"


def test_the_schema_is_read_off_signature_and_docstring() -> None:
    assert schema_of(book) == {
        "name": "book",
        "description": "Book seats on a train.",
        "parameters": {
            "type": "object",
            "properties": {
                "train": {"type": "string", "description": "Its number, as on the ticket."},
                "seats": {"type": "integer", "description": "How many."},
                "kind": {"enum": ["window", "aisle"]},
                "note": {"type": "string", "description": "Anything else"},
                "colours": {"type": "array", "items": {"enum": ["red"]}},
                "extra": {"type": "object", "additionalProperties": {"type": "number"}},
            },
            "required": ["train"],
        },
    }


def untyped(x):  # type: ignore[no-untyped-def]
    return x


def starred(*xs: int) -> None: ...


def strange(x: complex) -> None: ...


def unresolved(x: "Nowhere") -> None: ...  # type: ignore[name-defined] # noqa: F821


@pytest.mark.parametrize("function", [untyped, starred, strange, unresolved])
def test_a_signature_that_has_no_schema_is_refused_by_name(function: Callable[..., Any]) -> None:
    with pytest.raises(UsageError, match=function.__name__):
        Tool.of(function)


def test_a_schema_that_is_not_json_schema_is_refused_when_the_tool_is_made() -> None:
    broken = {"name": "f", "parameters": {"type": "object", "properties": {"x": {"type": "strng"}}}}
    with pytest.raises(UsageError, match="not a valid JSON Schema"):
        Tool(broken, print)


def raises() -> None:
    raise ValueError("no such train")


def exits() -> None:
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("function", "text"), [(raises, "ValueError: no such train"), (exits, "SystemExit: 3")]
)
def test_a_tool_that_raises_gives_its_message_and_no_traceback(
    function: Callable[..., Any], text: str
) -> None:
    result = Tool.of(function)({})
    assert (result.failed, result.text) == (True, text)


def test_a_tool_that_returns_nothing_says_so() -> None:
    for nothing in (None, ""):
        assert result_of(nothing).text == "(the tool returned nothing)"


@pytest.mark.parametrize(
    "value", ["x" * 50_000_000, ["x" * 1000] * 50_000, {"k": ["\ud800"] * 50_000}]
)
def test_fifty_megabytes_become_a_bounded_result_that_says_what_is_missing(value: Any) -> None:
    text = result_of(value).text
    assert len(text) <= MAX_TEXT
    assert "characters left out" in text
    text.encode()


def test_values_that_cannot_be_shown_are_named_by_their_type() -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError

    assert "Odd" in result_of(Odd()).text
    loop: list[Any] = []
    loop.append(loop)
    assert result_of(loop).text
    assert result_of(b"\x00\x01").text == "(2 bytes that are not text)"


def test_plain_values_are_shown_as_json() -> None:
    value = {"city": "北京", "temperatures": [1.5, 2], "ok": True}
    assert json.loads(result_of(value).text) == value


def test_pictures_come_in_rgb_and_bounded() -> None:
    wide = np.zeros((100, 9000), np.uint8)
    result = result_of([Image.new("RGBA", (30, 20)), wide, "a note"])
    assert [p.shape for p in result.pictures] == [(20, 30, 3), (23, 2048, 3)]
    assert result.text == "a note"
    many = result_of([np.zeros((4, 4, 3), np.uint8)] * 9)
    assert len(many.pictures) == 4
    assert "4 of 9 pictures" in many.text


def test_an_array_that_is_no_picture_is_told_in_words() -> None:
    assert result_of(np.zeros((2, 2))).pictures == ()
    assert "0." in result_of(np.zeros((2, 2))).text


def test_a_file_of_tools_gives_its_public_functions(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from json import dumps\n"
        "def add(a: int, b: int) -> int:\n    'Add.'\n    return a + b\n"
        "def _hidden() -> None: ...\n"
    )
    (tool,) = load_tools(file)
    assert tool.name == "add"
    assert tool({"a": 1, "b": 2}).text == "3"


@pytest.mark.parametrize(
    ("text", "message"), [("", "no tool"), ("1 / 0", "ZeroDivisionError"), (None, "no Python file")]
)
def test_a_file_without_tools_is_a_usage_error(
    tmp_path: Path, text: str | None, message: str
) -> None:
    file = tmp_path / "mine.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError, match=message):
        load_tools(file)
