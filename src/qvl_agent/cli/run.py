"""`qvl-agent run`: one episode of a policy in a world, shown step by step as it happens."""

import json
import sys
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qvl_agent.cli.desktop import DESKTOPS, DesktopOptions, desktop_world
from qvl_agent.cli.errors import ENV, FAILURE, INTERRUPTED, POLICY, SUCCESS
from qvl_agent.cli.options import JsonOption, ModelOption, PolicyOptions, pairs, spread
from qvl_agent.cli.toolbox import TOOLS, ToolOptions, tool_world

if TYPE_CHECKING:
    from rich.console import Console

    from qvl_agent.agent.events import Episode, Event
    from qvl_agent.agent.guard import Guard
    from qvl_agent.agent.loop import Agent
    from qvl_agent.envs.base import World

__all__ = ["run"]

_AGENT = "Agent"
_POLICY = "Policy"
_LIMITS = "Limits"
_PHONES = ("android", "qvl_agent/Android-v0")
_POLICY_OPTIONS = PolicyOptions()
_DESKTOP_OPTIONS = DesktopOptions()
_TOOL_OPTIONS = ToolOptions()


@spread
def run(
    task: Annotated[
        str | None, typer.Argument(help='What to do, as "find pizza"; games bring their own.')
    ] = None,
    env: Annotated[
        str, typer.Option("--env", "-e", metavar="NAME", help="See: qvl-agent list envs.")
    ] = "numberline",
    device: Annotated[
        str | None,
        typer.Option(
            metavar="SERIAL|sim",
            help="Which phone (--env android); by default the one that adb has, or else the "
            "bundled one.",
        ),
    ] = None,
    desktop: DesktopOptions = _DESKTOP_OPTIONS,
    toolbox: ToolOptions = _TOOL_OPTIONS,
    model: ModelOption = "nano",
    options: PolicyOptions = _POLICY_OPTIONS,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Of the world's reset, as start=0; repeatable."),
    ] = None,
    trace: Annotated[
        Path, typer.Option(metavar="DIR", help="The episode's trace becomes a folder in here.")
    ] = Path("runs"),
    as_json: JsonOption = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask before each action.", rich_help_panel=_AGENT)
    ] = False,
    context: Annotated[
        int | None,
        typer.Option(min=1, help="Token budget of the context.", rich_help_panel=_AGENT),
    ] = None,
    constrained: Annotated[
        bool,
        typer.Option(
            "--constrained",
            help="Calls under the space's grammar: always valid (local models).",
            rich_help_panel=_AGENT,
        ),
    ] = False,
    read_ahead: Annotated[
        bool,
        typer.Option(
            "--read-ahead",
            help="A local model on a GPU reads what it can of the next prompt while the world "
            "acts; same answers.",
            rich_help_panel=_AGENT,
        ),
    ] = False,
    max_steps: Annotated[int, typer.Option(min=1, help="Actions.", rich_help_panel=_LIMITS)] = 100,
    max_seconds: Annotated[
        float | None, typer.Option(min=0.001, help="Wall time.", rich_help_panel=_LIMITS)
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Generated tokens.", rich_help_panel=_LIMITS)
    ] = None,
    temperature: Annotated[
        float, typer.Option(min=0, help="0 is greedy.", rich_help_panel=_POLICY)
    ] = 0.0,
    top_p: Annotated[
        float, typer.Option(min=0, max=1, help="Nucleus.", rich_help_panel=_POLICY)
    ] = 1.0,
) -> None:
    """Play one episode.

    The exit code is 0 when the environment says success and 1 when it does not.
    """
    from rich.console import Console
    from rich.text import Text

    from qvl_agent.agent.limits import Limits
    from qvl_agent.agent.loop import Agent
    from qvl_agent.cli.policies import policy_for

    settings = pairs(option or [])
    seed = options.seed
    console = Console(quiet=as_json, highlight=False)
    with closing(_world(env, device, desktop, toolbox)) as world:
        with console.status(Text(f"Loading {model}")):
            policy = policy_for(model, options)(world)
        agent = Agent(
            policy,
            world.action_space,
            limits=Limits(steps=max_steps, seconds=max_seconds, tokens=max_tokens),
            guard=_guard(ask),
            trace=trace,
            context_tokens=context,
            temperature=temperature,
            top_p=top_p,
            seed=seed,
            constrained=constrained,
            read_ahead=read_ahead,
        )
        console.print(Text.assemble((env, "bold"), f", played by {policy.name}, seed {seed}"))
        # A question to the user needs the line that the sign of life is shown on.
        with nullcontext() if ask else console.status("Thinking"):
            episode, records = _watched(agent, world, console, task, seed, settings)
    code = _exit_code(episode)
    console.print(Text(f"Trace: {episode.trace}"), soft_wrap=True)
    if as_json:
        head = {"env": env, "model": policy.name, "seed": seed, "exit_code": code}
        print(json.dumps(head | _document(episode, records, code)))
    raise typer.Exit(code)


def _world(name: str, device: str | None, desktop: DesktopOptions, toolbox: ToolOptions) -> "World":
    """Return a world; a phone is the one asked for, the attached one, or else the bundled one.

    Raises:
        UsageError: If there is no such world, or an option is for another one.
        DeviceError: If the phone cannot be used; says which there are.
    """
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.envs import registry

    if desktop != _DESKTOP_OPTIONS and name not in DESKTOPS:
        raise UsageError(f"--virtual, --start and --view are for --env desktop, not for {name}")
    if toolbox != _TOOL_OPTIONS and name not in TOOLS:
        raise UsageError(f"--tools and --picture are for --env tools, not for {name}")
    if device is not None and name not in _PHONES:
        raise UsageError(
            f"--device chooses a phone, and {name} has none; where a model runs is --torch-device"
        )
    if name in DESKTOPS:
        return desktop_world(desktop)
    if name in TOOLS:
        return tool_world(toolbox)
    if name not in _PHONES:
        return registry.make(name)
    from qvl_agent.envs.android import AndroidEnv

    phone = AndroidEnv(device or "auto")
    if device is None and phone.device.phone is not None:
        print(
            "No phone is attached (adb devices lists none): this is the bundled one. "
            "--device SERIAL chooses another, --device sim this one.",
            file=sys.stderr,
        )
    return phone


def _watched(
    agent: "Agent",
    world: "World",
    console: "Console",
    task: str | None,
    seed: int,
    options: dict[str, Any],
) -> "tuple[Episode, list[dict[str, Any]]]":
    """Play an episode, show it as it happens, and return it with its records."""
    from qvl_agent.agent.record import record_of
    from qvl_agent.cli.steps import StepPrinter

    printer = StepPrinter(console)
    records: list[dict[str, Any]] = []

    def watch(event: "Event") -> None:
        records.append(record_of(event))
        printer.show(records[-1])

    return agent.run(world, task, seed=seed, options=options, watch=watch), records


def _document(episode: "Episode", records: list[dict[str, Any]], code: int) -> dict[str, Any]:
    """Return the episode as JSON, with an "error" where something broke or was interrupted."""
    from qvl_agent.cli.steps import summary_of

    if code in (SUCCESS, FAILURE):
        return summary_of(records)
    message = episode.detail or episode.reason
    error = {"kind": episode.reason, "message": message, "exit_code": code}
    return summary_of(records) | {"error": error}


def _exit_code(episode: "Episode") -> int:
    match episode.reason:
        case "env_error":
            return ENV
        case "policy_error":
            return POLICY
        case "interrupted":
            return INTERRUPTED
        case _:
            return SUCCESS if episode.success else FAILURE


def _guard(ask: bool) -> "Guard":
    """Return the guard that asks on stderr, so that stdout stays the document's; or none."""
    from qvl_agent.actions.types import Action
    from qvl_agent.agent.guard import AllowAll, AskGuard
    from qvl_agent.envs.base import Observation

    def consent(action: Action, observation: Observation, task: str, reason: str) -> bool:
        print(f"Carry out {action!r}? [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    return AskGuard(consent) if ask else AllowAll()
