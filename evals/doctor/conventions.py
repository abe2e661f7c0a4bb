"""Which grid a policy writes its points on, told from where it tapped. Pure numpy.

A *convention* maps the two numbers that a policy wrote to a place on the picture. All candidates
are tried on the same taps; the one under which they land nearest to their targets is in use. The
pictures have several sizes and shapes, so that no two conventions agree on all of them.

0-1000 and 0-999 differ by 0.1 % and by no more than one pixel in a thousand. Noisy taps cannot tell
them apart, and the result says by what they were: the end of the range, where a policy asked for
the far edge writes exactly 1000 or 999; the taps, where they are precise enough; or nothing but the
policy's own profile.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CONVENTIONS",
    "GOOD_ERROR",
    "USABLE_ERROR",
    "Convention",
    "Evidence",
    "Fit",
    "Tap",
    "fit",
]

Grid = Literal["0-1", "0-1000", "0-999", "resized pixels", "original pixels"]
Padding = Literal["none", "centred", "corner"]
Evidence = Literal["taps", "range", "profile", "nothing"]
Values: TypeAlias = NDArray[np.float64]

GOOD_ERROR = 0.03
"""Median distance, as a share of the picture's sides, of a policy that finds its targets."""
USABLE_ERROR = 0.12
"""Beyond this no convention is said to fit. Random taps have a median distance of about 0.5."""

_KEPT = 0.8
_DECISIVE = 5.0
"""Natural logarithm of a likelihood ratio: about 150 to 1."""
_MIN_TAPS = 8
_SIDES = {"0-1": 1.0, "0-1000": 1000.0, "0-999": 999.0}


@dataclass(frozen=True, slots=True)
class Tap:
    """What a policy wrote when it was asked for one target.

    Attributes:
        target: (x, y) of the target as shares of the picture's sides; 1.0 is the far edge.
        wrote: The two numbers, as written.
        original: (height, width) in pixels of the picture.
        resized: (height, width) in pixels at which the policy saw it.
    """

    target: tuple[float, float]
    wrote: tuple[float, float]
    original: tuple[int, int]
    resized: tuple[int, int]

    @property
    def is_corner(self) -> bool:
        """Whether a far edge was asked for; such taps tell the range and not the error."""
        return 1.0 in self.target


@dataclass(frozen=True, slots=True)
class Convention:
    """One way to read two numbers as a place on the picture.

    Attributes:
        grid: What the numbers count.
        swapped: Whether y comes first.
        padding: How the picture was made a square, if it was.
    """

    grid: Grid
    swapped: bool = False
    padding: Padding = "none"

    @property
    def name(self) -> str:
        """As people say it."""
        name = self.grid + (", swapped axes" if self.swapped else "")
        return name if self.padding == "none" else f"{name}, letterboxed ({self.padding})"

    def places(self, taps: Sequence[Tap]) -> Values:
        """Return (n, 2): where the taps land, as shares of the picture's sides."""
        wrote = np.array([tap.wrote for tap in taps], float)
        if self.swapped:
            wrote = wrote[:, ::-1]
        original = np.array([tap.original[::-1] for tap in taps], float)  # width, height
        match self.grid:
            case "resized pixels":
                sides = np.array([tap.resized[::-1] for tap in taps], float)
            case "original pixels":
                sides = original
            case unit:
                sides = np.full_like(original, _SIDES[unit])
        shares: Values = wrote / sides
        if self.padding == "none":
            return shares
        side = original.max(axis=1, keepdims=True)
        margin = (side - original) / 2 if self.padding == "centred" else 0.0
        places: Values = (shares * side - margin) / original
        return places


CONVENTIONS: tuple[Convention, ...] = (
    *(
        Convention(grid, swapped)
        for swapped in (False, True)
        for grid in ("0-1000", "0-999", "0-1", "resized pixels", "original pixels")
    ),
    *(
        Convention(grid, padding=padding)
        for padding in ("centred", "corner")
        for grid in ("0-1000", "0-999", "0-1")
    ),
)
"""The candidates; of two that fit equally well the first is named."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What the taps say.

    Attributes:
        convention: The one in use; None if none fits.
        nearest: The best candidate, whether it fits or not.
        error: Median distance from the targets under `nearest`, as a share of the sides.
        bias: Median of (x, y) of tap less target, under `nearest`.
        taps: How many were used for the error.
        decided_by: What told it from the candidates that fit as well; "taps" if there are none.
        rivals: Candidates that the taps alone do not exclude.
    """

    convention: Convention | None
    nearest: Convention
    error: float
    bias: tuple[float, float]
    taps: int
    decided_by: Evidence
    rivals: tuple[Convention, ...]


def fit(taps: Sequence[Tap], expected: Convention | None = None) -> Fit:
    """Return the convention that the taps were written in.

    Args:
        taps: At least eight that are not in corners.
        expected: What the policy's profile says; asked only where the taps cannot tell.

    Raises:
        ValueError: If there are too few taps.
    """
    inner = [tap for tap in taps if not tap.is_corner]
    if len(inner) < _MIN_TAPS:
        raise ValueError(f"at least {_MIN_TAPS} taps are needed to fit a frame, got {len(inner)}")
    targets = np.array([tap.target for tap in inner])
    off = {c: c.places(inner) - targets for c in CONVENTIONS}
    best = min(CONVENTIONS, key=lambda c: _trimmed(off[c]))
    rivals = _rivals(best, off)
    decided_by: Evidence = "taps"
    if rivals:
        best, decided_by = _told_apart((best, *rivals), taps, expected)
        rivals = tuple(c for c in CONVENTIONS if c in (*rivals, *_rivals(best, off)) and c != best)
    distance = np.hypot(*off[best].T)
    error = float(np.median(distance))
    bias = np.median(off[best], axis=0)
    return Fit(
        convention=best if error <= USABLE_ERROR else None,
        nearest=best,
        error=error,
        bias=(float(bias[0]), float(bias[1])),
        taps=len(inner),
        decided_by=decided_by,
        rivals=rivals,
    )


def _trimmed(off: Values) -> float:
    """Return the mean squared distance of the nearest four fifths: a few wild taps do not count."""
    squared = np.sort((off**2).sum(axis=1))
    return float(squared[: math.ceil(_KEPT * len(squared))].mean())


def _rivals(best: Convention, off: dict[Convention, Values]) -> tuple[Convention, ...]:
    """Return the candidates that the taps near their targets do not exclude.

    With Gaussian errors of unknown size, alike in x and y, the log likelihood ratio of two
    candidates over n taps is n * log(sum of squares / sum of squares).
    """
    distance = np.hypot(*off[best].T)
    near = distance <= 3 * np.median(distance) + 1e-9
    squares = {c: float((o[near] ** 2).sum()) + 1e-12 for c, o in off.items()}
    n = int(near.sum())
    return tuple(
        c for c in CONVENTIONS if c != best and n * math.log(squares[c] / squares[best]) < _DECISIVE
    )


def _told_apart(
    candidates: Sequence[Convention], taps: Sequence[Tap], expected: Convention | None
) -> tuple[Convention, Evidence]:
    """Return which of several that fit alike is in use, and by what evidence."""
    for candidate in candidates:
        if candidate.grid == _range_of(candidate, taps):
            return candidate, "range"
    if expected is not None and expected in candidates:
        return expected, "profile"
    return min(candidates, key=CONVENTIONS.index), "nothing"


def _range_of(convention: Convention, taps: Sequence[Tap]) -> Grid | None:
    """Return which of the two thousands a policy uses that was asked for the far edges.

    A policy stops at the end of its grid: 1000 is not on 0-999; 999 again and again, and nothing
    above, is the end of 0-999. Numbers beyond 1000 say that it does not stop, and nothing else.
    """
    ends = [
        wrote
        for tap in taps
        for share, wrote in zip(tap.target, _in_order(tap.wrote, convention), strict=True)
        if share == 1.0
    ]
    top = max(ends, default=0.0)
    if 999 < top <= 1000:
        return "0-1000"
    return "0-999" if top == 999 and ends.count(999) >= 2 else None


def _in_order(wrote: tuple[float, float], convention: Convention) -> tuple[float, float]:
    """Return what was written for x, then what was written for y."""
    return (wrote[1], wrote[0]) if convention.swapped else wrote
