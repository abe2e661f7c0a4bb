"""Scripted policies in seven conventions: the one in use is named, and nothing is made up."""

from collections.abc import Callable

import numpy as np
import pytest

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.types import Call
from qvl_agent.evals.doctor.grounding import Report, check_grounding
from qvl_agent.evals.doctor.targets import draw_sheets
from qvl_agent.model.images import smart_resize
from qvl_agent.model.policy import Profile
from qvl_agent.model.prompt import Prompt, Text
from qvl_agent.model.scripted import ScriptedPolicy

SEEDS = 5

Sides = tuple[int, int, int, int]
"""Width and height as drawn, then as seen."""
Write = Callable[[float, float, Sides], tuple[float, float]]


def _boxed(u: float, v: float, s: Sides) -> tuple[float, float]:
    width, height = s[:2]
    side = max(width, height)
    x, y = u * width + (side - width) / 2, v * height + (side - height) / 2
    return round(1000 * x / side), round(1000 * y / side)


CONVENTIONS: dict[str, Write] = {
    "0-1": lambda u, v, s: (round(u, 3), round(v, 3)),
    "0-1000": lambda u, v, s: (round(1000 * u), round(1000 * v)),
    "0-999": lambda u, v, s: (round(999 * u), round(999 * v)),
    "resized pixels": lambda u, v, s: (round(s[2] * u), round(s[3] * v)),
    "original pixels": lambda u, v, s: (round(s[0] * u), round(s[1] * v)),
    "0-1000, swapped axes": lambda u, v, s: (round(1000 * v), round(1000 * u)),
    "0-1000, letterboxed (centred)": _boxed,
}


class Pointer(ScriptedPolicy):
    """Taps what it is asked for, off by some noise, in some convention."""

    def __init__(
        self, write: Write, *, seed: int = 0, noise: float = 0.02, frame: str = "0-1000"
    ) -> None:
        super().__init__(self._tap, profile=Profile(frame=frame))
        self._write = write
        self._noise = noise
        self._rng = np.random.default_rng(seed)
        sheets = list(draw_sheets(seed))
        self._places = {
            (sheet.image.shape, target.task): target.place
            for sheet in sheets
            for target in sheet.targets
        }

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        return smart_resize(height, width, 28, 56 * 56, 1280 * 784)

    def _tap(self, prompt: Prompt) -> str:
        task = next(p.text for p in prompt.turns[1].parts if isinstance(p, Text)).strip()
        shape = prompt.pictures[0].pixels.shape
        place = np.array(self._places[shape, task]) + self._rng.normal(0, self._noise, 2)
        u, v = place.clip(0, 1)
        seen = self.picture_size(*shape[:2])
        x, y = self._write(float(u), float(v), (shape[1], shape[0], seen[1], seen[0]))
        return get_dialect("star").render(Call("Tap", {"point": [x, y]}))


def frame_of(report: Report) -> str | None:
    found = report.fit
    return found.convention.name if found and found.convention else None


def level_of(report: Report, check: str) -> str:
    return next(f.level for f in report.findings if f.check == check)


@pytest.mark.parametrize("name", CONVENTIONS)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_convention_in_use_is_named_under_two_percent_of_noise(name: str, seed: int) -> None:
    report = check_grounding(Pointer(CONVENTIONS[name], seed=seed), seed)
    assert frame_of(report) == name
    assert 0.01 < report.to_json()["median_error"] < 0.04


@pytest.mark.parametrize("name", CONVENTIONS)
def test_the_prior_does_not_decide(name: str) -> None:
    # The same taps under a profile that says something else.
    for frame in ("0-999", "pixels", "0-1"):
        assert frame_of(check_grounding(Pointer(CONVENTIONS[name], frame=frame))) == name


@pytest.mark.parametrize(
    ("name", "level", "remedy"),
    [
        ("0-1000", "pass", ""),
        ("0-999", "pass", ""),
        ("0-1", "warn", "--frame 0-1,"),
        ("resized pixels", "fail", "--frame pixels,"),
        ("original pixels", "fail", "--min-pixels"),
        ("0-1000, swapped axes", "fail", "y before x"),
        ("0-1000, letterboxed (centred)", "fail", "padded"),
    ],
)
def test_the_setting_at_fault_is_named(name: str, level: str, remedy: str) -> None:
    report = check_grounding(Pointer(CONVENTIONS[name]))
    found = next(f for f in report.findings if f.check == "frame")
    assert found.level == level
    assert remedy in found.remedy


def test_the_thousands_are_told_apart_by_their_ends_and_it_is_said() -> None:
    report = check_grounding(Pointer(CONVENTIONS["0-999"]))
    assert report.to_json()["decided_by"] == "range"
    assert "0-1000" in report.to_json()["not_excluded"]
    assert "where its numbers end" in report.findings[1].detail


def test_a_policy_that_never_reaches_the_ends_is_believed_and_the_doubt_is_told() -> None:
    def shy(u: float, v: float, s: Sides) -> tuple[float, float]:
        return min(980, round(1000 * u)), min(980, round(1000 * v))

    for frame in ("0-1000", "0-999"):
        report = check_grounding(Pointer(shy, frame=frame))
        assert frame_of(report) == frame
        assert report.to_json()["decided_by"] == "profile"
        assert "the taps cannot tell" in report.findings[1].detail
    report = check_grounding(Pointer(shy, frame="pixels"))
    assert report.to_json()["decided_by"] == "nothing"


def test_precise_taps_tell_the_thousands_apart_without_the_ends() -> None:
    def shy(u: float, v: float, s: Sides) -> tuple[float, float]:
        return min(985, round(999 * u)), min(985, round(999 * v))

    report = check_grounding(Pointer(shy, noise=0))
    assert (frame_of(report), report.to_json()["decided_by"]) == ("0-999", "taps")


def test_a_few_wild_taps_change_nothing() -> None:
    calls = iter(range(1000))

    def wild(u: float, v: float, s: Sides) -> tuple[float, float]:
        return (3, 990) if next(calls) % 8 == 0 else CONVENTIONS["resized pixels"](u, v, s)

    assert frame_of(check_grounding(Pointer(wild))) == "resized pixels"


@pytest.mark.parametrize(
    "write",
    [
        lambda u, v, s: (500, 500),
        lambda u, v, s: (round(1000 * (u * 7919 % 1)), round(1000 * (v * 104729 % 1))),
        lambda u, v, s: (round(1000 * (1 - u)), round(1000 * v)),
    ],
    ids=["always the middle", "anywhere", "mirrored"],
)
def test_nonsense_gets_no_frame(write: Write) -> None:
    report = check_grounding(Pointer(write))
    assert frame_of(report) is None
    assert level_of(report, "frame") == "fail"
    assert "no frame fits" in report.findings[1].detail


@pytest.mark.parametrize(
    "answer", ["I cannot see that.", "", "*FUNCTION*: Home\n*ARGS*: {}"], ids=repr
)
def test_answers_without_a_tap_are_counted(answer: str) -> None:
    report = check_grounding(ScriptedPolicy(lambda _: answer))
    assert report.fit is None
    assert "0 of 55" in report.findings[0].detail
    assert "no frame fits" in report.findings[1].detail


def test_pixels_of_a_picture_that_is_not_resized_are_no_fault() -> None:
    class Sharp(Pointer):
        def picture_size(self, height: int, width: int) -> tuple[int, int]:
            return height, width

    report = check_grounding(Sharp(CONVENTIONS["original pixels"], frame="pixels"))
    assert level_of(report, "frame") == "pass"


def test_targets_lie_where_they_are_drawn() -> None:
    for sheet in draw_sheets(3):
        height, width = sheet.image.shape[:2]
        for target in sheet.targets[:8]:
            x, y = target.place
            # Above and below the letter, inside the circle: no background.
            at = sheet.image[int(y * height - 0.052 * min(height, width)), int(x * width)]
            assert tuple(at) != (245, 245, 245)
