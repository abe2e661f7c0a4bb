"""Let a policy write a file in a terminal on a virtual screen: `python examples/drive_desktop.py`.

The policy is a script, so this runs without a model; the screen, the mouse and the keyboard are
real, and whether it worked is looked up in the file. Needs Xvfb, xterm and xclip.
"""

import shlex
import tempfile
from pathlib import Path

from qvl_agent.actions.desktop import Click, Done, Type, Wait
from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.types import Point
from qvl_agent.agent import Acted, Agent, Ended
from qvl_agent.envs.desktop import DesktopEnv
from qvl_agent.model import ScriptedPolicy

TEXT = "Grüße, 你好, 🍕"


def main(file: Path) -> None:
    """Write the text into the file, by way of the screen."""
    world = DesktopEnv(
        virtual="800x600",
        start=[["xterm", "-geometry", "100x30+0+0", "-e", "sh"]],
        task=f"write {TEXT!r} into {file.name}",
        check=lambda: file.exists() and file.read_text(encoding="utf-8") == TEXT + "\n",
    )
    typed = f"echo {shlex.quote(TEXT)} > {shlex.quote(str(file))}\n"
    actions = (Click(Point(0.3, 0.3)), Type(typed), Wait(2.0), Done())
    space, star = world.action_space, get_dialect("star")
    policy = ScriptedPolicy([star.render(space.to_call(action)) for action in actions])
    try:
        for event in Agent(policy, space).stream(world):
            match event:
                case Acted(step=step, choice=choice, error=error):
                    print(f"{step}: {choice.action} {error}")
                case Ended(episode):
                    print(f"{episode.task}: {episode.reason}")
    finally:
        world.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(folder) / "greeting.txt")
