"""The agent on a phone that adb reaches: `python examples/phone_over_adb.py SERIAL "find pizza"`.

SERIAL is as `adb devices` shows it; with no phone at hand, `qvl-agent phone serve --port 5555` in
another window and 127.0.0.1:5555 here. `--model FOLDER|HUB_ID|nano` decides what to do; without one
a script opens Maps and ends, which shows that the line works.
"""

import argparse

from qvl_agent.agent import Acted, Agent, AskFunctions, AskGuard, Ended
from qvl_agent.envs import make
from qvl_agent.model import Policy, ScriptedPolicy

SCRIPT = [
    "Home first.\n*FUNCTION*: Home\n*ARGS*: {}",
    'Maps.\n*FUNCTION*: OpenApp\n*ARGS*: {"name": "Maps"}',
    "That is all.\n*FUNCTION*: Done\n*ARGS*: {}",
]


def policy_of(model: str | None) -> Policy:
    """Return what decides; torch is loaded for a model only."""
    if model is None:
        return ScriptedPolicy(SCRIPT)
    from qvl_agent.model import Qwen2VLPolicy
    from qvl_agent.model.nano import nano_path

    return Qwen2VLPolicy.load(nano_path() if model == "nano" else model)


def main() -> None:
    """Do a task on the phone, and ask before anything is typed into it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("serial")
    parser.add_argument("task", nargs="?", default="open the map")
    parser.add_argument("--model")
    asked = parser.parse_args()
    world = make("android", device=asked.serial)
    guard = AskGuard(
        lambda action, *_: input(f"{action}? [y/N] ") == "y",
        AskFunctions(world.action_space, ["Type"]),
    )
    agent = Agent(policy_of(asked.model), world.action_space, guard=guard, trace="runs")
    for event in agent.stream(world, asked.task):
        match event:
            case Acted(step=step, choice=choice):
                print(f"{step}: {choice.thought} -> {choice.action}")
            case Ended(episode):
                print(f"{episode.task}: over after {episode.steps} steps; see {episode.trace}")
    world.close()


if __name__ == "__main__":
    main()
