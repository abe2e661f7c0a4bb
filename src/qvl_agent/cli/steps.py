"""An episode's records, as they stand in a trace, told to a person or as JSON.

The same for an episode that is under way (`run`) and one that was recorded (`view`). What a policy
writes and what a screen shows is foreign text: nothing in it can steer the terminal.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

__all__ = ["StepPrinter", "printable", "summary_of"]

Record = Mapping[str, Any]

_SUMMED = (
    "task",
    "success",
    "reason",
    "detail",
    "outcome",
    "reward",
    "tokens",
    "seconds",
    "trace",
)
_ENDS = {
    "success": "the environment says success",
    "failure": "the environment says no success",
    "step_limit": "out of steps",
    "time_limit": "out of time",
    "token_limit": "out of tokens",
    "no_progress": "the same again and again, without effect",
    "too_many_errors": "too many errors in a row",
    "stopped_by_guard": "stopped by the guard",
    "env_error": "the environment broke",
    "policy_error": "the policy broke",
    "interrupted": "interrupted",
    "closed": "closed",
}


def printable(text: str) -> str:
    """Return a text whose control characters cannot reach the terminal; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


class StepPrinter:
    """Prints records one by one, as they come.

    Args:
        console: Where to.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tokens = self._prompt_tokens = 0
        self._budget = 0

    def show(self, record: Record) -> None:
        """Print what a person wants to know of a record; of most kinds nothing."""
        match record["event"]:
            case "started":
                self._line(0, "Task", record["task"])
            case "generated":
                self._tokens += len(record["generation"]["tokens"])
                self._prompt_tokens = record["window"]["tokens"]
                self._budget = record["window"]["budget"]
            case "parse_failed":
                self._line(4, "unreadable", record["message"], style="yellow")
            case "denied":
                self._line(4, "denied", f"{_written(record['call'])}: {record['reason']}", "yellow")
            case "acted":
                self._acted(record)
            case "world_failed":
                self._line(4, record["kind"], record["message"], style="red")
            case "ended":
                self._ended(record)

    def _acted(self, record: Record) -> None:
        number = f"{record['step'] + 1:>3} "
        thought = printable(record["thought"].strip())
        if thought:
            self._print(Text(number, "dim"), Text(thought))
            number = "    "
        self._print(Text(number, "dim"), Text(_written(record["call"]), "bold"))
        if record["error"]:
            self._line(4, "failed", record["error"], style="yellow")
        if record.get("hint"):
            self._line(4, "told", record["hint"], style="yellow")
        seconds = record["seconds"]
        facts = [f"{seconds['policy'] + seconds['world'] + seconds['agent']:.2f} s"]
        if self._tokens:
            facts.append(f"{self._tokens} tokens")
        facts.append(f"context {self._prompt_tokens:,} of {self._budget:,}")
        if record["reward"] is not None:
            facts.insert(0, f"reward {record['reward']:g}")
        if record["flags"]:
            facts.append(f"repaired: {', '.join(record['flags'])}")
        self._print(Text("    "), Text(", ".join(facts), "dim"))
        self._tokens = 0

    def _ended(self, record: Record) -> None:
        style = "bold green" if record["success"] else "bold red"
        word = "Success" if record["success"] else "No success"
        why = str(_ENDS.get(record["reason"], record["reason"]))
        if record["detail"]:
            why += f" ({printable(record['detail'])})"
        self._print(Text(word, style), Text(f": {why}"))
        steps = max(1, record["steps"])
        metrics = (record["outcome"] or {}).get("metrics", {})
        facts = [
            f"{record['steps']} steps",
            f"reward {record['reward']:g}" if isinstance(record["reward"], int | float) else "",
            f"{record['tokens']} tokens" if record["tokens"] else "",
            f"{record['seconds']:.2f} s ({record['seconds'] / steps:.2f} s a step)",
            *(f"{name} {value:g}" for name, value in metrics.items()),
        ]
        self._print(Text(", ".join(fact for fact in facts if fact)))

    def _line(self, indent: int, head: str, text: str, style: str = "") -> None:
        self._print(Text(" " * indent), Text(f"{head}  ", f"bold {style}"), Text(printable(text)))

    def _print(self, *parts: Text) -> None:
        self._console.print(Text.assemble(*parts), soft_wrap=True)


def summary_of(records: Iterable[Record]) -> dict[str, Any]:
    """Return an episode as one JSON object: its steps, its errors and how it ended.

    What is missing of an episode that was cut off is null.
    """
    document: dict[str, Any] = dict.fromkeys(_SUMMED)
    steps: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    tokens = 0
    for record in records:
        match record["event"]:
            case "started":
                document["task"] = record["task"]
            case "generated":
                tokens += len(record["generation"]["tokens"])
            case "parse_failed" | "denied" | "world_failed":
                kept = ("event", "step", "turn", "kind", "verdict", "message", "reason")
                errors.append({key: record[key] for key in kept if key in record})
            case "acted":
                kept = ("step", "thought", "call", "flags", "reward", "error", "seconds")
                steps.append({key: record[key] for key in kept} | {"tokens": tokens})
                tokens = 0
            case "ended":
                document |= {key: record[key] for key in document if key in record}
    return document | {"steps": steps, "errors": errors}


def _written(call: Mapping[str, Any]) -> str:
    """Return a call on one line: its name, and its arguments where it has any."""
    args = json.dumps(call["args"], ensure_ascii=False) if call["args"] else ""
    return printable(f"{call['function']} {args}".strip().replace("\n", " "))
