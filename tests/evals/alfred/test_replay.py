import json
from pathlib import Path

import pytest

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.actions.household import Done
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.env import Household
from qvl_agent.envs.household.failures import Failure
from qvl_agent.envs.household.goals import progress
from qvl_agent.envs.household.session import Session
from qvl_agent.evals.alfred.data import Trajectory
from qvl_agent.evals.alfred.leaderboard import leaderboard_form
from qvl_agent.evals.alfred.replay import key_step, replay
from qvl_agent.evals.alfred.score import score


@pytest.fixture(scope="module")
def session(alfred_folder: Path) -> Session:
    return Session(BundledBody(alfred_folder))


@pytest.fixture(scope="module")
def planned(trajectories: list[Trajectory]) -> list[Trajectory]:
    return [t for t in trajectories if t.has_plan]


def test_every_plan_ends_with_all_conditions_met(
    session: Session, planned: list[Trajectory]
) -> None:
    results = []
    for trajectory in planned:
        results.append(replay(session, trajectory))
        assert session.num_failures == 0, trajectory.path
    scores = score(results)
    assert (scores.success_rate, scores.goal_condition_success) == (1.0, 1.0)
    assert scores.plw_success_rate == 1.0


def test_no_task_is_done_from_the_start(session: Session, planned: list[Trajectory]) -> None:
    for trajectory in planned:
        assert not replay(session, trajectory, ()).success, trajectory.path


def test_no_plan_succeeds_without_its_key_action(
    session: Session, planned: list[Trajectory]
) -> None:
    for trajectory in planned:
        k = key_step(trajectory)
        without = [*trajectory.low[:k], *trajectory.low[k + 1 :]]
        assert not replay(session, trajectory, without).success, trajectory.path


def test_a_plan_cut_before_its_key_action_does_not_succeed(
    session: Session, planned: list[Trajectory]
) -> None:
    for trajectory in planned:
        assert not replay(session, trajectory, trajectory.low[: key_step(trajectory)]).success


def test_a_trajectory_without_a_plan_is_told(
    session: Session, trajectories: list[Trajectory]
) -> None:
    (tested,) = (t for t in trajectories if not t.has_plan)
    with pytest.raises(DataError, match="has no plan"):
        replay(session, tested)


def test_a_scene_without_facts_is_told(session: Session, planned: list[Trajectory]) -> None:
    scene = {**planned[0].scene, "floor_plan": "FloorPlan999"}
    with pytest.raises(DataError, match="FloorPlan999"):
        session.restore(scene)


def test_the_expert_does_every_recorded_task(
    alfred_folder: Path, planned: list[Trajectory]
) -> None:
    world = Household(data=alfred_folder)
    for trajectory in planned:
        options = {"scene": trajectory.scene, "goal": trajectory.goal, "instruction": "do it"}
        world.reset(options=options)
        for _ in range(40):
            decision = world.expert()
            _, reward, ended, cut, _ = world.step(decision.action)
            if ended or cut:
                break
        assert isinstance(decision.action, Done), trajectory.path
        assert reward == 1.0, trajectory.path
    world.close()


def test_the_leaderboards_form_holds_what_was_sent(
    session: Session, planned: list[Trajectory]
) -> None:
    replay(session, planned[0])
    task = planned[0].task_id
    form = leaderboard_form([("tests_unseen", task, session.log), ("tests_unseen", task, [])])
    assert form["tests_seen"] == []
    sent = [dict(step.command) for step in planned[0].low]
    assert form["tests_unseen"] == [{task: sent}, {task: []}], "an entry per annotation"
    with pytest.raises(UsageError, match="valid_unseen"):
        leaderboard_form([("valid_unseen", task, [])])


def test_a_session_counts_failures_and_goes_on(session: Session, planned: list[Trajectory]) -> None:
    session.restore(planned[0].scene)
    before = progress(planned[0].goal, session.now.metadata)  # type: ignore[arg-type]
    result = session.low({"action": "PickupObject", "objectId": "Nothing|+00.00|+00.00|+00.00"})
    assert not result.ok
    assert not isinstance(result, Failure)
    assert (session.num_steps, session.num_failures) == (1, 1)
    assert progress(planned[0].goal, session.now.metadata) == before  # type: ignore[arg-type]


def test_every_receptacle_is_in_view_from_its_published_best_pose(
    alfred_folder: Path, session: Session
) -> None:
    seen = 0
    for path in sorted((alfred_folder / "layouts").glob("*-openable.json")):
        session.body.reset(path.name.split("-")[0])
        for key, (x, z, rotation, horizon) in json.loads(path.read_text()).items():
            pose = {"x": x, "y": 0.9, "z": z, "rotation": rotation, "horizon": horizon}
            shown = session.body.act({"action": "TeleportFull", **pose, "forceAction": True})
            assert shown.objects[key]["visible"], (path.name, key)
            seen += 1
    assert seen > 50


def test_what_is_put_from_a_best_pose_can_be_picked_up_again(
    alfred_folder: Path, session: Session, planned: list[Trajectory]
) -> None:
    lost = tried = 0
    for path in sorted((alfred_folder / "layouts").glob("*-openable.json")):
        name = path.name.split("-")[0]
        for key, (x, z, rotation, horizon) in json.loads(path.read_text()).items():
            now = session.body.reset(name)
            small = next(
                o
                for o in now.metadata["objects"]
                if o["pickupable"] and o["objectType"] in ("Apple", "CreditCard", "SoapBar")
            )["objectId"]
            session.body.act({"action": "PickupObject", "objectId": small, "forceAction": True})
            pose = {"x": x, "y": 0.9, "z": z, "rotation": rotation, "horizon": horizon}
            session.body.act({"action": "TeleportFull", **pose, "forceAction": True})
            session.body.act({"action": "OpenObject", "objectId": key})
            put = {"action": "PutObject", "objectId": small, "receptacleObjectId": key}
            assert session.body.act(put).ok, key
            lost += not session.body.act({"action": "PickupObject", "objectId": small}).ok
            tried += 1
    # A shelf at eye level and two drawers seen from the side: boxes are not where THOR's are.
    assert tried > 50
    assert lost <= 3
