import pytest

from qvl_agent.agent.events import Episode
from qvl_agent.agent.limits import EndReason
from qvl_agent.evals.harness.episodes import Sighted


@pytest.mark.parametrize(
    ("reason", "failure"),
    [
        ("no_progress", "no progress"),
        ("too_many_errors", "wrong call"),
        ("stopped_by_guard", "stopped early"),
        ("step_limit", "limit"),
        ("failure", "off target"),
    ],
)
def test_how_an_episode_ended_says_how_it_failed(reason: EndReason, failure: str) -> None:
    episode = Episode(
        task="x",
        reason=reason,
        detail="",
        outcome=None,
        steps=1,
        turns=1,
        reward=0.0,
        tokens=0,
        seconds=1.0,
        trace=None,
    )
    assert Sighted().failure(episode) == failure
