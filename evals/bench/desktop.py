"""What a desktop costs per step, beside what its programs take: capture, and all of a step.

Measured on a virtual screen of its own, without any waiting for the screen to come to rest.
"""

import statistics
import time
from collections.abc import Callable
from random import Random

from qvl_agent.actions.desktop import Click
from qvl_agent.actions.types import Point
from qvl_agent.envs.desktop import Box, DesktopEnv
from qvl_agent.envs.screen import Settling
from qvl_agent.evals.bench.scorecard import Figure, Row

__all__ = ["measure_desktop"]

_CAPTURE_MS, _STEP_MS = 10.0, 30.0
_NO_WAITING = Settling(interval_s=1.0, cap_s=0.0, margin=0.0)


def measure_desktop(size: str = "1280x800", repeats: int = 100) -> list[Row]:
    """Return the rows of a desktop, in milliseconds of wall time and of this process's CPU.

    Raises:
        DeviceError: If there is no Xvfb.
    """
    world = DesktopEnv(virtual=size, task="measure", settling=_NO_WAITING)
    try:
        world.reset()
        (box, *_), rng = world.desktop.screens(), Random(0)
        exact = world.desktop.screenshot(box).shape == (box.height, box.width, 3)
        return [
            _row("D1", f"a picture of {size} as an array", exact, _CAPTURE_MS, repeats,
                 lambda: world.desktop.screenshot(box)),
            _row("D2", f"a click at {size}, with all that a step does but wait",
                 _lands(world, box), _STEP_MS, repeats,
                 lambda: world.step(Click(Point(rng.random(), rng.random())))),
        ]  # fmt: skip
    finally:
        world.close()


def _lands(world: DesktopEnv, box: Box) -> bool:
    """Return whether the pointer comes to where it was sent."""
    world.step(Click(Point(0.25, 0.75)))
    return world.desktop.pointer() == (box.x + box.width // 4, box.y + 3 * box.height // 4)


def _row(
    name: str, scenario: str, exact: bool, goal_ms: float, repeats: int, work: Callable[[], object]
) -> Row:
    work()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(1e3 * (time.perf_counter() - wall))
        cpus.append(1e3 * (time.process_time() - cpu))
    wall_ms, cpu_ms = statistics.median(walls), statistics.median(cpus)
    return Row(
        name,
        scenario,
        "none",
        exact,
        (
            Figure("median ms", wall_ms, goal_ms, at_most=True),
            Figure("fastest ms", min(walls)),
            Figure("of which CPU of this process", cpu_ms),
        ),
        {"repeats": repeats, "slowest_ms": max(walls)},
    )
