"""`qvl-agent score`: the scorers of prediction files under one verb.

Knows their names, and nothing of what they compute.
"""

from typing import Any

import typer
from typer.core import TyperGroup

from qvl_agent.cli.score import score
from qvl_agent.cli.score_vln import r2r, reverie

__all__ = ["scoring"]


class _AitzUnlessNamed(TyperGroup):
    """A group whose first word may be left out: `score FILE --data DIR` scores AITZ."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["aitz", *args]
        return super().parse_args(ctx, args)


scoring = typer.Typer(
    cls=_AitzUnlessNamed,
    no_args_is_help=True,
    help="Score a file of predictions by the published rules; of AITZ, unless named.",
)
scoring.command("aitz")(score)
scoring.command()(r2r)
scoring.command()(reverie)
