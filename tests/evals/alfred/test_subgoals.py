from pathlib import Path

from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.session import Session
from qvl_agent.evals.alfred.data import Trajectory
from qvl_agent.evals.alfred.subgoals import SUBGOALS, subgoal_done, subgoal_weight


def test_every_sub_goal_of_every_plan_gets_done_by_its_own_actions(
    alfred_folder: Path, trajectories: list[Trajectory]
) -> None:
    session = Session(BundledBody(alfred_folder))
    seen = set()
    for trajectory in trajectories:
        if not trajectory.has_plan:
            continue
        session.restore(trajectory.scene)
        points = session.body.act({"action": "GetReachablePositions"}).metadata["actionReturn"]
        cells = frozenset((round(p["x"] / 0.25), round(p["z"] / 0.25)) for p in points)
        positions = {step.index: k for k, step in enumerate(trajectory.high)}
        done: set[int] = set()
        for low in trajectory.low:
            session.low(low.command)
            k = positions[low.high_index]
            if subgoal_done(trajectory.high, k, session.now.metadata, session.treated, cells):
                done.add(k)
        expected = {positions[low.high_index] for low in trajectory.low}
        if trajectory.goal is not None and trajectory.goal.object_sliced:
            # The published rule looks for the whole lettuce among what was cleaned.
            expected -= {k for k in expected if trajectory.high[k].action == "CleanObject"}
        assert done == expected, (trajectory.path, expected ^ done)
        seen |= {trajectory.high[k].action for k in done}
    assert seen == set(SUBGOALS)


def test_the_weight_of_a_sub_goal_follows_the_formula() -> None:
    assert subgoal_weight(True, 8, 4) == 0.5
    assert subgoal_weight(False, 8, 4) == 0.0
    assert subgoal_weight(True, 2, 4) == 1.0
