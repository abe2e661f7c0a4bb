import dataclasses
import random
from pathlib import Path

import pytest

from qvl_agent.actions.cards import blackjack_space, formula_space, numberline_space
from qvl_agent.actions.dialects import DIALECTS, get_dialect
from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.frames import FRAME_999, FRAME_1000, FRAME_UNIT, Frame, pixel_frame
from qvl_agent.actions.household import household_space, low_level_space
from qvl_agent.actions.mobile import mobile_space, paper_space
from qvl_agent.actions.navigation import navigation_space
from qvl_agent.actions.space import ActionSpace
from qvl_agent.model.guidance import GuidedWriting, Guides
from qvl_agent.model.policy import Decoding, Generation
from qvl_agent.model.prompt import Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.tokenizer import TextTokenizer

TOOL = {
    "name": "book",
    "parameters": {
        "type": "object",
        "properties": {
            "who": {"type": "array", "items": {"type": "string"}},
            "where": {
                "type": "object",
                "properties": {"town": {"type": "string"}, "floor": {"type": "integer"}},
                "required": ["town"],
                "additionalProperties": False,
            },
            "price": {"type": "number"},
            "sure": {"type": "boolean"},
        },
        "required": ["who", "where", "price"],
    },
}
SPACES = (
    mobile_space(),
    paper_space(),
    numberline_space(),
    blackjack_space(),
    formula_space("points24", ("1", "2", "10", "+", "*", "=")),
    navigation_space(low_level=True, objects=True),
    household_space(),
    low_level_space(),
    ActionSpace.of_tools("tools", [TOOL]),
)
FRAMES = (FRAME_1000, FRAME_999, FRAME_UNIT, pixel_frame(728, 1288))


def asking(question: str) -> Prompt:
    return Prompt((Turn("user", (Text(question),)), Turn("assistant", ())))


def constrained(space: ActionSpace, dialect: str = "star", frame: Frame = FRAME_1000) -> Decoding:
    return Decoding(max_tokens=160, space=space, dialect=get_dialect(dialect), frame=frame)


@pytest.fixture(scope="module")
def jumping(tiny_folder: Path) -> Qwen2VLPolicy:
    return Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="float64")


@pytest.fixture(scope="module")
def plodding(tiny_folder: Path) -> Qwen2VLPolicy:
    policy = Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="float64")
    policy._engine.jump_forward = False
    return policy


def assert_one_clean_call(answer: Generation, decoding: Decoding) -> None:
    assert decoding.dialect is not None
    assert decoding.space is not None
    parsed = decoding.dialect.parse(answer.text, decoding.space, decoding.frame)
    assert len(parsed.calls) == 1
    assert parsed.flags == ()
    assert answer.stop == "call"
    assert answer.text.endswith(decoding.dialect.render(parsed.calls[0])[-1])


@pytest.mark.parametrize("every_frame", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("dialect", list(DIALECTS))
@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_a_random_model_always_writes_a_call_that_parses(
    jumping: Qwen2VLPolicy,
    plodding: Qwen2VLPolicy,
    space: ActionSpace,
    dialect: str,
    every_frame: bool,
) -> None:
    source = random.Random(f"{space.name}/{dialect}")
    turn = (SPACES.index(space) + list(DIALECTS).index(dialect)) % len(FRAMES)
    for frame in FRAMES if every_frame else [FRAMES[turn]]:
        greedy = constrained(space, dialect, frame)
        for how in (greedy, dataclasses.replace(greedy, temperature=1.5, seed=7)):
            prompt = asking(f"Do {source.random()}")
            answer = jumping.generate(prompt, how)
            assert_one_clean_call(answer, how)
            without = plodding.generate(prompt, how)
            assert (answer.text, answer.tokens) == (without.text, without.tokens)
            assert answer.forwards < without.forwards


def test_a_batch_gives_each_row_what_it_is_given_alone(jumping: Qwen2VLPolicy) -> None:
    decoding = constrained(mobile_space())
    prompts = [asking(f"Do {number}") for number in range(5)]
    alone = [jumping.generate(prompt, decoding) for prompt in prompts]
    side_by_side = jumping.generate_batch(prompts, decoding)
    assert [a.tokens for a in side_by_side] == [a.tokens for a in alone]
    assert [a.stop for a in side_by_side] == ["call"] * 5


@pytest.mark.parametrize("most", [70, 90, 130])
def test_the_thought_and_the_texts_give_way_to_the_call_when_the_budget_is_small(
    jumping: Qwen2VLPolicy, most: int
) -> None:
    for number in range(10):
        decoding = dataclasses.replace(constrained(paper_space()), max_tokens=most)
        answer = jumping.generate(asking(f"Try {number}"), decoding)
        assert_one_clean_call(answer, decoding)
        assert len(answer.tokens) <= most


def test_a_budget_too_small_for_any_call_ends_by_its_length(jumping: Qwen2VLPolicy) -> None:
    decoding = dataclasses.replace(constrained(mobile_space()), max_tokens=9)
    answer = jumping.generate(asking("Go"), decoding)
    assert (answer.stop, len(answer.tokens)) == ("length", 9)


def test_without_a_grammar_a_forward_is_a_token(jumping: Qwen2VLPolicy) -> None:
    answer = jumping.generate(asking("Go"), Decoding(max_tokens=20))
    ended = answer.stop == "end_of_turn"
    assert answer.forwards == len(answer.tokens) + ended


def test_the_same_model_goes_on_unconstrained_as_before(jumping: Qwen2VLPolicy) -> None:
    prompt, plain = asking("Go on"), Decoding(max_tokens=20)
    before = jumping.generate(prompt, plain)
    jumping.generate(prompt, constrained(mobile_space()))
    assert jumping.generate(prompt, plain).tokens == before.tokens


def test_the_dialect_of_the_profile_is_the_default(jumping: Qwen2VLPolicy) -> None:
    named = constrained(mobile_space())
    default = dataclasses.replace(named, dialect=None)
    prompt = asking("Go")
    assert jumping.generate(prompt, default).text == jumping.generate(prompt, named).text


def test_a_schema_that_no_grammar_can_say_is_refused_by_name(jumping: Qwen2VLPolicy) -> None:
    odd = {"type": "string", "pattern": "(?=a)b"}
    tool = {"name": "odd", "parameters": {"type": "object", "properties": {"x": odd}}}
    with pytest.raises(UsageError, match="'odd tools'"):
        jumping.generate(asking("Go"), constrained(ActionSpace.of_tools("odd tools", [tool])))


# --- What a trained model writes goes through unchanged, at fewer forwards -----------------------


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Path) -> TextTokenizer:
    return TextTokenizer.from_file(tiny_folder / "tokenizer.json")


@pytest.fixture(scope="module")
def guides(tokenizer: TextTokenizer) -> Guides:
    return Guides(tokenizer, tokenizer.special("<|im_end|>"))


def follow(
    guides: Guides, tokenizer: TextTokenizer, text: str, decoding: Decoding
) -> tuple[GuidedWriting, int]:
    """Write a text as a model would that is sure of it; return the choices it was left."""
    assert decoding.space is not None
    assert decoding.dialect is not None
    guide = guides.get(decoding.space, decoding.frame, decoding.dialect)
    writing = GuidedWriting(tokenizer, decoding, decoding.dialect, guide, room=4096)
    ids = tokenizer.encode(text)
    choices = 0
    while writing.stop is None:
        assert tuple(writing.ids) == ids[: len(writing.ids)]  # what is forced is canonical
        token = ids[len(writing.ids)]
        assert writing.allowed()[token], (writing.text, tokenizer.piece(token))
        writing.add(token)
        choices += 1
    assert text.startswith(writing.text)
    return writing, choices


THOUGHTS = (
    "",
    " The screen shows **search results**. I return to the list, the result: 3 * 4.",
    '点击 the "X" button 😀 <b>\n\n```json\n{}\n```\nThen *carefully* go on.',
)


@pytest.mark.parametrize("dialect", list(DIALECTS))
@pytest.mark.parametrize("thought", THOUGHTS)
def test_whatever_the_dialect_renders_is_allowed_to_the_token(
    guides: Guides, tokenizer: TextTokenizer, dialect: str, thought: str
) -> None:
    for space in SPACES[:-1]:
        space.seed(3)
        for frame in (FRAME_1000, pixel_frame(728, 1288)):
            decoding = dataclasses.replace(constrained(space, dialect, frame), max_tokens=1024)
            for _ in range(12):
                call = space.to_call(space.sample(), frame)
                text = get_dialect(dialect).render(call, thought)
                after = get_dialect(dialect).before_result + "x"
                writing, choices = follow(guides, tokenizer, text + after, decoding)
                assert (writing.text, writing.stop) == (text, "call")
                forced = len(tokenizer.encode(text)) - choices
                assert forced >= 10


@pytest.mark.parametrize(
    "text",
    [
        'I see.\n*FUNCTION*: Click\n*ARGS*: {"point": [1001, 5]}',
        "I see.\n*FUNCTION*: Fly\n*ARGS*: {}",
        'I see.\n*FUNCTION*: Home\n*ARGS*: {"x": 1}',
        'I see.\n*FUNCTION*: Click\n*ARGS*: {"point":  [1, 5]}',
        'I see.\n*FUNCTION*: Swipe\n*ARGS*: {"start": [1, 5]}',
        "I see.\n*RESULT*: done\n*FUNCTION*: Home\n*ARGS*: {}",
        "I see.\nArgs: 1\n*FUNCTION*: Home\n*ARGS*: {}",
        "<think>Well\n*FUNCTION*: Home\n*ARGS*: {}",
    ],
)
def test_what_is_no_valid_call_is_not_allowed(
    guides: Guides, tokenizer: TextTokenizer, text: str
) -> None:
    with pytest.raises(AssertionError):
        follow(guides, tokenizer, text + "\n", constrained(mobile_space()))


def test_a_marker_in_a_calls_text_is_text(guides: Guides, tokenizer: TextTokenizer) -> None:
    text = '*FUNCTION*: Type\n*ARGS*: {"text": "*RESULT*: \\"no\\" *RETURN*"}'
    decoding = dataclasses.replace(constrained(mobile_space()), stop_words=("*RESULT*",))
    assert follow(guides, tokenizer, text, decoding)[0].text == text
