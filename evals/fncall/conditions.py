"""How a document was taken into a picture: as a file, photographed, or photographed in low light.

What is printed stays readable by design: these are conditions, not obstacles.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

__all__ = ["CONDITIONS", "Condition", "taken"]

Condition = Literal["clean", "photo", "low_light"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)


def taken(document: Image.Image, condition: Condition, rng: np.random.Generator) -> Image.Image:
    """Return a document as it was taken.

    Args:
        document: Clean.
        condition: How.
        rng: Draws the table, the angle, the light and the noise.
    """
    if condition == "clean":
        return document
    picture = _on_a_table(document, rng)
    pixels = np.asarray(picture, dtype=np.float32)
    pixels *= _light(pixels.shape[0], pixels.shape[1], rng)[:, :, None]
    noise = 4.0
    if condition == "low_light":
        # A dim warm lamp: darker, less blue, and the noise of a sensor at its limit.
        pixels *= np.float32(rng.uniform(0.34, 0.46)) * np.array([1.0, 0.9, 0.72], np.float32)
        noise = 7.0
    pixels += rng.standard_normal(pixels.shape, dtype=np.float32) * np.float32(noise)
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 0.7))))


def _on_a_table(document: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the document seen at a small angle, with its shadow, on a table."""
    margin = 70
    width, height = document.width + 2 * margin, document.height + 2 * margin
    shades: tuple[tuple[int, int, int], ...] = ((112, 84, 60), (150, 140, 128), (70, 76, 84))
    shade = shades[int(rng.integers(len(shades)))]
    # Grain along one direction, as wood or cloth has it.
    fine = rng.standard_normal((height, width, 1), dtype=np.float32) * np.float32(4)
    grain = rng.normal(0, 9, (height, 1, 1)).astype(np.float32) + fine
    table = Image.fromarray(np.clip(np.array(shade, np.float32) + grain, 0, 255).astype(np.uint8))
    corners = np.array([(0, 0), (document.width, 0), (document.width, document.height),
                        (0, document.height)], float)  # fmt: skip
    angle = np.deg2rad(rng.uniform(-5, 5))
    centre = corners.mean(axis=0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    seen = (corners - centre) @ turn.T * 0.94 + centre + margin
    seen += rng.uniform(-16, 16, seen.shape)  # perspective: the corners move apart
    coefficients = _perspective(seen, corners)
    size = (width, height)
    mask = Image.new("L", document.size, 255).transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    )
    paper = document.transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    )
    shadow = mask.filter(ImageFilter.GaussianBlur(12)).point(lambda v: v * 0.5)
    table.paste((20, 18, 16), (8, 10), shadow)
    table.paste(paper, (0, 0), mask)
    return table


def _perspective(target: NDArray[np.float64], source: NDArray[np.float64]) -> list[float]:
    """Return Pillow's eight coefficients that take places of the result back to the source.

    Args:
        target: float (4, 2), corners in the result.
        source: float (4, 2), the same corners in the source.
    """
    rows = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), source.reshape(8))
    return [float(value) for value in solved]


def _light(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a smooth fall of light over the picture, float32 (height, width) around 0.9."""
    y, x = np.mgrid[0 : 1 : complex(height), 0 : 1 : complex(width)]
    direction = rng.uniform(0, 2 * np.pi)
    slope = np.cos(direction) * (x - 0.5) + np.sin(direction) * (y - 0.5)
    light = 0.92 + float(rng.uniform(0.1, 0.25)) * slope
    return np.asarray(light, dtype=np.float32)
