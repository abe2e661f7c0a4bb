"""Options that several verbs share, so that each means the same everywhere."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

__all__ = [
    "AttentionOption",
    "DeviceOption",
    "DtypeOption",
    "JsonOption",
    "MaxPixelsOption",
    "MinPixelsOption",
    "ModelOption",
    "SeedOption",
    "pairs",
]

_POLICY = "Policy"

ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME",
        help="nano, random, expert, scripted:FILE, a folder with a checkpoint, or a hub id.",
        rich_help_panel=_POLICY,
    ),
]
DeviceOption = Annotated[
    str | None,
    typer.Option(
        help="cpu, cuda, cuda:1 ...; by default the best there is.", rich_help_panel=_POLICY
    ),
]
DtypeOption = Annotated[
    str | None,
    typer.Option(help="float32, bfloat16 or float16.", rich_help_panel=_POLICY),
]
AttentionOption = Annotated[
    str | None,
    typer.Option(help="flash_attention_2 or sdpa.", rich_help_panel=_POLICY),
]
MinPixelsOption = Annotated[
    int | None,
    typer.Option(min=1, help="Smaller pictures are enlarged.", rich_help_panel=_POLICY),
]
MaxPixelsOption = Annotated[
    int | None,
    typer.Option(min=1, help="Larger pictures are reduced.", rich_help_panel=_POLICY),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Decides every random choice.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document, and nothing else, on stdout.")
]


def pairs(options: Sequence[str]) -> dict[str, Any]:
    """Return `key=value` options as a mapping; a value is JSON where it reads as JSON.

    `start=0`, `cards=["S7", "C5"]` and `name=anna` make
    `{"start": 0, "cards": ["S7", "C5"], "name": "anna"}`.

    Raises:
        UsageError: If one has no "=" or no key.
    """
    from qvl_agent.actions.errors import UsageError

    found: dict[str, Any] = {}
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or not key:
            raise UsageError(f"--option takes key=value, got {option!r}")
        try:
            found[key] = json.loads(value)
        except json.JSONDecodeError:
            found[key] = value
    return found
