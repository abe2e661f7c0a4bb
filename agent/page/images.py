"""The pictures of a trace as data URIs: small ones exactly as stored, large ones scaled down."""

import base64
import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image

__all__ = ["Embedded", "embed"]

_LARGEST_FILE = 150_000
"""Bytes up to which a picture is taken as it is; a page of a hundred phone screens must open."""
_LONGEST_SIDE = 1280
_THUMB_HEIGHT = 112
"""Twice what is shown, for sharp screens."""


class Embedded(NamedTuple):
    """A picture twice, as data URIs.

    Attributes:
        full: To look at.
        thumb: To recognise a step by.
    """

    full: str
    thumb: str


def embed(path: Path) -> Embedded | None:
    """Return a PNG file as data URIs, or None when it is missing or damaged."""
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as stored:
            image = stored.convert("RGB")
    except (OSError, SyntaxError):  # Pillow tells a broken PNG by either
        return None
    full = _uri("png", content)
    if len(content) > _LARGEST_FILE:
        image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
        full = _uri("jpeg", _jpeg(image, 85))
    image.thumbnail((4 * _THUMB_HEIGHT, _THUMB_HEIGHT), Image.Resampling.LANCZOS)
    return Embedded(full, _uri("jpeg", _jpeg(image, 75)))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality, subsampling=0)
    return target.getvalue()


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
