"""The four card games of RL4VLM as a suite, with the published figures and the limits of play.

Success is strict, by the published counter: the episode's return is above 0. In NumberLine one
wrong move loses it; whether the goal was reached at all is the lenient rate beside it. Knows the
games by name; knows no policy.
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from qvl_agent.actions.errors import UsageError
from qvl_agent.agent.loop import WorldEnv
from qvl_agent.envs import registry
from qvl_agent.evals.harness.records import Record
from qvl_agent.evals.pictures import Blank, Shuffled
from qvl_agent.evals.stats import Rate
from qvl_agent.evals.suite import Task

__all__ = ["GAMES", "NOTE", "REFERENCES", "CardsSuite", "GameScore", "Pictures", "Reference"]

GAMES = ("numberline", "blackjack", "ezpoints", "points24")

Pictures = Literal["true", "blank", "shuffled"]
"""What is shown: the game, nothing, or the game of another deal."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A published or derived row of strict success rates.

    Attributes:
        name: Short, for JSON.
        label: For people.
        percent: Success rate by game.
    """

    name: str
    label: str
    percent: Mapping[str, float]


def _row(name: str, label: str, *percent: float) -> Reference:
    return Reference(name, label, MappingProxyType(dict(zip(GAMES, percent, strict=True))))


REFERENCES = (
    # By enumeration of all deals, and for Blackjack by dynamic programming over the infinite deck.
    _row("limit_of_play", "limit of play", 100.0, 43.16, 100.0, 73.07),
    # Source: Zhai et al. 2024, "Fine-Tuning Large Vision-Language Models as Decision-Making Agents
    # via Reinforcement Learning", table 2, "Ours".
    _row("rl4vlm_trained", "RL4VLM, trained", 89.4, 40.2, 50.0, 2.3),
    # Source: Qwen2-VL paper, table 5.
    _row("qwen2_vl_72b_zero_shot", "Qwen2-VL-72B, zero-shot", 100.0, 42.6, 100.0, 4.5),
    # Uniformly random actions: NumberLine exactly, the others simulated under the exact rules.
    _row("random_actions", "random actions", 28.3, 28.1, 0.06, 0.0),
)

NOTE = (
    "nano was trained on these games' experts: compare its row with RL4VLM's trained agent, "
    "not with the zero-shot 72B."
)


class CardsSuite:
    """Seeded episodes of each game.

    Args:
        games: Which, by their short names.
        episodes: How many of each.
        seed: Decides every deal.
        pictures: What is shown.

    Raises:
        UsageError: If there is no such game; the message names the nearest.
        ValueError: If `episodes` is not positive.
    """

    name = "cards"
    summary = "NumberLine, Blackjack, EZPoints and Points24, from pixels."

    def __init__(
        self,
        games: Sequence[str] = GAMES,
        *,
        episodes: int = 200,
        seed: int = 0,
        pictures: Pictures = "true",
    ) -> None:
        if episodes < 1:
            raise ValueError(f"episodes must be at least 1, got {episodes}")
        for game in games:
            if game not in GAMES:
                near = difflib.get_close_matches(game.lower(), GAMES, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"use some of {', '.join(GAMES)}"
                raise UsageError(f"there is no card game {game!r}; {hint}")
        self.games = tuple(dict.fromkeys(games))
        self._episodes = episodes
        self._seed = seed
        self._pictures = pictures

    def tasks(self) -> list[Task]:
        """Return the episodes, game by game; a game's do not depend on the other games."""
        return [task for game in self.games for task in self.tasks_of(game)]

    def tasks_of(self, game: str) -> list[Task]:
        """Return the episodes of one game."""
        stream = np.random.SeedSequence([self._seed, GAMES.index(game)])
        seeds = stream.generate_state(self._episodes)
        return [Task(f"{game}/{i:05d}", game, int(seed)) for i, seed in enumerate(seeds)]

    def make(self, task: Task) -> WorldEnv:
        """Return a new world for a task, which shows what `pictures` says."""
        world = registry.make(task.world)
        match self._pictures:
            case "true":
                return world
            case "blank":
                return Blank(world)
            case "shuffled":
                return Shuffled(world, registry.make(task.world))


@dataclass(frozen=True, slots=True)
class GameScore:
    """How a policy did in one game.

    Attributes:
        game: Its short name.
        success: Strict: return above 0.
        goal_reached: Lenient, in NumberLine only: the goal was reached, however.
        steps: Actions carried out.
        errors: Answers without a readable call.
        ends: How many episodes ended for which reason.
        seconds: Wall time of all episodes, shared out over the seats they were played in.
    """

    game: str
    success: Rate
    goal_reached: Rate | None
    steps: int
    errors: int
    ends: Mapping[str, int]
    seconds: float

    @classmethod
    def of(cls, game: str, records: Iterable[Record], seats: int = 1) -> "GameScore":
        """Return the score of all records of one game, played in so many seats."""
        records = list(records)
        n = len(records)
        reached = [r.metrics["goal_reached"] > 0 for r in records if "goal_reached" in r.metrics]
        return cls(
            game=game,
            success=Rate(sum(record.success for record in records), n),
            goal_reached=Rate(sum(reached), n) if reached else None,
            steps=sum(record.steps for record in records),
            errors=sum(record.errors for record in records),
            ends=Counter(record.reason for record in records),
            seconds=sum(record.seconds for record in records) / max(1, min(seats, n)),
        )

    @property
    def seconds_per_step(self) -> float:
        """Wall time per action; with a batch this is throughput, not the wait for one answer."""
        return self.seconds / max(1, self.steps)

    def to_json(self) -> dict[str, Any]:
        """Return the score with the references beside it."""
        lenient = {"goal_reached": self.goal_reached.to_json()} if self.goal_reached else {}
        return {
            "success": self.success.to_json(),
            **lenient,
            "references": {row.name: row.percent[self.game] for row in REFERENCES},
            "steps": self.steps,
            "unreadable_answers": self.errors,
            "ends": dict(sorted(self.ends.items())),
            "seconds": round(self.seconds, 3),
            "seconds_per_step": round(self.seconds_per_step, 5),
        }
