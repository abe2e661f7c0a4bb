"""The agent on a phone behind adb: here the bundled one, served over the real protocol.

With a real phone there is no server, and `AdbDevice()` takes the only one attached, or
`AdbDevice("SERIAL")` one of several. The world's expert stands in for a model: any `Policy` fits.
"""

import subprocess

from adbutils._utils import adb_path

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.agent import Acted, Agent, Ended, Limits
from qvl_agent.envs.android import AdbDevice, AdbServer, AndroidEnv
from qvl_agent.envs.android.phone import make_phone
from qvl_agent.model import ScriptedPolicy

PHONE, _ = make_phone(3)


def main() -> None:
    """Find pizza, with a connection that is lost on the way."""
    with AdbServer(PHONE) as server:
        world = AndroidEnv(AdbDevice(server.address, phone=PHONE))

        def decide(_: object) -> str:
            decision = world.expert()
            call = world.action_space.to_call(decision.action)
            return get_dialect("star").render(call, decision.thought)

        agent = Agent(ScriptedPolicy(decide), world.action_space, limits=Limits(steps=30))
        for event in agent.stream(world, "find pizza", seed=3):
            match event:
                case Acted(step=step, choice=choice, info=info):
                    print(f"{step}: {choice.thought} -> {choice.action}")
                    for happened in info["events"]:
                        print(f"   {happened['kind']}: {happened['detail']}")
                    if step == 1:
                        server.faults.inject("drop")
                case Ended(episode):
                    print(f"find pizza: {episode.reason} after {episode.steps} steps")
        world.close()


def adb(*words: str) -> bytes:
    """Run adb and return what it says of itself."""
    return subprocess.run([adb_path(), *words], check=True, capture_output=True).stderr


if __name__ == "__main__":
    started = b"started successfully" in adb("start-server")
    try:
        main()
    finally:
        if started:  # leave adb as it was found
            adb("kill-server")
