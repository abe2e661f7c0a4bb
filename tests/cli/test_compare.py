"""`qvl-agent compare`: what two runs differ in, task by task, and how sure that is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.evals.harness import Record, RunFolder

Cli = Callable[..., Any]
MANIFEST = {"suite": "phone", "model": "nano", "seed": 0, "tasks_sha256": "t", "config": {}}


def _run(folder: Path, wins: set[int], n: int = 40, **manifest: Any) -> Path:
    with RunFolder(folder, MANIFEST | manifest) as run:
        for i in range(n):
            run.append(Record(f"t/{i:02d}", 0, i, i in wins, "x"))
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    a = _run(tmp_path / "a", set(range(10)))
    return a, _run(tmp_path / "b", set(range(5, 30)), n=41, model="better")


def test_difference_interval_and_flips_are_told(cli: Cli, runs: tuple[Path, Path]) -> None:
    document = cli("compare", *runs, "--json").document
    assert (document["rate_a"], document["rate_b"], document["difference"]) == (25, 62.5, 37.5)
    low, high = document["ci95"]
    assert 0 < low < 37.5 < high
    assert document["lost"] == [f"t/{i:02d}" for i in range(5)]
    assert len(document["gained"]) == 20
    assert document["unpaired"] == ["t/40"]
    assert document["differs"] is True
    said = cli("compare", *runs).out
    for told in ("+37.50 points", "they differ", "only A solves: 5", "t/04", "40 trials in both"):
        assert told in said


def test_the_same_run_twice_differs_in_nothing(cli: Cli, runs: tuple[Path, Path]) -> None:
    said = cli("compare", runs[0], runs[0]).out
    assert "+0.00 points" in said
    assert "no difference is shown" in said


def test_repeats_of_a_task_are_no_new_tasks(cli: Cli, tmp_path: Path) -> None:
    def run(name: str, wins: set[int], repeats: int) -> Path:
        with RunFolder(tmp_path / name, MANIFEST | {"repeats": repeats}) as folder:
            for i in range(20):
                for k in range(repeats):
                    folder.append(Record(f"t/{i:02d}", k, i, i in wins, "x"))
        return tmp_path / name

    once, many = (
        cli("compare", run(f"a{k}", {0, 1}, k), run(f"b{k}", {1, 2, 3, 4, 5, 6}, k), "--json")
        for k in (1, 9)
    )
    assert many.document["difference"] == once.document["difference"] == 20
    assert many.document["n"] == 180
    low, high = many.document["ci95"]
    assert high - low > 35  # as wide as twenty tasks make it
    assert not many.document["differs"]
    assert many.document["p_value"] is None
    assert "over tasks" in cli("compare", tmp_path / "a9", tmp_path / "b9").out


def test_runs_of_other_tasks_are_noted_and_other_suites_refused(cli: Cli, tmp_path: Path) -> None:
    a = _run(tmp_path / "a", {1})
    b = _run(tmp_path / "b", {1}, tasks_sha256="u")
    assert 'tasks_sha256 was "t", is "u"' in cli("compare", a, b).out
    other = _run(tmp_path / "c", {1}, suite="cards")
    refused = cli("compare", a, other)
    assert refused.code == 2
    assert "is a run of phone" in refused.err
    nothing = cli("compare", a, tmp_path)
    assert nothing.code == 2
    assert "holds no run" in nothing.err


def test_a_report_of_several_runs_is_one_page(cli: Cli, tmp_path: Path) -> None:
    for name in ("a", "b"):
        ran = cli("eval", "fncall", "--model", "expert" if name == "a" else "random",
                  "--limit", "4", "--out", tmp_path / name)  # fmt: skip
        assert ran.code == 0
    ran = cli("report", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "all")
    assert ran.code == 0
    page = (tmp_path / "all" / "report.html").read_text()
    assert "fncall, played by expert" in page
    assert "fncall, played by random" in page
