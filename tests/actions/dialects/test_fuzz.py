"""Whatever a model writes, the parser answers or refuses; it never breaks and never invents."""

import json
import random

import pytest

from qvl_agent.actions import FRAME_1000, ParseError
from qvl_agent.actions.dialects import DIALECTS, FLAGS, get_dialect
from qvl_agent.actions.mobile import mobile_space

SEEDS = [
    '*FUNCTION*: Click *ARGS*: {"point": "(687, 792)"}',
    '*FUNCTION*: Tap\n*ARGS*: {"point": (348,291)}',
    ": The list is there. *FUNCTION*: Done *ARGS*: {}",
    "*FUNCTION*: Type\n*ARGS*: {'text': \"it's \\u00e9 \\ud83c\\udf55\"}",
    '*FUNCTION*: Swipe\n*ARGS*: {"start": [500, 800], "end": [500, 200]}',
    '*FUNCTION*: Wait\n*ARGS*: ```json\n{"time": 1.5e0, /* s */}\n```',
    "<think>Maybe *FUNCTION*: Done</think>\n**FUNCTION**: Home\n**ARGS**: {}",
    '<tool_call>\n{"name": "Click", "arguments": "{\\"point\\": [687, 792]}"}\n</tool_call>',
    '<tool_call>\n{"name": "Home", "arguments": {}}\n{"name": "Back"}\n</tool_call>',
    '*FUNCTION*：Click\n*ARGS*：{"point"："<|box_start|>(176,106),(232,160)<|box_end|>"}',
    '*FUNCTION*: Type\n*ARGS*: {"text": "*FUNCTION*: Done *ARGS*: {}"}',
    "*FUNCTION*: Home\n*ARGS*: null\n*RESULT*: ok\n*RETURN*: *FUNCTION*: Done\n*ARGS*: {}",
]
PIECES = ["*", "\\", '"', "'", "{", "}", "[", "]", "(", ")", ",", ":", "\n", " ", "9", ".", "-"]
PIECES += ["*FUNCTION*: ", "*ARGS*: ", "*RESULT*: ", "<tool_call>", "</tool_call>", "<think>"]
PIECES += ["</think>", "```", "null", "NaN", "1e999", "\ud83c", "\x00", "🍕", "done", "DONE", "D"]
PIECES += ["on", "e", "\\u006f", "Home", "Click", '"name": ', "<|im_end|>", "//", "“", "：", "x"]


def mutated(text: str, rng: random.Random) -> str:
    """Return a text with up to three cuts, swaps, insertions and grafts from another one."""
    for _ in range(rng.randint(1, 3)):
        a, b = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        match rng.randrange(6):
            case 0:
                text = text[:a] + rng.choice(PIECES) + text[a:]
            case 1:
                text = text[:a] + text[min(b, a + 8) :]
            case 2:
                text = text[:a] + rng.choice(PIECES) + text[a + 1 :]
            case 3:
                other = rng.choice(SEEDS)
                text = text[:a] + other[rng.randint(0, len(other)) :]
            case 4:
                text = text[:a] + text[a:b].swapcase() + text[b:]
            case _:
                text = text[: max(1, b)]
    return text


def fuzz(count: int, seed: int) -> dict[str, int]:
    """Parse `count` mutated texts in all dialects; return how often each outcome came."""
    rng = random.Random(seed)
    space = mobile_space()
    dialects = [get_dialect(name) for name in sorted(DIALECTS)]
    seen: dict[str, int] = {}
    for index in range(count):
        text = mutated(rng.choice(SEEDS), rng)
        dialect = dialects[index % len(dialects)]
        end = dialect.call_end(text)
        assert end is None or 0 < end <= len(text)
        try:
            parsed = dialect.parse(text, space, FRAME_1000)
        except ParseError as exc:
            outcome, flags, (low, high) = str(exc.kind), exc.flags, exc.span
        else:
            outcome, flags, low, high = "call", parsed.flags, 0, len(text)
            assert parsed.calls, text
            for call in parsed.calls:
                space.to_action(call, FRAME_1000)
                assert call.function != "Done" or "Done" in text, text
                json.dumps(call.to_json(), allow_nan=False).encode()
        assert set(flags) <= set(FLAGS), text
        assert 0 <= low <= high <= len(text), (text, low, high)
        seen[outcome] = seen.get(outcome, 0) + 1
    return seen


def test_mutated_outputs_are_read_or_refused() -> None:
    seen = fuzz(5_000, seed=1)
    # The mutations must reach both sides, or the assertions above say nothing.
    assert seen["call"] > 500
    assert len(seen) >= 9


@pytest.mark.slow
def test_two_hundred_thousand_mutated_outputs_are_read_or_refused() -> None:
    assert sum(fuzz(200_000, seed=2).values()) == 200_000
