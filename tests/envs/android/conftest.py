import os
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def adb() -> Iterator[Any]:
    """An adb server of its own, away from the user's; the real binary that adbutils brings."""
    adbutils = pytest.importorskip("adbutils", reason="the extra android is not installed")
    from adbutils._utils import adb_path

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ["ANDROID_ADB_SERVER_PORT"] = str(port)
    subprocess.run(
        [adb_path(), "-P", str(port), "start-server"], check=True, capture_output=True, timeout=120
    )
    yield adbutils.AdbClient(port=port, socket_timeout=120)
    subprocess.run([adb_path(), "-P", str(port), "kill-server"], capture_output=True, timeout=120)
    del os.environ["ANDROID_ADB_SERVER_PORT"]


@pytest.fixture(scope="session")
def adb_binary(adb: Any) -> list[str]:
    from adbutils._utils import adb_path

    return [adb_path(), "-P", str(adb.port)]
