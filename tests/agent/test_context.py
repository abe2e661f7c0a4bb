import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.cards import numberline_space
from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.errors import PolicyError, ResetNeeded, UsageError
from qvl_agent.actions.frames import pixel_frame
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.agent.context import Context
from qvl_agent.envs.base import Observation, View
from qvl_agent.model.policy import Profile
from qvl_agent.model.prompt import Part, Picture, Prompt, Text, Turn
from qvl_agent.model.scripted import ScriptedPolicy

SPACE = numberline_space()
STAR = get_dialect("star")
HERMES = get_dialect("hermes")
POLICY = ScriptedPolicy([])


def look(
    shade: int, text: str = "", size: tuple[int, int] = (56, 84), views: int = 0
) -> Observation:
    image = np.full((*size, 3), shade, np.uint8)
    more = tuple(View(np.full((28, 28, 3), 200 + n, np.uint8), f"View {n}") for n in range(views))
    return Observation(image, text, more)


def context(**kwargs: Any) -> Context:
    dialect = kwargs.pop("dialect", STAR)
    counter = kwargs.pop("counter", POLICY)
    budget = kwargs.pop("limit", None)
    return Context(Profile(**kwargs), dialect, SPACE, counter, limit=budget)


def texts(prompt: Prompt) -> list[str]:
    return [p.text for turn in prompt.turns for p in turn.parts if isinstance(p, Text)]


def shades(prompt: Prompt) -> list[int]:
    return [int(picture.pixels[0, 0, 0]) for picture in prompt.pictures]


def test_a_fresh_state_is_system_task_picture_and_words() -> None:
    seen = look(7, "door 7", views=2)
    prompt = context(system="Be brief.", detail="names").start("walk", seen).prompt()
    told = STAR.system(SPACE, context().start("walk", seen).frame, "names")
    assert prompt == Prompt(
        (
            Turn("system", (Text(f"Be brief.\n\n{told}"),)),
            Turn(
                "user",
                (
                    Text("walk\n"),
                    Picture(seen.image),
                    Text("\nView 0: "),
                    Picture(seen.views[0].image),
                    Text("\nView 1: "),
                    Picture(seen.views[1].image),
                    Text("\ndoor 7"),
                ),
            ),
        )
    )


def test_a_picture_without_words_adds_no_empty_text() -> None:
    user = context().start("walk", look(7)).prompt().turns[1]
    assert user.parts == (Text("walk\n"), Picture(look(7).image))


def test_with_star_the_trajectory_is_one_assistant_turn_that_only_grows() -> None:
    c = context().start("walk", look(0))
    before = c.prompt()
    c.add(Text("one", (5, 6)), observation=look(1, "door 1"))
    c.add(Text("two"), message="Error: unreadable")
    first, second, third = c.prompt().turns
    assert (first, second) == before.turns
    assert third == Turn(
        "assistant",
        (
            Text("one", (5, 6)),
            Text(STAR.before_result),
            Picture(look(1).image),
            Text("\ndoor 1"),
            Text(STAR.after_result),
            Text("two"),
            Text(STAR.before_result + "Error: unreadable" + STAR.after_result),
        ),
    )


def test_with_hermes_each_result_opens_a_turn_of_the_user() -> None:
    c = context(dialect=HERMES).start("walk", look(0))
    c.add(Text("one"), observation=look(1))
    c.add(Text("two"), message="no")
    turns = c.prompt().turns
    assert [turn.role for turn in turns] == [
        "system", "user", "assistant", "user", "assistant", "user",
    ]  # fmt: skip
    assert turns[3].parts == (
        Text(HERMES.before_result),
        Picture(look(1).image),
        Text(HERMES.after_result),
    )


def test_a_failed_action_with_a_new_picture_shows_both() -> None:
    c = context().start("walk", look(0))
    c.add(Text("one"), message="Failed: locked\n", observation=look(1))
    assert texts(c.prompt())[-2:] == [STAR.before_result + "Failed: locked\n", STAR.after_result]
    assert shades(c.prompt()) == [0, 1]


def test_keep_steps_0_shows_the_newest_observation_and_nothing_of_the_past() -> None:
    c = context(keep_steps=0).start("walk", look(0))
    c.add(Text("one"), observation=look(1, "door 1"))
    assert c.prompt() == context(keep_steps=0).start("walk", look(1, "door 1")).prompt()
    c.add(Text("two"), message="no")
    assert c.prompt() == context(keep_steps=0).start("walk", look(1, "door 1")).prompt()
    assert (c.window.dropped, c.window.kept) == (2, 0)


def test_keep_steps_n_moves_the_first_kept_observation_into_the_users_turn() -> None:
    c = context(keep_steps=1).start("walk", look(0))
    for n in (1, 2, 3):
        c.add(Text(f"step {n}"), observation=look(n))
    prompt = c.prompt()
    assert prompt.turns[1].parts == (Text("walk\n"), Picture(look(2).image))
    assert shades(prompt) == [2, 3]
    assert "step 3" in texts(prompt)
    assert "step 2" not in texts(prompt)


def test_the_observation_before_a_dropped_failed_turn_is_kept() -> None:
    c = context(keep_steps=1).start("walk", look(0))
    c.add(Text("one"), observation=look(1))
    c.add(Text("two"), message="no")
    c.add(Text("three"), message="still no")
    assert shades(c.prompt()) == [1]
    assert "three" in texts(c.prompt())


def random_turn(c: Context, rng: random.Random) -> None:
    said = Text("x" * rng.randrange(1, 300), None if rng.random() < 0.5 else (1, 2, 3))
    size = (rng.randrange(20, 300), rng.randrange(20, 300))
    seen = look(rng.randrange(256), "w" * rng.randrange(40), size, rng.randrange(3))
    if rng.random() < 0.2:
        c.add(said, message="no " * rng.randrange(1, 20))
    else:
        c.add(said, observation=seen, message=rng.choice(["", "Failed: locked\n"]))


@pytest.mark.parametrize("name", ["star", "qwen_fn", "hermes"])
@pytest.mark.parametrize("seed", range(4))
def test_the_predicted_length_is_the_prompts_length_whatever_happened(name: str, seed: int) -> None:
    rng = random.Random(seed)
    keep = rng.choice([None, None, 0, 2, 5])
    c = context(dialect=get_dialect(name), keep_steps=keep, max_tokens=200, limit=3000)
    c.start("walk", look(0, "begin", views=2))
    for _ in range(40):
        prompt = c.prompt()
        assert c.window.tokens == POLICY.length(prompt)
        assert c.window.tokens + c.window.reserve <= c.budget == 3000
        random_turn(c, rng)


def play_60(limit: int) -> tuple[list[Prompt], list[tuple[int, int]]]:
    """Return prompts and (dropped, kept) of 60 steps of about 140 tokens each."""
    c = context(limit=limit, max_tokens=256).start("walk", look(0))
    prompts, windows = [], []
    for n in range(60):
        prompts.append(c.prompt())
        assert POLICY.length(prompts[-1]) + 256 <= limit
        windows.append((c.window.dropped, c.window.kept))
        c.add(Text("think " * 20), observation=look(n + 1, size=(280, 280)))
    return prompts, windows


def test_60_steps_never_exceed_4096_tokens_and_stay_correct_after_eviction() -> None:
    prompts, windows = play_60(4096)
    assert windows[-1][0] > 0
    for n, (prompt, (dropped, kept)) in enumerate(zip(prompts, windows, strict=True)):
        assert dropped + kept == n
        assert shades(prompt) == list(range(dropped, n + 1))
        assert prompt.turns[0] == prompts[0].turns[0]
        assert prompt.turns[1].parts[0] == Text("walk\n")


def test_turns_are_dropped_rarely_and_many_at_once() -> None:
    _, windows = play_60(4096)
    dropped = [n for n, _ in windows]
    cuts = [b - a for a, b in zip(dropped, dropped[1:], strict=False) if b != a]
    assert 1 < len(cuts) <= 5
    assert min(cuts) >= 8


def flat(prompt: Prompt) -> list[object]:
    return [item for turn in prompt.turns for item in (turn.role, *turn.parts)]


@pytest.mark.parametrize("dialect", [STAR, HERMES])
def test_by_deletion_one_row_is_missing_where_the_policy_first_spoke(dialect: Dialect) -> None:
    few = context(dialect=dialect, eviction="deletion", context_tokens=500, max_tokens=64)
    all_ = context(dialect=dialect, eviction="deletion", max_tokens=64)
    few.start("walk", look(0))
    all_.start("walk", look(0))
    spoken = 6  # system, its text, user, task, picture, assistant
    for number in range(1, 40):
        for c in (few, all_):
            if number % 7 == 0:
                c.add(Text(f"said {number}"), message="Error: unreadable")
            else:
                c.add(Text(f"said {number}"), observation=look(number))
        shown, whole = flat(few.prompt()), flat(all_.prompt())
        assert shown == whole[:spoken] + whole[len(whole) - len(shown) + spoken :]
    window = few.window
    assert window.dropped >= 20
    assert window.tokens + window.reserve > 0.9 * window.budget, "no more is dropped than needed"


def test_by_deletion_the_newest_observation_stays_when_its_turn_is_dropped() -> None:
    c = context(eviction="deletion", keep_steps=1).start("walk", look(0))
    c.add(Text("one"), observation=look(1))
    c.add(Text("two"), message="no")
    c.add(Text("three"), message="still no")
    assert shades(c.prompt()) == [1]


@pytest.mark.parametrize("dialect", [STAR, HERMES])
def test_what_is_foreseen_is_what_the_next_prompt_begins_with(dialect: Dialect) -> None:
    c = context(dialect=dialect, limit=900, max_tokens=64).start("walk", look(0))
    foresights = 0
    for number in range(1, 100):
        said = Text(f"said {number}")
        window, foreseen = c.window, c.foresee(said)
        assert c.window == window, "looking ahead changes nothing"
        c.add(said, observation=look(number))
        prompt = c.prompt()
        assert (foreseen is not None) == (c.window.dropped > window.dropped)
        if foreseen is not None:
            foresights += 1
            begun = flat(foreseen)
            assert flat(prompt)[: len(begun)] == begun
            assert POLICY.length(foreseen) > 0.6 * POLICY.length(prompt)
    assert foresights > 1


def test_nothing_is_foreseen_where_nothing_is_read_again() -> None:
    c = context(limit=300, eviction="deletion", max_tokens=64).start("walk", look(0))
    for number in range(1, 20):
        assert c.foresee(Text("on")) is None
        c.add(Text("on"), observation=look(number))
        c.prompt()
    assert c.window.dropped > 0


def test_no_budget_below_the_window_drops_nothing() -> None:
    _, windows = play_60(32_768)
    assert windows[-1] == (0, 59)


def test_a_budget_above_the_policys_window_is_cut_to_it() -> None:
    assert context(context_tokens=1000, limit=5000).budget == 1000


def test_an_observation_that_does_not_fit_is_an_error_that_says_the_counts() -> None:
    c = context(limit=600, max_tokens=100).start("walk", look(0))
    c.add(Text("one"), observation=look(1, size=(840, 840)))
    with pytest.raises(PolicyError, match=r"newest observation 902 tokens.*budget is 600"):
        c.prompt()


class Counting:
    """Counts how often it is asked to count."""

    def __init__(self) -> None:
        self.counted = 0

    def count(self, part: Part) -> int:
        self.counted += 1
        return POLICY.count(part)

    def overhead(self, role: str) -> int:
        return POLICY.overhead(role)

    def length(self, prompt: Prompt) -> int:
        return POLICY.length(prompt)

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        return height // 28 * 28, width // 28 * 28


def test_a_step_counts_only_its_new_parts() -> None:
    counter = Counting()
    c = context(counter=counter, limit=3000).start("walk", look(0))
    c.prompt()
    for n in range(30):
        before = counter.counted
        c.add(Text("one"), observation=look(n))
        c.prompt()
        assert counter.counted - before == 2  # what was said, and the picture


def test_a_pixel_frame_is_that_of_the_picture_as_the_policy_sees_it() -> None:
    space = mobile_space()
    profile = Profile(frame="pixels")
    c = Context(profile, STAR, space, Counting()).start("walk", look(0, size=(100, 200)))
    assert c.frame == pixel_frame(196, 84)
    assert STAR.system(space, pixel_frame(196, 84)) in texts(c.prompt())[0]
    c.add(Text("turn the phone"), observation=look(1, size=(200, 100)))
    assert c.frame == pixel_frame(84, 196)
    assert STAR.system(space, pixel_frame(84, 196)) in texts(c.prompt())[0]


def test_an_unknown_frame_is_told_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="0-1000, 0-999, 0-1, pixels"):
        context(frame="0-100")


def test_a_context_that_was_not_started_says_so() -> None:
    with pytest.raises(ResetNeeded, match="start"):
        context().prompt()


def test_starting_again_forgets_everything() -> None:
    c = context(limit=900, max_tokens=100).start("walk", look(0))
    for n in range(9):
        c.add(Text("one"), observation=look(n))
        c.prompt()
    fresh: Callable[[], Prompt] = context().start("run", look(5)).prompt
    assert c.start("run", look(5)).prompt() == fresh()
    assert c.window.dropped == 0
