"""`qvl-agent view`: a trace in the terminal, as JSON and as a page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def trace(cli: Cli) -> Path:
    """Return the trace of an expert's game of EZPoints."""
    ran = cli("run", "--env", "ezpoints", "--model", "expert", "--seed", "3", "--json")
    return Path(ran.document["trace"])


def test_view_shows_what_run_showed(cli: Cli) -> None:
    shown = cli("run", "--env", "ezpoints", "--model", "expert", "--seed", "3").out
    viewed = cli("view", "runs").out
    assert shown.split("Task")[1].split("Trace")[0] == viewed.split("Task")[1]
    assert viewed.startswith("qvl_agent/EZPoints-v0, played by expert, seed 3, ")


def test_json_holds_the_steps(cli: Cli, trace: Path) -> None:
    document = cli("view", trace, "--json").document
    assert document["success"] is True
    assert document["model"] == "expert"
    assert document["seed"] == 3
    assert document["notes"] == []
    assert [step["call"]["function"] for step in document["steps"]] == ["Append"] * 4


def test_export_writes_one_page_that_needs_nothing_else(
    cli: Cli, trace: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    ran = cli("view", trace, "--export", page)
    assert (ran.code, ran.out) == (0, f"Page: {page}\n")
    html = page.read_text()
    assert "data:image/" in html
    assert not any(f'{attribute}="http' in html for attribute in ("src", "href"))


def test_a_folder_of_traces_shows_the_newest(cli: Cli, trace: Path) -> None:
    newer = cli("run", "--model", "expert", "--json").document["trace"]
    assert cli("view", "runs", "--json").document["folder"] == newer


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_what_is_no_trace_is_wrong_usage(cli: Cli, name: str) -> None:
    ran = cli("view", name)
    assert ran.code == 2
    assert "holds no trace" in ran.err


def test_a_page_that_cannot_be_written_is_wrong_usage(
    cli: Cli, trace: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = cli("view", trace, "--export", tmp_path / "file" / "page.html")
    assert ran.code == 2
    assert str(tmp_path / "file") in ran.err


def test_a_cut_off_line_is_told_and_the_rest_is_shown(cli: Cli, trace: Path) -> None:
    events = trace / "trace.jsonl"
    events.write_bytes(events.read_bytes()[:-40])
    ran = cli("view", trace)
    assert ran.code == 0
    assert ran.out.count("Append") == 4
    assert "was cut off" in ran.out


def test_a_worlds_figure_is_shown_where_there_are_colours_and_named_elsewhere(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("run", "--env", "vln", "--model", "expert", "--seed", "0", "--max-steps", "1")
    plain = cli("view", "runs").out
    assert "\u2580" not in plain
    named = plain.rpartition("Figure: ")[2].split("\n")[0]
    assert Path(named).suffix == ".png"
    assert Path(named).is_file()
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")
    coloured = cli("view", "runs").out
    assert coloured.count("\u2580") > 1000
    assert "38;2;205;74;46" in coloured or "48;2;" in coloured
