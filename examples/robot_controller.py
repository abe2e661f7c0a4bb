"""The agent in the 20 Hz controller of an arm: `python examples/robot_controller.py --seconds 60`.

The policy thinks in a process of its own, 0.1 to 3 s a thought, and the loop never waits for it.
It looks for a red ball; `--model nano|FOLDER|HUB_ID` puts a model in its place. This process
imports no torch. The simulator: `pip install 'qvl-agent[robot]'`.
"""

import argparse
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from robot_arm import HZ, Arm

from qvl_agent.actions import Action, ActionSpace, Function, Point
from qvl_agent.agent import Agent, Limits
from qvl_agent.agent.realtime import Act, Hold, Note, ProcessWorker, RealtimeAgent, Stop, Timing
from qvl_agent.envs import Observation
from qvl_agent.model import Policy, Prompt, ScriptedPolicy

TIMING = Timing(observation_s=0.25, action_s=2.0, dead_man_s=4.0, heartbeat_s=2.0)
INSPECTION_S = 2.0


@dataclass(frozen=True, slots=True)
class Reach(Action):
    """Move the fingertip to a place on the picture."""

    point: Annotated[Point, "Where"]


SPACE = ActionSpace("arm", [Function.of(Reach)])


def make_agent(model: str | None, seed: int) -> Agent:
    """Make the agent; called in its own process, the only one that may load torch."""
    policy: Policy
    if model is None:
        policy = ScriptedPolicy(partial(find_ball, random.Random(seed)), name="finds the ball")
    else:
        from qvl_agent.model import Qwen2VLPolicy
        from qvl_agent.model.nano import nano_path

        policy = Qwen2VLPolicy.load(nano_path() if model == "nano" else model)
    return Agent(policy, SPACE, limits=Limits(steps=10_000, errors=50), constrained=True)


def find_ball(latency: random.Random, prompt: Prompt) -> str:
    """Look for the red ball in the newest picture, as slowly as a model would."""
    time.sleep(latency.uniform(0.1, 3.0))
    red, green, blue = np.moveaxis(prompt.pictures[-1].pixels.astype(int), 2, 0)
    rows, columns = np.nonzero((red > 2 * green) & (red > 2 * blue))
    if not rows.size:
        return 'The arm hides it.\n*FUNCTION*: Reach\n*ARGS*: {"point": [500, 200]}'
    x, y = (round(1000 * (mean + 0.5) / 224) for mean in (columns.mean(), rows.mean()))
    return f'There it is.\n*FUNCTION*: Reach\n*ARGS*: {{"point": [{x}, {y}]}}'


def show(start: float, note: Note) -> None:
    """Print a line of the log, but for the observations, which come 20 times a second."""
    if note.kind not in ("asked", "replaced", "ignored"):
        print(f"{note.at_s - start:6.2f} s  #{note.sequence:<5} {note.kind:<9} {note.detail}")


def control(agent: RealtimeAgent, arm: Arm, seconds: float) -> str:
    """Run the loop; return what came of it, by the loop's own books."""
    ticks = {Act: 0, Hold: 0, Stop: 0}
    taken: dict[int, float] = {}
    late, stale, oldest, stopped = 0, 0, 0.0, 0.0
    due = time.monotonic()
    for _ in range(round(seconds * HZ)):
        now = time.monotonic()
        taken[agent.submit(Observation(arm.look()), taken_at=now)] = now
        now = time.monotonic()
        directive = agent.poll()
        ticks[type(directive)] += 1
        match directive:
            case Act(Reach(point), sequence):
                age = now - taken[sequence]
                oldest, stale = max(oldest, age), stale + (age > TIMING.action_s)
                arm.reach(point)
            case Hold():
                arm.hold()
            case Stop():
                arm.brake()
                stopped = stopped or now
                if directive.error is not None:
                    break
                if now - stopped > INSPECTION_S:  # a person has looked, and lets it go on
                    agent.rearm()
                    stopped = 0.0
        arm.move()
        due, now = due + 1 / HZ, time.monotonic()
        late, due = late + (now > due), max(due, now)
        time.sleep(due - now)
    n = agent.counts
    return f"""
ticks at {HZ} Hz: {sum(ticks.values())}, of which {late} took longer than they may
acted in {ticks[Act]}, held in {ticks[Hold]}, stopped in {ticks[Stop]}
thoughts: {n["asked"]}; actions handed over: {n["fresh"]}, too late: {n["stale"]}, void: {n["void"]}
stops: {n["stop"]}, of which rearmed {n["rearmed"]}
ball touched: {arm.touches}
stale actions executed: {stale} (oldest {oldest:.2f} s, limit {TIMING.action_s:g} s)"""


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--model", help="nano, a checkpoint folder or a hub id")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    worker = ProcessWorker(partial(make_agent, asked.model, asked.seed), SPACE)
    arm = Arm(asked.seed)
    watch = partial(show, time.monotonic())
    with suppress(KeyboardInterrupt), RealtimeAgent(worker, timing=TIMING, watch=watch) as agent:
        agent.begin("Touch the red ball with the green fingertip.")
        while agent.poll() == Hold("starting"):
            time.sleep(1 / HZ)
        print(control(agent, arm, asked.seconds))
    arm.close()


if __name__ == "__main__":
    main()
