"""MiniWoB++ as a world: small web pages, played with a mouse and a keyboard on their picture."""

from typing import Any, Literal

from qvl_agent.actions.desktop import Answer, Done, desktop_space
from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Drawn, Observation, ObservationSpace, Outcome, World
from qvl_agent.envs.miniwob import experts
from qvl_agent.envs.miniwob.drawn import words_on
from qvl_agent.envs.miniwob.published import Published, Verdict
from qvl_agent.envs.miniwob.stage import BrowserStage, Stage
from qvl_agent.envs.miniwob.tasks import check_names

__all__ = ["Driver", "MiniWoB", "open_stage"]

Driver = Literal["browser", "desktop"]
"""How pages are seen and moved: through chromedriver, or through a real screen."""


def open_stage(driver: str) -> Stage:
    """Return a new stage, with a browser of its own.

    Raises:
        UsageError: If there is no such driver, or a program is missing.
        MissingDependency: If a package is missing.
        DeviceError: If the browser or the screen does not start.
    """
    match driver:
        case "browser":
            return BrowserStage()
        case "desktop":
            from qvl_agent.envs.miniwob.window import WindowStage

            return WindowStage()
        case _:
            raise UsageError(f"there is no driver {driver!r}; use browser or desktop")


class MiniWoB(World):
    """One of the published MiniWoB++ tasks.

    Observation: the page's task area, 160 x 210 pixels, 375 x 667 for the flights; no words.
    Actions: a desktop's. Reward: the published raw reward when the episode ends, else 0;
    `info["timed_reward"]` is the published one, which falls with time. Ends when the page judges,
    or when the policy says that it is done. Success is a raw reward of 1, as in the package's
    `get_binary_reward`. The last observation of a judged episode is the one before: the page
    covers itself when it judges.

    Args:
        name: Of the task, as "click-test-2"; `reset(options={"name": ...})` changes it.
        driver: "browser" or "desktop".
        stage: To play on, which stays open when the world is closed; None opens one.
        mode: Whose problems: "train" or "test"; few tasks tell them apart.

    Raises:
        UsageError: If there is no such task or driver, or a program is missing.
    """

    def __init__(
        self,
        name: str = "click-test",
        *,
        driver: str = "browser",
        stage: Stage | None = None,
        mode: str = "train",
    ) -> None:
        (self.name,) = check_names([name])
        self.action_space = desktop_space()
        self._mode = mode
        self._own = stage is None
        self._stage = open_stage(driver) if stage is None else stage
        self._page: Published | None = None
        self._verdict: Verdict | None = None
        self._under_way = False
        self._turn()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode.

        Args:
            seed: Decides the page; None takes the next of the world's own.
            options: `name` changes the task.

        Raises:
            UsageError: If there is no such task.
            DeviceError: If the browser is gone.
        """
        super().reset(seed=seed)
        if name := (options or {}).get("name"):
            (self.name,) = check_names([str(name)])
        page = self._turn()
        drawn = int(self.np_random.integers(2**31)) if seed is None else seed
        self.task = page.begin(drawn, self._mode)
        self._stage.show(page)
        self._verdict = None
        self._under_way = True
        self._image = self._stage.look()
        return Observation(self._image), {"name": self.name}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Carry out an action.

        Raises:
            ResetNeeded: If no episode is under way.
            DeviceError: If the browser is gone.
        """
        page = self._shown
        error = self._stage.act(action)
        self._verdict = page.verdict()
        if self._verdict is None:
            self._image = self._stage.look()
            self._verdict = page.verdict()  # some pages take a moment
        over = self._verdict is not None or isinstance(action, Answer | Done)
        self._under_way = not over
        info: dict[str, Any] = {"error": error} if error else {}
        if self._verdict is not None:
            info |= {"timed_reward": self._verdict.timed, "seconds": self._verdict.seconds}
        reward = self._verdict.raw if self._verdict is not None else 0.0
        return Observation(self._image), reward, over, False, info

    def outcome(self) -> Outcome:
        """Return how the episode was judged; unjudged ones count 0."""
        verdict = self._verdict or Verdict(0.0, 0.0, 0.0)
        metrics = {"raw_reward": verdict.raw, "timed_reward": verdict.timed}
        return Outcome(verdict.raw == 1.0, metrics)

    def expert(self) -> Decision:
        """Return what is to be done now, after a look into the page's elements.

        Raises:
            ResetNeeded: If no episode is under way.
            UsageError: If there is no expert for the task.
        """
        page = self._shown
        return experts.decide(self.name, self.task, page)

    def scene(self) -> tuple[Drawn, ...]:
        """Return the words on the picture with their boxes, as the page knows them."""
        page = self._shown
        return words_on(page.browser, page.width, page.height)

    def close(self) -> None:
        """End the browser, unless it was lent."""
        self._under_way = False
        if self._own:
            self._stage.close()

    @property
    def _shown(self) -> Published:
        if self._page is None or not self._under_way:
            raise ResetNeeded("no episode is under way: call reset first")
        return self._page

    def _turn(self) -> Published:
        """Return the page of the task, and make the spaces fit it."""
        if self._page is None or self._page.name != self.name:
            self._page = Published(self.name, self._stage.browser)
            self.observation_space = ObservationSpace(self._page.height, self._page.width)
        return self._page
