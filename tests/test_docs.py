"""What the documents say exists, exists: files they link to, verbs and options they show."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qvl_agent.cli.app import main

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def _commands() -> Iterator[tuple[str, str]]:
    """Yield every `qvl-agent` command in a code block or between backticks, and its page."""
    for page in PAGES:
        text = page.read_text()
        lines = [
            line
            for block in re.findall(r"```\w*\n(.*?)```", text, re.S)
            for line in block.splitlines()
        ]
        for line in [*lines, *re.findall(r"`([^`\n]+)`", text)]:
            found = re.match(r"\s*(?:\.venv/bin/)?(qvl-agent [a-z].*)", line)
            if found and not re.search(r"[\[|]|\.\.\.", found[1]):  # that would be a synopsis
                yield page.name, re.sub(r"\s+(#|\|).*", "", found[1])


COMMANDS = sorted(set(_commands()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    local = [target for target in targets if "://" not in target]
    missing = [target for target in local if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=lambda value: value[:60])
def test_a_command_in_the_documents_has_its_verb_and_options(
    page: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(command)[1:]
    assert main([*words, "--help"]) == 0, f"{page}: {command}"
    assert "Usage: qvl-agent" in capsys.readouterr().out


def test_the_readmes_program_runs(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    assert "reason='success'" in done.stdout


@pytest.mark.parametrize("words", [["fly"], ["run", "--nope"], ["eval", "chess"]], ids=" ".join)
def test_a_verb_or_option_that_does_not_exist_would_be_found(words: list[str]) -> None:
    assert main([*words, "--help"]) != 0


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) > 8
