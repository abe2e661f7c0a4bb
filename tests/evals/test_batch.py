"""Many episodes on one policy: full batches, separate failures, and the same games as alone."""

from collections.abc import Iterator, Sequence
from typing import Never

import pytest

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.errors import PolicyError
from qvl_agent.actions.types import Action
from qvl_agent.agent.events import Episode
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.session import Dialogue
from qvl_agent.envs import registry
from qvl_agent.envs.cards import EZPoints
from qvl_agent.evals.batch import run_batch
from qvl_agent.model.policy import Decoding, Generation
from qvl_agent.model.prompt import Picture, Prompt
from qvl_agent.model.scripted import RandomPolicy


class Counting(RandomPolicy):
    """A random policy that remembers the sizes of its batches and fails on demand."""

    def __init__(self, game: str) -> None:
        super().__init__(registry.make(game).action_space, get_dialect("star"))
        self.sizes: list[int] = []
        self.poisoned: str | None = None
        self.interrupted_after: int | None = None

    def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        self.sizes.append(len(prompts))
        if self.interrupted_after is not None and len(self.sizes) > self.interrupted_after:
            raise KeyboardInterrupt
        if any(picture.key == self.poisoned for prompt in prompts for picture in prompt.pictures):
            raise PolicyError("this picture cannot be shown")
        return super().generate_batch(prompts, decoding)


def _episodes(agent: Agent, game: str, count: int) -> Iterator[Dialogue[Episode]]:
    return (agent.episode(registry.make(game), seed=seed) for seed in range(count))


def _fates(agent: Agent, policy: Counting, width: int, count: int = 40) -> list[tuple[object, ...]]:
    played = dict(run_batch(policy, _episodes(agent, "ezpoints", count), width=width))
    assert sorted(played) == list(range(count))
    return [(e.reason, e.steps, e.reward) for _, e in sorted(played.items())]


def test_what_is_played_does_not_depend_on_the_width() -> None:
    policy = Counting("ezpoints")
    agent = Agent(policy, registry.make("ezpoints").action_space)
    alone = _fates(agent, policy, 1)
    assert len(set(alone)) > 3
    assert _fates(agent, policy, 7) == _fates(agent, policy, 64) == alone


def test_a_batch_stays_full_until_no_episode_is_left() -> None:
    policy = Counting("ezpoints")
    _fates(Agent(policy, registry.make("ezpoints").action_space), policy, 8)
    full = policy.sizes.index(next(size for size in policy.sizes if size < 8))
    assert set(policy.sizes[:full]) == {8}
    assert policy.sizes[full:] == sorted(policy.sizes[full:], reverse=True)
    assert full > len(policy.sizes) / 2


def test_an_episode_is_made_when_there_is_room_for_it() -> None:
    policy = Counting("ezpoints")
    agent = Agent(policy, registry.make("ezpoints").action_space)
    made = 0

    def episodes() -> Iterator[Dialogue[Episode]]:
        nonlocal made
        for dialogue in _episodes(agent, "ezpoints", 30):
            made += 1
            yield dialogue

    next(run_batch(policy, episodes(), width=5))
    assert made <= 10


def test_one_bad_prompt_ends_its_own_episode_only() -> None:
    policy = Counting("ezpoints")
    agent = Agent(policy, registry.make("ezpoints").action_space)
    observation, _ = registry.make("ezpoints").reset(seed=3)
    sound = _fates(agent, policy, 8, 12)
    policy.poisoned = Picture(observation.image).key
    fates = _fates(agent, policy, 8, 12)
    assert fates[3][0] == "policy_error"
    assert fates[:3] + fates[4:] == sound[:3] + sound[4:]


def test_ctrl_c_ends_all_episodes_and_is_heard() -> None:
    policy = Counting("points24")
    policy.interrupted_after = 3
    agent = Agent(policy, registry.make("points24").action_space, limits=Limits(steps=50))
    dialogues = list(_episodes(agent, "points24", 6))
    with pytest.raises(KeyboardInterrupt):
        list(run_batch(policy, dialogues, width=4))
    for dialogue in dialogues[:4]:
        with pytest.raises(StopIteration):
            next(dialogue)


def test_ctrl_c_inside_a_world_is_heard_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Counting("ezpoints")
    agent = Agent(policy, registry.make("ezpoints").action_space)
    dialogues = list(_episodes(agent, "ezpoints", 3))

    def step(self: EZPoints, action: Action) -> Never:
        raise KeyboardInterrupt

    monkeypatch.setattr(EZPoints, "step", step)
    with pytest.raises(KeyboardInterrupt):
        list(run_batch(policy, dialogues, width=3))
    for dialogue in dialogues:
        with pytest.raises(StopIteration):
            next(dialogue)


@pytest.mark.parametrize("width", [0, -3])
def test_a_width_below_one_is_refused(width: int) -> None:
    policy = Counting("ezpoints")
    with pytest.raises(ValueError, match=f"must be positive, got {width}"):
        next(run_batch(policy, [], width=width))
