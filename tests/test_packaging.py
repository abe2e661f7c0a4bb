"""The wheel holds what the source tree holds, and every package says what it offers."""

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import qvl_agent

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS: dict[str, Any] = PROJECT["tool"]["setuptools"]


def _folder(package: str) -> Path:
    """Return the folder that an import name is mapped from."""
    known = max(
        (p for p in SETUPTOOLS["package-dir"] if package == p or package.startswith(f"{p}.")),
        key=len,
    )
    rest = package[len(known) :].lstrip(".").split(".")
    return ROOT.joinpath(SETUPTOOLS["package-dir"][known], *filter(None, rest))


def _rank(name: str) -> tuple[int, list[str | int]]:
    """Return where a name stands in `__all__` by ruff's RUF022: CONSTANTS, Classes, functions."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def test_every_source_folder_is_listed() -> None:
    # A sub-package that is not listed works in an editable install and is missing from the wheel.
    found = {
        ".".join([package, *init.parent.relative_to(ROOT / folder).parts])
        for package, folder in SETUPTOOLS["package-dir"].items()
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert sorted(found) == sorted(SETUPTOOLS["packages"])


def _data_of(package: str) -> set[str]:
    """Return the files that belong to a package and are not Python, relative to its folder."""
    folder = _folder(package)
    others = {_folder(p) for p in SETUPTOOLS["packages"]} - {folder}
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix not in {".py", ".pyc"}
        and not any(parent in others for parent in path.parents if folder in parent.parents)
    }


@pytest.mark.parametrize("package", SETUPTOOLS["packages"])
def test_every_file_that_is_not_python_is_package_data(package: str) -> None:
    folder, patterns = _folder(package), SETUPTOOLS["package-data"].get(package, [])
    kept = {str(path.relative_to(folder)) for p in patterns for path in folder.glob(p)}
    missing = _data_of(package) - kept
    assert not missing, f"{sorted(missing)} would be missing from the wheel"


def test_every_pattern_of_package_data_finds_a_file() -> None:
    for package, patterns in SETUPTOOLS["package-data"].items():
        for pattern in patterns:
            assert list(_folder(package).glob(pattern)), f"{package}: {pattern}"


@pytest.mark.parametrize("package", SETUPTOOLS["packages"])
def test_what_a_package_exports_exists_and_is_sorted(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__doc__, f"{package} does not say what it holds"
    exported: list[str] = getattr(module, "__all__", [])
    assert exported == sorted(set(exported), key=_rank), f"{package}.__all__ is not sorted"
    missing = [name for name in exported if not hasattr(module, name)]
    assert not missing, f"{package}.__all__ names {missing}, which it does not have"


def _names(requirements: list[str]) -> set[str]:
    """Return the packages that requirements name, in their normal form."""
    heads = (re.match(r"[A-Za-z0-9_.-]+", requirement) for requirement in requirements)
    return {head[0].lower().replace("_", "-") for head in heads if head}


EXTRAS = _names(
    [r for extra in PROJECT["project"]["optional-dependencies"].values() for r in extra]
)


@pytest.mark.parametrize("package", SETUPTOOLS["packages"])
def test_what_the_modules_of_a_package_export_exists(package: str) -> None:
    for path in sorted(_folder(package).glob("*.py")):
        if path.stem.startswith("__"):
            continue
        try:
            module = importlib.import_module(f"{package}.{path.stem}")
        except ModuleNotFoundError as exc:
            if _names([exc.name or ""]) <= EXTRAS:
                continue  # only what an extra installs may be missing
            raise
        missing = [name for name in getattr(module, "__all__", []) if not hasattr(module, name)]
        assert not missing, f"{package}.{path.stem}.__all__ names {missing}"


def test_the_version_is_written_once_for_all_readers() -> None:
    assert qvl_agent.__version__ == PROJECT["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## \[(Unreleased|{re.escape(qvl_agent.__version__)})\]", changelog, re.M)


def test_the_command_is_the_modules_main() -> None:
    target = PROJECT["project"]["scripts"]["qvl-agent"]
    module, _, function = target.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_pins_name_one_version_and_no_machine() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            assert re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line), line


def test_every_requirement_is_pinned_by_the_constraints() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    project = PROJECT["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert _names(wanted) <= _names([line for line in lines if not line.startswith("#")])
