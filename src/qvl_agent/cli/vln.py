"""`qvl-agent eval r2r|reverie`: instructions through buildings, yours or generated ones.

The walks are scored by the published rules and kept as a submission that `qvl-agent score` reads.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from qvl_agent.cli.conduct import Wish, conduct, episodes_plan
from qvl_agent.cli.options import JsonOption, spread
from qvl_agent.cli.telling import close

if TYPE_CHECKING:
    from qvl_agent.agent.loop import WorldEnv
    from qvl_agent.cli.conduct import Conducted, Plan
    from qvl_agent.cli.policies import PolicyFor
    from qvl_agent.evals.vln.suite import NavigationSuite

__all__ = ["r2r", "reverie"]

_WALKS = Wish(workers=4)
_TASKS = "Tasks"
_WORLD = "World"

_Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the benchmark's files; without it buildings are generated.",
        rich_help_panel=_TASKS,
    ),
]
_Split = Annotated[
    str, typer.Option(help="As in R2R_<split>.json, of the data folder.", rich_help_panel=_TASKS)
]
_Buildings = Annotated[
    int, typer.Option(min=1, help="How many are generated.", rich_help_panel=_TASKS)
]
_Routes = Annotated[
    int, typer.Option(min=1, help="Through each generated building.", rich_help_panel=_TASKS)
]
_Level = Annotated[
    str | None,
    typer.Option(
        metavar="viewpoint|low",
        help="Go to numbered candidates, which is the default, or turn and look around first.",
        rich_help_panel=_WORLD,
    ),
]
_Composition = Annotated[
    str | None,
    typer.Option(
        metavar="candidates|panorama|glance",
        help="A picture per candidate, one panorama, or one small picture, as with --short.",
        rich_help_panel=_WORLD,
    ),
]
_MaxSteps = Annotated[
    int | None,
    typer.Option(min=1, help="Actions; by default 15, 60 at low level.", rich_help_panel=_WORLD),
]


@spread
def r2r(
    wish: Wish = _WALKS,
    data: _Data = None,
    split: _Split = "val_unseen",
    buildings: _Buildings = 5,
    routes: _Routes = 10,
    short: Annotated[
        bool,
        typer.Option(
            "--short",
            help="Generated routes of one to three moves, each told by a thing to go to, seen in "
            "one small picture: what nano learns.",
            rich_help_panel=_TASKS,
        ),
    ] = False,
    level: _Level = None,
    composition: _Composition = None,
    max_steps: _MaxSteps = None,
    as_json: JsonOption = False,
) -> None:
    """Follow instructions through buildings: SR, OSR, NE, SPL in both readings, nDTW, SDTW, CLS.

    The model may also be annotated, which takes the annotated path (expert takes a shortest one),
    random, which walks at random, or stop, which stops where it is.
    """
    from qvl_agent.evals.vln.suite import NavigationSuite

    suite = NavigationSuite(
        "r2r",
        data,
        split,
        buildings=buildings,
        routes=routes,
        seed=wish.options.seed,
        short=short,
        blind=_is_blind(wish),
        world=_world(wish, level=level, composition=composition, max_steps=max_steps),
    )
    _play(suite, wish, {"buildings": buildings, "routes": routes, "short": short}, as_json)


@spread
def reverie(
    wish: Wish = _WALKS,
    data: _Data = None,
    split: _Split = "val_unseen",
    version: Annotated[
        str,
        typer.Option(
            metavar="v1|v2",
            help="The literature's annotations or the later ones, where both lie below --data.",
            rich_help_panel=_TASKS,
        ),
    ] = "v1",
    buildings: _Buildings = 5,
    routes: _Routes = 10,
    level: _Level = None,
    composition: _Composition = None,
    max_steps: _MaxSteps = None,
    as_json: JsonOption = False,
) -> None:
    """Find objects in buildings: SR, OSR, SPL in both readings, RGS, RGSPL.

    The model may also be annotated, random or stop, as in r2r; the experts name the object.
    """
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.evals.vln.suite import NavigationSuite

    if version not in ("v1", "v2"):
        raise UsageError(f"--version is v1 or v2, got {version!r}")
    suite = NavigationSuite(
        "reverie",
        data,
        split,
        version=cast(Literal["v1", "v2"], version),
        buildings=buildings,
        routes=routes,
        seed=wish.options.seed,
        blind=_is_blind(wish),
        world=_world(wish, level=level, composition=composition, max_steps=max_steps),
    )
    config = {"buildings": buildings, "routes": routes, "version": version}
    _play(suite, wish, config, as_json)


def _is_blind(wish: Wish) -> bool:
    """Return whether no policy and no trace shows the pictures to anybody."""
    return wish.model in ("expert", "annotated", "random", "stop") and wish.out is None


def _world(wish: Wish, **asked: Any) -> dict[str, Any]:
    """Return the arguments of the worlds that a command line asks for."""
    route = {"expert": "annotated"} if wish.model == "annotated" else {}
    return route | {name: value for name, value in asked.items() if value is not None}


def _play(suite: "NavigationSuite", wish: Wish, config: dict[str, Any], as_json: bool) -> None:
    """Play a suite, score it by the published rules, and keep it as a submission."""
    run = conduct(_plan(suite, wish, config), wish)
    once = [record for record in run.records if record.repeat == 0]
    report = suite.report(once) if once else None
    if as_json:
        document = {
            "suite": suite.name,
            "model": wish.model,
            "split": suite.split,
            "published_split": suite.published,
            "seed": wish.options.seed,
            **(report.to_json() if report else {"metrics": {}, "instructions": 0}),
        }
        print(json.dumps(document))
    elif report is not None:
        from qvl_agent.cli.score_vln import show

        show(report, f"{suite.name}, {suite.split}, walked by {wish.model}", as_json=False)
        print(f"  {suite.standing}")
    if wish.out is not None:
        _keep(suite, run, wish.out)
    close(run, wish.out)


def _plan(suite: "NavigationSuite", wish: Wish, config: dict[str, Any]) -> "Plan":
    """Return the plan of a run: who walks, and what is kept of it."""
    from qvl_agent.evals.vln.suite import WalkPlayer

    played = replace(wish, model="expert") if wish.model == "annotated" else wish
    decides = {
        **suite.config,
        **(config if suite.split == "generated" else {}),
        "published": suite.published and wish.limit is None,
        "standing": suite.standing if wish.limit is None else f"a sample of {suite.standing}",
    }
    plan = episodes_plan(suite, decides, suite.limits, played, bound=_stroller(suite, wish))
    seat = plan.seat
    return replace(plan, seat=lambda: WalkPlayer(seat()))


def _stroller(suite: "NavigationSuite", wish: Wish) -> "PolicyFor | None":
    """Return who walks without looking, where the model is such a baseline."""
    from qvl_agent.actions.dialects import get_dialect
    from qvl_agent.envs.vln.env import NavigationEnv
    from qvl_agent.evals.vln.strolls import Stroll
    from qvl_agent.model.policy import Profile
    from qvl_agent.model.scripted import ScriptedPolicy

    if wish.model not in ("random", "stop"):
        return None
    longest = suite.longest_stroll if wish.model == "random" else 0
    profile = wish.options.profile(Profile())
    dialect = get_dialect(profile.dialect)

    def stroller(world: "WorldEnv") -> ScriptedPolicy:
        walked = cast(NavigationEnv, world.unwrapped)
        stroll = Stroll(walked, longest, wish.options.seed)

        def answer(_: object) -> str:
            return dialect.render(walked.action_space.to_call(stroll()))

        return ScriptedPolicy(answer, name=wish.model, profile=profile)

    return stroller


def _keep(suite: "NavigationSuite", run: "Conducted", out: Path) -> None:
    """Write the walks as a submission, and what scores it where that was generated."""
    from qvl_agent.evals.vln.results import write_results
    from qvl_agent.evals.vln.suite import result_of

    once = [record for record in run.records if record.repeat == 0]
    path, data = out / "submission.json", out / "data"
    write_results(path, [result_of(record) for record in once])
    told = f"Submission: {path}"
    if suite.write_data(data, once):
        told += f"; scored by: qvl-agent score {suite.name} {path} --data {data} --split generated"
    print(told, file=sys.stderr)
