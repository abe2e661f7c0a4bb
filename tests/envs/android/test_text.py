import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qvl_agent.envs.android.adbd.parse import BadCommand, parse_line
from qvl_agent.envs.android.text import ENTER, refusal, text_arguments

VECTORS = Path(__file__).parents[3] / "../shared/data/adb_text_vectors.json"


def test_the_published_vectors_are_reproduced() -> None:
    if not VECTORS.exists():
        pytest.skip("adb_text_vectors.json is not at hand")
    vectors = json.loads(VECTORS.read_text())["vectors"]
    assert vectors
    for vector in vectors:
        assert text_arguments(vector["text"]) == vector["adb_args"], vector["text"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What's new?", ["'What'\\''s%snew?'"]),
        ("100%sure", ["'100%'", "'sure'"]),
        ("%s%s", ["'%'", "'s%'", "'s'"]),
        ("$(reboot)", ["'$(reboot)'"]),
    ],
)
def test_hostile_text_is_quoted(text: str, words: list[str]) -> None:
    assert [call[-1] for call in text_arguments(text)] == words


def test_lines_are_divided_by_enter() -> None:
    assert text_arguments("a\nb") == [
        ["shell", "input", "text", "'a'"],
        ["shell", "input", "keyevent", str(ENTER)],
        ["shell", "input", "text", "'b'"],
    ]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300))
def test_what_the_devices_shell_reads_is_what_was_meant(text: str) -> None:
    typed = ""
    for arguments in text_arguments(text):
        (command,) = parse_line(" ".join(arguments[1:]))
        assert command.words[:2] == ("input", "text")
        assert len(command.words) == 3
        typed += command.words[2].replace("%s", " ")
    assert typed == text


def test_control_characters_are_refused() -> None:
    assert "control character" in refusal("a\x07b")
    assert refusal("a\tb\nc é 你") == ""


@pytest.mark.parametrize(
    "line", ["echo $(reboot)", "echo `id`", 'echo "$HOME"', "echo 'open", "a & b"]
)
def test_the_phones_shell_substitutes_nothing(line: str) -> None:
    with pytest.raises(BadCommand):
        parse_line(line)


def test_joints_and_quotes_are_read() -> None:
    commands = parse_line("""echo 'a;b' "c d" e\\ f && ls | grep x; echo $?""")
    assert [c.joint for c in commands] == ["", "&&", "|", ";"]
    assert commands[0].words == ("echo", "a;b", "c d", "e f")
