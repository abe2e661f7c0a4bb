"""The robot of robot_controller.py: MuJoCo's two-joint Reacher, seen by a camera from above.

What a robot's own side has to do is done here: it takes no goal outside its workspace, turns a goal
into torques, holds, and brakes. It knows no agent and no policy.
"""

import math
import os
import sys
from typing import Any, TypeAlias

import gymnasium
import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions import Point
from qvl_agent.envs.base import Image

HZ = 20
Angles: TypeAlias = NDArray[np.float64]

_LINKS_M = (0.1, 0.11)
_TOUCH_M = 0.02
_CAMERA_M = 0.6
_HALF_M = _CAMERA_M * math.tan(math.radians(45 / 2))  # MuJoCo's field of view is 45 degrees
_CAMERA = {
    "type": 0,
    "trackbodyid": -1,
    "lookat": np.zeros(3),
    "distance": _CAMERA_M,
    "elevation": -90.0,
    "azimuth": 90.0,
}


class Arm:
    """A planar arm and a red ball, which goes elsewhere when the fingertip touches it.

    Args:
        seed: Of the ball's places.

    Attributes:
        touches: How often the ball was touched.
    """

    def __init__(self, seed: int = 0) -> None:
        if sys.platform == "linux" and "DISPLAY" not in os.environ:
            os.environ.setdefault("MUJOCO_GL", "egl")
        self._env = gymnasium.make(
            "Reacher-v5",
            render_mode="rgb_array",
            width=224,
            height=224,
            max_episode_steps=-1,
            frame_skip=5,  # of 10 ms: one step is one tick
            default_camera_config=_CAMERA,
        )
        self._env.reset(seed=seed)
        self._world: Any = self._env.unwrapped
        self._rng = np.random.default_rng(seed)
        self._goal: Angles | None = None
        self._holding = False
        self.touches = 0
        self._move_ball()
        self.look()  # the first picture takes a second or two

    def look(self) -> Image:
        """Return the camera's picture, uint8 (224, 224, 3)."""
        return np.ascontiguousarray(self._env.render())

    def reach(self, point: Point) -> None:
        """Make a place on the picture the fingertip's goal; the nearest one within reach."""
        x, y = (2 * point.x - 1) * _HALF_M, (1 - 2 * point.y) * _HALF_M
        one, two = _LINKS_M
        far = min(max(math.hypot(x, y), two - one + 0.01), one + two - 0.001)
        bend = math.acos((far**2 - one**2 - two**2) / (2 * one * two))
        base = math.atan2(y, x) - math.atan2(two * math.sin(bend), one + two * math.cos(bend))
        turned = self._joints[0]
        base = turned + math.remainder(base - turned, math.tau)  # the shorter way round
        self._goal, self._holding = np.array([base, bend]), False

    def hold(self) -> None:
        """Stay here, under power."""
        if not self._holding:
            self._goal, self._holding = self._joints.copy(), True

    def brake(self) -> None:
        """Come to rest: no goal, only damping."""
        self._goal, self._holding = None, False

    def move(self) -> None:
        """Let one tick pass."""
        speed = self._world.data.qvel[:2]
        towards = 0.0 if self._goal is None else self._goal - self._joints
        torque = np.clip(1.0 * towards - 0.15 * speed, -1.0, 1.0)
        self._env.step(torque.astype(np.float32))
        tip, ball = (self._world.get_body_com(name)[:2] for name in ("fingertip", "target"))
        if np.hypot(*(tip - ball)) < _TOUCH_M:
            self.touches += 1
            self._move_ball()

    def close(self) -> None:
        """Close the simulator."""
        self._env.close()

    @property
    def _joints(self) -> Angles:
        angles: Angles = self._world.data.qpos[:2]
        return angles

    def _move_ball(self) -> None:
        angle, far = self._rng.uniform(0, math.tau), self._rng.uniform(0.06, 0.19)
        places, speeds = self._world.data.qpos.copy(), self._world.data.qvel.copy()
        places[2:], speeds[2:] = (far * math.cos(angle), far * math.sin(angle)), 0.0
        self._world.set_state(places, speeds)
