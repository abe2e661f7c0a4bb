import gymnasium
import numpy as np
import pytest

from qvl_agent.actions import DeviceError, Point, UsageError
from qvl_agent.actions.mobile import Answer, Back, Done, OpenApp, Swipe, Tap, Type, Wait
from qvl_agent.envs import make
from qvl_agent.envs.android import AndroidEnv, SimulatedDevice
from qvl_agent.envs.android.phone import Make, make_phone
from qvl_agent.envs.testing import check_world


def test_it_keeps_the_contract_of_a_world() -> None:
    check_world(AndroidEnv, seeds=(3,), max_steps=30)


def test_it_is_in_the_registry() -> None:
    env = make("android", width=196, height=420)
    observation, _ = env.reset(seed=0)
    assert observation.image.shape == (420, 196, 3)


@pytest.mark.parametrize(
    "words",
    [
        "find pizza",
        "Find a pizza restaurant nearby in Map.",
        "search for pizza in Maps",
        "查找附近的比萨",
    ],
)
def test_finding_pizza_is_understood_and_checked(words: str) -> None:
    env = AndroidEnv()
    for split in ("train", "test"):
        language = "zh" if "比" in words else "en"
        env.reset(seed=5, options={"task": words, "split": split, "language": language})
        assert env.task == words
        for _ in range(30):
            if env.step(env.expert().action)[2]:
                break
        assert env.outcome().success
        assert env.outcome().metrics["checked"] == 1.0


def test_a_task_that_cannot_be_checked_is_no_success_and_says_so() -> None:
    env = AndroidEnv()
    env.reset(seed=0, options={"task": "make me happy"})
    assert env.step(Done())[2]
    assert env.outcome().success is False
    assert env.outcome().metrics == {"checked": 0.0}


def test_saying_done_too_early_is_no_success() -> None:
    env = AndroidEnv()
    env.reset(seed=0)
    _, reward, terminated, truncated, _ = env.step(Done())
    assert (reward, terminated, truncated) == (0.0, True, False)


def test_a_wrong_answer_is_no_success() -> None:
    env = AndroidEnv()
    env.reset(seed=0, options={"template": "weather_on_arrival"})
    env.step(Answer("green"))
    assert not env.outcome().success


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tusk": "x"}, "unknown option 'tusk'"),
        ({"level": 4}, "level must be 1, 2 or 3"),
        ({"template": "fly"}, "no phone task 'fly'"),
        ({"split": "dev"}, "split must be one of"),
        ({"language": "fr"}, "language must be one of"),
        ({"task": " "}, "task must be a text"),
    ],
)
def test_wrong_options_are_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        AndroidEnv().reset(seed=0, options=options)


def test_an_unknown_app_is_told_to_the_policy() -> None:
    env = AndroidEnv()
    env.reset(seed=0)
    info = env.step(OpenApp("Map"))[4]
    assert "no app 'Map'" in info["error"]
    assert "Maps" in info["error"]


def test_apps_open_by_their_names_in_both_languages() -> None:
    env = AndroidEnv()
    env.reset(seed=0, options={"disturbed": False})
    for name, package in (("Clock", "org.qvl.clock"), ("地图", "org.qvl.maps")):
        env.step(OpenApp(name))
        assert env.device.current_app() == package


def test_hostile_text_is_typed_and_not_executed() -> None:
    env = AndroidEnv()
    env.reset(seed=0, options={"disturbed": False, "language": "en"})
    env.step(OpenApp("Maps"))
    env.step(Tap(Point(0.5, 0.075)))
    text = "$(reboot) `id` '; rm -rf / \" \U0001f355"
    env.step(Type(text))
    assert env.device.phone is not None
    assert env.device.phone.state.text_of("maps/query") == text


def test_actions_without_effect_are_counted_in_info() -> None:
    env = AndroidEnv()
    env.reset(seed=0, options={"disturbed": False})
    env.step(Back())
    assert [env.step(Wait(1))[4]["unchanged"] for _ in range(2)] == [2, 3]


def test_a_finger_that_moves_up_shows_what_is_further_down() -> None:
    env = AndroidEnv()
    env.reset(seed=0, options={"disturbed": False, "language": "en"})
    env.step(OpenApp("Weather"))
    assert env.device.phone is not None
    phone = env.device.phone
    city = phone.state.data["weather"].followed[0]
    env.step(OpenApp(city))
    phone.tap(196, 190)
    assert phone.state.route.name == "city"
    env.step(Swipe(direction="up"))
    assert phone.state.scrolls[f"weather/city/{phone.state.route.arg}"] > 100


class Troubled(SimulatedDevice):
    """A phone whose screen is off at the start, or cannot be photographed."""

    def __init__(self, *, black: bool = False, stuck: bool = False) -> None:
        super().__init__(make_phone(0, Make(disturbed=False))[0])
        self.black = black
        self.stuck = stuck

    def screenshot(self) -> np.ndarray:
        return np.zeros_like(super().screenshot()) if self.black else super().screenshot()

    def power(self):  # type: ignore[no-untyped-def]
        return "locked" if self.stuck else super().power()


def test_a_black_window_is_told() -> None:
    env = AndroidEnv(Troubled(black=True))
    observation, info = env.reset(seed=0)
    assert "black" in observation.text
    assert [e["kind"] for e in info["events"]] == ["black"]


def test_a_phone_that_stays_locked_is_an_error_with_a_remedy() -> None:
    with pytest.raises(DeviceError, match="unlock it by hand"):
        AndroidEnv(Troubled(stuck=True)).reset(seed=0)


def test_a_screen_that_goes_off_is_woken() -> None:
    env = AndroidEnv()
    env.reset(seed=0)
    assert env.device.phone is not None
    env.device.phone.key("sleep")
    observation, _, _, _, info = env.step(Wait(1))
    assert {"kind": "woken", "detail": "the screen had gone off"} in info["events"]
    assert observation.image.max() > 0


def test_a_turned_screen_is_told_and_has_its_own_size() -> None:
    env = AndroidEnv()
    env.reset(seed=0)
    assert env.device.phone is not None
    env.device.phone.turn(1)
    observation, _, _, _, info = env.step(Wait(1))
    assert observation.image.shape == (392, 840, 3)
    assert "turned" in observation.text
    assert "turned" in [e["kind"] for e in info["events"]]


def test_an_action_of_another_world_is_refused() -> None:
    env = AndroidEnv()
    env.reset(seed=0)
    with pytest.raises(gymnasium.error.InvalidAction):
        env.step("tap")  # type: ignore[arg-type]
