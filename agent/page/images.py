"""The pictures of a trace as data URIs: small ones exactly as stored, large ones scaled down."""

import base64
import io
from pathlib import Path

from PIL import Image

__all__ = ["full_uri", "thumb_uri"]

_LARGEST_FILE = 150_000
"""Bytes up to which a picture is taken as it is; a page of a hundred phone screens must open."""
_LONGEST_SIDE = 1280
_THUMB_HEIGHT = 112
"""Twice what is shown, for sharp screens."""


def full_uri(path: Path) -> str | None:
    """Return a PNG file to look at, or None when it is missing or damaged."""
    try:
        if path.stat().st_size <= _LARGEST_FILE:
            with Image.open(path) as image:
                image.verify()
            return _uri("png", path.read_bytes())
        return _scaled(path, (_LONGEST_SIDE, _LONGEST_SIDE), quality=85)
    except (OSError, SyntaxError):  # Pillow tells a broken PNG by a SyntaxError
        return None


def thumb_uri(path: Path) -> str | None:
    """Return a PNG file to recognise a step by, or None when it is missing or damaged."""
    try:
        return _scaled(path, (4 * _THUMB_HEIGHT, _THUMB_HEIGHT), quality=75)
    except (OSError, SyntaxError):
        return None


def _scaled(path: Path, most: tuple[int, int], *, quality: int) -> str:
    with Image.open(path) as image:
        small = image.convert("RGB")
    small.thumbnail(most, Image.Resampling.LANCZOS)
    target = io.BytesIO()
    small.save(target, "JPEG", quality=quality, subsampling=0, optimize=True)
    return _uri("jpeg", target.getvalue())


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
