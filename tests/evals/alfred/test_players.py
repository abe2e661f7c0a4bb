import json
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.household import Done, GotoLocation, household_space
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.envs.base import World
from qvl_agent.evals.alfred.figures import alfred_figures, subgoal_figures
from qvl_agent.evals.alfred.leaderboard import write_leaderboard
from qvl_agent.evals.alfred.players import AlfredPlayer, ReplayPlayer, result_of
from qvl_agent.evals.alfred.suite import AlfredSuite, SubgoalSuite
from qvl_agent.evals.alfred.worlds import Setting, Worlds
from qvl_agent.evals.harness import EpisodePlayer, MemoryStore, Record, Trial, run_trials
from qvl_agent.evals.suite import Task
from qvl_agent.model.scripted import ScriptedPolicy


def _expert(world: WorldEnv, trial: Trial) -> Agent:
    bare = world.unwrapped
    assert isinstance(bare, World)
    dialect = get_dialect("star")

    def answer(_: object) -> str:
        decision = bare.expert()
        return dialect.render(bare.action_space.to_call(decision.action), decision.thought)

    return Agent(ScriptedPolicy(answer), household_space())


def _records(suite: Any, player: Any, tasks: list[Task]) -> list[Record]:
    store = MemoryStore()
    run_trials([Trial(t) for t in tasks], [player], None, store)
    return [store.records[task.id, 0] for task in tasks]


def _manifest(**config: Any) -> dict[str, Any]:
    whole = {"complete_split": True, "split": "valid_unseen", "matching": "substring"}
    return {"config": {**whole, "body": "bundled simulator", "standing": "", **config}}


def test_a_record_holds_what_score_and_leaderboard_need(alfred_folder: Path) -> None:
    suite = AlfredSuite(Setting(data=alfred_folder), missing_ok=True)
    tasks = list(suite.tasks()[:3])
    records = _records(suite, AlfredPlayer(EpisodePlayer(suite, _expert), suite), tasks)
    for task, record in zip(tasks, records, strict=True):
        again = Record.from_json(json.loads(json.dumps(record.to_json())))
        result = result_of(again)
        assert result.success
        assert result.steps == len(again.data["actions"]) > 5
        assert (result.trial, result.repeat_idx) == tuple(
            f(x) for f, x in zip((str, int), task.id.split("/")[1:], strict=True)
        )


def test_a_replay_of_every_plan_scores_100(alfred_folder: Path) -> None:
    suite = AlfredSuite(Setting(data=alfred_folder), missing_ok=True)
    tasks = list({task.id.split("/")[1]: task for task in suite.tasks()}.values())
    player = ReplayPlayer(Worlds(Setting(data=alfred_folder)), suite, suite.trajectories())
    records = _records(suite, player, tasks)
    assert len(records) == 26
    figures = {(f.group, f.name): f for f in alfred_figures(_manifest(), records)}
    for name in ("SR", "GC", "PLWSR", "PLWGC"):
        assert figures["all", name].percent == 100
    assert len({group for group, _ in figures}) == 8
    assert figures["all", "SR"].low is not None


def test_a_replay_of_sub_goals_is_done_with_the_plans_length(alfred_folder: Path) -> None:
    kinds = ["HeatObject", "GotoLocation", "ToggleObject"]
    suite = SubgoalSuite(Setting(data=alfred_folder), kinds=kinds, missing_ok=True)
    firsts = {task.id.split("/")[0]: task for task in reversed(suite.tasks())}
    player = ReplayPlayer(Worlds(Setting(data=alfred_folder)), suite, suite.trajectories())
    records = _records(suite, player, list(firsts.values()))
    figures = {(f.group, f.name): f for f in subgoal_figures(_manifest(), records)}
    for kind in kinds:
        assert (figures[kind, "SR"].percent, figures[kind, "PLW SR"].percent) == (100, 100)


def _record(trial: str, met: int, total: int, steps: int, expert: int) -> Record:
    metrics = {"goal_conditions_met": met, "goal_conditions": total, "low_level_steps": steps}
    data = {"trial": trial, "kind": "k", "repeat_idx": 0, "instruction": "", "expert_steps": expert}
    return Record(
        trial, 0, 0, met == total, "", metrics={k: float(v) for k, v in metrics.items()}, data=data
    )


def test_figures_follow_the_published_formulas() -> None:
    # The numbers of test_score: SR 1/2, GC 2/4, PLWSR 0.5*20/80, PLWGC (0.5*20 + 60/3)/80.
    records = [_record("a", 1, 1, 40, 20), _record("b", 1, 3, 60, 60)]
    figures = {f.name: f.percent for f in alfred_figures(_manifest(), records) if f.group == "all"}
    assert figures == {"SR": 50, "GC": 50, "PLWSR": 12.5, "PLWGC": 37.5}


def test_an_episode_without_a_step_counts() -> None:
    records = [_record("a", 0, 1, 0, 20), _record("b", 1, 1, 20, 20)]
    figures = {f.name: f for f in alfred_figures(_manifest(), records) if f.group == "all"}
    assert (figures["SR"].percent, figures["SR"].n) == (50, 2)


@pytest.mark.parametrize(
    ("config", "row"),
    [
        ({"body": "ai2thor 2.1.0"}, "alfred_sr"),
        ({"body": "ai2thor 5.0.0"}, None),
        ({"body": "bundled simulator"}, None),
        ({"body": "ai2thor 2.1.0", "complete_split": False}, None),
        ({"body": "ai2thor 2.1.0", "split": "valid_seen"}, None),
        ({"body": "ai2thor 2.1.0", "matching": "type"}, None),
    ],
)
def test_only_the_official_run_stands_beside_published_figures(
    config: dict[str, Any], row: str | None
) -> None:
    first, *_ = alfred_figures(_manifest(**config), [_record("a", 1, 1, 40, 20)])
    assert first.row == row


def test_the_test_splits_records_make_the_leaderboards_file_and_no_figure(
    tested: Path, tmp_path: Path
) -> None:
    suite = AlfredSuite(Setting(data=tested), "tests_unseen")
    (task,) = suite.tasks()
    dialect, space = get_dialect("star"), household_space()
    said = [dialect.render(space.to_call(a), "") for a in (GotoLocation("Bed"), Done())]
    agent = Agent(ScriptedPolicy(said), space)
    player = AlfredPlayer(EpisodePlayer(suite, lambda world, trial: agent), suite)
    (record,) = _records(suite, player, [task])
    assert alfred_figures(_manifest(), [record]) == []
    path = tmp_path / "leaderboard.json"
    write_leaderboard(path, [(record.data["split"], record.data["trial"], record.data["actions"])])
    form = json.loads(path.read_text())
    assert form["tests_seen"] == []
    (entry,) = form["tests_unseen"]
    assert {command["action"] for command in entry[record.data["trial"]]} <= {
        "MoveAhead",
        "RotateLeft",
        "RotateRight",
        "LookUp",
        "LookDown",
    }
    assert record.data["actions"]
