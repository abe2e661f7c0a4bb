"""A phone as a world: an action goes in, the settled screen comes out, the state decides.

`AndroidEnv` knows the `Device` protocol and the phone's tasks. Which device it drives is given to
it; tasks and checks exist where the bundled phone stands behind the device.
"""

import logging
from collections.abc import Mapping
from random import Random
from typing import Any, ClassVar, Literal, SupportsFloat, assert_never, cast

import gymnasium

from qvl_agent.actions import mobile
from qvl_agent.actions.errors import DeviceError, ResetNeeded, UsageError
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.actions.types import Action, Point
from qvl_agent.envs.android.connect import connect
from qvl_agent.envs.android.device import Device, NoSuchApp, TextRefused
from qvl_agent.envs.android.phone.content import Split
from qvl_agent.envs.android.phone.factory import Make, make_phone
from qvl_agent.envs.android.phone.phone import Phone
from qvl_agent.envs.android.phone.reading import targets_on, words_on
from qvl_agent.envs.android.phone.state import Language, State
from qvl_agent.envs.android.phone.tasks import (
    Guide,
    Place,
    Result,
    Task,
    draw_task,
    free_task,
    place_of,
    templates_of,
)
from qvl_agent.envs.base import (
    Decision,
    Drawn,
    Image,
    Observation,
    ObservationSpace,
    Outcome,
    World,
)
from qvl_agent.envs.screen import Progress, Settling, is_black, settle, turned

__all__ = ["AndroidEnv"]

logger = logging.getLogger(__name__)

_DIRECTIONS: dict[str, tuple[Point, Point]] = {
    # The finger's way, away from the edges: there a swipe means back, home or the shade.
    "up": (Point(0.5, 0.7), Point(0.5, 0.3)),
    "down": (Point(0.5, 0.3), Point(0.5, 0.7)),
    "left": (Point(0.8, 0.5), Point(0.2, 0.5)),
    "right": (Point(0.2, 0.5), Point(0.8, 0.5)),
}
_OPTIONS = ("task", "template", "level", "split", "language", "disturbed")
_DRAWS = 40
"""Tries to draw a task that is not done from the start."""


class AndroidEnv(World):
    """A phone.

    ## Action space
    `mobile_space()`. Directions of a swipe are the finger's. `Done` and `Answer` end the episode.

    ## Observation
    The settled screen; `text` is empty unless something is wrong with it (black, turned).
    `info["events"]` holds what happened to the device; `info["unchanged"]` how many actions in a
    row had no visible effect; `info["error"]` why an action could not be carried out.

    ## Reward
    1 at the end of an episode that succeeded, else 0.

    ## Options of `reset`
    | key | value |
    | --- | --- |
    | `task` | in the user's words, as "find pizza" |
    | `template` | name of a kind of task |
    | `level` | 1, 2 or 3 |
    | `split` | "train" (default) or "test": contents and wordings are disjoint; "practice": as \
"train", most names invented |
    | `language` | "en" or "zh"; drawn without it |
    | `disturbed` | False for a phone without pop-ups, slow screens and open apps |

    Args:
        device: "sim" for the bundled phone in this process, "auto" for an attached phone or else
            the bundled one, a serial as `adb devices` shows it, or a `Device`.
        width: Of the bundled phone's screen, in pixels.
        height: Of the bundled phone's screen, in pixels.
        split: Default of the option.
        settling: How long to wait for the screen to come to rest.
        render_mode: "rgb_array" lets `render` return the screen.

    Raises:
        DeviceError: If the device cannot be used; says which there are.
        MissingDependency: If adbutils is needed and not installed.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 2}  # type: ignore[misc]

    def __init__(
        self,
        device: str | Device = "sim",
        *,
        width: int = 392,
        height: int = 840,
        split: Split = "train",
        settling: Settling | None = None,
        render_mode: Literal["rgb_array"] | None = None,
    ) -> None:
        self.action_space = mobile_space()
        self.observation_space = ObservationSpace()
        self.render_mode = render_mode
        self.device = connect(device, width, height) if isinstance(device, str) else device
        self._split = split
        self._settling = settling or Settling()
        self._progress = Progress(self._settling.margin)
        self._stream = Random()
        self._phase: Literal["new", "running", "over"] = "new"
        self._task: Task | None = None
        self._before: State | None = None
        self._seen: frozenset[Place] = frozenset()
        self._answer = ""
        self._image: Image | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode; on the bundled phone the same seed and options give the same one.

        Raises:
            UsageError: If the options are not among those above; on a phone that is not the
                bundled one, if there is no task.
            DeviceError: If the phone cannot be used.
        """
        given = _checked(options or {})
        phone = self.device.phone
        if phone is None and not given.get("task"):
            raise UsageError(
                f'{self.device.name} brings no tasks; say what to do: options={{"task": "..."}}'
            )
        super().reset(seed=seed)
        if seed is not None:
            self._stream = Random(seed)
        episode = seed if seed is not None else self._stream.randrange(2**31)
        if phone is None:
            self._task, self.task = None, given["task"]
        else:
            self._set_up(phone, episode, given)
            self._before = phone.state
        self._answer, self._seen = "", frozenset()
        self._phase = "running"
        self._wake()
        image = self._look()
        self._progress.start(image)
        return self._observe(image)

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Do one thing on the phone.

        Raises:
            ResetNeeded: Before the first `reset`, and after the end of an episode.
            gymnasium.error.InvalidAction: If it is not in the action space; nothing was done.
            DeviceError: If the phone was lost and could not be reached again.
        """
        self._require_running()
        if not self.action_space.contains(action):
            raise gymnasium.error.InvalidAction(f"no action of a phone: {action!r}")
        if isinstance(action, mobile.Done | mobile.Answer):
            self._answer = action.text if isinstance(action, mobile.Answer) else ""
            observation, info = self._observe(self._look())
            self._phase = "over"
            return observation, float(self.outcome().success), True, False, info
        error = self._carry_out(action)
        image = self._look()
        unchanged = self._progress.note(image)
        observation, info = self._observe(image)
        info["unchanged"] = unchanged
        if error:
            info["error"] = error
        return observation, 0.0, False, False, info

    def outcome(self) -> Outcome:
        """Return how the episode stands by the phone's state.

        `checked` is 0 where nothing can be said: an own task that the phone has no check for, or
        a phone whose state cannot be read.
        """
        phone = self.device.phone
        if phone is None or self._task is None or self._before is None:
            return Outcome(False, {"checked": 0.0})
        result = Result(phone.state, self._before, self._answer)
        level = float(self._task.template.level)
        return Outcome(bool(self._task.done(result)), {"checked": 1.0, "level": level})

    def expert(self) -> Decision:
        """Return what a careful user does now.

        Raises:
            ResetNeeded: If no episode is under way.
            UsageError: If the task has no expert: an own task that is not understood, or a phone
                whose state cannot be read.
        """
        self._require_running()
        phone = self.device.phone
        if phone is None or self._task is None:
            raise UsageError(f"there is no expert for {self.task!r} on {self.device.name}")
        guide = Guide(phone, self._seen)
        step = self._task.next(guide)
        return step or guide.decide("everything that was asked for is done", mobile.Done())

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the bundled phone's task is about, by name: what its wording was filled with."""
        return {} if self._task is None else self._task.args

    def scene(self) -> list[Drawn]:
        """Return the words and icons on the bundled phone's screen, small print first.

        Raises:
            UsageError: If the phone is another one: what is drawn there is not known.
        """
        phone = self._drawn_phone()
        words = words_on(phone.tree())
        return [Drawn(w, *(side * phone.scale for side in box)) for w, box in words]

    def targets(self) -> list[tuple[str, Point]]:
        """Return what can be tapped on the bundled phone's screen, by name.

        Raises:
            UsageError: If the phone is another one: what is drawn there is not known.
        """
        root = self._drawn_phone().tree()
        _, _, width, height = root.box
        return [(name, Point(x / width, y / height)) for name, x, y in targets_on(root)]

    def _drawn_phone(self) -> Phone:
        phone = self.device.phone
        if phone is None:
            raise UsageError(f"what stands on the screen of {self.device.name} is not known")
        return phone

    def render(self) -> Image | None:
        """Return the last picture where `render_mode` is "rgb_array"."""
        return self._image if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Let go of the phone."""
        self.device.close()
        super().close()

    def _require_running(self) -> None:
        if self._phase != "running":
            raise ResetNeeded(
                "no episode is under way; call reset()"
                if self._phase == "new"
                else "the episode has ended; call reset() for the next one"
            )

    def _set_up(self, phone: Phone, seed: int, given: dict[str, Any]) -> None:
        """Put the phone of a seed, with a task, behind the device."""
        split = cast(Split, given.get("split", self._split))
        language = cast(Language | None, given.get("language"))
        make = Make(split, language, given.get("disturbed", True))
        words = given.get("task")
        rng = Random(f"{split}-task-{seed}")
        if words:
            fresh, _ = make_phone(seed, make)
            self._task, self.task = free_task(words, fresh.state), words
        else:
            templates = templates_of(level=given.get("level"), name=given.get("template"))
            for attempt in range(_DRAWS):
                fresh, world = make_phone(seed + attempt * 1_000_003, make)
                task = draw_task(fresh, world, rng, rng.choice(templates))
                if not task.done(Result(fresh.state, fresh.state)):
                    break
            self._task, self.task = task, task.instruction
        phone.state = fresh.state

    def _carry_out(self, action: Action) -> str:
        """Do it; return why it could not be done, "" where it was."""
        device = self.device
        try:
            match cast(_Act, action):
                case mobile.Tap(point):
                    device.tap(point)
                case mobile.LongPress(point):
                    device.long_press(point)
                case mobile.Type(text):
                    device.type(text)
                case mobile.Swipe(start, end, direction):
                    if direction is not None:
                        start, end = _DIRECTIONS[direction]
                    assert start is not None
                    assert end is not None
                    device.swipe(start, end)
                case mobile.Back():
                    device.key("back")
                case mobile.Home():
                    device.key("home")
                case mobile.Enter():
                    device.key("enter")
                case mobile.OpenApp(name):
                    device.open_app(name)
                case mobile.Wait(time):
                    device.wait(time)
                case never:
                    assert_never(never)
        except (NoSuchApp, TextRefused) as exc:
            return str(exc)
        return ""

    def _wake(self) -> None:
        """Turn the screen on at the start of an episode; a lock without a secret is swiped away.

        Raises:
            DeviceError: If it stays locked.
        """
        if self.device.power() == "off":
            self.device.key("wake")
            self.device.log.add("woken", "the screen was off")
        if self.device.power() == "locked":
            self.device.swipe(Point(0.5, 0.8), Point(0.5, 0.25))
            if self.device.power() == "locked":
                raise DeviceError(f"{self.device.name} is locked; unlock it by hand and try again")

    def _look(self) -> Image:
        """Return a copy of the settled screen; what is wrong with it goes into the log."""
        device = self.device
        settled = settle(device.screenshot, device.wait, self._settling)
        if is_black(settled.image) and device.power() == "off":
            device.key("wake")
            device.log.add("woken", "the screen had gone off")
            settled = settle(device.screenshot, device.wait, self._settling)
        if not settled.still:
            device.log.add("restless", f"still changing after {settled.waited_s:.1f} s")
        image = settled.image.copy()
        if self._image is not None and self._phase == "running" and turned(self._image, image):
            device.log.add("turned", f"{image.shape[1]}x{image.shape[0]}")
        self._image = image
        if phone := device.phone:
            place = place_of(phone.state)
            if place is not None:
                self._seen |= {place}
        return image

    def _observe(self, image: Image) -> tuple[Observation, dict[str, Any]]:
        text = ""
        if is_black(image):
            power = self.device.power()
            self.device.log.add("black", power)
            text = (
                "The screen is locked."
                if power == "locked"
                else "The screen is black: this window may not be photographed, or it is off."
            )
        events = [e.to_json() for e in self.device.log.drain()]
        if any(e["kind"] == "turned" for e in events):
            text = f"{text} The screen was turned: {image.shape[1]}x{image.shape[0]}.".strip()
        return Observation(image, text), {"events": events, "device": self.device.name}


_Act = (
    mobile.Tap
    | mobile.LongPress
    | mobile.Type
    | mobile.Swipe
    | mobile.Back
    | mobile.Home
    | mobile.Enter
    | mobile.OpenApp
    | mobile.Wait
)


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    """Return options that make sense.

    Raises:
        UsageError: If one does not.
    """
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise UsageError(f"unknown option {unknown[0]!r}; a phone takes {', '.join(_OPTIONS)}")
    given = {k: v for k, v in options.items() if v is not None}
    for name, legal in (("split", ("train", "test", "practice")), ("language", ("en", "zh"))):
        if given.get(name, legal[0]) not in legal:
            raise UsageError(f"{name} must be one of {', '.join(legal)}, got {given[name]!r}")
    if "task" in given and not (isinstance(given["task"], str) and given["task"].strip()):
        raise UsageError(f"task must be a text, got {given['task']!r}")
    if given.get("level", 1) not in (1, 2, 3):
        raise UsageError(f"level must be 1, 2 or 3, got {given['level']!r}")
    if "template" in given or "level" in given:
        templates_of(level=given.get("level"), name=given.get("template"))
    return given
