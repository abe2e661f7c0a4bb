"""THOR's FIFO protocol, the simulator's side. Knows frames and messages, no household.

A frame is a header `!BI` (type, length) and a body; a message is some frames and an end frame.
Messages alternate strictly, and the simulator sends the first.

Source: ai2thor 5.0.0 fifo_server.py (FieldType, header format, order in which pipes are opened).
"""

import contextlib
import fcntl
import json
import os
import struct
from collections.abc import Iterator, Mapping
from typing import IO, Any

import msgpack

from qvl_agent.envs.household.simulator.engine import Engine
from qvl_agent.envs.household.simulator.message import message

__all__ = ["serve"]

_HEADER = struct.Struct("!BI")
_METADATA, _ACTION, _END = 1, 2, 255
_KINDS = {"image": 4, "image_depth": 5, "image_ids": 9}


def serve(engine: Engine, server_pipe: str, client_pipe: str) -> None:
    """Answer commands until the other side closes its pipe.

    Args:
        engine: The simulator.
        server_pipe: Path of the pipe that is written, AI2THOR_FIFO_SERVER_PIPE_PATH.
        client_pipe: Path of the pipe that is read, AI2THOR_FIFO_CLIENT_PIPE_PATH.
    """
    with open(server_pipe, "wb", buffering=0) as out:
        with contextlib.suppress(OSError):  # a message in one piece, where the system allows it
            fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, 1 << 20)
        # The first message goes out before the other pipe is opened, or both sides wait forever.
        _send(out, engine, 0, images=True)
        with open(client_pipe, "rb") as incoming:
            for command in _commands(incoming):
                engine.do(command)
                images = command.get("renderImage", True)
                _send(out, engine, command.get("sequenceId", 0), images=bool(images))


def _commands(incoming: IO[bytes]) -> Iterator[Mapping[str, Any]]:
    while header := incoming.read(_HEADER.size):
        if len(header) < _HEADER.size:
            return
        kind, length = _HEADER.unpack(header)
        body = incoming.read(length)
        if kind == _ACTION:
            yield json.loads(body)


def _send(out: IO[bytes], engine: Engine, sequence: int, *, images: bool) -> None:
    envelope, pictures = message(engine, sequence, images=images)
    packed = msgpack.packb(envelope, use_bin_type=True)
    chunks = [_HEADER.pack(_METADATA, len(packed)), packed]
    for name, body in pictures.items():
        chunks += [_HEADER.pack(_KINDS[name], len(body)), body]
    chunks.append(_HEADER.pack(_END, 0))
    for chunk in chunks:
        left = memoryview(chunk)
        while left:
            left = left[os.write(out.fileno(), left) :]
