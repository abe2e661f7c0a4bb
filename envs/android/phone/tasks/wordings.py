"""How tasks of level 1 are worded on phones to practise on: in very many ways, from patterns.

A policy that has met two wordings of a task knows two sentences; one that has met a thousand has
to find the words that matter. So verbs also come as words that mean nothing. A held-out wording
never comes out, not as part of another one either; single words of it may. Knows no phones.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from random import Random
from string import Template

from qvl_agent.envs.android.phone.invention import invent

__all__ = ["patterns", "word"]

_GARBLED = 0.2
"""Share of the verbs for which an invented word stands."""

_FRAMED = 0.3
"""Share of the requests that come with a politeness."""

_FRAMES = (
    "Please {}", "please {}", "{} please", "{}, please", "Could you {}", "Can you {} for me",
    "I want you to {}", "Hey, {}", "Now {}", "{} for me", "{} now", "I'd like you to {}",
)  # fmt: skip
_FRAMES_ZH = ("请{}", "帮我{}", "麻烦{}", "请帮我{}", "{}吧", "{}，谢谢", "现在{}")

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_VERB = re.compile(r"<([^<>]*)>")


@cache
def patterns(*, zh: bool) -> Mapping[str, tuple[str, ...]]:
    """Return the patterns of each template's wordings, in English or in Chinese."""
    book = tomllib.loads(resources.files(__package__).joinpath("wordings.toml").read_text("utf-8"))
    return {
        name: tuple(Template(line).substitute(book["parts"]) for line in lines)
        for name, lines in book["zh" if zh else "en"].items()
    }


def word(rng: Random, name: str, held_out: Sequence[str], *, zh: bool) -> str | None:
    """Return a wording of a template, its parameters still in braces; None if it has no patterns.

    Args:
        rng: Draws it.
        name: Of the template.
        held_out: Wordings that may not be part of it.
        zh: Whether it is to be Chinese.
    """
    known = patterns(zh=zh).get(name)
    if known is None:
        return None
    forbidden = [wording.lower() for wording in held_out]
    while True:
        drawn = _draw(rng, rng.choice(known), zh=zh)
        if not any(wording in drawn.lower() for wording in forbidden):
            return drawn


def _draw(rng: Random, pattern: str, *, zh: bool) -> str:
    while _CHOICE.search(pattern):
        pattern = _CHOICE.sub(lambda m: rng.choice(m[1].split("|")), pattern, count=1)
    text = _VERB.sub(lambda m: invent(rng, m[1]) if rng.random() < _GARBLED else m[1], pattern)
    if rng.random() < _FRAMED and "?" not in text and not text.startswith("I "):
        begins = not text.startswith("{") and not zh
        inner = text[0].lower() + text[1:] if begins else text
        text = rng.choice(_FRAMES_ZH if zh else _FRAMES).format(inner)
    if not zh and not text.startswith("{"):
        first = text[0].lower() if rng.random() < 0.3 else text[0].upper()
        text = first + text[1:]
    return text + (rng.choice((".", "!")) if rng.random() < 0.15 and text[-1] not in "?!" else "")
