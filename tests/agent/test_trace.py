import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from PIL import Image

from qvl_agent.actions.cards import Plus
from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.agent.events import Acted, Ended, Event, Started
from qvl_agent.agent.guard import ALLOW, Verdict
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.schema import EVENT_SCHEMA, SCHEMA_VERSION
from qvl_agent.agent.trace import TraceWriter, new_trace_folder, read_trace
from qvl_agent.model.prompt import Picture

PLUS = Plus()
World = Any


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "trace.jsonl").read_text("ascii").splitlines()]


@pytest.fixture
def won(
    corridor: World, say: Callable[..., str], scripted: Callable[..., Any], tmp_path: Path
) -> Path:
    """Return the trace of an episode of three steps, with one unreadable answer."""
    env = corridor(3)
    policy = scripted([say(PLUS, "Go."), "?", say(PLUS), say(PLUS)])
    episode = Agent(policy, env.action_space, trace=tmp_path / "won").run(env, seed=4)
    assert episode.trace is not None
    return episode.trace


class Moody:
    """A guard that denies, then stops."""

    def __init__(self) -> None:
        self.asked = 0

    def check(self, *_: object) -> Verdict:
        self.asked += 1
        return {2: Verdict("deny", "no"), 3: Verdict("stop", "enough")}.get(self.asked, ALLOW)


def test_every_kind_of_event_is_valid_by_the_schema(
    corridor: World, say: Callable[..., str], scripted: Callable[..., Any], tmp_path: Path
) -> None:
    jsonschema.Draft202012Validator.check_schema(EVENT_SCHEMA)
    validator = jsonschema.Draft202012Validator(EVENT_SCHEMA)
    policy = scripted(lambda prompt: say(PLUS) if len(prompt.turns) == 2 else "?")
    space = corridor().action_space
    Agent(policy, space, trace=tmp_path).run(corridor())
    Agent(scripted([say(PLUS)] * 9), space, trace=tmp_path, guard=Moody()).run(corridor())
    Agent(scripted([say(PLUS)] * 9), space, trace=tmp_path).run(corridor(broken=1))
    Agent(scripted([say(PLUS)] * 9), space, trace=tmp_path).run(corridor(refused=0))
    written = [line for folder in tmp_path.iterdir() for line in lines(folder)]
    for line in written:
        validator.validate(line)
    schemas = {s["properties"]["event"]["const"] for s in EVENT_SCHEMA["oneOf"]}
    assert {line["event"] for line in written} == schemas


def test_a_record_without_a_field_is_not_valid(won: Path) -> None:
    validator = jsonschema.Draft202012Validator(EVENT_SCHEMA)
    for line in lines(won):
        for name in line:
            broken = {key: value for key, value in line.items() if key != name}
            assert not validator.is_valid(broken), name


def test_the_trace_holds_what_happened(won: Path) -> None:
    trace = read_trace(won)
    assert trace.notes == ()
    assert [event["event"] for event in trace.events] == [
        "started", "generated", "chose", "acted", "generated", "parse_failed", "generated",
        "chose", "acted", "generated", "chose", "acted", "ended",
    ]  # fmt: skip
    first, *_, last = trace.steps
    assert first["thought"] == "Go."
    assert first["action"] == {"type": "Plus", "arguments": {}}
    assert first["call"] == {"function": "Plus", "args": {}}
    assert (last["step"], last["turn"], last["reward"], last["terminated"]) == (2, 3, 1.0, True)
    assert last["info"] == {"at": 3}
    assert last["window"]["kept"] == 3
    started, ended = trace.first("started"), trace.first("ended")
    assert started is not None
    assert ended is not None
    assert started["task"] == "walk to the end"
    assert (ended["reason"], ended["success"], ended["steps"]) == ("success", True, 3)
    assert ended["outcome"] == {"success": True, "metrics": {"doors": 3.0}}
    times = [event["at"] for event in trace.events]
    assert times == sorted(times)


def test_every_picture_is_there_once_and_pixel_by_pixel(won: Path) -> None:
    trace = read_trace(won)
    keys = [e["observation"]["image"] for e in trace.events if "observation" in e]
    files = sorted(path.name for path in (won / "images").iterdir())
    assert files == sorted(f"{key}.png" for key in keys)
    for door, key in enumerate(keys):
        with Image.open(trace.image(key)) as image:
            pixels = np.asarray(image)
        assert (pixels == door).all()
        assert Picture(pixels).key == key


def test_the_manifest_says_how_to_run_it_again(won: Path) -> None:
    manifest = read_trace(won).manifest
    assert manifest["schema_version"] == SCHEMA_VERSION
    assert manifest["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"gymnasium", "numpy", "qvl-agent"} <= manifest["versions"].keys()
    assert (manifest["env"], manifest["seed"], manifest["policy"]["name"]) == (
        "Corridor", 4, "scripted",
    )  # fmt: skip
    assert manifest["limits"] == {
        "steps": 100,
        "seconds": None,
        "tokens": None,
        "errors": 3,
        "repeats": 6,
    }
    assert (manifest["dialect"], manifest["frame"]) == ("star", "0-1000")
    assert manifest["profile"]["context_tokens"] == manifest["context_tokens"] == 32_768
    assert manifest["decoding"]["seed"] == 0


def test_what_was_dropped_from_the_context_is_in_the_trace(
    corridor: World, say: Callable[..., str], scripted: Callable[..., Any], tmp_path: Path
) -> None:
    env = corridor(60)
    policy = scripted(lambda prompt: say(PLUS, "Another door, and on. " * 20))
    agent = Agent(policy, env.action_space, trace=tmp_path, context_tokens=4096)
    episode = agent.run(env)
    assert (episode.reason, episode.steps) == ("success", 60)
    assert episode.trace is not None
    events = [e for e in read_trace(episode.trace).events if e["event"] == "generated"]
    windows = [event["window"] for event in events]
    assert all(w["tokens"] + w["reserve"] <= w["budget"] == 4096 for w in windows)
    assert [w["dropped"] + w["kept"] for w in windows] == list(range(60))
    assert windows[-1]["dropped"] > 20
    assert [e["generation"]["prompt_tokens"] for e in events] == [w["tokens"] for w in windows]


def test_a_trace_cut_off_at_any_byte_gives_every_finished_line(won: Path, tmp_path: Path) -> None:
    whole = (won / "trace.jsonl").read_bytes()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == ord("\n")]
    last = ends[-2]
    cuts = {*random.Random(0).sample(range(len(whole)), 60), *range(last - 5, len(whole), 7)}
    cut_off = tmp_path / "cut"
    shutil.copytree(won, cut_off)
    for cut in sorted(cuts | {0, *ends}):
        (cut_off / "trace.jsonl").write_bytes(whole[:cut])
        trace = read_trace(cut_off)
        assert len(trace.events) == sum(end <= cut for end in ends), cut
        torn = any("was cut off and is left out" in note for note in trace.notes)
        assert torn == (cut not in {0, *ends}), cut
        assert bool(trace.notes) == (cut < len(whole)), cut


def test_lines_after_a_damaged_one_are_left_out_with_a_note(won: Path) -> None:
    path = won / "trace.jsonl"
    written = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(written[:4]) + b"\0\0\0\n" + b"".join(written[5:]))
    trace = read_trace(won)
    assert len(trace.events) == 4
    assert "line 5 of trace.jsonl is damaged" in trace.notes[0]


def test_a_record_that_names_a_file_elsewhere_is_damaged(won: Path) -> None:
    path = won / "trace.jsonl"
    key = lines(won)[0]["observation"]["image"]
    path.write_text(path.read_text().replace(key, "../../../../etc/passwd", 1))
    assert read_trace(won).events == ()


def test_a_trace_without_a_manifest_is_still_read(won: Path) -> None:
    (won / "manifest.json").unlink()
    trace = read_trace(won)
    assert trace.manifest == {}
    assert len(trace.events) == 13
    assert "manifest.json" in trace.notes[0]


def test_a_folder_without_a_trace_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no trace: trace\.jsonl"):
        read_trace(tmp_path)


def test_a_trace_of_a_later_version_is_refused(won: Path) -> None:
    path = won / "trace.jsonl"
    path.write_text(path.read_text().replace('"schema_version":1', '"schema_version":2'))
    with pytest.raises(DataError, match="schema version 2"):
        read_trace(won)


def test_two_episodes_of_the_same_second_get_two_folders(tmp_path: Path) -> None:
    folders = {new_trace_folder(tmp_path, "qvl_agent/Points24-v0") for _ in range(5)}
    assert len(folders) == 5
    assert all("qvl-agent-points24-v0" in folder.name for folder in folders)


def test_a_folder_that_holds_a_trace_is_not_written_again(won: Path) -> None:
    before = (won / "trace.jsonl").read_bytes()
    with pytest.raises(UsageError, match="already holds a trace"):
        TraceWriter(won, {})
    assert (won / "trace.jsonl").read_bytes() == before


def test_a_closed_trace_takes_no_more(tmp_path: Path, won: Path) -> None:
    with TraceWriter(tmp_path / "t", {}) as writer:
        pass
    with pytest.raises(ValueError, match="closed"):
        writer.write(Ended(None))  # type: ignore[arg-type]


def test_a_full_disk_is_told_and_leaves_whole_lines(
    corridor: World,
    say: Callable[..., str],
    scripted: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, room = os.write, [3000]

    def write(file: int, data: bytes) -> int:
        if room[0] == 0:
            raise OSError(28, "No space left on device")
        count = real(file, data[: room[0]])
        room[0] -= count
        return count

    monkeypatch.setattr(os, "write", write)
    env = corridor(9)
    agent = Agent(scripted([say(PLUS)] * 9), env.action_space, trace=tmp_path)
    with pytest.raises(UsageError, match="No space left on device"):
        agent.run(env)
    (folder,) = tmp_path.iterdir()
    trace = read_trace(folder)
    assert len(trace.steps) >= 1
    assert trace.notes == ("the run was cut off: the trace does not say how it ended",)


def test_a_picture_that_was_cut_off_leaves_neither_a_file_nor_a_line(
    corridor: World,
    say: Callable[..., str],
    scripted: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, saved = Image.Image.save, [0]

    def save(image: Image.Image, file: Any, *args: Any, **kwargs: Any) -> None:
        saved[0] += 1
        if saved[0] == 2:
            file.write(b"half a picture")
            raise KeyboardInterrupt
        real(image, file, *args, **kwargs)

    monkeypatch.setattr(Image.Image, "save", save)
    agent = Agent(scripted([say(PLUS)] * 3), corridor().action_space, trace=tmp_path)
    episode = agent.run(corridor())
    assert episode.reason == "interrupted"
    assert episode.trace is not None
    events = read_trace(episode.trace).events
    assert [event["event"] for event in events] == ["started", "generated", "chose", "ended"]
    (only,) = (episode.trace / "images").iterdir()
    assert only.stem == events[0]["observation"]["image"]


def test_a_finished_step_is_flushed_to_the_disk_before_it_is_told(
    corridor: World,
    say: Callable[..., str],
    scripted: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")))
    at_events: list[int] = []

    def watch(event: Event) -> None:
        if isinstance(event, Started | Acted | Ended):
            at_events.append(sum(path.endswith("trace.jsonl") for path in synced))

    Agent(scripted([say(PLUS)] * 3), corridor().action_space, trace=tmp_path).run(
        corridor(), watch=watch
    )
    assert at_events == [1, 2, 3, 4, 5]


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from qvl_agent.agent import Acted, Agent
from qvl_agent.envs.registry import make
from qvl_agent.model.scripted import ScriptedPolicy

root, rng = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
make("numberline").reset()  # drawn once, so that the children need not load the fonts

def play(folder, told):
    env = make("numberline")
    def expert(prompt):
        decision = env.expert()
        return agent.dialect.render(env.action_space.to_call(decision.action), decision.thought)
    agent = Agent(ScriptedPolicy(expert), env.action_space, trace=folder)
    for seed in range(500):
        agent.run(env, seed=seed, watch=lambda e: isinstance(e, Acted) and os.write(told, b"."))

for number in range(20):
    folder = root / str(number)
    folder.mkdir()
    told = os.open(folder.with_suffix(".told"), os.O_WRONLY | os.O_CREAT)
    child = os.fork()
    if not child:
        play(folder, told)
    while not os.fstat(told).st_size:
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.1))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_20_runs_killed_at_random_moments_lose_no_finished_step(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "5"], check=True, timeout=600)
    told = kept = cut = 0
    for number in range(20):
        finished = (tmp_path / f"{number}.told").stat().st_size
        traces = [
            read_trace(folder)
            for folder in (tmp_path / str(number)).iterdir()
            if (folder / "trace.jsonl").exists()
        ]
        steps = [step for trace in traces for step in trace.steps]
        assert 0 <= len(steps) - finished <= 1
        for trace in traces:
            for event in trace.events:
                if "observation" in event:
                    with Image.open(trace.image(event["observation"]["image"])) as image:
                        image.load()
        told, kept, cut = told + finished, kept + len(steps), cut + any(t.notes for t in traces)
    assert kept >= told >= 20
    assert cut >= 10


def test_the_steps_are_limited_as_the_manifest_says(
    corridor: World, say: Callable[..., str], scripted: Callable[..., Any], tmp_path: Path
) -> None:
    limits = Limits(steps=2)
    agent = Agent(scripted([say(PLUS)] * 9), corridor().action_space, trace=tmp_path, limits=limits)
    episode = agent.run(corridor(9))
    assert episode.trace is not None
    trace = read_trace(episode.trace)
    assert len(trace.steps) == trace.manifest["limits"]["steps"] == 2
