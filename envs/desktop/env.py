"""A desktop as a world: an action goes in, the settled screen comes out.

`DesktopEnv` knows the `Desktop` protocol. Which desktop it drives is given to it, or it starts a
virtual one; what success is, only who gives the task can say.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar, Literal, SupportsFloat

import gymnasium

from qvl_agent.actions.desktop import Answer, Done, desktop_space
from qvl_agent.actions.errors import DeviceError, ResetNeeded, UsageError
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Image, Observation, ObservationSpace, Outcome, World
from qvl_agent.envs.desktop.desktop import Box, Desktop, Refused
from qvl_agent.envs.desktop.halt import HALT_FILE, HaltSwitch
from qvl_agent.envs.desktop.hands import Hands
from qvl_agent.envs.desktop.programs import Program
from qvl_agent.envs.desktop.real import RealDesktop
from qvl_agent.envs.desktop.view import View
from qvl_agent.envs.desktop.virtual import VirtualScreen, parse_size
from qvl_agent.envs.screen import Progress, Settling, is_black, settle

__all__ = ["DesktopEnv"]

logger = logging.getLogger(__name__)

_OPTIONS = ("task",)
_SLICE_S = 0.1
"""While it waits, how often it looks whether a person wants it to stop."""

_BLINKING = 0.00005
"""Share of the picture that a blinking cursor takes; a letter typed or a box ticked takes more."""

_START_S = 45.0
"""How long a program that was started may take to show itself."""

_SKEW = 0.02
"""How far the scale across may differ from the scale down; rounding of an odd size is below."""


class DesktopEnv(World):
    """A screen, a mouse and a keyboard.

    ## Action space
    `desktop_space()`. `Done` and `Answer` end the episode.

    ## Observation
    The settled view; `text` is empty unless it is black. `info["events"]` holds what happened to
    the desktop; `info["unchanged"]` how many actions in a row had no visible effect;
    `info["error"]` why an action could not be carried out; `info["scale"]` how many pixels of the
    picture a unit of the pointer has, across and down.

    ## Reward
    1 at the end of an episode whose `check` says so, else 0.

    ## Options of `reset`
    | key | value |
    | --- | --- |
    | `task` | in the user's words; where none is given, the constructor's |

    A person stops it by taking the pointer to a corner of the screen, by making the halt file, by
    Ctrl-C or SIGTERM: `Halted`, a `KeyboardInterrupt`, with no key or button left pressed.

    Args:
        desktop: What to drive; None is the session's own desktop, or the virtual one.
        virtual: "1280x800" starts a virtual screen of that size, and `close` ends it.
        manager: Command of a window manager for the virtual screen, as `["openbox"]`.
        start: Commands of programs to start there, once the manager is ready.
        view: What is seen and acted in: "all", "monitor:1", "region:0,0,800x600", "window:TITLE".
        task: Default of the option.
        check: Says whether the task is done, by looking elsewhere than at the screen.
        settling: How long to wait for the screen to come to rest.
        halt_file: Stops it while it exists.
        render_mode: "rgb_array" lets `render` return the view.

    Raises:
        DeviceError: If the desktop cannot be used; says what to do.
        UsageError: If the view or the size is none.
        MissingDependency: If mss or pyautogui is not installed.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 4}  # type: ignore[misc]

    def __init__(
        self,
        desktop: Desktop | None = None,
        *,
        virtual: str | None = None,
        manager: Sequence[str] = (),
        start: Sequence[Sequence[str]] = (),
        view: str = "monitor:1",
        task: str = "",
        check: Callable[[], bool] | None = None,
        settling: Settling | None = None,
        halt_file: Path = HALT_FILE,
        render_mode: Literal["rgb_array"] | None = None,
    ) -> None:
        if virtual is not None and desktop is not None:
            raise UsageError("give either a desktop or the size of a virtual one")
        if (manager or start) and virtual is None:
            raise UsageError("programs are started on a virtual screen only")
        self.action_space = desktop_space()
        self.observation_space = ObservationSpace()
        self.render_mode = render_mode
        self._view = View.of(view)
        self._usual_task = task
        self._check = check
        self._settling = settling or Settling(interval_s=0.1, cap_s=3.0, margin=0.0)
        self._progress = Progress(self._settling.margin, _BLINKING)
        self._phase: Literal["new", "running", "over"] = "new"
        self._image: Image | None = None
        self._box = Box(0, 0, 1, 1)
        self._programs: list[Program] = []
        self.screen: VirtualScreen | None = None
        self._open = ExitStack()
        try:
            self.desktop = desktop or self._connect(virtual)
            self._open.callback(self.desktop.close)
            self._switch = HaltSwitch(self.desktop, halt_file)
            self._switch.listen()
            self._open.callback(self._switch.ignore)
            self._hands = Hands(self.desktop, self._pause)
            self._open.callback(self._hands.release)
            if manager:
                self._manage(manager)
            for command in start:
                self.launch(command)
        except BaseException:
            self.close()
            raise

    def _connect(self, virtual: str | None) -> Desktop:
        if virtual is None:
            return RealDesktop()
        self.screen = VirtualScreen(*parse_size(virtual))
        self._open.callback(self.screen.stop)
        return RealDesktop(
            self.screen.display, authority=self.screen.authority, name=f"virtual {virtual}"
        )

    def launch(self, command: Sequence[str]) -> Program:
        """Start a program on the virtual screen; it ends with the world.

        Raises:
            UsageError: If the screen is not virtual.
        """
        if self.screen is None:
            raise UsageError("programs are started on a virtual screen only")
        program = Program(command, environment=self.screen.environment)
        self._programs.append(program)
        self._open.callback(program.stop)
        return program

    def _manage(self, command: Sequence[str]) -> None:
        """Start a window manager and wait until it manages: windows that come meanwhile are lost.

        Raises:
            DeviceError: If it does not.
        """
        assert self.screen is not None
        program, deadline = self.launch(command), time.monotonic() + _START_S
        while not self.screen.managed():
            if not program.running or time.monotonic() > deadline:
                raise DeviceError(f"{command[0]} manages no windows: {program.said()}")
            time.sleep(_SLICE_S)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode; the desktop stays as it is.

        Raises:
            UsageError: If there is no task, or an option is unknown.
            DeviceError: If the desktop cannot be used.
            Halted: If a person wants it to stop.
        """
        task = _task(options or {}) or self._usual_task
        if not task:
            raise UsageError('a desktop brings no tasks; say what to do: options={"task": "..."}')
        super().reset(seed=seed)
        self.task = task
        self._switch.left()
        self._switch.check()
        self._await_programs()
        self._phase = "running"
        image = self._look()
        self._progress.start(image)
        return self._observe(image)

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Do one thing.

        Raises:
            ResetNeeded: Before the first `reset`, and after the end of an episode.
            gymnasium.error.InvalidAction: If it is not in the action space; nothing was done.
            DeviceError: If the desktop is gone.
            Halted: If a person wants it to stop.
        """
        self._require_running()
        if not self.action_space.contains(action):
            raise gymnasium.error.InvalidAction(f"no action of a desktop: {action!r}")
        if isinstance(action, Done | Answer):
            observation, info = self._observe(self._look())
            self._phase = "over"
            return observation, float(self.outcome().success), True, False, info
        error = ""
        self._switch.check()
        try:
            self._hands.do(action, self._box)
        except Refused as exc:
            error = str(exc)
        finally:
            self._hands.release()
        self._switch.left()
        image = self._look()
        unchanged = self._progress.note(image)
        observation, info = self._observe(image)
        info["unchanged"] = unchanged
        if error:
            info["error"] = error
        return observation, 0.0, False, False, info

    def outcome(self) -> Outcome:
        """Return how the episode stands by its check; `checked` is 0 where there is none."""
        if self._check is None:
            return Outcome(False, {"checked": 0.0})
        return Outcome(bool(self._check()), {"checked": 1.0})

    def expert(self) -> Decision:
        """Return nothing: nobody knows what to do on any desktop.

        Raises:
            ResetNeeded: If no episode is under way.
            UsageError: Else.
        """
        self._require_running()
        raise UsageError(f"there is no expert for {self.task!r} on {self.desktop.name}")

    def render(self) -> Image | None:
        """Return the last picture where `render_mode` is "rgb_array"."""
        return self._image if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """End what was started; let go of keys and buttons, and of the desktop."""
        self._open.close()
        super().close()

    def _require_running(self) -> None:
        if self._phase != "running":
            raise ResetNeeded(
                "no episode is under way; call reset()"
                if self._phase == "new"
                else "the episode has ended; call reset() for the next one"
            )

    def _await_programs(self) -> None:
        """Wait until programs that were just started show something."""
        deadline = time.monotonic() + (_START_S if self._phase == "new" else 0)
        while any(program.running for program in self._programs) and time.monotonic() < deadline:
            if not is_black(self.desktop.screenshot(self.desktop.screens()[0])):
                return
            self._pause(_SLICE_S)

    def _pause(self, seconds: float) -> None:
        """Wait, as long as nobody wants it to stop."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_S))
            self._switch.check()

    def _look(self) -> Image:
        """Return the settled view; what is wrong with it goes into the log."""
        self._box = self._view.box(self.desktop)
        settled = settle(lambda: self.desktop.screenshot(self._box), self._pause, self._settling)
        if not settled.still:
            self.desktop.log.add("restless", f"still changing after {settled.waited_s:.1f} s")
        self._image = settled.image
        return settled.image

    def _observe(self, image: Image) -> tuple[Observation, dict[str, Any]]:
        text = ""
        if is_black(image):
            self.desktop.log.add("black")
            text = "The screen is black: nothing is shown, or it may not be photographed."
        events = [event.to_json() for event in self.desktop.log.drain()]
        info = {"events": events, "desktop": self.desktop.name, "scale": self._scale(image)}
        return Observation(image, text), info

    def _scale(self, image: Image) -> tuple[float, float]:
        """Return how many pixels a unit of the pointer has, across and down.

        Raises:
            DeviceError: If the two differ: the picture is of another part than was asked for.
        """
        height, width = image.shape[:2]
        across, down = width / self._box.width, height / self._box.height
        if abs(across - down) > _SKEW * max(across, down) + 1 / min(
            self._box.width, self._box.height
        ):
            raise DeviceError(
                f"the picture of {self._box} has {width}x{height} pixels: clicks would go astray"
            )
        return round(across, 4), round(down, 4)


def _task(options: dict[str, Any]) -> str:
    """Return the task among the options of `reset`, "" where there is none.

    Raises:
        UsageError: If an option is unknown, or the task is no text.
    """
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise UsageError(f"unknown option {unknown[0]!r}; a desktop takes {', '.join(_OPTIONS)}")
    task = options.get("task")
    if task is not None and not (isinstance(task, str) and task.strip()):
        raise UsageError(f"task must be a text, got {task!r}")
    return task or ""
