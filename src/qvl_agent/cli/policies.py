"""From `--model` and its options to a policy: the one place that picks a concrete one."""

import difflib
import functools
from collections.abc import Callable
from pathlib import Path
from typing import cast

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.actions.frames import FRAME_999, FRAME_1000, FRAME_UNIT, Frame, pixel_frame
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Call
from qvl_agent.agent.loop import WorldEnv
from qvl_agent.cli.options import PolicyOptions
from qvl_agent.envs.base import ObservationSpace, World
from qvl_agent.model.policy import Policy, Profile
from qvl_agent.model.scripted import RandomPolicy, ScriptedPolicy

__all__ = ["PolicyFor", "nano_course", "policy_for", "random_policy"]

PolicyFor = Callable[[WorldEnv], Policy]
"""Who plays in a world: one and the same policy for all, unless it is bound to the world."""

_WORDS = ("nano", "random", "expert")

_TAUGHT = {"desktop": "miniwob", "mobile": "phone", "navigation": "routes"}
"""Courses of nano, by the action space of their worlds; another space gets the card player."""


def policy_for(name: str, options: PolicyOptions) -> PolicyFor:
    """Return who plays, by a name as `qvl-agent list models` shows them.

    Raises:
        UsageError: If there is no such policy; the message names the nearest.
        DataError: If a script or a file of the checkpoint is missing or unreadable.
        PolicyError: If the model cannot be loaded.
    """
    if options.dialect is not None:
        get_dialect(options.dialect)  # a slip is told before a model is loaded
    kind, _, rest = name.partition(":")
    match kind:
        case "expert":
            return lambda world: _expert(cast(World, world.unwrapped), options)
        case "random":
            return lambda world: _random(cast(World, world.unwrapped), options)
        case "none":
            return lambda world: _idle(cast(World, world.unwrapped), options)
        case "scripted":
            script = ScriptedPolicy(_script(Path(rest)), profile=options.profile(Profile()))
            return lambda world: script
        case "nano":
            return _nano(options)
        case _:
            policy = _checkpoint(name, options)
            return lambda world: policy


def _expert(world: World, options: PolicyOptions) -> Policy:
    """Return a policy that writes what the world's expert thinks and does."""
    profile = options.profile(Profile())
    dialect = get_dialect(profile.dialect)
    space = dialect.space_for(world.action_space)

    def answer(_: object) -> str:
        decision = world.expert()
        call = space.to_call(decision.action, _frame(profile.frame, world.observation_space))
        return dialect.render(call, decision.thought)

    return ScriptedPolicy(answer, name="expert", profile=profile)


def _idle(world: World, options: PolicyOptions) -> Policy:
    """Return a policy that says at once that it is done: what doing nothing is worth.

    Raises:
        UsageError: If a policy cannot say so in this world.
    """
    if "Done" not in world.action_space.names:
        raise UsageError("nothing ends an episode here but the world: 'none' cannot say Done")
    profile = options.profile(Profile())
    answer = get_dialect(profile.dialect).render(Call("Done"), "")
    return ScriptedPolicy(lambda _: answer, name="none", profile=profile)


def _random(world: World, options: PolicyOptions) -> Policy:
    return random_policy(world.action_space, world.observation_space, options)


def random_policy(space: ActionSpace, seen: ObservationSpace, options: PolicyOptions) -> Policy:
    """Return the policy that calls a space's functions at random, whatever it is shown."""
    profile = options.profile(Profile())
    return RandomPolicy(
        space,
        get_dialect(profile.dialect),
        options.seed,
        frame=_frame(profile.frame, seen),
        profile=profile,
    )


def _frame(name: str, seen: ObservationSpace) -> Frame:
    """Return a frame by its name; "pixels" are those of the world's own picture."""
    frames = {frame.name: frame for frame in (FRAME_1000, FRAME_999, FRAME_UNIT)}
    if name == "pixels" and seen.width and seen.height:
        return pixel_frame(seen.width, seen.height)
    if name not in frames:
        raise UsageError(f"there is no frame {name!r} here; use one of {', '.join(frames)}")
    return frames[name]


def _script(path: Path) -> list[str]:
    """Return the answers in a file of JSON Lines: each a string, or an object with "raw"."""
    import json

    answers = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise DataError(f"the script {path} cannot be read: {exc}") from exc
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as exc:
            raise DataError(f"{path}:{number} is not JSON: {exc}") from exc
        text = value.get("raw") if isinstance(value, dict) else value
        if not isinstance(text, str):
            raise DataError(f'{path}:{number}: expected a JSON string, or an object with "raw"')
        answers.append(text)
    return answers


def _checkpoint(name: str, options: PolicyOptions) -> Policy:
    """Return the policy of a folder or of a hub id."""
    if "/" not in name and not Path(name).expanduser().is_dir():
        near = difflib.get_close_matches(name.lower(), _WORDS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "see: qvl-agent list models"
        raise UsageError(f"there is no model {name!r}; {hint}")
    from qvl_agent.model.qwen2vl import Qwen2VLPolicy

    policy = Qwen2VLPolicy.load(name, **options.loading())
    policy.profile = options.profile(policy.profile)
    return policy


def _nano(options: PolicyOptions) -> PolicyFor:
    """Return the bundled policies: each world gets the one that was taught its actions."""
    from qvl_agent.model.nano import nano_path, use_one_thread

    @functools.cache
    def taught(course: str) -> Policy:
        policy = _checkpoint(str(nano_path(course)), options)
        policy.name = "nano"
        return policy

    use_one_thread()
    return lambda world: taught(nano_course(cast(World, world.unwrapped).action_space))


def nano_course(space: ActionSpace) -> str:
    """Return what the nano was taught that comes nearest to acting in a space."""
    return _TAUGHT.get(space.name, "cards")
