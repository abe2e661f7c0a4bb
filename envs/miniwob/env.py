"""MiniWoB++ as a world: small web pages, played with a mouse and a keyboard on their picture."""

from collections.abc import Callable
from typing import Any

import gymnasium

from qvl_agent.actions.desktop import Answer, Done, Wait, desktop_space
from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Drawn, Observation, ObservationSpace, Outcome, World
from qvl_agent.envs.miniwob import experts
from qvl_agent.envs.miniwob.drawn import words_on
from qvl_agent.envs.miniwob.published import Published, Verdict
from qvl_agent.envs.miniwob.stage import BrowserStage, Stage
from qvl_agent.envs.miniwob.tasks import check_names, size_of

__all__ = ["DRIVERS", "MiniWoB", "check_driver", "open_stage"]

DRIVERS = ("browser", "desktop")
"""How pages are seen and moved: through chromedriver, or through a real screen."""

_LONGEST_WAIT_S = 1.0
"""No page needs longer; a policy that asks for more gets this much."""


def open_stage(driver: str) -> Stage:
    """Return a new stage, with a browser of its own.

    Raises:
        UsageError: If there is no such driver, or a program is missing.
        MissingDependency: If a package is missing.
        DeviceError: If the browser or the screen does not start.
    """
    check_driver(driver)
    match driver:
        case "browser":
            return BrowserStage()
        case "desktop":
            from qvl_agent.envs.miniwob.window import WindowStage

            return WindowStage()
    raise AssertionError("check_driver lets no other through")


def check_driver(driver: str) -> None:
    """Check a driver's name.

    Raises:
        UsageError: If there is no such driver.
    """
    if driver not in DRIVERS:
        raise UsageError(f"there is no driver {driver!r}; use {' or '.join(DRIVERS)}")


class MiniWoB(World):
    """One of the published MiniWoB++ tasks.

    Observation: the page's task area, 160 x 210 pixels, 375 x 667 for the flights; no words. That
    of an episode that was judged is the one before: a page covers itself when it judges.
    Actions: a desktop's. An episode ends when the page judges, or when the policy says that it is
    done.
    Reward: the published raw reward when the page judges, else 0; the published one, which falls
    with time, is among the outcome's metrics. Success is a raw reward of 1, as in the package's
    `get_binary_reward`.

    Args:
        name: Of the task, as "click-test-2"; `reset(options={"name": ...})` changes it.
        driver: "browser" or "desktop".
        stage: To play on; None opens one, which is closed with the world.
        release: Takes the stage back when the world is closed.
        mode: Whose problems: "train" or "test"; few tasks tell them apart.

    The browser starts with the first episode.

    Raises:
        UsageError: If there is no such task or driver.
    """

    def __init__(
        self,
        name: str = "click-test",
        *,
        driver: str = "browser",
        stage: Stage | None = None,
        release: Callable[[Stage], object] | None = None,
        mode: str = "train",
    ) -> None:
        (self.name,) = check_names([name])
        self.action_space = desktop_space()
        self._mode = mode
        check_driver(driver)
        self._driver = driver
        self._lent = stage
        self._stage = stage
        self._release = release
        self._page: Published | None = None
        self._verdict: Verdict | None = None
        self._under_way = False
        self.observation_space = _space_of(self.name)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode.

        Args:
            seed: Decides the page; None takes the next of the world's own.
            options: `name` changes the task.

        Raises:
            UsageError: If there is no such task, or a program is missing.
            MissingDependency: If a package is missing.
            DeviceError: If the browser does not start or is gone.
        """
        super().reset(seed=seed)
        if name := (options or {}).get("name"):
            (self.name,) = check_names([str(name)])
        stage, page = self._turn()
        drawn = int(self.np_random.integers(2**31)) if seed is None else seed
        self.task = page.begin(drawn, self._mode)
        stage.show(page)
        self._verdict = None
        self._under_way = True
        self._image = stage.look()
        return Observation(self._image), {"name": self.name}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Carry out an action.

        Raises:
            ResetNeeded: If no episode is under way.
            gymnasium.error.InvalidAction: If the action is not in the action space.
            DeviceError: If the browser is gone.
        """
        stage, page = self._shown
        if not self.action_space.contains(action):
            raise gymnasium.error.InvalidAction(
                f"{action!r} is not in the action space {self.action_space.name!r}"
            )
        if isinstance(action, Wait):
            action = Wait(min(action.time, _LONGEST_WAIT_S))
        error = stage.act(action)
        self._verdict = page.verdict()
        if self._verdict is not None:
            self._image = self._image.copy()
        else:
            self._image = stage.look()
            self._verdict = page.verdict()  # some pages take a moment
        over = self._verdict is not None or isinstance(action, Answer | Done)
        self._under_way = not over
        reward = self._verdict.raw if self._verdict is not None else 0.0
        return Observation(self._image), reward, over, False, {"error": error} if error else {}

    def outcome(self) -> Outcome:
        """Return how the episode was judged; unjudged ones count 0."""
        verdict = self._verdict or Verdict(0.0, 0.0, 0.0)
        metrics = {"raw_reward": verdict.raw, "timed_reward": verdict.timed}
        return Outcome(verdict.raw == 1.0, metrics)

    def expert(self) -> Decision:
        """Return what is to be done now, after a look into the page's elements.

        Where the page is not as the task's expert expects, it gives up.

        Raises:
            ResetNeeded: If no episode is under way.
            UsageError: If there is no expert for the task.
        """
        _, page = self._shown
        try:
            return experts.decide(self.name, self.task, page)
        except LookupError as exc:
            return Decision(f"I give up: {exc}", Done("failure"))

    def scene(self) -> tuple[Drawn, ...]:
        """Return the words on the picture with their boxes, as the page knows them."""
        _, page = self._shown
        return words_on(page.browser, page.width, page.height)

    def close(self) -> None:
        """End the browser, or give it back. May be called twice."""
        self._under_way = False
        stage, self._stage, self._page = self._stage, None, None
        if stage is None:
            return
        if self._release is not None:
            self._release(stage)
        elif stage is not self._lent:
            stage.close()

    @property
    def _shown(self) -> tuple[Stage, Published]:
        if self._stage is None or self._page is None or not self._under_way:
            raise ResetNeeded("no episode is under way: call reset first")
        return self._stage, self._page

    def _turn(self) -> tuple[Stage, Published]:
        """Return the stage and the page of the task, which the observations have the size of."""
        self._under_way = False
        if self._stage is None:
            self._stage = open_stage(self._driver)
        if self._page is None or self._page.name != self.name:
            self._page = Published(self.name, self._stage.browser)
            self.observation_space = _space_of(self.name)
        return self._stage, self._page


def _space_of(name: str) -> ObservationSpace:
    width, height = size_of(name)
    return ObservationSpace(height, width)
