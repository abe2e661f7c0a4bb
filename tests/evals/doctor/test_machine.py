import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from qvl_agent.evals.doctor.machine import (
    check_machine,
    check_package,
    check_space,
    check_torch,
    check_torchvision,
)
from qvl_agent.model.diagnosis import TorchBuild


def test_this_machine_is_told_whole_and_every_failure_has_a_remedy() -> None:
    findings = list(check_machine())
    assert {"python", "numpy", "torch", "device", "torchvision", "disk", "adb"} <= {
        one.check for one in findings
    }
    assert all(one.remedy for one in findings if one.level != "pass")


def test_a_version_out_of_range_and_an_absent_package_fail_with_the_command_to_run() -> None:
    old = check_package(Requirement("numpy>=999"))
    assert (old.level, old.remedy) == ("fail", "run: pip install 'numpy>=999'")
    absent = check_package(Requirement("no-such-package>=1"))
    assert absent.level == "fail"
    assert check_package(Requirement("numpy>=1")).level == "pass"


def test_what_is_optional_may_be_absent_and_not_wrong() -> None:
    assert check_package(Requirement("no-such-package>=1"), optional=True).level == "pass"
    assert check_package(Requirement("numpy>=999"), optional=True).level == "warn"


def test_a_torchvision_that_does_not_import_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a CUDA build beside a CPU torch does: it is found, and raises when it is imported.
    broken = tmp_path / "torchvision"
    broken.mkdir()
    (broken / "__init__.py").write_text(
        "raise RuntimeError('operator torchvision::nms does not exist')"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    found = check_torchvision()
    assert found.level == "fail"
    assert "torchvision::nms" in found.detail
    assert "pip uninstall torchvision" in found.remedy


def test_a_gpu_that_torch_cannot_use_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert check_torch(lambda: TorchBuild("2.9+cpu", None, ())).level == "warn"
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert check_torch(lambda: TorchBuild("2.9+cpu", None, ())).level == "pass"
    used = check_torch(lambda: TorchBuild("2.9+cu126", "12.6", ("H100",)))
    assert (used.level, "H100" in used.detail) == ("pass", True)


def test_a_torch_that_does_not_load_fails() -> None:
    def build() -> TorchBuild:
        raise OSError("libcudart.so.12: cannot open shared object file")

    found = check_torch(build)
    assert (found.level, "libcudart" in found.detail) == ("fail", True)


def test_a_disk_without_room_for_a_model_is_a_warning(tmp_path: Path) -> None:
    assert check_space(tmp_path, room=1).level == "pass"
    assert check_space(tmp_path, room=1 << 60).level in ("warn", "fail")
