"""Every figure has its n, interval and rule; what is no published benchmark stands elsewhere."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.errors import DataError
from qvl_agent.evals.harness import Incident, Record, RunFolder
from qvl_agent.evals.report import ROWS, RunSummary, figures_of, write_reports

EVIL = '<script>alert("1")</script>|`'


def _manifest(suite: str, model: str = "nano", **config: Any) -> dict[str, Any]:
    tasks = config.pop("tasks", 40)
    repeats = config.pop("repeats", 1)
    return {
        "suite": suite,
        "model": model,
        "seed": 0,
        "tasks": tasks,
        "repeats": repeats,
        "config": config,
    }


def _records(group: str, n: int, wins: int, **changes: Any) -> list[Record]:
    return [
        Record(
            f"{group}/{i}",
            0,
            i,
            i < wins,
            "success" if i < wins else "failure",
            failure=None if i < wins else "off target",
            **changes,
        )
        for i in range(n)
    ]


def _aitz(episodes: int, matches: list[bool]) -> list[Record]:
    def score(match: bool) -> dict[str, Any]:
        return {
            "type_match": True,
            "exact_match": match,
            "format_hit": True,
            "text_dist": None,
            "gold_type": "click",
            "predicted_type": "click",
        }

    rules = ("qwen25vl", "coat", "coat-as-released")
    steps = [
        {"step_id": i, "prediction": None, "scores": {rule: score(match) for rule in rules}}
        for i, match in enumerate(matches)
    ]
    return [
        Record(f"general/{i}", 0, 0, all(matches), "x", data={"steps": steps})
        for i in range(episodes)
    ]


def test_the_papers_rows_are_the_published_ones() -> None:
    assert [(row.id, row.paper) for row in ROWS] == [
        ("fncall_tm", 93.1),
        ("fncall_em", 53.2),
        ("numberline", 100.0),
        ("blackjack", 42.6),
        ("ezpoints", 100.0),
        ("points24", 4.5),
        ("aitz_tm", 89.6),
        ("aitz_em", 72.1),
        ("alfred_sr", 67.8),
        ("alfred_gc", 75.8),
        ("r2r_sr", 51.7),
        ("reverie_sr", 31.0),
    ]


@pytest.mark.parametrize(
    ("manifest", "records", "rows"),
    [
        (_manifest("cards", pictures="true"), _records("ezpoints", 20, 5), {"ezpoints"}),
        (_manifest("cards", pictures="blank"), _records("ezpoints", 20, 5), set()),
        (_manifest("cards", "expert", pictures="true"), _records("ezpoints", 20, 5), set()),
        (_manifest("cards", "random", pictures="true"), _records("ezpoints", 20, 5), set()),
        (_manifest("phone"), _records("level1", 20, 5), set()),
        (_manifest("fncall"), _records("receipt", 20, 5, metrics={"type_match": 1.0}), set()),
        (
            _manifest("aitz", complete_split=True, split="test", rule="qwen25vl", history="texts"),
            _aitz(12, [True, False]),
            {"aitz_tm", "aitz_em"},
        ),
        (
            _manifest("aitz", complete_split=False, split="test", rule="qwen25vl", history="texts"),
            _aitz(12, [True, False]),
            set(),
        ),
        (
            _manifest("aitz", complete_split=True, split="train", rule="qwen25vl", history="texts"),
            _aitz(12, [True, False]),
            set(),
        ),
    ],
)
def test_only_published_data_under_the_published_rule_stands_beside_the_paper(
    manifest: dict[str, Any], records: list[Record], rows: set[str]
) -> None:
    figures = figures_of(manifest, records)
    assert {f.row for f in figures if f.row} == rows
    assert all(f.n and f.rule and f.low is not None for f in figures)


def test_aitz_figures_are_over_steps_and_episodes() -> None:
    manifest = _manifest(
        "aitz", complete_split=True, split="test", rule="qwen25vl", history="texts"
    )
    figures = {
        f.name: f
        for f in figures_of(manifest, _aitz(12, [True, False, True, True]))
        if f.group == "qwen25vl"
    }
    assert (figures["type_match"].percent, figures["type_match"].n) == (100.0, 48)
    assert (figures["exact_match"].percent, figures["exact_match"].unit) == (75.0, "steps")
    assert (figures["goal_progress"].percent, figures["goal_progress"].n) == (25.0, 12)
    assert figures["success_rate"].percent == 0


def test_repeats_are_no_new_tasks() -> None:
    once = _records("level1", 20, 10)
    thrice = [Record(r.task, k, 0, r.success, r.reason) for r in once for k in range(3)]
    (narrow, *_), (wide, *_) = (
        figures_of(_manifest("phone"), once),
        figures_of(_manifest("phone", repeats=3), thrice),
    )
    assert wide.n == 60
    assert wide.low is not None
    assert narrow.low is not None
    assert abs(wide.low - narrow.low) < 5  # as wide as twenty tasks make it, not sixty
    summary = RunSummary.of(_manifest("phone", tasks=20, repeats=3), thrice, [])
    assert summary.repeats == {1: (50.0, 50.0), 2: (50.0, 50.0), 3: (50.0, 50.0)}


def test_a_rate_that_never_varied_is_not_called_certain() -> None:
    lost = [Record(f"level1/{i}", k, 0, False, "failure") for i in range(20) for k in range(3)]
    figure = figures_of(_manifest("phone", repeats=3), lost)[0]
    assert figure.low == 0
    assert figure.high is not None
    assert figure.high > 10


def test_what_is_not_measured_is_said(tmp_path: Path) -> None:
    incident = Incident("level1/9", 0, 3, "environment", "DeviceError", "gone", True)
    summary = RunSummary.of(
        _manifest("phone", tasks=10), _records("level1", 9, 9), [incident.to_json()]
    )
    said = "\n".join(summary.lines())
    assert "9 of 10 trials are measured; if the others had failed, success would be 90.00 %" in said
    assert "broken by the environment: 1 tries" in said
    assert summary.to_json()["incidents"] == {"environment": 1, "policy": 0}


def test_reports_are_self_contained_and_nothing_in_them_can_act(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    with RunFolder(run, _manifest("cards", EVIL, pictures="true", tasks=12)) as folder:
        for record in _records("ezpoints", 12, 5, detail=EVIL, trace="traces/one"):
            folder.append(record)
        folder.note(Incident(EVIL, 0, 1, "environment", "DeviceError", EVIL, False))
    (summary,) = write_reports([run], out)
    page = (out / "report.html").read_text()
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    assert "Content-Security-Policy" in page
    assert page.count("<svg") == 2
    assert 'href="../run/traces/one"' in page
    assert "41.7" in page
    markdown = (out / "report.md").read_text()
    assert "<script" not in markdown
    row = next(line for line in markdown.splitlines() if line.startswith("| EZPoint"))
    assert "| 100.0 | 41.7" in row
    assert "| 12 |" in row
    document = json.loads((out / "report.json").read_text())
    assert document["runs"] == [json.loads(json.dumps(summary.to_json()))]


def test_a_folder_that_holds_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no run"):
        write_reports([tmp_path], tmp_path / "out")
