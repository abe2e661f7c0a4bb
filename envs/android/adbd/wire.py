"""The transport of the ADB protocol: 24-byte headers, streams, one packet in flight each.

Speaks the side of the device. Knows no service: it hands each opened stream to a function.

Source: AOSP packages/modules/adb/protocol.txt.
"""

import contextlib
import logging
import queue
import socket
import struct
import threading
from collections.abc import Callable

__all__ = ["Connection", "Stream", "StreamClosed"]

logger = logging.getLogger(__name__)

_NAMES = ("CNXN", "AUTH", "OPEN", "OKAY", "WRTE", "CLSE")
_CODES = {name: struct.unpack("<I", name.encode())[0] for name in _NAMES}
_COMMANDS = {code: name for name, code in _CODES.items()}

VERSION = 0x01000001
"""From this one on, packets carry no checksum that has to hold."""

MAX_DATA = 256 * 1024
"""Longest payload this side takes, in bytes."""

_ACK_SECONDS = 30.0
_TOKEN = 1
_TOKEN_BYTES = bytes(range(20))


class StreamClosed(Exception):
    """The other side is gone."""


class Stream:
    """One opened service.

    Args:
        connection: It belongs to.
        local: Id on this side.
        remote: Id on the host's side.
    """

    def __init__(self, connection: "Connection", local: int, remote: int) -> None:
        self._connection = connection
        self.local = local
        self.remote = remote
        self.opened = False
        self._inbox: queue.Queue[bytes | None] = queue.Queue()
        self._acks: queue.Queue[bool] = queue.Queue()
        self._rest = b""

    def accept(self) -> None:
        """Tell the host that the service is there."""
        self.opened = True
        self._connection.send("OKAY", self.local, self.remote)

    def write(self, data: bytes) -> None:
        """Send bytes; each packet waits until the host has taken the one before.

        Raises:
            StreamClosed: If the host is gone.
        """
        for start in range(0, len(data), MAX_DATA):
            self._connection.send("WRTE", self.local, self.remote, data[start : start + MAX_DATA])
            try:
                if not self._acks.get(timeout=_ACK_SECONDS):
                    raise StreamClosed
            except queue.Empty as exc:
                raise StreamClosed from exc

    def read(self, count: int) -> bytes:
        """Return exactly so many bytes that the host sent.

        Raises:
            StreamClosed: If it closed before.
        """
        while len(self._rest) < count:
            data = self._inbox.get()
            if data is None:
                raise StreamClosed
            self._rest += data
        data, self._rest = self._rest[:count], self._rest[count:]
        return data

    def received(self, data: bytes) -> None:
        """Called by the connection with bytes from the host."""
        self._inbox.put(data)

    def acknowledged(self) -> None:
        """Called by the connection when the host took a packet."""
        self._acks.put(True)

    def ended(self) -> None:
        """Called by the connection when the host closed the stream."""
        self._inbox.put(None)
        self._acks.put(False)


class Connection:
    """One host that is connected.

    Args:
        sock: The accepted socket.
        banner: What the device says of itself, "device::key=value;...".
        serve: Called in a thread of its own with each opened stream and its service's name.
        unauthorised: Never accept the host's key, like a phone whose owner does not.
    """

    def __init__(
        self,
        sock: socket.socket,
        banner: bytes,
        serve: Callable[[Stream, str], None],
        *,
        unauthorised: bool = False,
    ) -> None:
        self._sock = sock
        self._banner = banner
        self._serve = serve
        self._unauthorised = unauthorised
        self._sending = threading.Lock()
        self._streams: dict[int, Stream] = {}
        self._last = 0

    def run(self) -> None:
        """Answer the host until it goes away."""
        try:
            while True:
                code, arg0, arg1, length, _, magic = struct.unpack("<6I", self._receive(24))
                if magic != code ^ 0xFFFFFFFF or length > 2 * 1024 * 1024:
                    logger.warning("a host sent no ADB packet; the connection is closed")
                    return
                self._handle(_COMMANDS.get(code, ""), arg0, arg1, self._receive(length))
        except (StreamClosed, OSError):
            return
        finally:
            for stream in list(self._streams.values()):
                stream.ended()
            self.close()

    def close(self) -> None:
        """Cut the connection."""
        with contextlib.suppress(OSError):  # it may be gone already
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def send(self, command: str, arg0: int, arg1: int, data: bytes = b"") -> None:
        """Send one packet.

        Raises:
            StreamClosed: If the host is gone.
        """
        code = _CODES[command]
        header = struct.pack(
            "<6I", code, arg0, arg1, len(data), sum(data) & 0xFFFFFFFF, code ^ 0xFFFFFFFF
        )
        try:
            with self._sending:
                self._sock.sendall(header + data)
        except OSError as exc:
            raise StreamClosed from exc

    def _receive(self, count: int) -> bytes:
        parts, missing = [], count
        while missing:
            part = self._sock.recv(missing)
            if not part:
                raise StreamClosed
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _handle(self, command: str, arg0: int, arg1: int, data: bytes) -> None:
        # Taken once: a service that ends in its own thread removes its stream at any moment.
        known = self._streams.get(arg1)
        match command:
            case "CNXN" | "AUTH" if self._unauthorised:
                self.send("AUTH", _TOKEN, 0, _TOKEN_BYTES)
            case "CNXN":
                self.send("CNXN", VERSION, MAX_DATA, self._banner)
            case "OPEN":
                self._last += 1
                stream = Stream(self, self._last, arg0)
                self._streams[stream.local] = stream
                service = data.rstrip(b"\0").decode("utf-8", "replace")
                threading.Thread(
                    target=self._run_service, args=(stream, service), daemon=True
                ).start()
            case "WRTE" if known is not None:
                self.send("OKAY", arg1, arg0)
                known.received(data)
            case "OKAY" if known is not None:
                known.acknowledged()
            case "CLSE":
                gone = self._streams.pop(arg1, None)
                if gone is not None:
                    gone.ended()
            case _:
                logger.debug("ignored %s for stream %s", command or "an unknown packet", arg1)

    def _run_service(self, stream: Stream, service: str) -> None:
        try:
            self._serve(stream, service)
            self.send("CLSE", stream.local if stream.opened else 0, stream.remote)
        except StreamClosed:
            pass  # the host went away in the middle: nobody is left to tell
        except Exception:
            logger.exception("the service %r failed", service)
            self.close()
        finally:
            self._streams.pop(stream.local, None)
