from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.session import drive
from qvl_agent.envs.vln.env import NavigationEnv
from qvl_agent.evals.harness import EpisodePlayer, Trial
from qvl_agent.evals.vln.strolls import Stroll
from qvl_agent.evals.vln.suite import NavigationSuite, WalkPlayer, result_of
from qvl_agent.model.scripted import ScriptedPolicy


@pytest.fixture(scope="module")
def suite() -> NavigationSuite:
    return NavigationSuite("reverie", buildings=1, routes=2, blind=True)


def walked(suite: NavigationSuite, number: int, world: NavigationEnv) -> Any:
    """Return the record of a task that the expert of `world` plays, through the harness."""
    task = suite.tasks()[number]

    def answer(_: object) -> str:
        call = world.action_space.to_call(world.expert().action)
        return f"*FUNCTION*: {call.function}\n*ARGS*: {dict(call.args)}".replace("'", '"')

    class Held:
        name = summary = ""
        tasks = suite.tasks

        def make(self, task: object) -> NavigationEnv:
            return world

    agent = Agent(ScriptedPolicy(answer), world.action_space, limits=suite.limits)
    player = WalkPlayer(EpisodePlayer(Held(), lambda *_: agent))
    try:
        return drive(player.play(Trial(task)), lambda item: _answered(agent, item))
    finally:
        player.close()


def _answered(agent: Agent, item: Any) -> Any:
    return agent.policy.generate(item.prompt, item.decoding) if hasattr(item, "prompt") else None


def test_a_record_keeps_the_walk_as_the_world_tells_it(suite: NavigationSuite) -> None:
    world = suite.make(suite.tasks()[0])
    record = walked(suite, 0, world)
    result = result_of(record)
    assert [(p.viewpoint, p.heading, p.elevation) for p in result.trajectory] == world.trajectory
    assert result.instr_id == world.instr_id
    assert result.target == str(world.chosen)
    assert record.success


def test_the_worlds_metrics_are_the_scorers(suite: NavigationSuite) -> None:
    record = walked(suite, 1, suite.make(suite.tasks()[1]))
    [score] = suite.report([record]).scores
    for key, value in record.metrics.items():
        if hasattr(score, key):
            assert getattr(score, key) == pytest.approx(value), key


def test_a_stroll_depends_on_seed_and_instruction_alone() -> None:
    suite = NavigationSuite("r2r", buildings=1, routes=3, blind=True)
    walks = []
    for order in ((0, 1, 2), (2, 1, 0)):
        found = {}
        for number in order:
            world = suite.make(suite.tasks()[number])
            world.reset(options=suite.tasks()[number].options)
            stroll, done = Stroll(world, 4), False
            while not done:
                *_, terminated, truncated, _ = world.step(stroll())
                done = terminated or truncated
            found[number] = world.trajectory
            assert 2 <= len(world.trajectory) <= 5
        walks.append([found[number] for number in range(3)])
    assert walks[0] == walks[1]


def test_short_routes_are_generated_ones_of_r2r(tmp_path: Path) -> None:
    for benchmark, data in (("reverie", None), ("r2r", tmp_path)):
        with pytest.raises(UsageError, match="without --data"):
            NavigationSuite(benchmark, data, short=True)  # type: ignore[arg-type]


def test_seeds_give_other_routes_of_the_same_buildings() -> None:
    first, other = (NavigationSuite("r2r", buildings=2, routes=2, seed=k) for k in (0, 1))
    ids = [[task.options["episode"] for task in suite.tasks()] for suite in (first, other)]
    assert ids == [["0_0_0", "1_0_0", "0_1_0", "1_1_0"],
                   ["0_10000_0", "1_10000_0", "0_10001_0", "1_10001_0"]]  # fmt: skip
