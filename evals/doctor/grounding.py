"""`doctor grounding`: asks a policy to tap marked places, and says on which grid it writes.

Wrong taps through a wrong frame look like a bad model. Here the prompt, the dialect and the size at
which pictures are seen are those of an episode; only the reading is open to every grid.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.errors import ParseError
from qvl_agent.actions.frames import FRAME_UNIT, Frame
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.actions.space import ActionSpace
from qvl_agent.agent.context import Context
from qvl_agent.agent.loop import Agent
from qvl_agent.envs.base import Observation
from qvl_agent.evals.doctor.conventions import GOOD_ERROR, Convention, Fit, Tap, fit
from qvl_agent.evals.doctor.findings import Finding
from qvl_agent.evals.doctor.targets import Target, draw_sheets
from qvl_agent.model.policy import Policy

__all__ = ["Asked", "Report", "ask", "check_grounding", "examine"]

_ANY = Frame("any", 1e6, 1e6, integer=False)
_FITTING = 0.6
"""Share of answers that must hold a tap before anything is concluded."""
_THOUSANDS = ("0-1000", "0-999")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and its answer.

    Attributes:
        target: What was asked for.
        answer: What the policy wrote.
        tap: What it says; None where it holds no tap.
    """

    target: Target
    answer: str
    tap: Tap | None


@dataclass(frozen=True, slots=True)
class Report:
    """What `doctor grounding` comes to.

    Attributes:
        findings: To be shown.
        asked: Every question.
        fit: None if too few answers hold a tap.
    """

    findings: tuple[Finding, ...]
    asked: tuple[Asked, ...]
    fit: Fit | None

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a JSON object, without the findings."""
        found = self.fit
        return {
            "asked": len(self.asked),
            "read": sum(one.tap is not None for one in self.asked),
            "frame": found.convention.name if found and found.convention else None,
            "nearest": found.nearest.name if found else None,
            "decided_by": found.decided_by if found and found.convention else None,
            "not_excluded": [c.name for c in found.rivals] if found and found.convention else [],
            "median_error": found.error if found else None,
            "bias": list(found.bias) if found else None,
            "answers": [
                {
                    "task": one.target.task,
                    "answer": one.answer,
                    "tap": asdict(one.tap) if one.tap else None,
                }
                for one in self.asked
            ],
        }


def check_grounding(
    policy: Policy, seed: int = 0, *, watch: Callable[[Asked], object] | None = None
) -> Report:
    """Ask a policy for all targets and return what its answers say.

    Args:
        policy: Its profile says how it is prompted.
        seed: Of the targets.
        watch: Called after each answer.

    Raises:
        PolicyError: If it cannot answer.
    """
    asked = []
    for one in ask(policy, seed):
        asked.append(one)
        if watch is not None:
            watch(one)
    return examine(tuple(asked), policy.profile.frame)


def ask(policy: Policy, seed: int = 0) -> Iterator[Asked]:
    """Yield each question with the policy's answer.

    Raises:
        PolicyError: If it cannot answer.
    """
    space = mobile_space()
    agent = Agent(policy, space)
    context = Context(policy.profile, agent.dialect, space, policy)
    for sheet in draw_sheets(seed):
        height, width = sheet.image.shape[:2]
        resized = policy.picture_size(height, width)
        for target in sheet.targets:
            prompt = context.start(target.task, Observation(sheet.image)).prompt()
            answer = policy.generate(prompt, agent.decoding).text
            wrote = _read(answer, agent.dialect, space)
            tap = Tap(target.place, wrote, (height, width), resized) if wrote else None
            yield Asked(target, answer, tap)


def _read(answer: str, dialect: Dialect, space: ActionSpace) -> tuple[float, float] | None:
    """Return the two numbers of the first call, on whatever grid they are; None if it is no tap."""
    for frame in (FRAME_UNIT, _ANY):  # on a larger grid fractions would be taken for shares of it
        try:
            call = dialect.parse(answer, space, frame).calls[0]
        except ParseError:
            continue
        if space.function(call.function).name != "Tap":
            return None
        x, y = call.args["point"]
        return float(x), float(y)
    return None


def examine(asked: tuple[Asked, ...], frame: str) -> Report:
    """Return what the answers say about a policy whose profile names a frame."""
    taps = [one.tap for one in asked if one.tap is not None]
    share = f"{len(taps)} of {len(asked)} answers hold a tap"
    if len(taps) < _FITTING * len(asked):
        example = next((one.answer for one in asked if one.tap is None), "")
        remedy = "check the dialect (--dialect) and whether the model follows instructions at all"
        finding = Finding("answers", "fail", f"{share}; one reads {example[:80]!r}", remedy)
        return Report((finding, _no_frame("too few answers to fit one")), asked, None)
    readable = Finding("answers", "pass" if len(taps) == len(asked) else "warn", share)
    profile = Convention("resized pixels" if frame == "pixels" else frame)  # type: ignore[arg-type]
    found = fit(taps, profile)
    if found.convention is None:
        detail = f"the nearest, {found.nearest.name}, is off by {found.error:.0%} of the picture"
        return Report((readable, _no_frame(detail)), asked, found)
    return Report(
        (readable, _frame(found, found.convention, profile, taps), _precision(found)), asked, found
    )


def _no_frame(why: str) -> Finding:
    remedy = (
        "this model does not point at what it is asked for: use one that was trained to ground, "
        "or look at its answers with --json"
    )
    return Finding("frame", "fail", f"no frame fits: {why}", remedy)


def _frame(found: Fit, used: Convention, profile: Convention, taps: list[Tap]) -> Finding:
    """Say which frame is in use, how sure that is, and which setting is at fault."""
    detail = f"it writes {used.name}{_certainty(found)}"
    if used == profile or _is_same(used, profile, taps):
        return Finding("frame", "pass", f"{detail}; the profile says the same")
    if {used, profile} == {Convention("0-1000"), Convention("0-999")}:
        return Finding("frame", "pass", f"{detail}; the profile's {profile.name} is off by 0.1 %")
    remedy = _remedy(used)
    if used == Convention("0-1"):
        detail += f"; the profile says {profile.name}, and fractions are rescaled except 0 and 1"
        return Finding("frame", "warn", detail, remedy)
    return Finding("frame", "fail", f"{detail}; the profile says {profile.name}", remedy)


def _certainty(found: Fit) -> str:
    """Say how the frame was told from those that fit as well."""
    if not found.rivals:
        return ""
    others = " or ".join(c.name for c in found.rivals)
    match found.decided_by:
        case "taps":
            return ""
        case "range":
            return f", by where its numbers end (the taps also fit {others})"
        case "profile":
            return f" or {others}: the taps cannot tell, so the profile is believed"
        case "nothing":
            return f" or {others}: the taps cannot tell"


def _is_same(a: Convention, b: Convention, taps: list[Tap]) -> bool:
    """Return whether two conventions read these taps alike, as where pictures are not resized."""
    return bool(abs(a.places(taps) - b.places(taps)).max() < 1e-9)


def _remedy(used: Convention) -> str:
    """Return the setting at fault, and what to set."""
    if used.padding != "none":
        return (
            "the picture was padded to a square before the model saw it in training, and is not "
            "here: the model's image processor (padding) is at fault; use a checkpoint of a "
            "supported architecture, or turn its points back in a dialect of its own"
        )
    if used.swapped:
        return (
            "the model writes y before x: the order of its training data is at fault; turn the "
            "numbers in a dialect of its own (no --frame does)"
        )
    if used.grid == "original pixels":
        return (
            "it does not know at which size it sees pictures: min_pixels and max_pixels here are "
            "not those it was trained with; set --min-pixels and --max-pixels, or "
            "preprocessor_config.json, so that pictures are not resized, and --frame pixels"
        )
    frame = "pixels" if used.grid == "resized pixels" else used.grid
    return f'the frame is at fault: pass --frame {frame}, or set "frame": "{frame}" in agent.json'


def _precision(found: Fit) -> Finding:
    dx, dy = found.bias
    detail = (
        f"median error {found.error:.1%} of the picture's sides over {found.taps} targets, "
        f"bias x {dx:+.1%}, y {dy:+.1%}"
    )
    if found.error <= GOOD_ERROR:
        return Finding("precision", "pass", detail)
    remedy = "small buttons will be missed: show larger pictures (--max-pixels), or a larger model"
    return Finding("precision", "warn", detail, remedy)
