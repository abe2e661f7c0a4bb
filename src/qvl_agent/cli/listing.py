"""`qvl-agent list`: what there is to choose from."""

import json
from collections.abc import Sequence

import typer

from qvl_agent.cli.options import JsonOption

__all__ = ["catalogue"]

catalogue = typer.Typer(help="List the worlds, the policies or the suites.", no_args_is_help=True)

Row = tuple[str, str]
"""A name, as it is written on the command line, and what it stands for."""

MODELS: tuple[Row, ...] = (
    ("nano", "Bundled Qwen2-VLs of 3 million parameters: card games, web pages, places on phones."),
    ("random", "A random action of the world's space."),
    ("expert", "The world's own optimal player, which sees its state and no picture."),
    ("none", "Says at once that it is done: what doing nothing is worth."),
    ("scripted:FILE", "The answers in a file of JSON Lines, one after the other."),
    ("DIR", "A Qwen2-VL checkpoint in the hub's format."),
    ("OWNER/NAME", "A Qwen2-VL checkpoint of the hub, as Qwen/Qwen2-VL-2B-Instruct."),
)


@catalogue.command()
def envs(as_json: JsonOption = False) -> None:
    """List the worlds that --env takes."""
    from qvl_agent.envs.registry import list_worlds

    _show([(world.name, world.summary) for world in list_worlds()], as_json)


@catalogue.command()
def models(as_json: JsonOption = False) -> None:
    """List the forms that --model takes."""
    _show(MODELS, as_json)


@catalogue.command()
def suites(as_json: JsonOption = False) -> None:
    """List the suites that `qvl-agent eval` plays."""
    from qvl_agent.evals.alfred import AlfredSuite
    from qvl_agent.evals.cards import CardsSuite
    from qvl_agent.evals.fncall.suite import FnCallSuite
    from qvl_agent.evals.miniwob import MiniWobSuite
    from qvl_agent.evals.phone import PhoneSuite
    from qvl_agent.evals.vln.suite import SUMMARIES

    rows = [
        (suite.name, suite.summary)
        for suite in (CardsSuite, PhoneSuite, MiniWobSuite, FnCallSuite, AlfredSuite)
    ]
    rows += SUMMARIES.items()
    _show([*rows, ("aitz", "Android in the Zoo, step by step, under three rules.")], as_json)


def _show(rows: Sequence[Row], as_json: bool) -> None:
    if as_json:
        print(json.dumps([{"name": name, "summary": summary} for name, summary in rows]))
        return
    width = max(len(name) for name, _ in rows)
    for name, summary in rows:
        print(f"{name:<{width}}  {summary}")
