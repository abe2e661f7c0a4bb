"""Serves the bundled phone to the real `adb`: `adb connect 127.0.0.1:PORT`, then as any phone.

Listens on loopback only. Nothing that a client sends is executed on this machine: the shell
(shell.py) knows a table of commands that act on the phone.
"""

import contextlib
import io
import logging
import socket
import struct
import threading
import time
from types import TracebackType
from typing import Literal, Self

import numpy as np
from PIL import Image as PilImage

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.android.adbd.faults import Faults
from qvl_agent.envs.android.adbd.shell import Reply, Shell
from qvl_agent.envs.android.adbd.sync import serve_sync
from qvl_agent.envs.android.adbd.wire import Connection, Stream
from qvl_agent.envs.android.phone.phone import Phone
from qvl_agent.envs.base import Image

__all__ = ["AdbServer"]

logger = logging.getLogger(__name__)

_BANNER = (
    b"device::ro.product.name=qvl;ro.product.model=QVL_Phone;ro.product.device=qvl;"
    b"features=shell_v2,cmd,stat_v2"
)
_CHUNK = 32 * 1024
_TURNED_SHOTS = 6
"""Screenshots after which a phone that was turned by a fault is turned back."""


class AdbServer:
    """A phone behind an address.

    Args:
        phone: The phone.
        port: To listen on; 0 takes a free one.
        clock: "live": the phone's time runs like ours. "stepped": it passes only while somebody
            sleeps on the phone, so the same commands give the same screens.
        adb_keyboard: Whether ADBKeyBoard is installed on the phone.
        unauthorised: Never accept a host's key.

    Raises:
        UsageError: If the port is in use.
    """

    def __init__(
        self,
        phone: Phone,
        port: int = 0,
        *,
        clock: Literal["live", "stepped"] = "stepped",
        adb_keyboard: bool = True,
        unauthorised: bool = False,
    ) -> None:
        self.phone = phone
        self.faults = Faults()
        self._clock = clock
        self._unauthorised = unauthorised
        self._shell = Shell(phone, self._screencap, self._sleep, adb_keyboard=adb_keyboard)
        self._connections: list[Connection] = []
        self._looked_at = time.monotonic()
        self._offline_until = 0.0
        self._turned = 0
        self._encoded: tuple[Image, bytes] | None = None
        self._closing = False
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind(("127.0.0.1", port))
        except OSError as exc:
            self._listener.close()
            raise UsageError(f"port {port} is in use; choose another one with --port") from exc
        self._listener.listen()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def address(self) -> str:
        """The serial that adb shows: "127.0.0.1:PORT"."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> Self:
        """Begin to listen, in a thread."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop, and cut all connections."""
        self._closing = True
        with contextlib.suppress(OSError):  # not every system shuts a listening socket down
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if time.monotonic() < self._offline_until:
                sock.close()
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, _BANNER, self._serve, unauthorised=self._unauthorised)
            self._connections.append(connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def _cut(self) -> None:
        connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def _serve(self, stream: Stream, service: str) -> None:
        """Answer one service."""
        if self._break_down(service):
            return
        kind, _, line = service.partition(":")
        if kind == "sync":
            stream.accept()
            serve_sync(stream, self._shell.files)
        elif kind == "framebuffer":
            stream.accept()
            stream.write(self._framebuffer())
        elif kind == "exec" or kind.split(",")[0] == "shell":
            stream.accept()
            reply = self._shell.run(line) if line else Reply(err=b"no interactive shell\n", code=1)
            if ",v2" in kind:
                stream.write(_packets(reply))
            elif reply.out + reply.err:
                stream.write(reply.out + reply.err)
        # any other service is refused by closing the stream without having accepted it

    def _break_down(self, service: str) -> bool:
        """Let a waiting fault happen; return whether the service is not to be answered."""
        fault = self.faults.take("drop", "offline", "stall")
        if fault == "stall":
            time.sleep(self.faults.stall_s)
        elif fault is not None:
            logger.info("fault: %s instead of %s", fault, service[:60])
            if fault == "offline":
                self._offline_until = time.monotonic() + self.faults.offline_s
            self._cut()
            return True
        return False

    def _pass_time(self) -> None:
        """Let the phone's time catch up with ours, where it runs."""
        now = time.monotonic()
        if self._clock == "live":
            self.phone.pass_time(round((now - self._looked_at) * 1000))
        self._looked_at = now

    def _sleep(self, seconds: float) -> None:
        if self._clock == "live":
            time.sleep(seconds)
            return
        with self._shell.lock:
            self.phone.pass_time(round(seconds * 1000))

    def _screencap(self) -> bytes:
        self._pass_time()
        if self._turned:
            self._turned -= 1
            if not self._turned:
                self.phone.turn(0)
        fault = self.faults.take("truncate", "black", "turn")
        if fault == "turn":
            self.phone.turn(1)
            self._turned = _TURNED_SHOTS
        frame = self.phone.frame()
        if fault == "black":
            frame = np.zeros_like(frame)
        png = self._png(frame)
        return png[: len(png) // 2] if fault == "truncate" else png

    def _png(self, frame: Image) -> bytes:
        if self._encoded is None or self._encoded[0] is not frame:
            buffer = io.BytesIO()
            PilImage.fromarray(frame).save(buffer, "PNG", compress_level=1)
            self._encoded = (frame, buffer.getvalue())
        return self._encoded[1]

    def _framebuffer(self) -> bytes:
        """Return the picture with the header of version 1: 13 numbers, then RGBA."""
        with self._shell.lock:
            self._pass_time()
            rgba = PilImage.fromarray(self.phone.frame()).convert("RGBA")
        data = rgba.tobytes()
        head = struct.pack("<13I", 1, 32, len(data), *rgba.size, 0, 8, 16, 8, 8, 8, 24, 8)
        return head + data


def _packets(reply: Reply) -> bytes:
    """Return a reply as packets of shell protocol 2: id, length, bytes; 3 is the exit code."""
    parts = []
    for number, data in ((1, reply.out), (2, reply.err)):
        for start in range(0, len(data), _CHUNK):
            piece = data[start : start + _CHUNK]
            parts.append(struct.pack("<BI", number, len(piece)) + piece)
    parts.append(struct.pack("<BIB", 3, 1, reply.code & 255))
    return b"".join(parts)
