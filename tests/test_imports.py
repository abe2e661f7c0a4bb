"""Imports go down only, and starting costs nothing that is not needed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

BELOW: dict[str, set[str]] = {
    "actions": {"actions"},
    "envs": {"actions", "envs"},
    "model": {"actions", "model"},
    "agent": {"actions", "envs", "model", "agent"},
    "evals": {"actions", "envs", "model", "agent", "evals"},
    "src": {"actions", "envs", "model", "agent", "evals", "cli", "__version__"},
}
"""Which parts of `qvl_agent` each root folder may import."""

HEAVY = {"torch", "transformers"}


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and full dotted name of every import of a file, nested ones included."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from qvl_agent import envs` imports qvl_agent.envs.
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def _offences(source: Path, folder: str) -> list[str]:
    """Return the imports of a file that its folder may not make."""
    found = []
    for line, name in _imports(source):
        top, _, rest = name.partition(".")
        if top == "qvl_agent" and rest.split(".")[0] not in BELOW[folder]:
            found.append(f"{source.name}:{line} imports {name}")
        if top in HEAVY and folder != "model":
            found.append(f"{source.name}:{line} imports {name}: only model/ may")
    return found


@pytest.mark.parametrize("folder", BELOW)
def test_imports_go_down_only(folder: str) -> None:
    sources = sorted((ROOT / folder).rglob("*.py"))
    assert sources
    assert [o for source in sources for o in _offences(source, folder)] == []


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("actions", "from qvl_agent.envs.base import World"),
        ("envs", "from qvl_agent.model.policy import Policy"),
        ("model", "def f():\n    import qvl_agent.envs"),
        ("model", "from qvl_agent import agent"),
        ("agent", "if True:\n    from qvl_agent.evals import suite"),
        ("evals", "from qvl_agent.cli.app import app"),
        ("agent", "import torch.nn"),
        ("src", "from transformers import AutoModel"),
    ],
)
def test_an_upward_or_heavy_import_is_found(folder: str, line: str, tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text(line)
    assert len(_offences(source, folder)) == 1


def _loaded(*statements: str) -> list[set[str]]:
    """Return the modules that a fresh interpreter has loaded after each of some statements."""
    say = "print(*sys.modules, file=sys.stderr)"
    program = "\n".join(["import sys", *(f"{statement}\n{say}" for statement in statements)])
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(statements), done.stderr
    return [set(line.split()) for line in lines]


def test_contracts_are_read_without_torch() -> None:
    packages = ("actions", "envs", "agent", "evals", "model.policy")
    bare, *more = _loaded("import qvl_agent", *(f"import qvl_agent.{name}" for name in packages))
    assert not bare & {*HEAVY, "gymnasium", "numpy", "typer"}
    for name, loaded in zip(packages, more, strict=True):
        assert not loaded & HEAVY, name


def test_light_verbs_load_no_torch() -> None:
    words = ("--help", "--version", "run --help", "eval cards --help", "list envs")
    verbs = [verb.split() for verb in words]
    start = "from qvl_agent.cli.app import main"
    _, first, *more = _loaded(start, *(f"assert main({verb}) == 0" for verb in verbs))
    assert not first & {*HEAVY, "numpy", "gymnasium", "PIL", "jsonschema"}
    for verb, loaded in zip(verbs[1:], more, strict=True):
        assert not loaded & HEAVY, verb
