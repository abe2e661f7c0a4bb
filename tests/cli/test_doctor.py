"""`qvl-agent doctor`: lines, remedies, one JSON document, and the exit code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.evals.doctor.targets import draw_sheets
from qvl_agent.model.nano import nano_courses, nano_path
from qvl_agent.model.tiny import make_tiny_checkpoint

Cli = Callable[..., Any]
Script = Callable[..., str]


def taps(*, width: float, height: float) -> list[str]:
    """Return perfect answers to all questions, on some grid."""
    return [
        f"*FUNCTION*: Tap\n*ARGS*: {{'point': [{x * width:.0f}, {y * height:.0f}]}}"
        for sheet in draw_sheets(0)
        for x, y in (target.place for target in sheet.targets)
    ]


def test_the_machine_is_told_line_by_line(cli: Cli) -> None:
    ran = cli("doctor")
    assert any(line.startswith("PASS  numpy: ") for line in ran.out.splitlines())
    assert ran.code == int("FAIL" in ran.out)


def test_json_is_one_document_with_every_finding(cli: Cli) -> None:
    document = cli("doctor", "--json").document
    assert {"check", "level", "detail", "remedy"} == set(document["findings"][0])
    assert document["ok"] is all(one["level"] != "fail" for one in document["findings"])


def test_a_failure_is_told_with_its_remedy_and_exit_code_1(cli: Cli, script: Script) -> None:
    ran = cli("doctor", "grounding", "--model", script(*["no idea"] * 55))
    assert ran.code == 1
    assert "FAIL  frame: no frame fits" in ran.out
    assert "\n      " in ran.out


def test_grounding_names_the_frame_of_a_script(cli: Cli, script: Script) -> None:
    model = script(*taps(width=1000, height=1000))
    ran = cli("doctor", "grounding", "--model", model, "--json")
    assert ran.code == 0
    assert ran.document["grounding"]["frame"] == "0-1000"
    assert len(ran.document["grounding"]["answers"]) == 55


def test_a_wrong_frame_option_is_the_setting_at_fault(cli: Cli, script: Script) -> None:
    model = script(*taps(width=1000, height=1000))
    ran = cli("doctor", "grounding", "--model", model, "--frame", "pixels")
    assert ran.code == 1
    assert "--frame 0-1000" in ran.out


def test_a_script_that_ends_too_soon_is_a_finding(cli: Cli, script: Script) -> None:
    ran = cli("doctor", "grounding", "--model", script("no idea"), "--json")
    assert (ran.code, ran.document["ok"]) == (1, False)


def test_a_checkpoint_is_checked_file_by_file(cli: Cli, tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path / "tiny")
    ran = cli("doctor", "model", "--model", folder, "--torch-device", "cpu")
    assert ran.code == 0
    assert "PASS  loading: tiny, qwen2_vl, cpu" in ran.out
    (folder / "tokenizer.json").unlink()
    ran = cli("doctor", "model", "--model", folder)
    assert ran.code == 1
    assert "it has no tokenizer.json" in ran.out


def test_every_folder_of_the_bundled_policy_is_checked(cli: Cli) -> None:
    ran = cli("doctor", "model", "--torch-device", "cpu")
    assert ran.code == 0
    for course in nano_courses():
        assert f"PASS  files: {nano_path(course)} holds all that is needed" in ran.out


@pytest.mark.parametrize("name", ["nanoo", "expert"])
def test_a_model_that_cannot_be_examined_is_wrong_usage(cli: Cli, name: str) -> None:
    assert cli("doctor", "grounding", "--model", name).code == 2


def test_a_phone_that_does_not_exist_fails(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qvl_agent.evals.doctor.phone.list_serials", lambda client: [])
    ran = cli("doctor", "android", "--device", "emulator-9999")
    assert ran.code == 1
    assert "FAIL  emulator-9999" in ran.out
    assert cli("doctor", "android").code == 0
