"""The bundled simulator as a body, in this process: pictures are drawn only when asked for."""

from pathlib import Path

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.envs.household.body import Command, Sight, Snapshot
from qvl_agent.envs.household.simulator.engine import Engine, scenes_of

__all__ = ["BundledBody"]


class BundledBody:
    """The simulator in this process.

    Args:
        data: Folder of ALFRED's dataset, for its scenes; None for made-up scenes only.
        width: Of the picture in pixels.
        height: Of the picture in pixels.
    """

    name = "bundled simulator"

    def __init__(self, data: Path | None = None, *, width: int = 300, height: int = 300) -> None:
        self._engine = Engine(scenes_of(data), width=width, height=height)

    def reset(self, floor_plan: str) -> Snapshot:
        """See `Body.reset`."""
        for command in ({"action": "Reset", "sceneName": floor_plan}, {"action": "Initialize"}):
            acted = self._engine.do(command)
            if not acted.ok:
                raise DataError(acted.message)
        return self._snapshot()

    def act(self, command: Command) -> Snapshot:
        """See `Body.act`.

        Raises:
            UsageError: If there is no such action.
        """
        acted = self._engine.do(command)
        if acted.code in ("InvalidAction", "MissingArguments"):
            raise UsageError(acted.message)
        return self._snapshot()

    def close(self) -> None:
        """Nothing to let go of."""

    def _snapshot(self) -> Snapshot:
        engine, home = self._engine, self._engine.home
        assert home is not None
        state = home.pose, home.version

        def look() -> Sight:
            if (home.pose, home.version) != state or engine.home is not home:
                raise UsageError("a snapshot's picture has to be taken before the next action")
            frame = engine.frame
            assert frame is not None
            return Sight(frame.image, frame.depth, frame.segments, frame.ids)

        return Snapshot(engine.metadata(), look)
