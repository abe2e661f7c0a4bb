"""The program that `ai2thor.controller.Controller` starts in Unity's place.

    Controller(local_executable_path="python -m qvl_agent.envs.household.simulator --data DIR", ...)

It reads THOR's arguments and environment, and speaks the protocol that they name, FIFO or HTTP,
until the other side is gone.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from qvl_agent.envs.household.simulator.engine import Engine, scenes_of
from qvl_agent.envs.household.simulator.wire import serve
from qvl_agent.envs.household.simulator.wire_http import serve_http

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until the Controller is gone; return the exit code."""
    parser = argparse.ArgumentParser(prog="household-simulator", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of ALFRED's dataset")
    parser.add_argument("-screen-width", type=int, default=300, dest="width")
    parser.add_argument("-screen-height", type=int, default=300, dest="height")
    options, _ = parser.parse_known_args(argv)
    engine = Engine(scenes_of(options.data), width=options.width, height=options.height)
    told = os.environ
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        if "AI2THOR_FIFO_SERVER_PIPE_PATH" in told:
            serve(
                engine,
                told["AI2THOR_FIFO_SERVER_PIPE_PATH"],
                told["AI2THOR_FIFO_CLIENT_PIPE_PATH"],
            )
        elif "AI2THOR_PORT" in told:
            host, port = told.get("AI2THOR_HOST", "127.0.0.1"), int(told["AI2THOR_PORT"])
            # 5.x says which of its servers it is; 2.1.0 has only one, and does not.
            legacy = "AI2THOR_SERVER_TYPE" not in told
            serve_http(engine, host, port, told.get("AI2THOR_CLIENT_TOKEN", ""), legacy=legacy)
        else:
            print(
                "this program is started by ai2thor's Controller; neither "
                "AI2THOR_FIFO_SERVER_PIPE_PATH nor AI2THOR_PORT is set",
                file=sys.stderr,
            )
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
