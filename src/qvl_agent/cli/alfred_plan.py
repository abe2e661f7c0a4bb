"""The plan of `qvl-agent eval alfred`: which tasks, in which worlds, and who sits in the seats."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qvl_agent.cli.conduct import Plan, Wish, episodes_plan

if TYPE_CHECKING:
    from qvl_agent.evals.alfred import AlfredSuite, MadeUpSuite
    from qvl_agent.evals.harness import Player

__all__ = ["alfred_plan"]

_HANG_S = 360.0
"""Longer than THOR takes to start."""


def alfred_plan(
    wish: Wish,
    *,
    data: Path | None,
    split: str,
    skip_missing: bool,
    episodes: int,
    instructions: str,
    subgoals: str | None,
    matching: Any,
    body: Any,
    mode: Any,
    segmenter: str | None,
    names: bool | None,
) -> Plan:
    """Return the plan of a run; the arguments are the verb's.

    Raises:
        UsageError: If options do not go together, or name something that does not exist.
        DataError: If the dataset is missing or incomplete.
        MissingDependency: If ai2thor is needed and not installed.
        DeviceError: If the body does not start.
    """
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.envs.household import standing
    from qvl_agent.evals.alfred import Setting

    told = mode == "skills" if names is None else names
    setting = Setting(body, data, mode, segmenter, told, matching)
    if data is None and (subgoals is not None or wish.model == "replay"):
        what = "sub-goals" if subgoals is not None else "recorded plans to replay"
        raise UsageError(f"there are no {what} without ALFRED's dataset: name its folder by --data")
    if wish.model == "expert" and mode == "low":
        raise UsageError("the expert speaks of skills: take --mode skills, or --model replay")
    suite = _suite(setting, split, skip_missing, episodes, instructions, subgoals, wish)
    tested = data is not None and split.startswith("tests")
    if tested and wish.model in ("expert", "replay"):
        raise UsageError(
            f"{split} has neither goals nor plans: {wish.model} has nothing to go by; a model's "
            "actions are kept for the leaderboard"
        )
    if tested and wish.out is None:
        raise UsageError(
            f"{split} has no goals, so only the leaderboard can score it: name a folder by --out, "
            "for the file that it takes"
        )
    try:
        name = suite.worlds.body().name
        config = {
            "split": suite.split,
            "complete_split": data is not None and not skip_missing and wish.limit is None,
            "instructions": instructions,
            "mode": mode,
            "segmenter": segmenter,
            "names_told": told,
            "matching": matching,
            "body": name,
            "standing": standing(name),
        }
        if wish.model == "replay":
            return _replay_plan(suite, config, wish)
        hang_seconds = None if setting.shares_a_model else _HANG_S
        plan = episodes_plan(suite, config, suite.limits, wish, hang_seconds=hang_seconds)
    finally:
        suite.close()
    return replace(plan, seat=lambda: _kept(plan, suite))


def _kept(plan: Plan, suite: "AlfredSuite | MadeUpSuite") -> "Player":
    from qvl_agent.evals.alfred.players import AlfredPlayer

    return AlfredPlayer(plan.seat(), suite)


def _suite(
    setting: Any,
    split: str,
    skip_missing: bool,
    episodes: int,
    instructions: Any,
    subgoals: str | None,
    wish: Wish,
) -> "AlfredSuite | MadeUpSuite":
    from qvl_agent.evals.alfred import SUBGOALS, AlfredSuite, MadeUpSuite, SubgoalSuite

    if setting.data is None:
        return MadeUpSuite(setting, episodes, seed=wish.options.seed)
    if subgoals is not None:
        kinds = SUBGOALS if subgoals == "all" else [k.strip() for k in subgoals.split(",")]
        return SubgoalSuite(setting, split, kinds=kinds, missing_ok=skip_missing)
    return AlfredSuite(setting, split, instructions=instructions, missing_ok=skip_missing)


def _replay_plan(suite: "AlfredSuite | MadeUpSuite", config: dict[str, Any], wish: Wish) -> Plan:
    """Return the plan by which the dataset's own plans are sent."""
    from qvl_agent.evals.alfred import AlfredSuite, Worlds
    from qvl_agent.evals.alfred.players import ReplayPlayer
    from qvl_agent.evals.harness import digest

    assert isinstance(suite, AlfredSuite)
    tasks = suite.tasks()[: wish.limit]
    trajectories = suite.trajectories()
    setting = suite.worlds.setting
    return Plan(
        suite=suite.name,
        config=config,
        tasks=tasks,
        seat=lambda: ReplayPlayer(Worlds(setting), suite, trajectories),
        shared=None,
        policy={"name": "replay"},
        prompt=digest(None),
    )
