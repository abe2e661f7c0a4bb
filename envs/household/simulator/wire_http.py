"""THOR's HTTP protocol, the simulator's side: that of ai2thor 2.1.0, and of 5.x where asked for.

The simulator is the client: it posts what it sees as a form, and the answer is the next action.
Knows forms and no household.

Source: ai2thor 2.1.0 server.py (/train, MultipartFormParser); ai2thor 5.0.0 wsgi_server.py.
"""

import http.client
import json
from collections.abc import Mapping
from typing import Any

from qvl_agent.envs.household.simulator.engine import Engine
from qvl_agent.envs.household.simulator.message import message

__all__ = ["serve_http"]

_BOUNDARY = b"--b5e1f0a7c3d94e62"


def serve_http(engine: Engine, host: str, port: int, token: str, *, legacy: bool) -> None:
    """Answer commands until the other side sends none, or is gone.

    Args:
        engine: The simulator.
        host: AI2THOR_HOST.
        port: AI2THOR_PORT.
        token: AI2THOR_CLIENT_TOKEN.
        legacy: Whether the other side is ai2thor 2.1.0.
    """
    connection = http.client.HTTPConnection(host, port)
    command: Mapping[str, Any] = {}
    sequence = 0
    try:
        while True:
            images = bool(command.get("renderImage", True))
            envelope, pictures = message(engine, sequence, images=images, legacy=legacy)
            command = _posted(connection, _form(envelope, token, pictures))
            if "action" not in command:
                return
            sequence = command.get("sequenceId", 0)
            engine.do(command)
    finally:
        connection.close()


def _posted(connection: http.client.HTTPConnection, form: bytes) -> Mapping[str, Any]:
    """Return the next command; an empty one where the other side is gone."""
    kind = f'multipart/form-data; boundary="{_BOUNDARY[2:].decode()}"'
    try:
        connection.request("POST", "/train", form, {"Content-Type": kind})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return {}
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(f"the Controller answers {answer.status}: {body[:200]!r}")
    found: Mapping[str, Any] = json.loads(body)
    return found


def _form(envelope: Mapping[str, Any], token: str, pictures: Mapping[str, bytes]) -> bytes:
    """Return a form as THOR's parsers want it: they look for the boundary after a line's end."""
    parts: list[bytes] = []
    for name, text in (("metadata", json.dumps(envelope)), ("token", token)):
        head = f'Content-Type: text/plain; charset="utf-8"\r\n{_disposition(name)}'
        parts.append(head.encode() + b"\r\n\r\n" + text.encode())
    for name, body in pictures.items():
        head = f'Content-Type: application/octet-stream\r\n{_disposition(name)}; filename="{name}"'
        parts.append(head.encode() + b"\r\n\r\n" + body)
    joined = b"".join(b"\r\n" + _BOUNDARY + b"\r\n" + part for part in parts)
    return joined + b"\r\n" + _BOUNDARY + b"--\r\n"


def _disposition(name: str) -> str:
    return f'Content-disposition: form-data; name="{name}"'
