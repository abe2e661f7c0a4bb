"""A conformance suite for worlds, ours and other people's.

    from qvl_agent.envs.testing import check_world

    def test_my_world():
        check_world(lambda: MyWorld(size=3))

It checks what the loop relies on: seeding, spaces, pictures that stay as they were, an expert
whose actions are legal, typed errors where an episode is not under way, and gymnasium's own
`check_env` with warnings as errors. It knows no concrete world and needs no test framework.
"""

import copy
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env

from qvl_agent.actions.errors import QvlAgentError, ResetNeeded
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Observation, ObservationSpace, Outcome, World

__all__ = ["check_world"]

_REFUSALS = (gymnasium.error.InvalidAction, ValueError, TypeError, QvlAgentError)
"""What a world may answer to an action that is not in its space."""


def check_world(
    make: Callable[[], World], *, seeds: tuple[int, ...] = (0, 3, 7), max_steps: int = 60
) -> None:
    """Check that a world keeps the contract of `envs.base.World`.

    Args:
        make: Returns a fresh world, with a task that needs nothing from `reset(options=...)`.
        seeds: Episodes to play.
        max_steps: Longest play of one episode; enough for the expert to end it, where it can.

    Raises:
        AssertionError: Naming the first promise that is broken.
    """
    had_torch = "torch" in sys.modules
    _check_spaces(make())
    _check_before_reset(make())
    for seed in seeds:
        _check_episode(make(), seed, max_steps)
        _check_determinism(make, seed, max_steps)
        _check_random_play(make(), seed, max_steps)
        _check_refusal(make(), seed)
    _check_gymnasium(make())
    _check_close(make())
    assert had_torch or "torch" not in sys.modules, "a world must not import torch"


@dataclass(frozen=True, slots=True)
class _Foreign(Action):
    """An action of no world."""


@dataclass(frozen=True, slots=True)
class _Record:
    """What one step gave, copied."""

    observation: Observation
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]
    thought: str
    action: Action | None


def _check_spaces(world: World) -> None:
    assert isinstance(world, World), f"make() must return a World, got {type(world).__name__}"
    assert isinstance(world.action_space, ActionSpace), "action_space must be an ActionSpace"
    assert isinstance(world.observation_space, ObservationSpace), (
        "observation_space must be an ObservationSpace"
    )
    world.action_space.seed(7)
    first = [world.action_space.sample() for _ in range(8)]
    world.action_space.seed(7)
    assert first == [world.action_space.sample() for _ in range(8)], (
        "a seeded action space must sample the same actions again"
    )
    assert all(world.action_space.contains(a) for a in first), (
        "every sampled action must be in the action space"
    )
    world.close()


def _check_before_reset(world: World) -> None:
    _assert_raises_reset_needed(lambda: world.step(world.action_space.sample()), "step", "before")
    _assert_raises_reset_needed(world.expert, "expert", "before")
    world.close()


def _assert_raises_reset_needed(act: Callable[[], object], what: str, when: str) -> None:
    try:
        act()
    except ResetNeeded:
        return
    except Exception as exc:
        raise AssertionError(f"{what}() {when} an episode raised {exc!r}, not ResetNeeded") from exc
    raise AssertionError(f"{what}() {when} an episode must raise ResetNeeded")


def _check_determinism(make: Callable[[], World], seed: int, max_steps: int) -> None:
    """Two fresh worlds and one used world play the same episode from the same seed."""
    one, other = make(), make()
    first = _play(one, seed, max_steps)
    assert one.task, "task must say what the episode asks for"
    task = one.task
    _assert_same(first, _play(other, seed, max_steps), "two fresh worlds")
    assert other.task == task, "the same seed must give the same task"
    _assert_same(first, _play(one, seed, max_steps), "a fresh and a used world")
    one.close()
    other.close()


def _play(world: World, seed: int, max_steps: int) -> list[_Record]:
    observation, info = world.reset(seed=seed)
    records = [_Record(_copied(observation), 0.0, False, False, copy.deepcopy(info), "", None)]
    for _ in range(max_steps):
        decision = world.expert()
        observation, reward, terminated, truncated, info = world.step(decision.action)
        records.append(
            _Record(
                _copied(observation),
                float(reward),
                terminated,
                truncated,
                copy.deepcopy(info),
                decision.thought,
                decision.action,
            )
        )
        if terminated or truncated:
            break
    return records


def _copied(observation: Observation) -> Observation:
    return copy.deepcopy(observation)


def _assert_same(first: list[_Record], second: list[_Record], who: str) -> None:
    assert len(first) == len(second), f"{who} played episodes of different length from one seed"
    for i, (a, b) in enumerate(zip(first, second, strict=True)):
        for name in _Record.__dataclass_fields__:
            assert getattr(a, name) == getattr(b, name), (
                f"{who} differ in {name} after step {i} of the same seed"
            )


def _check_episode(world: World, seed: int, max_steps: int) -> None:
    """The expert plays: observations, actions, outcome, and the end of the episode."""
    observation, info = world.reset(seed=seed)
    ended = False
    for _ in range(max_steps):
        _check_observation(world, observation)
        assert isinstance(info, dict), f"info must be a dict, got {type(info).__name__}"
        decision = world.expert()
        assert isinstance(decision, Decision), "expert() must return a Decision"
        assert isinstance(decision.thought, str), "an expert's thought must be text"
        assert world.action_space.contains(decision.action), (
            f"the expert's action {decision.action!r} is not in the action space"
        )
        before, kept = _copied(observation), copy.deepcopy(info)
        last, last_info = observation, info
        observation, reward, terminated, truncated, info = world.step(decision.action)
        assert np.isfinite(float(reward)), f"the reward must be a finite number, got {reward!r}"
        assert isinstance(terminated, bool), "terminated must be a bool"
        assert isinstance(truncated, bool), "truncated must be a bool"
        assert last == before, "a step changed the observation of the step before"
        assert last_info == kept, "a step changed the info of the step before"
        assert not np.shares_memory(observation.image, last.image), (
            "two observations share the memory of their pictures"
        )
        if terminated or truncated:
            ended = True
            break
    _check_observation(world, observation)
    outcome = world.outcome()
    assert isinstance(outcome, Outcome), "outcome() must return an Outcome"
    assert isinstance(outcome.success, bool), "success must be a bool"
    if ended:
        _assert_raises_reset_needed(
            lambda: world.step(world.action_space.sample()), "step", "after the end of"
        )
        _assert_raises_reset_needed(world.expert, "expert", "after the end of")
        assert world.outcome() == outcome, "a refused step changed the outcome"
    world.close()


def _check_observation(world: World, observation: Observation) -> None:
    assert isinstance(observation, Observation), (
        f"an observation must be an Observation, got {type(observation).__name__}"
    )
    assert isinstance(observation.text, str), "an observation's text must be a string"
    for picture in (observation.image, *(view.image for view in observation.views)):
        assert isinstance(picture, np.ndarray), "a picture must be a numpy array"
        assert picture.dtype == np.uint8, f"a picture must be uint8, got {picture.dtype}"
        assert picture.ndim == 3, f"a picture must be (H, W, 3), got {picture.shape}"
        assert picture.shape[2] == 3, f"a picture must be (H, W, 3), got {picture.shape}"
    assert world.observation_space.contains(observation), (
        f"an observation of shape {observation.image.shape} is not in {world.observation_space}"
    )


def _check_random_play(world: World, seed: int, max_steps: int) -> None:
    """Any legal action can be taken at any time."""
    world.action_space.seed(seed)
    world.reset(seed=seed)
    for _ in range(max_steps):
        observation, _, terminated, truncated, _ = world.step(world.action_space.sample())
        _check_observation(world, observation)
        if terminated or truncated:
            world.reset()
    world.close()


def _check_refusal(world: World, seed: int) -> None:
    """An action of no world is refused, and nothing has happened."""
    world.reset(seed=seed)
    expected = world.expert()
    for wrong in (_Foreign(), None, 0, "nothing"):
        try:
            world.step(wrong)  # type: ignore[arg-type]
        except _REFUSALS:
            pass
        except Exception as exc:
            raise AssertionError(f"step({wrong!r}) raised {exc!r}, no error of usage") from exc
        else:
            raise AssertionError(f"step({wrong!r}) must be refused: it is not in the action space")
        try:
            decision = world.expert()
        except ResetNeeded as exc:
            raise AssertionError(
                "a refused action changed the world: it ended the episode"
            ) from exc
        assert decision == expected, "a refused action changed the world"
    world.step(expected.action)
    world.close()


def _check_gymnasium(world: World) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            check_env(world, skip_render_check=True)
        except Warning as exc:
            raise AssertionError(f"gymnasium's check_env warns: {exc}") from exc
    world.close()


def _check_close(world: World) -> None:
    world.close()
    world.close()
