"""Replays the dataset's own plans on a body, and scores them. Knows no policy.

Ids of a plan name objects by where they stood, which restored scenes keep; so a plan's own
commands can be sent as they are. Masks of the dataset belong to Unity's pictures and are not used.
"""

from collections.abc import Sequence

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.household.goals import progress
from qvl_agent.envs.household.session import Session
from qvl_agent.evals.alfred.data import LowStep, Trajectory
from qvl_agent.evals.alfred.score import EpisodeResult

__all__ = ["key_step", "replay"]

_PLACES = frozenset({"PutObject", "ToggleObjectOn"})


def replay(
    session: Session, trajectory: Trajectory, steps: Sequence[LowStep] | None = None
) -> EpisodeResult:
    """Restore a trajectory's scene, send a plan's commands, and score the final state.

    Args:
        session: On a body that knows the scene.
        trajectory: With a plan and a goal.
        steps: Other steps than the plan's, as of a cut plan. Failed ones are counted, not fatal.

    Raises:
        DataError: If the trajectory has no plan, as those of the test splits.
    """
    if trajectory.goal is None or not trajectory.has_plan:
        raise DataError(f"{trajectory.task_id} has no plan: it is of a test split")
    session.restore(trajectory.scene)
    for step in trajectory.low if steps is None else steps:
        session.low(step.command)
    return EpisodeResult(
        trial=trajectory.task_id,
        task_type=trajectory.goal.task_type,
        repeat_idx=0,
        instruction=trajectory.annotations[0].goal,
        progress=progress(trajectory.goal, session.now.metadata, session.treated),
        steps=session.num_steps,
        expert_steps=len(trajectory.low),
    )


def key_step(trajectory: Trajectory) -> int:
    """Return the index of the step without which a plan cannot succeed.

    That is the last put or switch, or the fetching of the knife where the plan ends by slicing:
    of two apples one slicing alone meets "two slices".
    """
    low = trajectory.low
    if low[-1].action == "SliceObject":
        return next(
            k
            for k, step in enumerate(low)
            if step.action == "PickupObject" and "Knife" in step.command["objectId"]
        )
    return max(k for k, step in enumerate(low) if step.action in _PLACES)
