"""What the parser repairs, what it refuses, and what it says about it."""

import json
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions import FRAME_999, FRAME_1000, FRAME_UNIT, ActionSpace, Function, ParseError
from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.mobile import mobile_space, paper_space

SAMPLES = Path(__file__).parents[3].parent / "shared" / "data" / "fncall_samples.json"
MOBILE = mobile_space()
CLICK = "*FUNCTION*: Click\n*ARGS*: "
TYPE = "*FUNCTION*: Type\n*ARGS*: "
WAIT = "*FUNCTION*: Wait\n*ARGS*: "
HOME = "*FUNCTION*: Home\n*ARGS*: {}"


def outcome(
    text: str, dialect: str = "star", space: ActionSpace = MOBILE
) -> tuple[dict[str, Any], list[str]]:
    """Return what a text comes to in the samples' terms, and the flags."""
    try:
        parsed = get_dialect(dialect).parse(text, space, FRAME_1000)
    except ParseError as exc:
        return {"error": exc.kind}, list(exc.flags)
    return {"calls": [call.to_json() for call in parsed.calls]}, list(parsed.flags)


def calls(text: str, dialect: str = "star") -> list[tuple[str, Any]]:
    """Return (function, arguments) of each call."""
    return [(c["function"], c["args"]) for c in outcome(text, dialect)[0].get("calls", [])]


def _samples() -> list[Any]:
    if not SAMPLES.exists():
        reason = pytest.mark.skip(reason=f"the recorded outputs are not there: {SAMPLES.name}")
        return [pytest.param({}, marks=reason)]
    samples = json.loads(SAMPLES.read_text())["samples"]
    return [pytest.param(sample, id=sample["id"]) for sample in samples]


@pytest.mark.parametrize("sample", _samples())
def test_recorded_output_is_read_as_expected(sample: dict[str, Any]) -> None:
    expected = sample["expected"], sorted(sample["flags"])
    assert outcome(sample["raw"], space=paper_space()) == expected


POINT = [("Click", {"point": [687, 792]})]


@pytest.mark.parametrize(
    ("args", "flags"),
    [
        ('{"point": [687, 792]}', []),
        ('{"point": " (687, 792)"}', []),
        ('{"point": (687,792)}', []),
        ('{"point": "[687, 792]"}', []),
        ('{"point": "687 792"}', []),
        ("{'point': [687, 792]}", ["single_quotes"]),
        ("{point: [687, 792]}", ["bare_key"]),
        ('{"point": [687, 792],}', ["trailing_comma"]),
        ('{"point": [[687, 792]]}', ["nested"]),
        ('{"point": [687, 792], "fast": True}', ["python_literal", "unknown_key"]),
        ("{“point”: [687, 792]}", ["smart_quotes"]),
        ('{"point": [687, 792]}}', ["extra_brace"]),
        ('{{"point": [687, 792]}}', ["extra_brace"]),
        ('{"point": [687, 792]]}', ["extra_brace"]),
        ('"point": [687, 792]}', ["missing_brace"]),
        ('{"point": [687, 792}', ["missing_bracket"]),
        ('{"point": (687, 792}', ["missing_paren"]),
        ('{"point": (687, 792]}', ["missing_paren"]),
        ('{"point": "687, 792)"}', ["missing_paren"]),
        ('{"point": [687, 792]} I tap it.', ["trailing_text"]),
        ('{"point": [687, 792]}\n\nI tap it.', ["trailing_text"]),
        ('`{"point": [687, 792]}`', ["fence"]),
        ('```\n{"point": [687, 792]}\n```', ["fence"]),
        ('{"point": [687, 792] /* bar */}', ["comment"]),
        ('// the bar\n{"point": [687, 792]}', ["comment"]),
        ('"{\\"point\\": [687, 792]}"', ["args_string"]),
        ('{"Point": [687, 792]}', ["key_case"]),
        ('{"point": [687, 792], "duration": 2}', ["unknown_key"]),
        ('{"point": {"x": 687, "y": 792}}', ["xy_object"]),
        ('{"X": 687, "Y": 792}', ["xy_object"]),
        ('{"point": "x=687, y=792"}', ["xy_object"]),
        ('{"point": ["687", "792"]}', ["coerced"]),
        ('{"point": <|box_start|>(687,792)<|box_end|>}', ["box_tokens"]),
        ('{"point": <point>687 792</point>}', ["point_tag"]),
        ('{"point": [600, 700, 774, 884]}', ["box_to_point"]),
        ('{"point": [[600, 700], [774, 884]]}', ["box_to_point"]),
        ('{"point": "<bbox>687 792 687 792</bbox>"}', ["box_to_point"]),
        ('{"point": "[600, 700, 774, 884]"}', ["box_to_point"]),
        ('{"point": "（687，792）"}', ["fullwidth"]),
        ('{"point": "(0.687, 0.792)"}', ["rescaled"]),
        ('{"point": [+687, 792.]}', ["number_form"]),
        ('{"point": [687, 792]}\n*RES', ["stop_word_leak"]),
        ('{"point": [687, 792]\n*RESULT*: ok', ["missing_brace", "stop_word_leak"]),
        ('{"point": [687, 792]}<|im_end|>', []),
        ('{"point": [687, 792]}<|im_end|>\n<|im_start|>user\nNext.', ["stop_word_leak"]),
    ],
)
def test_unmistakable_point_is_repaired(args: str, flags: list[str]) -> None:
    assert (calls(CLICK + args), outcome(CLICK + args)[1]) == (POINT, flags)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty_output"),
        (" \n\t", "empty_output"),
        (": ", "empty_output"),
        ("<|im_end|>", "empty_output"),
        ("I have found the restaurant.", "no_call"),
        ("<think>hm</think>", "no_call"),
        ("*RETURN*: I see the map.", "no_call"),
        ('{"ACTION": "click_element", "ARGS": {"bbox": [1, 2, 3, 4]}}', "no_call"),
        ("Function: the button that opens a menu.", "no_call"),
        ("*FUNCTION*: ", "empty_name"),
        ('*FUNCTION*: \n*ARGS*: {"point": [1, 2]}', "empty_name"),
        ('<tool_call>\n{"arguments": {}}\n</tool_call>', "empty_name"),
        ("*FUNCTION*: Scroll\n*ARGS*: {}", "unknown_function"),
        ("*FUNCTION*: Clic\n*ARGS*: {}", "unknown_function"),
        ("*FUNCTION*: Clicks\n*ARGS*: {}", "unknown_function"),
        ("*FUNCTION*: {Click,Type,Done}\n*ARGS*: {}", "unknown_function"),
        ("*FUNCTION*: functions.Click\n*ARGS*: {}", "unknown_function"),
        ("*FUNCTION*: done\n*ARGS*: {}", "unknown_function"),
        ("*FUNCTION*: Clic", "truncated"),
        ("*FUNCTION*: Wait\n*AR", "truncated"),
        (TYPE + '{"text": "pizz', "truncated"),
        (TYPE + '{"text": "a\\', "truncated"),
        (TYPE + '{"text": "\\u00', "truncated"),
        (TYPE + '{"te', "truncated"),
        (TYPE + "{", "truncated"),
        (CLICK + '{"point": [687,', "truncated"),
        (CLICK + '{"point": [687, 792', "truncated"),
        (CLICK + '{"point": [687, 7.', "truncated"),
        (CLICK + '{"point": (687, 792 ', "truncated"),
        (WAIT + '{"time": 5', "truncated"),
        (WAIT + '{"time": nul', "truncated"),
        ("<tool_call>", "truncated"),
        ('<tool_call>\n{"name": "Cli', "truncated"),
        (CLICK + "{}", "missing_param"),
        (CLICK, "missing_param"),
        (CLICK + '{"coordinate": [687, 792]}', "missing_param"),
        (TYPE + '{"text": null}', "missing_param"),
        ("*FUNCTION*: Swipe\n*ARGS*: {}", "missing_param"),
        ('*FUNCTION*: Swipe\n*ARGS*: {"start": [1, 2]}', "missing_param"),
        ('*FUNCTION*: Swipe\n*ARGS*: {"direction":"up","start":[1,2],"end":[3,4]}', "bad_args"),
        ("*FUNCTION*: Click(point=[1, 2])", "bad_args"),
        (CLICK + "[687, 792]", "bad_args"),
        (CLICK + "(687, 792)", "bad_args"),
        (CLICK + '{"point": 687, 792}', "bad_args"),
        (CLICK + '{"point": [687 792]}', "bad_args"),
        (CLICK + '{"point": [687,, 792]}', "bad_args"),
        (CLICK + '{"point": [687, 7}92]}', "bad_args"),
        (CLICK + '{"point": [687, 7#92]}', "bad_args"),
        (CLICK + '{"point": [087, 792]}', "bad_args"),
        (CLICK + '{"point": "(087, 792)"}', "bad_type"),
        (CLICK + '{"point": [687, 792px]}', "bad_args"),
        (CLICK + '{"point": [six, 792]}', "bad_args"),
        (CLICK + '{"point": [1, 2], "Point": [3, 4]}', "bad_args"),
        (CLICK + '{"point": [1, 2], "point": [1, 2]}', "bad_args"),
        (CLICK + "[" * 100_000, "bad_args"),
        (TYPE + "{'text': 'it's'}", "bad_args"),
        (TYPE + '{"text": "say "}" now"}', "bad_args"),
        (TYPE + '{"text": "\\ud83c"}', "bad_args"),
        (TYPE + '{"text": "\ud83c"}', "bad_args"),
        (TYPE + '"pizza"', "bad_args"),
        ("<tool_call>\nHome\n</tool_call>", "bad_args"),
        (TYPE + '{"text": true}', "bad_type"),
        (TYPE + '{"text": ["a"]}', "bad_type"),
        (TYPE + '{"text": NaN}', "bad_type"),
        (WAIT + '{"time": "two"}', "bad_type"),
        (WAIT + '{"time": true}', "bad_type"),
        (WAIT + '{"time": Infinity}', "bad_type"),
        ('*FUNCTION*: Swipe\n*ARGS*: {"direction": 3}', "bad_type"),
        (CLICK + '{"point": []}', "bad_type"),
        (CLICK + '{"point": ""}', "bad_type"),
        (CLICK + '{"point": [1, 2, 3]}', "bad_type"),
        (CLICK + '{"point": "687px, 792px"}', "bad_type"),
        (CLICK + '{"point": "the centre"}', "bad_type"),
        (CLICK + '{"point": [null, 3]}', "bad_type"),
        (CLICK + '{"point": [-Infinity, 3]}', "bad_type"),
        (CLICK + '{"point": [[[687, 792]]]}', "bad_type"),
        (CLICK + '{"point": [0, 0.5]}', "bad_value"),
        (WAIT + '{"time": -1}', "bad_value"),
        ('*FUNCTION*: Swipe\n*ARGS*: {"direction": "upwards"}', "bad_value"),
        (CLICK + '{"point": [1001, 5]}', "out_of_range"),
        (CLICK + '{"point": [-1, 5]}', "out_of_range"),
        (CLICK + '{"point": [900, 900, 1100, 980]}', "out_of_range"),
        (CLICK + '{"point": [' + "9" * 400 + ", 5]}", "out_of_range"),
    ],
)
def test_what_is_cut_ambiguous_or_out_of_range_is_refused(text: str, kind: str) -> None:
    assert outcome(text)[0] == {"error": kind}


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("*FUNCTION*: Home", ["no_args"]),
        ("*FUNCTION*: Home\n*ARGS*: None", ["none_args"]),
        ('*FUNCTION*: Home\n*ARGS*: ""', ["empty_args"]),
        ("*FUNCTION*: Home()", ["paren_args"]),
        ("*FUNCTION*: home\n*ARGS*: {}", ["name_case"]),
        ("*FUNCTION*: `Home`\n*ARGS*: {}", ["quoted_name"]),
        ("*FUNCTION*: **Home**\n*ARGS*: {}", ["name_trim"]),
        ("*FUNCTION*: Home {}", ["missing_marker"]),
        ("\\*FUNCTION\\*: Home\n\\*ARGS\\*: {}", ["marker_variant"]),
        ("✿FUNCTION✿: Home\n✿ARGS✿: {}", ["marker_variant"]),
        ("**FUNCTION:** Home\n**ARGS:** {}", ["marker_variant"]),
        ("*FUNCTION* Home\n*ARGS* {}", ["marker_variant"]),
        ("Function: Home\nArgs: {}", ["marker_variant"]),
        ("*FUNCTION* : Home\n*ARGS* :{}", []),
        ("I *return* home. " + HOME, []),
        ("The result: a list.\n" + HOME, []),
        ("<think>*FUNCTION*: Back *ARGS*: {}</think>" + HOME, []),
        ("*FUNCTION*: Back *ARGS*: {} or not?</think>" + HOME, []),
        ("```\n" + HOME + "\n```", ["fence"]),
        ("*FUNCTION*: Home\n*AR", ["no_args", "trailing_text"]),
        ('<tool_call>\n{"name": "Home", "arguments": {}}\n</tool_call>', ["tool_call_format"]),
        ('<tool_call>{"name": "Home"}', ["missing_tag", "no_args", "tool_call_format"]),
        (
            '<tool_call>{"name": "Home", "arguments": {}</tool_call>',
            ["missing_brace", "tool_call_format"],
        ),
        ('{"name": "Home", "arguments": {}}', ["missing_tag", "tool_call_format"]),
    ],
)
def test_call_without_arguments_is_read_in_many_spellings(text: str, flags: list[str]) -> None:
    assert (calls(text), outcome(text)[1]) == ([("Home", {})], flags)


def test_unclosed_thinking_is_no_call() -> None:
    assert outcome("<think>Perhaps " + HOME) == ({"error": "no_call"}, ["unclosed_think"])


@pytest.mark.parametrize(
    "text",
    [
        "*FUNCTION*: Done\n*ARGS*: {}",
        "*RESULT*: ok",
        "</tool_call><tool_call>",
        "</think>",
        "<|im_end|>",
        "```",
        'a "quoted" } brace { and \\ a backslash',
    ],
)
@pytest.mark.parametrize("dialect", ["star", "qwen_fn", "hermes"])
def test_markers_inside_a_string_do_not_act(text: str, dialect: str) -> None:
    by_marker = TYPE + json.dumps({"text": text})
    in_block = json.dumps({"name": "Type", "arguments": {"text": text}})
    assert calls(by_marker, dialect) == [("Type", {"text": text})]
    assert calls(f"<tool_call>\n{in_block}\n</tool_call>", dialect) == [("Type", {"text": text})]


@pytest.mark.parametrize(
    ("written", "typed", "flags"),
    [
        (r'"it\'s"', "it's", ["bad_escape"]),
        ('"a\tb"', "a\tb", ["control_char"]),
        (r"'it\'s'", "it's", ["single_quotes"]),
        ("'say \"hi\"'", 'say "hi"', ["single_quotes"]),
        (".50", ".50", ["coerced", "number_form"]),
        ("3.50", "3.50", ["coerced"]),
        ('""', "", []),
    ],
)
def test_text_is_typed_as_it_was_meant(written: str, typed: str, flags: list[str]) -> None:
    text = TYPE + '{"text": ' + written + "}"
    assert (calls(text), outcome(text)[1]) == ([("Type", {"text": typed})], flags)


def test_further_arguments_are_a_further_call() -> None:
    text = CLICK + '{"point": [1, 2]}\n*ARGS*: {"point": [3, 4]}'
    expected = [("Click", {"point": [1, 2]}), ("Click", {"point": [3, 4]})]
    assert (calls(text), outcome(text)[1]) == (expected, ["several_calls"])


def test_later_call_that_is_cut_off_leaves_the_first_one() -> None:
    text = HOME + "\n" + TYPE + '{"text": "pi'
    assert (calls(text), outcome(text)[1]) == ([("Home", {})], ["dropped_call", "several_calls"])


def test_end_of_an_episode_has_to_be_spelt_to_the_letter() -> None:
    assert calls("*FUNCTION*: Done.\n*ARGS*: {}") == [("Done", {})]
    escaped = '<tool_call>{"name": "D\\u006fne", "arguments": {}}</tool_call>'
    assert outcome(escaped)[0] == {"error": "unknown_function"}


def test_cut_name_is_not_taken_for_a_shorter_function() -> None:
    tools = [{"name": "open"}, {"name": "open_app"}]
    space = ActionSpace.of_tools("two", tools)
    assert outcome("*FUNCTION*: open", space=space)[0] == {"error": "truncated"}
    assert outcome("*FUNCTION*: open\n", space=space)[0] == {
        "calls": [{"function": "open", "args": {}}]
    }


def test_names_that_differ_in_case_only_are_not_confused() -> None:
    space = ActionSpace.of_tools("two", [{"name": "Go"}, {"name": "GO"}])
    assert outcome("*FUNCTION*: go\n*ARGS*: {}", space=space)[0] == {"error": "unknown_function"}
    assert outcome("*FUNCTION*: GO\n*ARGS*: {}", space=space)[1] == []


def test_other_schemas_are_fitted() -> None:
    properties = {
        "count": {"type": "integer"},
        "deep": {"type": "boolean"},
        "keys": {"type": "array", "items": {"type": "string"}},
        "more": {"type": "object"},
        "note": {"type": ["string", "null"]},
        "level": {"enum": [1, 2]},
    }
    parameters = {"type": "object", "properties": properties}
    space = ActionSpace("tools", [Function.of_tool({"name": "f", "parameters": parameters})])
    args = "{'count': '3', 'deep': 'True', 'keys': ['a', 1], 'more': {'n': [1.5]}, 'note': None, "
    result, _ = outcome(f"*FUNCTION*: f\n*ARGS*: {args}'level': 2}}", space=space)
    assert result["calls"][0]["args"] == {
        "count": 3,
        "deep": True,
        "keys": ["a", "1"],
        "more": {"n": [1.5]},
        "note": None,
        "level": 2,
    }


def test_fractions_are_places_on_a_grid_of_fractions() -> None:
    parsed = get_dialect("star").parse(CLICK + '{"point": [0.25, 1]}', MOBILE, FRAME_UNIT)
    assert (parsed.calls[0].args, parsed.flags) == ({"point": [0.25, 1]}, ())


def test_grid_is_the_frames() -> None:
    with pytest.raises(ParseError) as caught:
        get_dialect("star").parse(CLICK + '{"point": [1000, 5]}', MOBILE, FRAME_999)
    assert caught.value.kind == "out_of_range"
    assert "x in 0..999" in str(caught.value)


def test_error_says_what_was_wrong_and_the_legal_form() -> None:
    text = 'I tap. *FUNCTION*: Click\n*ARGS*: {"point": [540, 1890]}'
    with pytest.raises(ParseError) as caught:
        get_dialect("star").parse(text, MOBILE, FRAME_1000)
    error = caught.value
    assert "outside the grid" in str(error)
    assert str(error).endswith('*FUNCTION*: Tap *ARGS*: {"point": [x, y]}')
    assert text[slice(*error.span)].strip() == '{"point": [540, 1890]}'
    assert error.text == text


def test_error_about_a_name_lists_the_functions_in_the_dialects_form() -> None:
    with pytest.raises(ParseError, match=r'"name": "one of Tap, .*Done"'):
        get_dialect("hermes").parse("Scroll, I say.", MOBILE, FRAME_1000)


def test_error_about_a_huge_argument_stays_short() -> None:
    with pytest.raises(ParseError) as caught:
        get_dialect("star").parse(TYPE + json.dumps({"text": ["x" * 9_000]}), MOBILE, FRAME_1000)
    assert len(str(caught.value)) < 600


def test_thought_is_what_stands_before_the_call() -> None:
    parsed = get_dialect("star").parse(": I go home.\n" + HOME, MOBILE, FRAME_1000)
    assert parsed.thought == "I go home."


@pytest.mark.parametrize(
    ("dialect", "text", "flags"),
    [
        ("qwen_fn", "✿FUNCTION✿: Home\n✿ARGS✿: {}", []),
        ("qwen_fn", HOME, ["marker_variant"]),
        ("hermes", '<tool_call>\n{"name": "Home", "arguments": {}}\n</tool_call>', []),
        ("hermes", HOME, ["marker_variant"]),
        ("hermes", '<tool_call>{"name": "Home", "arguments": {}}', ["missing_tag"]),
        (
            "hermes",
            '<tool_call>{"name": "Home", "arguments": {}}</tool_call>\n<tool_response>ok',
            ["stop_word_leak"],
        ),
    ],
)
def test_each_dialect_flags_what_is_not_its_own_form(
    dialect: str, text: str, flags: list[str]
) -> None:
    assert (calls(text, dialect), outcome(text, dialect)[1]) == ([("Home", {})], flags)
