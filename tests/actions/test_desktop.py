"""The desktop's actions, in their own names and as Qwen's `computer_use`."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qvl_agent.actions import FRAME_1000, Action, Call, Frame, ParseError, Point, pixel_frame
from qvl_agent.actions.desktop import (
    KEYS,
    Answer,
    Click,
    Done,
    DoubleClick,
    Drag,
    Hotkey,
    MiddleClick,
    MoveTo,
    RightClick,
    Scroll,
    Type,
    Wait,
    desktop_space,
    key_name,
)
from qvl_agent.actions.dialects import DIALECTS, get_dialect

HERMES = get_dialect("hermes")
PLAIN = desktop_space()
PACKED = HERMES.space_for(PLAIN)
MIDDLE = Point(0.5, 0.25)
POINTS = st.builds(Point, st.floats(0, 1), st.floats(0, 1))
PACKABLE = st.one_of(
    *(st.builds(kind, POINTS) for kind in (Click, DoubleClick, RightClick, MiddleClick, MoveTo)),
    st.builds(lambda end: Drag(end=end), POINTS),
    st.builds(Scroll, st.integers(-10_000, 10_000), st.none() | POINTS),
    st.builds(Type, st.text(max_size=20)),
    st.builds(Answer, st.text(max_size=20)),
    st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=5).map(
        lambda keys: Hotkey(tuple(keys))
    ),
    st.builds(Wait, st.floats(0, 60)),
    st.builds(Done, st.sampled_from([None, "failure"])),
)
ACTIONS = PACKABLE | st.builds(Drag, POINTS, POINTS)
FRAMES = st.sampled_from([FRAME_1000, pixel_frame(1288, 812)])


def read_back(name: str, action: Action, frame: Frame) -> None:
    dialect = get_dialect(name)
    space = dialect.space_for(PLAIN)
    call = space.to_call(action, frame)
    parsed = dialect.parse(dialect.render(call, "I see it."), space, frame)
    assert (parsed.calls, parsed.flags) == ((call,), ())
    again = space.to_action(call, frame)
    assert space.to_call(again, frame) == call
    if not any(
        isinstance(getattr(action, f), Point) for f in ("point", "end") if hasattr(action, f)
    ):
        assert again == action


@pytest.mark.parametrize("name", ["star", "qwen_fn"])
@given(action=ACTIONS, frame=FRAMES)
def test_any_call_is_read_as_it_was_written(name: str, action: Action, frame: Frame) -> None:
    read_back(name, action, frame)


@given(action=PACKABLE, frame=FRAMES)
def test_any_call_of_computer_use_is_read_as_it_was_written(action: Action, frame: Frame) -> None:
    read_back("hermes", action, frame)


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        (Click(MIDDLE), {"action": "left_click", "coordinate": [500, 250]}),
        (DoubleClick(MIDDLE), {"action": "double_click", "coordinate": [500, 250]}),
        (RightClick(MIDDLE), {"action": "right_click", "coordinate": [500, 250]}),
        (MiddleClick(MIDDLE), {"action": "middle_click", "coordinate": [500, 250]}),
        (MoveTo(MIDDLE), {"action": "mouse_move", "coordinate": [500, 250]}),
        (Drag(end=MIDDLE), {"action": "left_click_drag", "coordinate": [500, 250]}),
        (Scroll(-300), {"action": "scroll", "pixels": -300}),
        (Scroll(5, MIDDLE), {"action": "scroll", "pixels": 5, "coordinate": [500, 250]}),
        (Type("né"), {"action": "type", "text": "né"}),
        (Hotkey(("ctrl", "s")), {"action": "key", "keys": ["ctrl", "s"]}),
        (Wait(2.0), {"action": "wait", "time": 2.0}),
        (Answer("42"), {"action": "answer", "text": "42"}),
        (Done(), {"action": "terminate", "status": "success"}),
        (Done("failure"), {"action": "terminate", "status": "failure"}),
    ],
)
def test_hermes_writes_qwens_computer_use(action: Action, arguments: dict[str, object]) -> None:
    call = PACKED.to_call(action)
    assert call == Call("computer_use", arguments)
    assert PACKED.to_action(call) == action
    written = json.dumps({"name": "computer_use", "arguments": arguments}, ensure_ascii=False)
    assert HERMES.render(call) == f"<tool_call>\n{written}\n</tool_call>"


def test_star_writes_the_functions_own_names() -> None:
    star = get_dialect("star")
    assert star.space_for(PLAIN) is PLAIN
    text = star.render(PLAIN.to_call(Click(MIDDLE)))
    assert text == '*FUNCTION*: Click\n*ARGS*: {"point": [500, 250]}'
    assert star.render(PLAIN.to_call(Done())) == "*FUNCTION*: Done\n*ARGS*: {}"


def test_computer_use_is_the_one_tool_that_hermes_tells_of() -> None:
    (line,) = (s for s in HERMES.system(PACKED, FRAME_1000).splitlines() if s.startswith('{"type'))
    tool = json.loads(line)["function"]
    assert tool["name"] == "computer_use"
    assert list(tool["parameters"]["properties"]) == [
        *("action", "keys", "text", "coordinate", "pixels", "time", "status")
    ]
    assert tool["parameters"]["required"] == ["action"]


@pytest.mark.parametrize(
    ("arguments", "kind", "told"),
    [
        ({"action": "left_click"}, "missing_param", "left_click needs 'coordinate'"),
        ({"action": "type"}, "missing_param", "type needs 'text'"),
        ({"action": "key", "keys": []}, "bad_value", "keys"),
        ({"action": "left_click", "coordinate": [1001, 2]}, "out_of_range", "outside the grid"),
        ({"action": "fly"}, "bad_value", "'action' must be one of key, type"),
        ({"coordinate": [1, 2]}, "missing_param", "'action' is missing"),
        ({"action": "scroll", "pixels": 90_000}, "bad_value", "90000"),
    ],
)
def test_what_computer_use_cannot_mean_is_refused(
    arguments: dict[str, object], kind: str, told: str
) -> None:
    text = HERMES.render(Call("computer_use", arguments))
    with pytest.raises(ParseError, match=told) as caught:
        HERMES.parse(text, PACKED, FRAME_1000)
    assert caught.value.kind == kind


def test_a_drag_with_a_start_is_no_call_of_computer_use() -> None:
    with pytest.raises(ValueError, match="where the pointer is"):
        PACKED.to_call(Drag(MIDDLE, MIDDLE))
    assert not PACKED.contains(Drag(MIDDLE, MIDDLE))


def test_sampling_computer_use_leaves_the_worlds_space_as_it_was() -> None:
    plain = desktop_space()
    expected = copy.deepcopy(plain)
    plain.seed(3)
    expected.seed(3)
    packed = HERMES.space_for(plain)
    packed.seed(7)
    first = [packed.sample() for _ in range(100)]
    packed.seed(7)
    assert first == [packed.sample() for _ in range(100)]
    assert all(packed.contains(action) for action in first)
    assert [plain.sample() for _ in range(9)] == [expected.sample() for _ in range(9)]


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_every_sampled_action_is_read_as_it_was_written(name: str) -> None:
    space = get_dialect(name).space_for(desktop_space())
    space.seed(1)
    for _ in range(200):
        read_back(name, space.sample(), FRAME_1000)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Return", "enter"),
        ("Page_Down", "pagedown"),
        ("ArrowLeft", "left"),
        ("Control", "ctrl"),
        ("CTRL", "ctrl"),
        ("cmd", "win"),
        ("F5", "f5"),
        ("A", "a"),
        ("+", "+"),
        ("_", "_"),
        (" ", "space"),
        ("left", "left"),
    ],
)
def test_a_key_has_many_names_and_one_meaning(written: str, name: str) -> None:
    assert key_name(written) == name


def test_a_combination_may_stand_in_one_word() -> None:
    assert Hotkey(("ctrl+shift+t",)) == Hotkey(("ctrl", "shift", "t"))
    assert Hotkey(("ctrl", "+")).keys == ("ctrl", "+")


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (("ctrll",), "no key 'ctrll'; did you mean 'ctrl'"),
        (("é",), "no key 'é'"),
        (("",), "no key ''"),
        ((), "1 to 5 keys, got 0"),
        (tuple("abcdef"), "1 to 5 keys, got 6"),
    ],
)
def test_a_hotkey_that_does_not_exist_is_refused_by_name(keys: tuple[str, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Hotkey(keys)


def test_a_key_that_does_not_exist_is_data_for_the_policy() -> None:
    with pytest.raises(ParseError, match="did you mean 'enter'") as caught:
        PLAIN.to_action(Call("Hotkey", {"keys": ["entr"]}))
    assert caught.value.kind == "bad_value"


def test_a_drag_needs_an_end() -> None:
    with pytest.raises(ValueError, match="an end"):
        Drag(MIDDLE)
