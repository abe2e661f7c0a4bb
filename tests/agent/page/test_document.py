import base64
import hashlib
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.actions.mobile import Done, Home, OpenApp, Swipe, Tap, Type, mobile_space
from qvl_agent.actions.types import Action, Point
from qvl_agent.agent.guard import DenyFunctions
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.page import export_page
from qvl_agent.agent.trace import read_trace
from qvl_agent.envs.base import Decision, Observation, ObservationSpace, Outcome, View, World
from qvl_agent.model.policy import Decoding, Generation, Profile, Seconds
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.scripted import ScriptedPolicy

SPACE = mobile_space()
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\ud800"


class Phone(World):
    """A screen that changes with every action, and says what it is told to say."""

    action_space = SPACE
    observation_space = ObservationSpace()

    def __init__(self, words: str = "", size: tuple[int, int] = (120, 60)) -> None:
        self.words, self.size = words, size

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        self.task, self.count = (options or {}).get("task", "find pizza"), 0
        return self._look(), {}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        if isinstance(action, OpenApp):
            return self._look(), 0.0, False, False, {"error": f"no app {action.name}"}
        self.count += 1
        done = isinstance(action, Done)
        return self._look(), float(done), done, False, {"app": self.words or "maps"}

    def outcome(self) -> Outcome:
        return Outcome(True, {"goal_reached": 1.0})

    def expert(self) -> Decision:
        return Decision("", Done())

    def _look(self) -> Observation:
        noise = np.random.default_rng(self.count).integers(0, 256, (*self.size, 3), np.uint8)
        view = View(np.full((28, 28, 3), self.count, np.uint8), self.words or "Detail")
        return Observation(noise, self.words, (view,))


class Timed(ScriptedPolicy):
    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        made = super().generate(prompt, decoding)
        seconds = Seconds(preprocess=0.012, vision=0.3, prefill=0.2, decode=0.6)
        return Generation(made.text, (1, 2, 3), made.stop, made.prompt_tokens, 40, seconds)


def write(action: Action, thought: str = "") -> str:
    return Agent(Timed([]), SPACE).dialect.render(SPACE.to_call(action), thought)


ANSWERS = [
    write(OpenApp("Mapz"), "I open the maps."),
    "nothing of use",
    write(Home(), "Back to the start."),
    write(Tap(Point(0.25, 0.5)), "The icon is on the left."),
    "I type it.\n*FUNCTION*: Type\n*ARGS*: {'text': 'pizza & wine',}",
    write(Swipe(direction="up")),
    write(Done(), "It is found."),
]


def traced(folder: Path, answers: list[str], world: World, **kwargs: Any) -> Path:
    task = kwargs.pop("task", None)
    kwargs.setdefault("limits", Limits(errors=5))
    profile = Profile(max_tokens=100)
    episode = Agent(Timed(answers, profile=profile), SPACE, trace=folder, **kwargs).run(world, task)
    assert episode.trace is not None
    return episode.trace


class Page(HTMLParser):
    """A page as elements and text; fails where tags do not match."""

    VOID = frozenset({"meta", "img", "br", "hr"})

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.inside: dict[str, str] = {"style": "", "script": ""}
        self.feed(path.read_text("utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inside:
            self.inside[self.open[-1]] += data
        else:
            self.text += f"{data}\n"

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


def page(trace: Path) -> Page:
    out = trace.parent / "page.html"
    export_page(trace, out)
    return Page(out)


def test_the_page_tells_the_whole_story(tmp_path: Path) -> None:
    guard = DenyFunctions(SPACE, ["Home"], "stay in the app")
    made = page(traced(tmp_path, ANSWERS, Phone("10:20"), guard=guard, task="find pizza"))
    for told in (
        "find pizza",
        "Success",
        "Phone",
        "policy scripted",
        "I open the maps.",
        '*FUNCTION*: OpenApp\n*ARGS*: {"name": "Mapz"}',
        "no app Mapz",
        "No valid call: no call",
        "nothing of use",
        "Denied: Home",
        "stay in the app",
        "The icon is on the left.",
        "Type “pizza & wine”",
        "repaired: single quotes",
        "Swipe “up”",
        "reward +1",
        "terminated",
        "decode 600 ms",
        "40 reused · 3 generated",
        "10:20",
        "success: yes",
        "goal reached: 1.0",
    ):
        assert told in made.text, told
    sections = [attributes["id"] for attributes in made.all("section")]
    assert sections == [*(f"step-{n}" for n in range(1, 6)), "end"]
    assert [a["href"] for a in made.all("a")] == [f"#{section}" for section in sections]


def test_each_step_shows_what_the_policy_saw_before_it(tmp_path: Path) -> None:
    trace = traced(tmp_path, ANSWERS[3:], Phone())
    made = page(trace)
    shown = [str(a["src"]) for a in made.all("img") if a.get("alt") == "What was seen"]
    events = [event for event in read_trace(trace).events if "observation" in event]
    stored = [read_trace(trace).image(e["observation"]["image"]).read_bytes() for e in events]
    assert shown == [f"data:image/png;base64,{base64.b64encode(png).decode()}" for png in stored]


def test_nothing_comes_from_elsewhere(tmp_path: Path) -> None:
    made = page(traced(tmp_path, ANSWERS, Phone()))
    for tag, attributes in made.elements:
        assert str(attributes.get("src", "data:image/")).startswith("data:image/"), tag
        assert str(attributes.get("href", "#")).startswith("#"), tag
        assert tag not in {"link", "iframe", "object", "embed", "base", "form"}
    assert not re.search(r"@import|url\(|//", made.inside["style"])


def test_only_this_programs_style_and_script_may_run(tmp_path: Path) -> None:
    made = page(traced(tmp_path, ANSWERS, Phone()))
    (policy,) = [a["content"] for a in made.all("meta") if "http-equiv" in a]
    assert str(policy).startswith("default-src 'none'; img-src data:;")
    for name, text in made.inside.items():
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in str(policy)
    assert not any("style" in attributes for _, attributes in made.elements)


def test_no_text_from_anywhere_becomes_markup(tmp_path: Path) -> None:
    answers = [
        HOSTILE,
        write(OpenApp(HOSTILE.replace("\ud800", "")), HOSTILE.replace("*", "")),
        write(Type(HOSTILE.replace("\ud800", ""))),
        write(Done()),
    ]
    made = page(traced(tmp_path, answers, Phone(HOSTILE), task=HOSTILE))
    assert len(made.all("script")) == 1
    assert len([a for a in made.all("img") if a.get("src") == "x"]) == 0
    assert not any(key.startswith("on") for _, attrs in made.elements for key in attrs)
    assert made.text.count("<script>alert(1)</script>") >= 6


@pytest.mark.parametrize("kept", range(9))
def test_a_run_that_was_cut_off_anywhere_makes_a_page(tmp_path: Path, kept: int) -> None:
    trace = traced(tmp_path, ANSWERS, Phone())
    path = trace / "trace.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:kept]))
    made = page(trace)
    assert "Cut off" in made.text
    assert "the run was cut off" in made.text
    finished = len(read_trace(trace).steps)
    assert len(made.all("section")) >= finished + 1


def test_a_missing_and_a_damaged_picture_are_said_to_be_so(tmp_path: Path) -> None:
    trace = traced(tmp_path, ANSWERS[3:], Phone())
    first, second, *_ = (
        read_trace(trace).image(e["observation"]["image"])
        for e in read_trace(trace).events
        if "observation" in e
    )
    first.unlink()
    second.write_bytes(second.read_bytes()[:50])
    made = page(trace)
    assert made.text.count("This picture is missing or damaged.") == 2


def test_large_screens_are_scaled_down_and_still_placed_by_their_own_size(tmp_path: Path) -> None:
    trace = traced(tmp_path, [write(Tap(Point(0.5, 0.5))), write(Done())], Phone("", (1600, 720)))
    made = page(trace)
    shown = [a for a in made.all("img") if a.get("alt") == "What was seen"]
    assert [(a["width"], a["height"]) for a in shown] == [("720", "1600")] * 3
    with Image.open(io.BytesIO(base64.b64decode(str(shown[0]["src"]).split(",")[1]))) as image:
        assert image.size == (576, 1280)
    assert made.all("svg")[0]["viewbox"] == "0 0 720 1600"
    stored = sum(path.stat().st_size for path in (trace / "images").iterdir())
    assert (tmp_path / "page.html").stat().st_size < stored / 2


def test_a_broken_world_is_told(
    corridor: Any, say: Callable[..., str], scripted: Callable[..., Any], tmp_path: Path
) -> None:
    env = corridor(3, broken=0)
    plus = env.expert().action
    episode = Agent(scripted([say(plus)]), env.action_space, trace=tmp_path).run(env)
    assert episode.trace is not None
    made = page(episode.trace)
    assert "The world failed: DeviceError" in made.text
    assert "the lamp went out; switch it on" in made.text


def test_a_reward_and_metrics_that_are_no_numbers_do_not_break_the_page(tmp_path: Path) -> None:
    trace = traced(tmp_path, ANSWERS[3:], Phone())
    path = trace / "trace.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    for record in records:
        if record["event"] == "acted":
            record["reward"] = "nan"
        if record["event"] == "ended":
            record["outcome"]["metrics"]["goal_reached"] = None
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    assert "reward nan" in page(trace).text


def test_a_folder_without_a_trace_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no trace"):
        export_page(tmp_path, tmp_path / "page.html")


def test_a_page_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    trace = traced(tmp_path / "t", ANSWERS, Phone())
    with pytest.raises(UsageError, match="nowhere"):
        export_page(trace, tmp_path / "nowhere" / "page.html")
    (tmp_path / "taken.html").mkdir()
    with pytest.raises(UsageError, match=r"taken\.html"):
        export_page(trace, tmp_path / "taken.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t", "taken.html"]
