"""What the documents say exists, exists: files they link to, verbs and options they show."""

import re
import shlex
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
            if found:
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
    page: str, command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    words = shlex.split(command)[1:]
    verb = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
    for path in (verb, verb[:1]):  # `view runs`: the second word may be an argument
        if main([*path, "--help"]) == 0:
            break
    shown = capsys.readouterr().out
    assert "Usage: qvl-agent" in shown
    missing = [w for w in words if w.startswith("--") and f" {w.partition('=')[0]} " not in shown]
    assert not missing, f"{page}: {command}"


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) > 8
