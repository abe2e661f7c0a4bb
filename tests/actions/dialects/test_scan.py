"""Where a call ends: what a decoding loop asks after each token."""

import contextlib
import math
import time

import pytest

from qvl_agent.actions import FRAME_1000, ParseError
from qvl_agent.actions.dialects import DIALECTS, get_dialect
from qvl_agent.actions.dialects.scan import call_end, next_event
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.actions.types import Call

CALL = '*FUNCTION*: Type\n*ARGS*: {"text": "a } \\" { b"}'
BLOCK = '<tool_call>\n{"name": "Type", "arguments": {"text": "</tool_call> it\'s"}}\n</tool_call>'


@pytest.mark.parametrize("call", [CALL, BLOCK, CALL.replace("*", "✿")])
@pytest.mark.parametrize("thought", ["", "I see {a} map. ", "<think>*FUNCTION*: {} </think>"])
def test_call_ends_behind_its_last_character_and_not_before(call: str, thought: str) -> None:
    text = thought + call
    ends = [call_end(text[:size]) for size in range(len(text))]
    assert ends == [None] * len(text)
    assert call_end(text) == len(text)
    assert call_end(text + " and so on {}") == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "*FUNCTION*: Home\n*ARGS*: null }",
        "*ARGS*: {}",
        "<think>*FUNCTION*: Home\n*ARGS*: {}",
        "*RESULT*: ok\n*FUNCTION*: Home\n*ARGS*: {}",
        '*FUNCTION*: Type\n*ARGS*: {"text": "}',
        "*FUNCTION*: Type\n*ARGS*: {'text': '}",
        "*FUNCTION*: Swipe\n*ARGS*: {{}",
    ],
)
def test_there_is_no_end_without_a_complete_call(text: str) -> None:
    assert call_end(text) is None


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_what_is_cut_at_its_end_reads_as_the_same_call(name: str) -> None:
    dialect = get_dialect(name)
    call = Call("Type", {"text": 'a "b" {c} *FUNCTION*: Done </tool_call>'})
    text = dialect.render(call, "I type.") + "\nand more {} of it"
    parsed = dialect.parse(text[: dialect.call_end(text)], mobile_space(), FRAME_1000)
    assert (parsed.calls, parsed.flags, parsed.thought) == ((call,), (), "I type.")


@pytest.mark.parametrize("prose", ["the function: it", "I *return* to it", "MY RESULT: x", "args"])
def test_prose_is_no_marker(prose: str) -> None:
    assert next_event(prose, 0) is None


PIECES = ["*", "✿", '"', '\\"', "'", "{", "}", "[1,", " ", "\n", "`", "//", "<", "<think>", "9"]
PIECES += ["*FUNCTION*: ", "*ARGS*: {}", "<tool_call>", "FUNCTION", '{"name": "Home"}', "ARGS: "]
OPENINGS = ["", '*FUNCTION*: Type\n*ARGS*: {"text": "', "<tool_call>", "*FUNCTION*: Home {}"]


@pytest.mark.parametrize("opening", OPENINGS)
def test_time_grows_with_the_text_and_not_with_its_square(opening: str) -> None:
    dialect, space = get_dialect("star"), mobile_space()

    def seconds(piece: str, length: int) -> float:
        text = opening + piece * (length // len(piece))
        start = time.process_time()
        with contextlib.suppress(ParseError):
            dialect.parse(text, space, FRAME_1000)
        dialect.call_end(text)
        return time.process_time() - start

    for piece in PIECES:
        short = long = math.inf
        for _ in range(20):  # the least of several is what a busy machine did not disturb
            short = min(short, seconds(piece, 5_000))
            long = min(long, seconds(piece, 20_000))
            if long < 10 * short:  # four times as long a text takes four times as long, or sixteen
                break
        else:
            pytest.fail(f"{piece!r}: {short:.4f} s became {long:.4f} s")
