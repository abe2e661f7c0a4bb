from pathlib import Path

import pytest

from qvl_agent.actions.dialects.star import Star
from qvl_agent.actions.errors import DataError
from qvl_agent.agent.context import Context
from qvl_agent.evals.aitz import load, score_step
from qvl_agent.evals.aitz.gold import ActionType, Gold
from qvl_agent.evals.aitz.prompts import History, Question, aitz_space, gold_action, questions
from qvl_agent.model.policy import Profile
from qvl_agent.model.prompt import Part, Picture, Prompt, Text


class Words:
    """Counts a word as a token and a picture as ten."""

    def count(self, part: Part) -> int:
        return len(part.text.split()) if isinstance(part, Text) else 10

    def overhead(self, role: str) -> int:
        return 1

    def length(self, prompt: Prompt) -> int:
        return sum(1 + sum(map(self.count, turn.parts)) for turn in prompt.turns)

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        return height, width


def asked(shared_data: Path, history: History, *, thoughts: bool = False) -> list[Question]:
    (episode,) = load(shared_data / "aitz").episodes
    context = Context(Profile(), Star(), aitz_space(), Words())
    return list(questions(episode, context, Star(), history=history, thoughts=thoughts))


def texts(question: Question) -> str:
    parts = (part for turn in question.prompt.turns for part in turn.parts)
    return "".join(part.text for part in parts if isinstance(part, Text))


def test_each_step_sees_the_recorded_screens_and_calls_before_it(shared_data: Path) -> None:
    found = asked(shared_data, "screenshots")
    assert [len(q.prompt.pictures) for q in found] == [1, 2, 3, 4]
    assert "*FUNCTION*: Home" in texts(found[1])
    assert "*FUNCTION*: Swipe" in texts(found[2])
    assert "*FUNCTION*: Click" in texts(found[3])
    assert found[3].prompt.pictures[-1] == asked(shared_data, "texts")[3].prompt.pictures[0]


def test_a_history_of_texts_shows_one_screenshot_and_the_past_in_words(shared_data: Path) -> None:
    found = asked(shared_data, "texts")
    assert [len(q.prompt.pictures) for q in found] == [1, 1, 1, 1]
    assert "Step 1:" not in texts(found[0])
    assert "Step 3:" in texts(found[3])


def test_the_datasets_thoughts_are_in_the_history_only_on_request(shared_data: Path) -> None:
    thought = 'does not display the "Clock" app'
    assert thought not in texts(asked(shared_data, "screenshots")[3])
    assert thought in texts(asked(shared_data, "screenshots", thoughts=True)[3])


def test_the_answer_itself_is_never_in_the_question(shared_data: Path) -> None:
    for question in asked(shared_data, "screenshots", thoughts=True):
        assert question.step.gold.description not in texts(question)
        assert question.step.thought not in texts(question)


def test_the_reference_actions_are_exact_under_both_rules(shared_data: Path) -> None:
    for step in load(shared_data / "aitz").steps:
        for protocol in ("qwen25vl", "coat"):
            score = score_step(step, gold_action(step.gold), protocol=protocol)
            assert score.exact_match, (protocol, step.step_id)


def test_the_pictures_are_the_stored_screenshots(shared_data: Path) -> None:
    (picture,) = asked(shared_data, "texts")[0].prompt.pictures
    assert isinstance(picture, Picture)
    assert picture.pixels.shape == (600, 270, 3)


def test_a_gesture_off_the_screen_is_a_data_error() -> None:
    gold = Gold(ActionType.GESTURE, "", (-0.5, 0.5), (-0.5, 0.5), "click", ())
    with pytest.raises(DataError, match="on the screen"):
        gold_action(gold)


def test_the_reference_actions_stay_exact_when_written_and_read_as_text(
    shared_data: Path,
) -> None:
    dialect, space = Star(), aitz_space()
    for question in asked(shared_data, "screenshots"):
        step, frame = question.step, question.frame
        text = dialect.render(space.to_call(gold_action(step.gold), frame), step.thought)
        call = dialect.parse(text, space, frame).calls[0]
        for protocol in ("qwen25vl", "coat"):
            assert score_step(step, call.to_json(), protocol=protocol).exact_match
            assert score_step(step, space.to_action(call, frame), protocol=protocol).exact_match
