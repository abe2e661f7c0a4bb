"""How fast a household goes through ai2thor's Controller: `python -m qvl_agent.evals.alfred.pace`.

Wall time says what a user gets; CPU time of both processes says what it costs on a machine that
is busy with other things.
"""

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

from qvl_agent.envs.household.bodies import make_body
from qvl_agent.envs.household.thor import ThorBody
from qvl_agent.envs.household.thor2 import Thor2Body

__all__ = ["Pace", "measure_pace"]

_ROUND = ("RotateLeft", "MoveAhead", "RotateRight", "RotateRight", "MoveAhead", "RotateLeft")
"""Leads back to where it began, if nothing is in the way."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What steps with RGB, depth and instances at 300x300 take.

    Attributes:
        steps: How many.
        seconds: Wall time.
        controller_cpu: Seconds of this process.
        simulator_cpu: Seconds of the simulator's process.
    """

    steps: int
    seconds: float
    controller_cpu: float
    simulator_cpu: float

    def __str__(self) -> str:
        cpu = self.controller_cpu + self.simulator_cpu
        return (
            f"{self.steps / self.seconds:.0f} steps a second of wall time; a step takes "
            f"{1e3 * self.controller_cpu / self.steps:.2f} ms of CPU time in the Controller and "
            f"{1e3 * self.simulator_cpu / self.steps:.2f} ms in the simulator, which is "
            f"{self.steps / cpu:.0f} steps a second; load {os.getloadavg()[0]:.1f}"
        )


def measure_pace(steps: int = 600, scene: str = "Kitchen5") -> Pace:
    """Return the pace of the bundled simulator behind the Controller that is installed.

    Raises:
        MissingDependency: If ai2thor is not installed.
    """
    body = make_body("controller")
    assert isinstance(body, ThorBody | Thor2Body)
    try:
        body.reset(scene)
        assert body.pid is not None
        for k in range(30):
            body.act({"action": _ROUND[k % len(_ROUND)], "forceAction": True})
        wall, own, other = time.perf_counter(), time.process_time(), _cpu(body.pid)
        for k in range(steps):
            body.act({"action": _ROUND[k % len(_ROUND)], "forceAction": True})
        return Pace(
            steps,
            time.perf_counter() - wall,
            time.process_time() - own,
            _cpu(body.pid) - other,
        )
    finally:
        body.close()


def _cpu(pid: int) -> float:
    """Return the seconds of CPU time that a process took so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=600)
    print(measure_pace(parser.parse_args().steps))
