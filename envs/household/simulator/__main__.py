"""The program that `ai2thor.controller.Controller` starts in Unity's place.

    Controller(local_executable_path="python -m qvl_agent.envs.household.simulator --data DIR", ...)

It reads THOR's arguments and environment, and speaks the FIFO protocol until its pipe is closed.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from qvl_agent.envs.household.simulator.engine import Engine, scenes_of
from qvl_agent.envs.household.simulator.wire import serve

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until the Controller closes its pipe; return the exit code."""
    parser = argparse.ArgumentParser(prog="household-simulator", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of ALFRED's dataset")
    parser.add_argument("-screen-width", type=int, default=300, dest="width")
    parser.add_argument("-screen-height", type=int, default=300, dest="height")
    options, _ = parser.parse_known_args(argv)
    server = os.environ.get("AI2THOR_FIFO_SERVER_PIPE_PATH")
    client = os.environ.get("AI2THOR_FIFO_CLIENT_PIPE_PATH")
    if server is None or client is None:
        print(
            "this program is started by ai2thor's Controller with its FIFO server; "
            "AI2THOR_FIFO_SERVER_PIPE_PATH is not set",
            file=sys.stderr,
        )
        return 2
    engine = Engine(scenes_of(options.data), width=options.width, height=options.height)
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        serve(engine, server, client)
    return 0


if __name__ == "__main__":
    sys.exit(main())
