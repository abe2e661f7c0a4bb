"""Makes up names and titles: words that nobody has stored anywhere, in the shape of real ones.

A reader that has to tell two names apart should look at their letters. Where the names are always
the same few, it learns them by heart instead; so phones to practise on call things otherwise.
Knows no pools and no apps.
"""

from random import Random

__all__ = ["invent", "is_chinese"]

_ONSETS = (
    "b", "br", "c", "ch", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p",
    "pl", "pr", "qu", "r", "s", "sc", "sh", "st", "t", "th", "tr", "v", "w", "wh", "y", "z",
)  # fmt: skip
_VOWELS = (*"aaaeeeiioou", "ai", "ea", "ee", "ou", "oo", "y", "ie")
_CODAS = (*("",) * 3, *"nrlstmdkxp", "ck", "nd", "st", "ng", "rt", "ll", "ss", "ff")


def invent(rng: Random, like: str, characters: str = "") -> str:
    """Return an invented text of the same kind: as many words, capitals and script kept.

    A file's ending and everything that is no letter stay as they are.

    Args:
        rng: The dice.
        like: A text.
        characters: What a Chinese one is made of; the 3,755 commonest where empty.
    """
    stem, dot, ending = like.rpartition(".")
    if dot and ending.isascii() and ending.isalnum() and " " not in ending and stem:
        return f"{invent(rng, stem, characters)}.{ending}"
    if any(is_chinese(c) for c in like):
        return "".join(
            (rng.choice(characters) if characters else _character(rng)) if is_chinese(c) else c
            for c in like
        )
    return " ".join(_cased(_word(rng, len(w)), w) if w.isalpha() else w for w in like.split(" "))


def is_chinese(char: str) -> bool:
    """Return whether a character is a Chinese one."""
    return 0x4E00 <= ord(char) <= 0x9FFF


def _character(rng: Random) -> str:
    """Return one of the 3,755 commonest characters: the first level of GB 2312."""
    index = rng.randrange(3755)
    return bytes((0xB0 + index // 94, 0xA1 + index % 94)).decode("gb2312")


def _word(rng: Random, length: int) -> str:
    """Return a word of about that many letters."""
    word = ""
    while len(word) < max(2, length + rng.randrange(-2, 2)):
        word += rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
    return word[: max(3, length + 2)]


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[0].isupper() else word
