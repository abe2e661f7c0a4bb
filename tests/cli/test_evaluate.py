"""`qvl-agent eval cards`: rates, what they are compared with, and whether a policy looks."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def test_an_expert_reaches_the_limits_of_play(cli: Cli) -> None:
    ran = cli("eval", "cards", "--model", "expert", "--episodes", "60", "--seed", "7", "--json")
    assert ran.code == 0
    document = ran.document
    assert document["suite"] == "cards"
    assert document["seed"] == 7
    assert "trained on these games' experts" in document["note"]
    assert list(document["games"]) == ["numberline", "blackjack", "ezpoints", "points24"]
    for game in document["games"].values():
        low, high = game["success"]["ci95"]
        assert low <= game["references"]["limit_of_play"] <= high
        assert game["success"]["n"] == 60
        assert game["unreadable_answers"] == 0
    assert document["games"]["numberline"]["goal_reached"]["percent"] == 100


def test_people_get_a_table_with_the_references_and_progress_elsewhere(cli: Cli) -> None:
    ran = cli("eval", "cards", "--model", "expert", "--episodes", "3", "--games", "ezpoints")
    assert ran.code == 0
    for label in ("95 % interval", "limit of play", "RL4VLM, trained", "Qwen2-VL-72B, zero-shot"):
        assert label in ran.out
    assert "points24" not in ran.out
    assert "not with the zero-shot 72B" in ran.out
    assert "3 episodes in" in ran.err


def test_the_same_seed_gives_the_same_rates_whatever_the_batch(cli: Cli, tmp_path: Path) -> None:
    arguments = ["eval", "cards", "--model", "random", "--episodes", "30", "--json"]
    alone, together = (cli(*arguments, "--batch", b).document["games"] for b in (1, 16))
    for game in alone:
        assert alone[game]["success"] == together[game]["success"]
        assert alone[game]["steps"] == together[game]["steps"]


def test_an_expert_needs_no_picture_and_that_shows(cli: Cli) -> None:
    arguments = ["eval", "cards", "--model", "expert", "--episodes", "10", "--games", "ezpoints"]
    for option, pictures in (("--blank", "blank"), ("--shuffle", "shuffled")):
        document = cli(*arguments, option, "--json").document
        assert document["pictures"] == pictures
        assert document["games"]["ezpoints"]["success"]["percent"] == 100


def test_the_same_command_resumes_and_another_one_is_refused(cli: Cli, tmp_path: Path) -> None:
    arguments = ["eval", "cards", "--model", "expert", "--episodes", "5", "--out", tmp_path / "o"]
    document = cli(*arguments, "--json").document
    lines = (tmp_path / "o" / "results.jsonl").read_text().splitlines()
    assert len(lines) == 20
    wins = sum(json.loads(line)["success"] for line in lines)
    assert wins == sum(game["success"]["successes"] for game in document["games"].values())
    again = cli(*arguments, "--json")
    assert again.document == document
    assert "20 of 20 are there already" in again.err
    assert (tmp_path / "o" / "results.jsonl").read_text().splitlines() == lines
    other = cli(*arguments, "--seed", "1")
    assert other.code == 2
    assert "seed was 0, is 1" in other.err


def test_every_suite_is_one_run_of_the_harness_with_its_reports(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "o"
    ran = cli("eval", "fncall", "--model", "random", "--limit", "8", "--out", out, "--json")
    assert ran.code == 0
    names = {figure["name"] for figure in ran.document["figures"]}
    assert names == {"type_match", "exact_match"}
    assert ran.document["measured"] == 8
    page = (out / "report.html").read_text()
    assert "not the paper&#x27;s" in page
    report = json.loads((out / "report.json").read_text())
    assert report["runs"][0]["figures"] == ran.document["figures"]
    failed = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    traced = [record["trace"] for record in failed if not record["success"]]
    assert traced
    assert all((out / trace / "trace.jsonl").exists() for trace in traced)
    assert f"{traced[0]}/page.html" in page


def test_a_policy_that_breaks_is_exit_code_4_and_gives_no_rate(
    cli: Cli, script: Callable[..., str]
) -> None:
    ran = cli("eval", "cards", "--model", script("one answer"), "--episodes", "2", "--json")
    assert ran.code == 4
    assert ran.document["error"]["kind"] == "PolicyError"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--games", "point24"], "did you mean 'points24'?"),
        (["--games", "chess"], "there is no card game 'chess'"),
        (["--blank", "--shuffle"], "exclude each other"),
        (["--episodes", "0"], "--episodes"),
        (["--batch", "0"], "--batch"),
        (["--model", "nanno"], "did you mean 'nano'?"),
        (["--model", "expert", "--out", "/dev/null/x"], "cannot be written"),
    ],
)
def test_wrong_usage_is_exit_code_2(cli: Cli, arguments: list[str], told: str) -> None:
    ran = cli("eval", "cards", *arguments)
    assert ran.code == 2
    assert told in ran.err


def test_the_public_aitz_episode_is_asked_from_end_to_end(cli: Cli, tmp_path: Path) -> None:
    data = Path(__file__).parents[2] / "../shared/data/aitz"
    if not data.is_dir():
        pytest.skip("the public example episode is not at hand")
    arguments = ["eval", "aitz", "--data", data.resolve(), "--json"]
    expert = cli(*arguments, "--model", "expert").document
    assert {figure["percent"] for figure in expert["figures"]} == {100}
    assert {figure["group"] for figure in expert["figures"]} == {
        "qwen25vl", "coat", "coat-as-released",
    }  # fmt: skip
    ran = cli(*arguments, "--model", "nano", "--out", tmp_path / "nano")
    assert ran.code == 0
    assert ran.document["measured"] == 1
    (record,) = map(json.loads, (tmp_path / "nano" / "results.jsonl").read_text().splitlines())
    assert record["steps"] == 4
    assert record["success"] or (tmp_path / "nano" / record["trace"] / "page.html").exists()
