"""HTML and SVG that cannot be broken out of: every text is escaped where it enters.

Knows no page. `Html` is markup that was made here; any other string is text.
"""

import html
from collections.abc import Iterable

__all__ = ["Html", "join", "raw", "tag"]

_VOID = frozenset({"br", "hr", "img", "meta"})


class Html(str):
    """Markup. Made by `tag`, `join` and `raw` only."""

    __slots__ = ()


def raw(markup: str) -> Html:
    """Return a constant of this program as markup; never for anything that was read."""
    return Html(markup)


def join(*children: str | None) -> Html:
    """Return children one after the other: markup as it is, text escaped, None left out."""
    return Html("".join(_child(child) for child in children if child is not None))


def tag(name: str, /, *children: str | None, **attributes: str | float | bool | None) -> Html:
    """Return an element.

    Args:
        name: As in HTML or SVG.
        *children: As in `join`.
        **attributes: A trailing underscore is dropped and others become hyphens; True gives an
            attribute without a value, None and False give none.
    """
    written = "".join(_attributes(attributes.items()))
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(*children)}</{name}>")


def _attributes(items: Iterable[tuple[str, str | float | bool | None]]) -> Iterable[str]:
    for key, value in items:
        if value is None or value is False:
            continue
        name = key.rstrip("_").replace("_", "-")
        if value is True:
            yield f" {name}"
        else:
            told = f"{value:g}" if isinstance(value, float) else str(value)
            yield f' {name}="{html.escape(told)}"'


def _child(child: str) -> str:
    return child if isinstance(child, Html) else html.escape(child)
