"""What the three dialects tell a policy, and that each reads what it writes."""

from dataclasses import dataclass
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qvl_agent.actions import (
    FRAME_1000,
    FRAME_UNIT,
    Action,
    ActionSpace,
    Frame,
    Function,
    Point,
    UsageError,
    pixel_frame,
)
from qvl_agent.actions.cards import blackjack_space, formula_space, numberline_space
from qvl_agent.actions.dialects import DIALECTS, Dialect, get_dialect
from qvl_agent.actions.dialects.hermes import Hermes
from qvl_agent.actions.mobile import (
    Answer,
    LongPress,
    OpenApp,
    Swipe,
    Tap,
    Type,
    Wait,
    mobile_space,
)


@dataclass(frozen=True, slots=True)
class Keys(Action):
    """Press keys together."""

    keys: Annotated[tuple[str, ...], "The keys"]


TOOL = {
    "name": "book",
    "parameters": {
        "type": "object",
        "properties": {
            "where": {"type": "string"},
            "guests": {"type": "integer", "minimum": 1},
            "terrace": {"type": "boolean"},
            "dishes": {"type": "array", "items": {"type": "string"}},
            "at": {"format": "point"},
        },
        "required": ["where", "dishes"],
    },
}
SPACES = [
    mobile_space(),
    numberline_space(),
    blackjack_space(),
    formula_space("points24", (*map(str, range(1, 11)), *"+-*/()=")),
    ActionSpace("keys", [Function.of(Keys)]),
    ActionSpace.of_tools("tools", [TOOL]),
]
FRAMES = [FRAME_1000, FRAME_UNIT, pixel_frame(1092, 616)]
HOSTILE = st.sampled_from(
    ["*FUNCTION*: Done\n", "*ARGS*: {}", "*RESULT*:", "✿RETURN✿", "</tool_call>", "<tool_call>"]
    + ["<think>", "</think>", "<|im_end|>", "```", "{", "}", '"', "'", "\\", '"}', "\n", "🍕", "："]
)
TEXTS = (
    st.lists(st.one_of(HOSTILE, st.text(max_size=6)), max_size=8)
    .map("".join)
    .filter(lambda text: text.isprintable() or text.encode("utf-8", "ignore").decode() == text)
)
POINTS = st.builds(Point, st.floats(0, 1), st.floats(0, 1))
ACTIONS = st.one_of(
    st.builds(Type, TEXTS),
    st.builds(Answer, TEXTS),
    st.builds(OpenApp, TEXTS),
    st.builds(Tap, POINTS),
    st.builds(LongPress, POINTS),
    st.builds(lambda a, b: Swipe(start=a, end=b), POINTS, POINTS),
    st.builds(lambda d: Swipe(direction=d), st.sampled_from(["up", "down", "left", "right"])),
    st.builds(Wait, st.floats(0, 60)),
)


def survives(dialect: Dialect, space: ActionSpace, action: Action, frame: Frame) -> bool:
    """Return whether an action's call is read back as it was, with nothing repaired."""
    call = space.to_call(action, frame)
    parsed = dialect.parse(dialect.render(call, "I see it."), space, frame)
    return (parsed.calls, parsed.flags, parsed.thought) == ((call,), (), "I see it.")


@pytest.mark.parametrize("name", sorted(DIALECTS))
@given(action=ACTIONS, frame=st.sampled_from(FRAMES))
def test_any_call_is_read_as_it_was_written(name: str, action: Action, frame: Frame) -> None:
    assert survives(get_dialect(name), SPACES[0], action, frame)


@pytest.mark.parametrize("name", sorted(DIALECTS))
@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_every_action_a_space_samples_is_read_as_it_was_written(
    name: str, space: ActionSpace
) -> None:
    space.seed(7)
    for _ in range(100):
        assert survives(get_dialect(name), space, space.sample(), FRAME_1000)


@pytest.mark.parametrize("name", sorted(DIALECTS))
@given(text=TEXTS)
def test_call_ends_where_it_was_rendered_to_end(name: str, text: str) -> None:
    dialect = get_dialect(name)
    rendered = dialect.render(SPACES[0].to_call(Type(text)))
    assert dialect.call_end(rendered + "}</tool_call>") == len(rendered)
    assert dialect.call_end(rendered[:-1]) is None


def test_star_renders_as_the_paper_writes() -> None:
    call = SPACES[0].to_call(Tap(Point(0.348, 0.291)))
    assert get_dialect("star").render(call) == '*FUNCTION*: Tap\n*ARGS*: {"point": [348, 291]}'
    assert get_dialect("star").render(call, "I tap.").startswith("I tap.\n*FUNCTION*: Tap\n")


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_text_is_rendered_in_its_own_letters(name: str) -> None:
    assert '"text": "café 🍕"' in get_dialect(name).render(SPACES[0].to_call(Type("café 🍕")))


def test_star_system_prompt_is_the_papers() -> None:
    assert get_dialect("star").system(blackjack_space(), FRAME_1000) == (
        "# Actions\n\n"
        "## You have the following actions.\n\n"
        "### Stand\nStand: Take no more cards and let the dealer play. Parameters: []\n\n"
        "### Hit\nHit: Take one more card. Parameters: []\n\n"
        "## Continuously take action until the task is completed.\n\n"
        "*FUNCTION*: The action to take, should be one of {Stand,Hit}.\n"
        "*ARGS*: The input of the action.\n"
        "*RESULT*: Action results.\n"
        "*RETURN*: Reply based on action results."
    )


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_short_system_prompt_names_the_actions_only(name: str) -> None:
    prompt = get_dialect(name).system(blackjack_space(), FRAME_1000, "names")
    assert prompt == "# Actions\nStand, Hit"


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_system_prompt_tells_every_parameter_and_the_grid(name: str) -> None:
    prompt = get_dialect(name).system(mobile_space(), pixel_frame(1092, 616))
    for part in ("Tap", "Done", "direction", "left", "1092", "616", "The text to type"):
        assert part in prompt


def test_qwen_fn_tells_tools_as_qwen_agent_does() -> None:
    prompt = get_dialect("qwen_fn").system(numberline_space(), FRAME_1000)
    assert prompt.startswith("# Tools\n\n## You have access to the following tools:\n\n### Minus\n")
    assert "✿FUNCTION✿: The tool to use, should be one of [Minus,Plus]\n" in prompt


def test_hermes_tells_one_tool_a_line() -> None:
    prompt = Hermes().system(numberline_space(), FRAME_1000)
    tools = prompt.split("<tools>\n")[1].split("\n</tools>")[0].split("\n")
    assert [tool[:55] for tool in tools] == [
        '{"type": "function", "function": {"name": "Minus", "des',
        '{"type": "function", "function": {"name": "Plus", "desc',
    ]


@pytest.mark.parametrize(
    ("name", "results_in", "stop_words"),
    [
        ("star", "assistant", ("*RESULT*", "*RETURN*")),
        ("qwen_fn", "assistant", ("✿RESULT✿", "✿RETURN✿")),
        ("hermes", "user", ()),
    ],
)
def test_results_stand_where_the_dialect_puts_them(
    name: str, results_in: str, stop_words: tuple[str, ...]
) -> None:
    dialect = get_dialect(name)
    assert (dialect.name, dialect.results_in, dialect.stop_words) == (name, results_in, stop_words)
    if stop_words:
        assert dialect.before_result == f"\n{stop_words[0]}: "
        assert dialect.after_result == f"\n{stop_words[1]}:"
    else:
        assert (dialect.before_result, dialect.after_result) == (
            "<tool_response>\n",
            "\n</tool_response>",
        )


def test_unknown_dialect_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'hermes'"):
        get_dialect("hermis")
