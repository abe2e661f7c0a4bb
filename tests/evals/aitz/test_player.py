"""AITZ episodes end to end: asked step by step, judged under every rule, figures from records."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.agent.page.document import render_page
from qvl_agent.agent.trace import read_trace
from qvl_agent.evals import aitz
from qvl_agent.evals.aitz.player import AitzPlayer, aitz_tasks, step_results
from qvl_agent.evals.harness import KeepTraces, MemoryStore, Record, Trial, run_trials
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.scripted import ScriptedPolicy

Make = Callable[..., dict[str, Any]]
Write = Callable[[Path, str, str, list[dict[str, Any]]], Path]


@pytest.fixture
def dataset(tmp_path: Path, step_record: Make, write_episode: Write) -> aitz.Dataset:
    write_episode(tmp_path, "general", "7", [step_record("general", "7", i, 2) for i in range(2)])
    return aitz.load(tmp_path / "general")


def _played(dataset: aitz.Dataset, policy: ScriptedPolicy | None, **options: Any) -> Record:
    store = MemoryStore()
    player = AitzPlayer(dataset, policy, **options)
    run_trials([Trial(task) for task in aitz_tasks(dataset)], [player], policy, store)
    (record,) = store.records.values()
    return record


def test_the_expert_is_right_under_every_rule(dataset: aitz.Dataset) -> None:
    record = _played(dataset, None)
    assert record.success
    assert record.metrics == {"type_match": 1.0, "exact_match": 1.0}
    for protocol in aitz.PROTOCOLS:
        total = aitz.summarize(step_results(record, protocol)).total
        assert (total.count, total.type_acc, total.exact_acc) == (2, 1, 1)


def test_answers_are_read_on_the_policys_grid_and_judged(dataset: aitz.Dataset) -> None:
    answers = ["*FUNCTION*: Click\n*ARGS*: {'point': (600, 550)}", "*FUNCTION*: Back\n*ARGS*: {}"]
    record = _played(dataset, ScriptedPolicy(answers))
    first, second = record.data["steps"]
    assert first["prediction"] == {"function": "Click", "args": {"point": [600, 550]}}
    assert first["scores"]["qwen25vl"]["exact_match"]
    assert not second["scores"]["qwen25vl"]["type_match"]
    assert not record.success
    assert record.failure == "wrong call"
    assert record.metrics == {"type_match": 0.5, "exact_match": 0.5}


def test_an_unreadable_answer_is_a_miss_and_no_crash(dataset: aitz.Dataset) -> None:
    record = _played(dataset, ScriptedPolicy(["hm", "hm"]))
    assert [step["prediction"] for step in record.data["steps"]] == [None, None]
    assert [step["answer"] for step in record.data["steps"]] == ["hm", "hm"]
    assert record.metrics["type_match"] == 0


def test_the_history_shown_is_the_annotators_whatever_is_answered(dataset: aitz.Dataset) -> None:
    seen: list[Prompt] = []

    def answer(prompt: Prompt) -> str:
        seen.append(prompt)
        return "*FUNCTION*: Home\n*ARGS*: {}"

    _played(dataset, ScriptedPolicy(answer))
    assert [len(prompt.pictures) for prompt in seen] == [1, 2]
    _played(dataset, ScriptedPolicy(answer), history="texts")
    assert [len(prompt.pictures) for prompt in seen[2:]] == [1, 1]
    assert "Click" in str(seen[1].turns[-1])
    assert "Home" not in str(seen[1].turns[-1])


def test_a_policy_of_the_seat_itself_gives_the_same_record(dataset: aitz.Dataset) -> None:
    answers = "*FUNCTION*: Click\n*ARGS*: {'point': (600, 550)}"
    policy = ScriptedPolicy(lambda _: answers)
    shared, own = (_played(dataset, policy, shared=shared) for shared in (True, False))
    assert shared.data == own.data
    assert shared.success


def test_the_public_example_is_played_by_an_expert(shared_data: Path) -> None:
    record = _played(aitz.load(shared_data / "aitz"), None)
    for protocol in aitz.PROTOCOLS:
        assert aitz.summarize(step_results(record, protocol)).total.exact_acc == 1


RIGHT = "I tap it.\n*FUNCTION*: Click\n*ARGS*: {'point': (600, 550)}"


@pytest.mark.parametrize("keep", ["failed", "all", "none"])
def test_a_failed_episode_leaves_a_trace_with_every_answer_and_verdict(
    dataset: aitz.Dataset, tmp_path: Path, keep: KeepTraces
) -> None:
    policy = ScriptedPolicy([RIGHT, "no idea"])
    record = _played(dataset, policy, root=tmp_path / "run", keep=keep)
    if keep == "none":
        assert record.trace is None
        assert not (tmp_path / "run").exists()
        return
    assert record.trace is not None
    trace = read_trace(tmp_path / "run" / record.trace)
    assert trace.notes == ()
    assert [event["event"] for event in trace.events] == [
        "started", "generated", "chose", "acted", "generated", "parse_failed", "acted", "ended",
    ]  # fmt: skip
    right, wrong = trace.steps
    assert right["error"] == ""
    assert (right["thought"], right["reward"], wrong["reward"]) == ("I tap it.", 1.0, 0.0)
    assert "wrong by qwen25vl: the annotator did Click" in wrong["error"]
    assert set(wrong["info"]["scores"]) == set(aitz.PROTOCOLS)
    shown = [trace.first("started")["observation"], right["observation"], wrong["observation"]]  # type: ignore[index]
    assert all(trace.image(seen["image"]).exists() for seen in shown)
    assert trace.events[-1]["reason"] == "failure"
    assert "wrong by qwen25vl" in render_page(trace)


def test_an_episode_without_a_miss_leaves_no_trace_unless_all_are_kept(
    dataset: aitz.Dataset, tmp_path: Path
) -> None:
    assert _played(dataset, ScriptedPolicy([RIGHT] * 2), root=tmp_path / "a").trace is None
    assert list((tmp_path / "a" / "traces").iterdir()) == []
    kept = _played(dataset, ScriptedPolicy([RIGHT] * 2), root=tmp_path / "b", keep="all").trace
    assert kept is not None
    assert all(not step["error"] for step in read_trace(tmp_path / "b" / kept).steps)
