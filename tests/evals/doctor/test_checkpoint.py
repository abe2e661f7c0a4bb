import json
from pathlib import Path

import pytest

from qvl_agent.evals.doctor.checkpoint import check_answer, check_checkpoint, check_loading
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.scripted import ScriptedPolicy
from qvl_agent.model.tiny import make_tiny_checkpoint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_tiny_checkpoint(tmp_path / "tiny")


def levels(folder: Path) -> dict[str, str]:
    return {one.check: one.level for one in check_checkpoint(folder)}


def limit(folder: Path, **limits: int) -> None:
    path = folder / "preprocessor_config.json"
    config = json.loads(path.read_text())
    for name in ("min_pixels", "max_pixels", "size"):
        config.pop(name, None)
    path.write_text(json.dumps(config | limits))


def test_a_whole_checkpoint_loads_and_answers(folder: Path) -> None:
    policy, loading = check_loading(lambda: Qwen2VLPolicy.load(folder, device="cpu"))
    assert policy is not None
    assert loading.level == "pass"
    assert "tokens read" in check_answer(policy).detail


def test_limits_are_told_when_they_are_a_librarys_or_very_large(folder: Path) -> None:
    limit(folder, min_pixels=3136, max_pixels=200_704)
    assert levels(folder) == {"files": "pass", "limits": "pass"}
    limit(folder, min_pixels=3136, max_pixels=12_845_056)
    assert levels(folder)["limits"] == "warn"
    limit(folder)
    found = list(check_checkpoint(folder))[1]
    assert (found.level, "library's defaults" in found.detail) == ("warn", True)


@pytest.mark.parametrize(
    "name", ["tokenizer.json", "preprocessor_config.json", "model.safetensors"]
)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (found,) = check_checkpoint(folder)
    assert (found.level, name in found.detail) == ("fail", True)


def test_cut_off_weights_fail_to_load(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    policy, loading = check_loading(lambda: Qwen2VLPolicy.load(folder, device="cpu"))
    assert policy is None
    assert loading.level == "fail"


def test_a_policy_that_cannot_answer_fails_and_one_that_is_silent_is_warned_of() -> None:
    assert check_answer(ScriptedPolicy([])).level == "fail"
    assert check_answer(ScriptedPolicy([""])).level == "warn"
