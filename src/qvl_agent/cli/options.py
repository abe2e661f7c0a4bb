"""Options that several verbs share, so that each means the same everywhere.

A group of them is a frozen dataclass, and `spread` lets a verb take the group as one parameter.
"""

import functools
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

if TYPE_CHECKING:
    from qvl_agent.model.policy import Profile

__all__ = [
    "JsonOption",
    "LoadingOptions",
    "ModelOption",
    "PolicyOptions",
    "SeedOption",
    "pairs",
    "spread",
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
SeedOption = Annotated[int, typer.Option(min=0, help="Decides every random choice.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document, and nothing else, on stdout.")
]


@dataclass(frozen=True, slots=True)
class LoadingOptions:
    """How a checkpoint is loaded; None leaves it to the checkpoint and the machine.

    Attributes:
        torch_device: As torch names it.
        dtype: As torch names it.
        attention: As transformers names it.
        quantize: How many bits a weight has.
        device_map: How the weights are spread over several GPUs.
        drafting: Whether one pass checks several guessed tokens.
        min_pixels: Smaller pictures are enlarged.
        max_pixels: Larger pictures are reduced.
    """

    torch_device: Annotated[
        str | None,
        typer.Option(
            help="cpu, cuda, cuda:1 ...; by default the best there is.", rich_help_panel=_POLICY
        ),
    ] = None
    dtype: Annotated[
        str | None,
        typer.Option(help="float32, bfloat16 or float16.", rich_help_panel=_POLICY),
    ] = None
    attention: Annotated[
        str | None,
        typer.Option(help="flash_attention_2 or sdpa.", rich_help_panel=_POLICY),
    ] = None
    quantize: Annotated[
        str | None,
        typer.Option(
            help="Weights of 8 or 4 bits: int8 or nf4. On a GPU, with the extra quant.",
            rich_help_panel=_POLICY,
        ),
    ] = None
    device_map: Annotated[
        str | None,
        typer.Option(
            help="auto spreads the weights over all GPUs, with the extra quant.",
            rich_help_panel=_POLICY,
        ),
    ] = None
    drafting: Annotated[
        bool | None,
        typer.Option(
            help="Check guesses from the prompt in one pass; by default where it is faster.",
            rich_help_panel=_POLICY,
        ),
    ] = None
    min_pixels: Annotated[
        int | None,
        typer.Option(min=1, help="Smaller pictures are enlarged.", rich_help_panel=_POLICY),
    ] = None
    max_pixels: Annotated[
        int | None,
        typer.Option(min=1, help="Larger pictures are reduced.", rich_help_panel=_POLICY),
    ] = None

    def loading(self) -> Mapping[str, Any]:
        """Return the arguments of `Qwen2VLPolicy.load` that were asked for."""
        asked = {
            "device": self.torch_device,
            "dtype": self.dtype,
            "attention": self.attention,
            "quantize": self.quantize,
            "device_map": self.device_map,
            "drafting": self.drafting,
            "min_pixels": self.min_pixels,
            "max_pixels": self.max_pixels,
        }
        return {name: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True, slots=True)
class PolicyOptions(LoadingOptions):
    """How a policy is loaded and spoken to; None leaves it to the checkpoint.

    Attributes:
        dialect: How calls are written.
        frame: The grid of points.
        keep_steps: How many past steps are shown.
        eviction: What becomes of the oldest steps when the window is full.
        seed: Of the random policy, and of whatever else a verb draws.
    """

    dialect: Annotated[
        str | None,
        typer.Option(
            help="How calls are written: star, qwen_fn or hermes.", rich_help_panel=_POLICY
        ),
    ] = None
    frame: Annotated[
        str | None,
        typer.Option(help="Of its points: 0-1000, 0-999, 0-1 or pixels.", rich_help_panel=_POLICY),
    ] = None
    keep_steps: Annotated[
        int | None,
        typer.Option(min=0, help="Past steps that are shown.", rich_help_panel=_POLICY),
    ] = None
    eviction: Annotated[
        Literal["exact", "deletion"] | None,
        typer.Option(
            help="When the window is full: exact reads the kept steps again, deletion (quick and "
            "approximate) only forgets the oldest.",
            rich_help_panel=_POLICY,
        ),
    ] = None
    seed: SeedOption = 0

    def profile(self, base: "Profile") -> "Profile":
        """Return a profile with what was asked for in place of its own."""
        return replace(
            base,
            dialect=self.dialect or base.dialect,
            frame=self.frame or base.frame,
            keep_steps=base.keep_steps if self.keep_steps is None else self.keep_steps,
            eviction=self.eviction or base.eviction,
        )


def spread(verb: Callable[..., None]) -> Callable[..., None]:
    """Return a verb for typer in which each parameter that is a dataclass is one option per field.

    The verb itself is called with the dataclass. The parameter's default, an instance, is where
    the options' defaults are read: `def cards(wish: Wish = Wish(workers=32))`. A field that is a
    dataclass is spread out in its place.
    """
    kinds = get_type_hints(verb, include_extras=True)
    own = inspect.signature(verb).parameters
    options = [o for name, p in own.items() for o in _options(name, kinds[name], p.default)]

    @functools.wraps(verb)
    def spread_out(**words: Any) -> None:
        verb(**{name: _gathered(name, kinds[name], words) for name in own})

    spread_out.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    spread_out.__annotations__ = {option.name: option.annotation for option in options}
    return spread_out


def _options(name: str, kind: Any, default: Any) -> Iterator[inspect.Parameter]:
    """Yield the parameters that typer reads in place of one of the verb's."""
    if not is_dataclass(kind):
        yield inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
        )
        return
    kinds = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        yield from _options(field.name, kinds[field.name], getattr(default, field.name))


def _gathered(name: str, kind: Any, words: Mapping[str, Any]) -> Any:
    """Return what the verb is given for one of its parameters."""
    if not is_dataclass(kind):
        return words[name]
    kinds = get_type_hints(kind, include_extras=True)
    gathered = {f.name: _gathered(f.name, kinds[f.name], words) for f in fields(kind)}
    assert isinstance(kind, type)
    return kind(**gathered)


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
