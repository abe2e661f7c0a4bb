import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from qvl_agent.evals.bench import ENGINE_ROWS, Figure, Row, environment
from qvl_agent.evals.bench.engine import run_engine
from qvl_agent.evals.bench.scorecard import Ticks, alternate, timed


def test_a_figure_meets_its_goal_from_the_right_side() -> None:
    assert Figure("ratio", 7.1, 7.0).passed
    assert not Figure("ratio", 6.9, 7.0).passed
    assert Figure("ms", 0.9, 1.0, at_most=True).passed
    assert not Figure("ms", 1.1, 1.0, at_most=True).passed
    assert Figure("reported only", 0.0).passed


def test_a_row_whose_gate_fails_has_no_figures_and_does_not_pass() -> None:
    figure = Figure("ratio", 100.0, 7.0)
    wrong = Row("S1", "episode", "peer", exact=False, figures=(figure,))
    right = Row("S1", "episode", "peer", exact=True, figures=(figure,))
    assert (wrong.passed, wrong.to_json()["figures"]) == (False, [])
    assert (right.passed, right.to_json()["figures"][0]["value"]) == (True, 100.0)


def test_time_is_that_of_the_call() -> None:
    result, seconds = timed(lambda n: sum(range(n)), 2_000_000)
    assert result == 1_999_999_000_000
    assert seconds > 0.005
    slow, quick = alternate(lambda: sum(range(500_000)), lambda: None, repeats=3)
    assert slow > 10 * quick


def test_what_the_host_takes_away_is_told() -> None:
    assert Ticks(190, 40).stolen_since(Ticks(100, 10)) == 0.25
    assert Ticks(100, 10).stolen_since(Ticks(100, 10)) == 0
    assert Ticks.now().worked > 0


def test_the_environment_is_json_and_names_the_versions() -> None:
    assert {"torch", "transformers"} <= set(json.loads(json.dumps(environment()))["versions"])


def test_the_gate_is_run_first() -> None:
    assert ENGINE_ROWS[0] == "S3"


@pytest.mark.parametrize("ratio", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_preprocessing_is_measured_against_transformers(ratio: float) -> None:
    (row,) = run_engine(["S4"])
    assert row.exact
    assert row.figures[0].value > ratio
    assert row.details["largest_difference"] <= 1e-6
    assert 0 <= row.details["stolen"] < 1


@pytest.mark.parametrize("wrong", [False, True])
def test_the_exactness_row_holds_and_would_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: bool
) -> None:
    from qvl_agent.evals.bench.episodes import exactness
    from qvl_agent.evals.bench.subjects import Subject
    from qvl_agent.model import prefix
    from qvl_agent.model.qwen2vl import Qwen2VLPolicy
    from qvl_agent.model.reference import Reference
    from qvl_agent.model.tiny import make_tiny_checkpoint

    if wrong:  # a cache that takes every picture of one shape for the same
        monkeypatch.setattr(prefix, "zip_longest", lambda *_: iter(()))
    folder = make_tiny_checkpoint(tmp_path / "tiny", ends=False)
    policy = Qwen2VLPolicy.load(folder, device="cpu")
    row = exactness(Subject(folder, policy, Reference(policy, folder)))
    assert row.exact is not wrong
    assert np.isfinite(row.figures[0].value)


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from qvl_agent.model.tiny import make_tiny_checkpoint

    return make_tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "tiny") / "tokenizer.json"


def test_guesses_and_forced_text_save_passes_and_change_no_token(tokenizer_file: Path) -> None:
    (row,) = run_engine(["S7"], tokenizer_file)
    assert row.exact
    counts = row.details
    assert counts["guessed_total"] < counts["forced_total"] < counts["plain_total"]
    assert counts["guessed_calls"] < counts["forced_calls"] < counts["plain_calls"]


def test_a_guess_checked_against_the_wrong_logits_is_noticed(
    tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qvl_agent.evals.bench import passes
    from qvl_agent.model.rows import Row as Written

    check = Written.check
    monkeypatch.setattr(passes, "RECORDED", passes.RECORDED[:3])
    monkeypatch.setattr(Written, "check", lambda row, logits: check(row, logits.roll(1, 0)))
    (row,) = run_engine(["S7"], tokenizer_file)
    assert not row.exact


def test_without_the_vocabulary_no_passes_are_counted() -> None:
    assert list(run_engine(["S7"])) == []


def test_an_episode_beyond_the_window_holds_one_cache(tmp_path: Path) -> None:
    from qvl_agent.evals.bench.memory import long_episode

    # A process of its own: in this one, memory that other tests gave back is used again unseen.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        row = fresh.submit(long_episode, tmp_path / "long", window=8192).result()
    assert row.exact
    assert row.passed
    assert row.details["peak_mb"] > row.details["keys_and_values_mb"] > 30


@pytest.mark.slow
def test_rows_of_full_contexts_and_many_episodes_are_exact(tmp_path: Path) -> None:
    from qvl_agent.evals.bench import serving, subjects

    subject = subjects.mini(tmp_path / "mini")
    assert serving.eviction(subject).exact
    assert serving.batching(subject).exact
