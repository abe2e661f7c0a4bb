"""AITZ episodes end to end: asked step by step, judged under every rule, figures from records."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.evals import aitz
from qvl_agent.evals.aitz.player import AitzPlayer, aitz_tasks, step_results
from qvl_agent.evals.harness import MemoryStore, Record, Trial, run_trials
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
