"""The published tasks by name, and how an unknown name is answered. Knows no browser."""

import difflib
from collections.abc import Iterable

from qvl_agent.actions.errors import UsageError

__all__ = ["FLIGHTS", "NANO", "NEVER_AT_REST", "TASKS", "check_names", "size_of"]

FLIGHTS = ("flight.AA", "flight.Alaska", "flight.Alaska-auto")
"""Saved airline sites in a page of 375 x 667; all other tasks have 160 x 210."""

TASKS = (
    "ascending-numbers", "bisect-angle", "book-flight", "book-flight-nodelay", "buy-ticket",
    "choose-date", "choose-date-easy", "choose-date-medium", "choose-date-nodelay", "choose-list",
    "circle-center", "click-button", "click-button-sequence", "click-checkboxes",
    "click-checkboxes-large", "click-checkboxes-soft", "click-checkboxes-transfer",
    "click-collapsible", "click-collapsible-2", "click-collapsible-2-nodelay",
    "click-collapsible-nodelay", "click-color", "click-dialog", "click-dialog-2", "click-link",
    "click-menu", "click-menu-2", "click-option", "click-pie", "click-pie-nodelay",
    "click-scroll-list", "click-shades", "click-shape", "click-tab", "click-tab-2",
    "click-tab-2-easy", "click-tab-2-hard", "click-tab-2-medium", "click-test", "click-test-2",
    "click-test-transfer", "click-widget", "copy-paste", "copy-paste-2", "count-shape",
    "count-sides", "daily-calendar", "drag-box", "drag-circle", "drag-cube", "drag-items",
    "drag-items-grid", "drag-shapes", "drag-shapes-2", "drag-single-shape", "drag-sort-numbers",
    "draw-circle", "draw-line", "email-inbox", "email-inbox-delete", "email-inbox-forward",
    "email-inbox-forward-nl", "email-inbox-forward-nl-turk", "email-inbox-important",
    "email-inbox-nl-turk", "email-inbox-noscroll", "email-inbox-reply", "email-inbox-star-reply",
    "enter-date", "enter-password", "enter-text", "enter-text-2", "enter-text-dynamic",
    "enter-time", "find-greatest", "find-midpoint", "find-word", "flight.AA", "flight.Alaska",
    "flight.Alaska-auto", "focus-text", "focus-text-2", "form-sequence", "form-sequence-2",
    "form-sequence-3", "generate-number", "grid-coordinate", "guess-number", "highlight-text",
    "highlight-text-2", "hot-cold", "identify-shape", "login-user", "login-user-popup",
    "multi-layouts", "multi-orderings", "navigate-tree", "number-checkboxes", "odd-or-even",
    "order-food", "phone-book", "read-table", "read-table-2", "resize-textarea", "right-angle",
    "scroll-text", "scroll-text-2", "search-engine", "sign-agreement", "simple-algebra",
    "simple-arithmetic", "social-media", "social-media-all", "social-media-some", "stock-market",
    "terminal", "text-editor", "text-transform", "tic-tac-toe", "unicode-test",
    "use-autocomplete", "use-autocomplete-nodelay", "use-colorwheel", "use-colorwheel-2",
    "use-slider", "use-slider-2", "use-spinner", "visual-addition",
)  # fmt: skip
"""All 128 tasks of the `miniwob` package 1.1, by name."""

NEVER_AT_REST = frozenset({"stock-market"})
"""Tasks whose page changes all the time."""


NANO = (
    "click-test", "click-test-2", "click-button", "click-dialog", "click-dialog-2", "click-tab",
    "click-widget", "click-color", "focus-text", "focus-text-2", "enter-text", "grid-coordinate",
)  # fmt: skip
"""Tasks that can be learnt from a picture of 160 x 210 in one glance a step."""


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names, each once, in order; "all" stands for every task.

    Raises:
        UsageError: If there is no such task; the message names the nearest.
    """
    found: dict[str, None] = {}
    for name in names:
        plain = name.strip().removeprefix("miniwob/").removesuffix("-v1")
        if plain == "all":
            found.update(dict.fromkeys(TASKS))
        elif plain in TASKS:
            found[plain] = None
        else:
            near = difflib.get_close_matches(plain, TASKS, n=3, cutoff=0.5)
            hint = (
                f"did you mean {' or '.join(map(repr, near))}?"
                if near
                else "they are called as in click-test and enter-text; all is every one"
            )
            raise UsageError(f"MiniWoB++ has no task {name!r}; {hint}")
    if not found:
        raise UsageError("no task is named; name some, or say all")
    return tuple(found)


def size_of(name: str) -> tuple[int, int]:
    """Return the width and height of a task's area in pixels."""
    return (375, 667) if name in FLIGHTS else (160, 210)
