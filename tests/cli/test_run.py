"""`qvl-agent run`: exit codes, what is shown, what is written, and every kind of bad input."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.agent.trace import read_trace

Cli = Callable[..., Any]
Script = Callable[..., str]

PLUS = "Target 1. Current 0.\n*FUNCTION*: Plus\n*ARGS*: {}\n"
MINUS = "*FUNCTION*: Minus\n*ARGS*: {}\n"
DEAL = ("--option", "start=0", "--option", "goal=1")


def test_a_won_game_is_exit_code_0_and_shows_every_step(cli: Cli, script: Script) -> None:
    ran = cli("run", "--model", script(PLUS), *DEAL)
    assert ran.code == 0
    assert "Move the current number to the target number." in ran.out
    assert "Target 1. Current 0.\n    Plus\n    reward 1, " in ran.out
    assert "Success: the environment says success" in ran.out
    folder = Path(ran.out.rpartition("Trace: ")[2].strip())
    assert folder.parent == Path("runs")
    assert len(read_trace(folder).steps) == 1


def test_a_lost_game_is_exit_code_1(cli: Cli, script: Script) -> None:
    ran = cli("run", "--model", script(MINUS, PLUS), *DEAL)
    assert ran.code == 1
    assert "No success: the environment says no success" in ran.out


def test_the_same_seed_is_the_same_game(cli: Cli) -> None:
    games = [cli("run", "--env", "ezpoints", "--model", "expert", "--seed", s) for s in (7, 7, 8)]
    shown = [ran.out.split("Trace")[0].split("Task")[1].split(" steps,")[0] for ran in games]
    thoughts = [[line for line in text.splitlines() if "Card 1" in line] for text in shown]
    assert thoughts[0] == thoughts[1] != thoughts[2]


def test_json_is_one_document_and_nothing_else(cli: Cli, script: Script) -> None:
    ran = cli("run", "--json", "--model", script("nothing to call", PLUS), *DEAL)
    assert ran.code == 0
    assert ran.err == ""
    document = ran.document
    assert document["success"] is True
    assert document["reason"] == "success"
    assert document["exit_code"] == 0
    assert [step["call"] for step in document["steps"]] == [{"function": "Plus", "args": {}}]
    assert [error["kind"] for error in document["errors"]] == ["no_call"]
    assert read_trace(Path(document["trace"])).first("ended")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--env", "numberlin"], "there is no world 'numberlin'; did you mean 'numberline'?"),
        (["--model", "nanno"], "there is no model 'nanno'; did you mean 'nano'?"),
        (["--model", "./nowhere"], "./nowhere"),
        (["--model", "scripted:nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["--model", "expert", "--dialect", "stars"], "did you mean 'star'?"),
        (["--model", "expert", "--frame", "0-100"], "'0-100'"),
        (["--model", "expert", "--option", "start"], "key=value, got 'start'"),
        (["--model", "expert", "--option", "strat=1"], "no option 'strat'"),
        (["--model", "expert", "--option", "start=1", "--option", "goal=9"], "goal=9"),
        (["--model", "expert", "--max-steps", "0"], "--max-steps"),
        (["--model", "expert", "--max-steps", "many"], "--max-steps"),
        (["--model", "expert", "--seed", "-1"], "--seed"),
        (["--model", "expert", "--top-p", "1.5"], "--top-p"),
        (["--model", "expert", "--device", "cuda"], "--torch-device"),
        (["--model", "expert", ""], "the task is empty"),
        (["--model", "expert", "  "], "the task is empty"),
        (["--nonsense"], "--nonsense"),
        (["--env"], "--env"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_clear_line(
    cli: Cli, arguments: list[str], told: str
) -> None:
    ran = cli("run", *arguments)
    assert ran.code == 2
    assert told in ran.err
    assert ran.err.startswith("qvl-agent: ")
    assert ran.err.count("\n") == 1
    failed = cli("run", "--json", *arguments)
    assert failed.code == 2
    assert told in failed.document["error"]["message"]
    assert failed.document["error"]["exit_code"] == 2


def test_a_folder_without_a_checkpoint_names_the_missing_file(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = cli("run", "--model", tmp_path / "empty")
    assert ran.code == 2
    assert "config.json" in ran.err
    (tmp_path / "empty" / "config.json").write_text("{}")
    assert "tokenizer.json" in cli("run", "--model", tmp_path / "empty").err


@pytest.mark.parametrize(
    "line", ["{not json", "[1]", "3", '{"text": "no raw"}'], ids=lambda line: line[:8]
)
def test_a_script_that_is_no_script_names_the_line(cli: Cli, tmp_path: Path, line: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(f'"fine"\n{line}\n')
    ran = cli("run", "--model", f"scripted:{path}")
    assert ran.code == 2
    assert f"{path}:2" in ran.err


def test_a_trace_that_cannot_be_written_is_told_before_anything_is_played(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = cli("run", "--model", "expert", "--trace", tmp_path / "file")
    assert ran.code == 2
    assert str(tmp_path / "file") in ran.err
    assert "Task" not in ran.out


def test_an_environment_that_breaks_is_exit_code_3_and_its_trace_stays(
    cli: Cli, script: Script, phones: None
) -> None:
    tap = '*FUNCTION*: Tap\n*ARGS*: {"point": [500, 500]}\n'
    ran = cli("run", "--env", "test/BrokenPhone-v0", "--model", script(tap))
    assert ran.code == 3
    assert "the phone is gone: plug it in again" in ran.out
    document = cli("run", "--env", "test/BrokenPhone-v0", "--model", script(tap), "--json").document
    assert document["error"]["exit_code"] == 3
    assert document["reason"] == "env_error"
    trace = read_trace(Path(document["trace"]))
    assert [event["event"] for event in trace.events][-2:] == ["world_failed", "ended"]


def test_a_policy_that_breaks_is_exit_code_4_and_its_steps_stay(cli: Cli, script: Script) -> None:
    ran = cli("run", "--json", "--model", script(PLUS), "--option", "start=0", "--option", "goal=3")
    assert ran.code == 4
    assert ran.document["error"]["kind"] == "policy_error"
    assert len(ran.document["steps"]) == 1
    assert read_trace(Path(ran.document["trace"])).first("ended")


@pytest.mark.parametrize("answer", ["", "   \n", "I do not know.", "*FUNCTION*: Fly\n*ARGS*: {}\n"])
def test_three_useless_answers_running_end_the_episode(
    cli: Cli, script: Script, answer: str
) -> None:
    ran = cli("run", "--json", "--model", script(answer, answer, answer, PLUS), *DEAL)
    assert ran.code == 1
    assert ran.document["reason"] == "too_many_errors"
    assert ran.document["steps"] == []
    assert len(ran.document["errors"]) == 3


def test_an_impossible_point_goes_back_to_the_policy(
    cli: Cli, script: Script, phones: None
) -> None:
    model = script(
        '*FUNCTION*: Tap\n*ARGS*: {"point": [5000, 1]}\n', "*FUNCTION*: Done\n*ARGS*: {}"
    )
    ran = cli("run", "find tea", "--json", "--env", "test/Phone-v0", "--model", model)
    assert ran.code == 0
    assert ran.document["task"] == "find tea"
    assert [error["kind"] for error in ran.document["errors"]] == ["out_of_range"]


def test_a_bug_shows_its_traceback_and_no_success(cli: Cli, script: Script, phones: None) -> None:
    ran = cli(
        "run", "--env", "test/FaultyPhone-v0", "--model", script("*FUNCTION*: Home\n*ARGS*: {}")
    )
    assert ran.code == 70
    assert "Traceback" in ran.err
    assert "ZeroDivisionError" in ran.err


def test_without_a_phone_the_bundled_one_plays_and_one_line_says_so(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qvl_agent.envs.android.connect._adb_is_running", lambda: False)
    arguments = ["run", "--env", "android", "find pizza", "--model", "expert", "--json"]
    ran = cli(*arguments)
    assert ran.code == 0
    assert ran.document["success"] is True
    assert ran.err.count("\n") == 1
    assert "No phone is attached" in ran.err
    chosen = cli(*arguments, "--device", "sim")
    assert chosen.code == 0
    assert chosen.err == ""


def test_a_phone_that_is_not_there_is_told_with_those_that_are(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached = [("emulator-5554", "device"), ("R58M", "unauthorized")]
    monkeypatch.setattr("qvl_agent.envs.android.adb.list_serials", lambda client=None: attached)
    arguments = ["run", "--env", "android", "find pizza", "--model", "expert", "--device"]
    ran = cli(*arguments, "emulator-5556")
    assert ran.code == 3
    assert "'emulator-5556'; attached: emulator-5554 (device), R58M (unauthorized)" in ran.err
    assert "allow USB debugging" in cli(*arguments, "R58M").err


def test_limits_end_the_episode(cli: Cli) -> None:
    ran = cli("run", "--json", "--env", "points24", "--model", "expert", "--max-steps", "2")
    assert ran.code == 1
    assert ran.document["reason"] == "step_limit"
    assert len(ran.document["steps"]) == 2


def test_foreign_text_cannot_steer_the_terminal(cli: Cli, script: Script) -> None:
    evil = f"\x1b[2J\x1b]0;owned\x07[bold red]hello[/]\n{PLUS}"
    ran = cli("run", "--model", script(evil), *DEAL)
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out
    assert "[bold red]hello[/]" in ran.out


def _asking(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start an episode that waits for a person before its first action."""
    command = [sys.executable, "-m", "qvl_agent", "run", "--ask", "--model", "expert"]
    process = subprocess.Popen(
        [*command, "--option", "start=0", "--option", "goal=5", *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=0,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    _await_question(process)
    return process


def _await_question(process: "subprocess.Popen[str]") -> None:
    assert process.stderr is not None
    seen = ""
    while not seen.endswith("[y/N] "):
        letter = process.stderr.read(1)
        assert letter, f"it ended without a question: {seen}"
        seen += letter


def _say(process: "subprocess.Popen[str]", answer: str) -> None:
    assert process.stdin is not None
    process.stdin.write(answer)
    process.stdin.flush()


def test_a_person_decides_with_ask(tmp_path: Path) -> None:
    process = _asking(tmp_path, "--json")
    _say(process, "y\n")
    _await_question(process)
    out, _ = process.communicate("n\nn\nn\n", timeout=300)
    document = json.loads(out)
    assert process.returncode == 1
    assert document["reason"] == "too_many_errors"
    assert len(document["steps"]) == 1
    assert [error["verdict"] for error in document["errors"]] == ["deny"] * 3


def test_with_nobody_to_ask_nothing_is_done(tmp_path: Path) -> None:
    process = _asking(tmp_path, "--json")
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    assert json.loads(out)["steps"] == []


def test_ctrl_c_is_exit_code_130_and_the_trace_is_whole(tmp_path: Path) -> None:
    process = _asking(tmp_path, "--json")
    _say(process, "y\n")
    _await_question(process)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 130
    document = json.loads(out)
    trace = read_trace(tmp_path / document["trace"])
    assert len(trace.steps) == 1
    assert trace.notes == ()
    assert trace.events[-1]["reason"] == "interrupted"


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_killed_run_leaves_a_trace_that_view_opens(cli: Cli, tmp_path: Path, steps: int) -> None:
    process = _asking(tmp_path)
    for _ in range(steps):
        _say(process, "y\n")
        _await_question(process)
    process.kill()
    process.communicate(timeout=300)
    ran = cli("view", "runs", "--json")
    assert ran.code == 0
    assert len(ran.document["steps"]) == steps
    assert ran.document["reason"] is None
    assert any("cut off" in note for note in ran.document["notes"])
