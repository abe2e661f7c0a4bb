"""Instructions that name for each move the thing to go to: "past the red sofa, stop at the bed".

Whoever sees the thing knows where to go, without having to remember turns. This module knows
things and wordings; it knows no routes and no pictures.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qvl_agent.envs.vln.buildings.language import TRAINING, Wording

__all__ = ["direct", "mixed_wording"]

_PASSING = (
    "walk past the {}", "go past the {}", "pass the {}", "continue past the {}", "past the {}",
    "by the {}", "walk to the {}", "go to the {}", "head for the {}", "to the {}", "find the {}",
    "walk up to the {}", "make for the {}", "go over to the {}", "step to the {}",
)  # fmt: skip
_STOP = (
    "stop by the {}", "wait near the {}", "stop at the {}", "end at the {}", "stay at the {}",
    "and wait by the {}", "and stop at the {}", "finish next to the {}", "halt at the {}",
)  # fmt: skip
_JOIN = (", then ", ". ", ", ", ". Then ", ", after that ", ". Next, ", ", next ")


def direct(things: Sequence[str], wording: Wording) -> str:
    """Return the instruction to go from thing to thing and to stop at the last."""
    *passed, last = things
    forms = [wording.passing[k % len(wording.passing)] for k in range(len(passed))]
    phrases = [form.format(name) for form, name in zip(forms, passed, strict=True)]
    stop = wording.stop if passed else wording.stop.removeprefix("and ")
    text = wording.join.join([*phrases, stop.format(last)])
    if wording.join == ". ":
        text = ". ".join(part[0].upper() + part[1:] for part in text.split(". "))
    return text[0].upper() + text[1:] + "."


def mixed_wording(rng: np.random.Generator) -> Wording:
    """Return a wording of training, mixed from many: none has a phrase of the held-out ones."""

    def draw(forms: Sequence[str]) -> str:
        return forms[int(rng.integers(len(forms)))]

    passing, stop, join = (draw(_PASSING), draw(_PASSING)), draw(_STOP), draw(_JOIN)
    if join not in (", ", ", then "):
        stop = stop.removeprefix("and ")
    return replace(TRAINING[0], name="mixed", passing=passing, stop=stop, join=join)
