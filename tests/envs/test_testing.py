"""The conformance suite passes what keeps the contract, and catches what does not."""

import random
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from qvl_agent.actions.cards import Hit, Minus, Plus
from qvl_agent.actions.types import Action
from qvl_agent.envs import make
from qvl_agent.envs.base import Decision, Observation, View
from qvl_agent.envs.cards import NumberLine
from qvl_agent.envs.testing import check_world

CARDS = ["numberline", "blackjack", "ezpoints", "points24"]


@pytest.mark.parametrize("name", CARDS)
def test_the_card_games_keep_the_contract(name: str) -> None:
    check_world(lambda: make(name))


@pytest.mark.parametrize("name", ["NumberLine", "Blackjack", "EZPoints", "Points24"])
def test_gymnasiums_checker_has_nothing_to_say(name: str) -> None:
    env = gymnasium.make(f"qvl_agent/{name}-v0", render_mode="rgb_array")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)


class SharesPictures(NumberLine):
    """Draws into one buffer."""

    buffer = np.zeros((300, 300, 3), np.uint8)

    def _observe(self) -> Observation:
        self.buffer[:] = super()._observe().image
        return Observation(self.buffer)


class SharesViews(SharesPictures):
    """Draws its second picture into one buffer."""

    def _observe(self) -> Observation:
        view = View(super()._observe().image, "again")
        return Observation(view.image.copy(), views=(view,))


class ShowsOnePicture(NumberLine):
    """Hands out the same array for ever."""

    picture = np.zeros((300, 300, 3), np.uint8)

    def _observe(self) -> Observation:
        return Observation(self.picture)


class SharesInfo(NumberLine):
    """Hands out its own record."""

    def _info(self) -> dict[str, Any]:
        self.record = getattr(self, "record", {})
        self.record.update(super()._info())
        return self.record


class IgnoresTheSeed(NumberLine):
    def _reseed(self, seed: int) -> None:
        self._random = random.Random()


class NeverEnds(NumberLine):
    """Goes on after the end."""

    def _need_episode(self) -> None:
        self._need_state()


class StartsItself(NumberLine):
    """Needs no reset."""

    def _need_episode(self) -> None:
        pass


class TakesAnything(NumberLine):
    def step(self, action: Action) -> Any:
        return super().step(action if action in self._legal else Minus())


class BreaksOnWrongActions(NumberLine):
    """Moves first and complains afterwards."""

    def step(self, action: Action) -> Any:
        if action not in self._legal:
            super().step(Plus())
        return super().step(action)


class IllegalExpert(NumberLine):
    def expert(self) -> Decision:
        super().expert()
        return Decision("Hit me.", Hit())


class FloatPictures(NumberLine):
    def _observe(self) -> Observation:
        return Observation(super()._observe().image / 255)  # type: ignore[arg-type]


class SmallPictures(NumberLine):
    def _observe(self) -> Observation:
        return Observation(super()._observe().image[:200].copy())


class NoTask(NumberLine):
    task = ""


class NumpyFlags(NumberLine):
    def _play(self, action: Action) -> Any:
        reward, terminated, truncated = super()._play(action)
        return reward, np.bool_(terminated), truncated


class EndlessReward(NumberLine):
    def _play(self, action: Action) -> Any:
        _, terminated, truncated = super()._play(action)
        return float("nan"), terminated, truncated


class ClosesOnce(NumberLine):
    closed = False

    def close(self) -> None:
        assert not self.closed, "close() was called twice"
        self.closed = True


@pytest.mark.parametrize(
    ("world", "told"),
    [
        (SharesPictures, "changed the observation"),
        (SharesViews, "changed the observation"),
        (ShowsOnePicture, "share the memory"),
        (SharesInfo, "changed the info"),
        (IgnoresTheSeed, "of the same seed|from one seed|the same task"),
        (NeverEnds, "after the end of"),
        (StartsItself, "before an episode"),
        (TakesAnything, "must be refused"),
        (BreaksOnWrongActions, "changed the world"),
        (IllegalExpert, "expert's action Hit.. is not in"),
        (FloatPictures, "uint8"),
        (SmallPictures, "not in ObservationSpace"),
        (NoTask, "task"),
        (NumpyFlags, "terminated must be a bool"),
        (EndlessReward, "finite|reward"),
        (ClosesOnce, "close"),
    ],
)
def test_a_broken_promise_is_named(world: type[NumberLine], told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        check_world(world)


def test_something_else_is_no_world() -> None:
    with pytest.raises(AssertionError, match="must return a World"):
        check_world(lambda: gymnasium.make("CartPole-v1"))  # type: ignore[arg-type,return-value]
