"""`doctor model`: is a checkpoint whole, are its limits its own, does it load and answer?"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from qvl_agent.actions.errors import DataError, PolicyError
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.agent.context import Context
from qvl_agent.agent.loop import Agent
from qvl_agent.envs.base import Observation
from qvl_agent.evals.doctor.findings import Finding
from qvl_agent.model.diagnosis import pixel_limits
from qvl_agent.model.policy import Policy

__all__ = ["check_answer", "check_checkpoint", "check_loading"]

_LARGE = 4_000_000
"""Above this area a tall screenshot takes thousands of tokens."""


def check_checkpoint(source: str | Path) -> Iterator[Finding]:
    """Yield whether a checkpoint's files are there, and its limits written down.

    Raises:
        UsageError: If there is no such checkpoint.
    """
    try:
        folder, limits = pixel_limits(source)
    except (DataError, PolicyError, ValueError) as exc:
        yield Finding("files", "fail", str(exc), "fetch the checkpoint again, whole")
        return
    yield Finding("files", "pass", f"{folder} holds all that is needed")
    low, high = limits.settings.min_pixels, limits.settings.max_pixels
    detail = f"min_pixels {low:,}, max_pixels {high:,}"
    if not limits.explicit:
        remedy = "write min_pixels and max_pixels into preprocessor_config.json"
        yield Finding("limits", "warn", f"{detail}, from a library's defaults", remedy)
    elif high > _LARGE:
        tokens = high // limits.settings.factor**2
        detail += f": up to {tokens:,} tokens a picture"
        yield Finding("limits", "warn", detail, "bound it, as in --max-pixels 1003520")
    else:
        yield Finding("limits", "pass", detail)


def check_loading(load: Callable[[], Policy]) -> tuple[Policy | None, Finding]:
    """Return the policy, if it loads, and how that went.

    Raises:
        UsageError: If an option does not fit.
    """
    began = time.perf_counter()
    try:
        policy = load()
    except (DataError, PolicyError) as exc:
        remedy = "see: qvl-agent doctor, and fetch the checkpoint again if a file is bad"
        return None, Finding("loading", "fail", str(exc), remedy)
    what = policy.describe()
    facts = [
        str(what[key]) for key in ("architecture", "device", "dtype", "attention") if key in what
    ]
    took = f"{time.perf_counter() - began:.1f} s"
    return policy, Finding("loading", "pass", ", ".join([policy.name, *facts, took]))


def check_answer(policy: Policy) -> Finding:
    """Return whether a policy writes anything about a grey picture."""
    space = mobile_space()
    agent = Agent(policy, space)
    picture = np.full((392, 196, 3), 128, np.uint8)
    context = Context(policy.profile, agent.dialect, space, policy)
    prompt = context.start("Tap the centre of the screen.", Observation(picture)).prompt()
    try:
        answer = policy.generate(prompt, agent.decoding)
    except PolicyError as exc:
        remedy = "try --torch-device cpu, --dtype float32, or fewer pixels (--max-pixels)"
        return Finding("answer", "fail", str(exc), remedy)
    took = f"{answer.prompt_tokens} tokens read, {answer.seconds.total:.1f} s"
    if not answer.text.strip():
        remedy = "the checkpoint may not be one that follows instructions"
        return Finding("answer", "warn", f"it wrote nothing ({took})", remedy)
    return Finding("answer", "pass", f"{took}: {' '.join(answer.text.split())[:60]!r}")
