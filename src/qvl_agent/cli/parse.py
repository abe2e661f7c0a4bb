"""`qvl-agent parse`: what the calls in a policy's text come to, for one text or for a file of them.

Loads no model: it answers in a fraction of a second, and so serves for checking a checkpoint's
raw outputs or another program's.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from qvl_agent.actions.dialects import Dialect
    from qvl_agent.actions.space import ActionSpace

__all__ = ["parse"]

_STDIN = "-"


def parse(
    text: Annotated[str | None, typer.Argument(help="What a policy wrote.")] = None,
    jsonl: Annotated[
        str | None,
        typer.Option(metavar="FILE", help='A file of {"raw": TEXT} lines, or - for stdin.'),
    ] = None,
    space: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="paper, mobile, numberline, blackjack, ezpoints or points24."
        ),
    ] = "paper",
    dialect: Annotated[str, typer.Option(metavar="NAME", help="star, qwen_fn or hermes.")] = "star",
) -> None:
    """Print the calls in a policy's text as JSON: one document per text, one text per line.

    Points are pairs of x and y on the grid 0..1000. A text without a valid call has an "error" of
    a kind and a message; for a single TEXT the exit code is then 1.
    """
    from qvl_agent.actions.dialects import get_dialect
    from qvl_agent.actions.errors import UsageError

    if (text is None) == (jsonl is None):
        raise UsageError("parse takes either a TEXT or --jsonl FILE")
    spoken = get_dialect(dialect)
    known = spoken.space_for(_space(space))
    if text is not None:
        result = _result(text, spoken, known)
        print(json.dumps(result))
        raise typer.Exit(0 if result["error"] is None else 1)
    assert jsonl is not None
    for raw in _texts(jsonl):
        print(json.dumps(_result(raw, spoken, known)), flush=jsonl == _STDIN)


def _result(text: str, dialect: "Dialect", space: "ActionSpace") -> dict[str, Any]:
    """Return what a text comes to, as plain JSON."""
    from qvl_agent.actions.errors import ParseError
    from qvl_agent.actions.frames import FRAME_1000

    try:
        parsed = dialect.parse(text, space, FRAME_1000)
    except ParseError as exc:
        error = {"kind": exc.kind, "message": str(exc)}
        return {"calls": [], "flags": list(exc.flags), "error": error}
    calls = [call.to_json() for call in parsed.calls]
    return {"calls": calls, "flags": list(parsed.flags), "error": None}


def _texts(source: str) -> Iterator[str]:
    """Yield the texts of a file of JSON Lines; blank lines are skipped.

    Raises:
        UsageError: Naming the line that is none, or the file that cannot be read.
    """
    from qvl_agent.actions.errors import UsageError

    where = "stdin" if source == _STDIN else source
    with contextlib.ExitStack() as stack:
        try:
            file = sys.stdin.buffer if source == _STDIN else stack.enter_context(open(source, "rb"))
        except OSError as exc:
            raise UsageError(f"cannot read {source}: {exc.strerror}") from exc
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as exc:
                raise UsageError(f"{where}, line {number} is no JSON: {exc}") from exc
            raw = record.get("raw") if isinstance(record, dict) else None
            if not isinstance(raw, str):
                raise UsageError(
                    f'{where}, line {number}: expected {{"raw": "..."}}, got {_short(line)}'
                )
            yield raw


def _short(line: bytes) -> str:
    text = line.decode(errors="replace").strip()
    return text if len(text) <= 60 else f"{text[:57]}..."


def _space(name: str) -> "ActionSpace":
    """Return an action space by its name.

    Raises:
        UsageError: If there is none; names those there are.
    """
    from qvl_agent.actions import cards, desktop, mobile
    from qvl_agent.actions.errors import UsageError

    spaces: Mapping[str, Callable[[], ActionSpace]] = {
        "paper": mobile.paper_space,
        "mobile": mobile.mobile_space,
        "desktop": desktop.desktop_space,
        "numberline": cards.numberline_space,
        "blackjack": cards.blackjack_space,
        "ezpoints": lambda: _game_space("EZPoints"),
        "points24": lambda: _game_space("Points24"),
    }
    if name not in spaces:
        raise UsageError(f"there is no space {name!r}; there are {', '.join(spaces)}")
    return spaces[name]()


def _game_space(name: str) -> "ActionSpace":
    """Return the space of a card game whose tokens only the game knows."""
    from qvl_agent.actions.space import ActionSpace
    from qvl_agent.envs import cards

    space = getattr(cards, name)().action_space
    assert isinstance(space, ActionSpace)
    return space
