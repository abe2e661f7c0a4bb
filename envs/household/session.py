"""One episode on a body, by the rules of ALFRED's wrapper.

It restores scenes, sends low-level actions as the benchmark does, counts steps and failures, and
tracks what was cleaned, heated and cooled. It knows no goal and no skill.

Source: ALFRED env/thor_env.py @f91f4c0c (reset, restore_scene, step, look_angle, va_interact).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.household.body import Body, Command, Snapshot
from qvl_agent.envs.household.goals import Treated
from qvl_agent.envs.household.tracking import dirty_in_basin, track

__all__ = ["LowResult", "Session"]


@dataclass(frozen=True, slots=True)
class LowResult:
    """What came of a low-level action.

    Attributes:
        ok: Whether it succeeded.
        message: THOR's text, or the wrapper's; "" when all is well.
        code: THOR's errorCode.
    """

    ok: bool
    message: str = ""
    code: str = ""


class Session:
    """A body with a memory of the episode.

    Args:
        body: Carries out the actions.

    Attributes:
        body: As given.
        treated: What was cleaned, heated and cooled since the scene was restored.
        num_steps: Low-level actions since then, failed ones included.
        num_failures: Failed ones.
        log: The commands sent since then, for the leaderboard's form.
    """

    def __init__(self, body: Body) -> None:
        self.body = body
        self.treated = Treated()
        self.num_steps = 0
        self.num_failures = 0
        self.log: list[Command] = []
        self._now: Snapshot | None = None

    @property
    def now(self) -> Snapshot:
        """The snapshot after the last action.

        Raises:
            DataError: If no scene was restored yet.
        """
        if self._now is None:
            raise DataError("there is no scene yet; call restore() first")
        return self._now

    def restore(self, scene: Mapping[str, Any]) -> Snapshot:
        """Bring a scene into the state that a trajectory's `scene` describes.

        Raises:
            DataError: If it lacks a field, or the body does not know the scene.
        """
        try:
            floor_plan, start = scene["floor_plan"], scene["init_action"]
            poses = scene.get("object_poses")
        except KeyError as exc:
            raise DataError(f"the scene lacks {exc.args[0]!r}") from exc
        self._now = self.body.reset(floor_plan)
        if scene.get("object_toggles"):
            self._must(action="SetObjectToggles", objectToggles=scene["object_toggles"])
        if scene.get("dirty_and_empty"):
            for change, force in (("CanBeDirty", True), ("CanBeFilled", False)):
                self._must(action="SetStateOfAllObjects", StateChange=change, forceAction=force)
        if poses is not None:
            self._must(action="SetObjectPoses", objectPoses=poses)
        self._must(**start)
        self.treated = Treated()
        self.begin()
        return self.now

    def begin(self) -> None:
        """Count from here; what was treated stays treated."""
        self.num_steps = self.num_failures = 0
        self.log = []

    def low(self, command: Command) -> LowResult:
        """Carry out one low-level action and remember what it did.

        Raises:
            DeviceError: If the body is gone.
        """
        self.num_steps += 1
        result = self._low(command)
        self.num_failures += not result.ok
        self.log.append(dict(command))
        return result

    def refuse(self) -> None:
        """Count an action that was refused before anything was sent, as a mask of nothing."""
        self.num_steps += 1
        self.num_failures += 1

    def _low(self, command: Command) -> LowResult:
        action = command["action"]
        if action == "SliceObject" and "Knife" not in (self.now.held or ""):
            return LowResult(False, "Agent should be holding a knife before slicing.")
        sent = self._look(command) if action in ("LookUp", "LookDown") else command
        self._now = self.body.act(sent)
        metadata = self.now.metadata
        if not self.now.ok:
            return LowResult(False, metadata["errorMessage"], metadata.get("errorCode") or "")
        self.treated = track(self.treated, command, metadata)
        for object_id in dirty_in_basin(command, metadata):
            self._now = self.body.act(
                {"action": "CleanObject", "objectId": object_id, "forceAction": True}
            )
        return LowResult(True)

    def _look(self, command: Command) -> Command:
        """Return the teleport that looks exactly 15 degrees up or down."""
        agent = self.now.metadata["agent"]
        step = 15 if command["action"] == "LookDown" else -15
        return {
            "action": "TeleportFull",
            **agent["position"],
            "rotation": agent["rotation"]["y"],
            "rotateOnTeleport": True,
            "horizon": round(agent["cameraHorizon"] + step, 1),
            "forceAction": True,
        }

    def _must(self, **command: Any) -> None:
        self._now = self.body.act(command)
        if not self.now.ok:
            raise DataError(
                f"the scene cannot be restored: {command['action']}: "
                f"{self.now.metadata['errorMessage']}"
            )
