"""The file service of the ADB protocol: push, pull and stat, on a table of files in memory.

Source: AOSP packages/modules/adb/SYNC.TXT.
"""

import struct

from qvl_agent.envs.android.adbd.wire import Stream

__all__ = ["serve_sync"]

_FILE_MODE = 0o100644
_CHUNK = 64 * 1024
_LARGEST = 64 * 1024 * 1024
"""Bytes of a pushed file that are kept; more is refused."""


def serve_sync(stream: Stream, files: dict[str, bytes]) -> None:
    """Answer requests until the host quits."""
    while True:
        request, length = struct.unpack("<4sI", stream.read(8))
        if request == b"QUIT":
            return
        path = stream.read(length).decode("utf-8", "replace")
        match request:
            case b"STAT":
                data = files.get(path)
                mode = 0 if data is None else _FILE_MODE
                stream.write(b"STAT" + struct.pack("<3I", mode, len(data or b""), 0))
            case b"STA2" | b"LST2":
                stream.write(request + _stat2(files.get(path)))
            case b"RECV":
                _send_file(stream, files.get(path))
            case b"SEND":
                _take_file(stream, files, path.rsplit(",", 1)[0])
            case b"LIST":
                stream.write(b"DONE" + bytes(16))
            case _:
                _fail(stream, f"unknown request {request!r}")
                return


def _stat2(data: bytes | None) -> bytes:
    """Return the fields of a stat in its second version: error, device, inode, mode, ..."""
    error, mode = (2, 0) if data is None else (0, _FILE_MODE)
    return struct.pack("<IQQIIIIQqqq", error, 0, 0, mode, 1, 0, 0, len(data or b""), 0, 0, 0)


def _fail(stream: Stream, words: str) -> None:
    message = words.encode()
    stream.write(b"FAIL" + struct.pack("<I", len(message)) + message)


def _send_file(stream: Stream, data: bytes | None) -> None:
    if data is None:
        _fail(stream, "No such file or directory")
        return
    for start in range(0, len(data), _CHUNK):
        piece = data[start : start + _CHUNK]
        stream.write(b"DATA" + struct.pack("<I", len(piece)) + piece)
    stream.write(b"DONE" + struct.pack("<I", 0))


def _take_file(stream: Stream, files: dict[str, bytes], path: str) -> None:
    parts: list[bytes] = []
    size = 0
    while True:
        kind, length = struct.unpack("<4sI", stream.read(8))
        if kind == b"DONE":
            break
        parts.append(stream.read(length))
        size += length
        if kind != b"DATA" or size > _LARGEST:
            _fail(stream, "the file is too large for this phone")
            return
    files[path] = b"".join(parts)
    stream.write(b"OKAY" + struct.pack("<I", 0))
