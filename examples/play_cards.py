"""Play the four card games and watch every step: `python examples/play_cards.py [MODEL]`.

MODEL is `nano`, a checkpoint folder or a hub id; without one, the games' experts say what to do.
"""

import sys
from pathlib import Path

from qvl_agent.agent import Acted, Agent, Ended, ParseFailed, export_page
from qvl_agent.envs import World, make
from qvl_agent.model import Policy, ScriptedPolicy

GAMES = ("numberline", "ezpoints", "blackjack", "points24")


def checkpoint(name: str) -> Policy:
    """Return the policy of a checkpoint; torch is loaded here and not before."""
    from qvl_agent.model import Qwen2VLPolicy
    from qvl_agent.model.nano import nano_path

    return Qwen2VLPolicy.load(nano_path() if name == "nano" else name)


def expert(world: World) -> Policy:
    """Return a policy that writes down what the game's expert would do."""
    from qvl_agent.actions.dialects import get_dialect

    def answer(_: object) -> str:
        decision = world.expert()
        call = world.action_space.to_call(decision.action)
        return get_dialect("star").render(call, decision.thought)

    return ScriptedPolicy(answer, name="expert")


def play(name: str, model: Policy | None, traces: Path) -> None:
    """Play one game and print its steps."""
    world = make(name)
    agent = Agent(model or expert(world), world.action_space, trace=traces)
    for event in agent.stream(world, seed=7):
        match event:
            case Acted(step=step, choice=choice, reward=reward):
                print(f"{name} {step}: {choice.thought!r} -> {choice.action} ({reward:+g})")
            case ParseFailed(message=message):
                print(f"{name}: {message}")
            case Ended(episode):
                print(f"{name}: {episode.reason} after {episode.steps} steps")
                if episode.trace is not None:
                    export_page(episode.trace, traces / f"{name}.html")


if __name__ == "__main__":
    model = checkpoint(sys.argv[1]) if len(sys.argv) > 1 else None
    for game in GAMES:
        play(game, model, Path("runs"))
    print("One page per game: runs/*.html")
