"""The published MiniWoB++ environments on a browser that is shared: one window, any task.

The `miniwob` package starts a browser for each environment object. Here an environment gets one
that runs already, which makes changing the task as cheap as a new episode. Two more things differ
from the package's defaults, and from nothing else in it:

* An episode is decided by its seed alone: nothing keeps the focus, and pages that the package
  marks as nondeterministic, because they carry leftovers of the last episode along, are loaded
  anew.
* The pages' own clock (10 s for most tasks, then -1) does not end an episode: a policy that
  thinks longer than that could not be measured. The published reward is computed beside it, by the
  published clock: it falls with time, and after the time it is -1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import gymnasium

from qvl_agent.actions.errors import DeviceError, MissingDependency
from qvl_agent.envs.miniwob.browser import Browser
from qvl_agent.envs.miniwob.tasks import FLIGHTS

__all__ = ["Published", "Verdict"]

_READY_S = 10.0

_JUDGE = """
if (window.qvlClock === undefined) {
  window.qvlClock = core.EPISODE_MAX_TIME;
  core.EPISODE_MAX_TIME = 2147483647;  // the longest that a timer of a browser can be set to
  const end = core.endEpisode;
  core.endEpisode = function (reward, proportional, ...rest) {
    const open = core.EP_TIMER !== null;
    const taken = Date.now() - core.ept0;
    end.call(core, reward, proportional, ...rest);
    if (!open) return;
    const left = Math.max(0, 1 - taken / window.qvlClock);
    const scaled = proportional ? reward * left : reward;
    window.qvlVerdict = [reward, taken > window.qvlClock ? -1 : scaled, taken / 1000];
  };
}
"""
"""Sets the page's clock aside, once, and notes how it judges."""

_BEGIN = f"""
const [url, seed, mode] = arguments;
if (location.href !== url) return null;
{_JUDGE}
core.endEpisode(0);
document.activeElement?.blur();
window.qvlVerdict = null;
Math.seedrandom(seed);
core.setDataMode(mode);
core.startEpisodeReal();
return [WOB_TASK_READY, core.getUtterance()];
"""
"""Begins an episode on the page of a task; null where another page is shown."""

_JUDGED = """
const [raw, timed, seconds] = window.qvlVerdict || [0, 0, 0];
return {done: !!window.qvlVerdict, raw_reward: raw, env_reward: timed, seconds: seconds,
        reason: WOB_REWARD_REASON};
"""
"""The package's metadata, of the clock that was set aside."""

_UNJUDGED = {"done": False, "raw_reward": 0.0, "env_reward": 0.0, "seconds": 0.0, "reason": None}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an episode was judged by its page.

    Attributes:
        raw: The reward without regard to time, in [-1, 1].
        timed: The published reward, which falls with time where the task says so.
        seconds: What the episode took by the page's clock.
    """

    raw: float
    timed: float
    seconds: float


class Published:
    """A published environment.

    Args:
        name: Of the task, as "click-test-2".
        browser: Runs already, and is not closed.

    Attributes:
        env: A `miniwob.environment.MiniWoBEnvironment`.
        width: Of the page's task area in pixels.
        height: Of the same.

    Raises:
        MissingDependency: If the `miniwob` package is not installed.
        DeviceError: If the page does not load.
    """

    def __init__(self, name: str, browser: Browser) -> None:
        self.name = name
        self.browser = browser
        self.env = _environment(name, browser)
        self.width: int = self.env.instance.task_width
        self.height: int = self.env.instance.task_height
        self._verdict: Verdict | None = None

    def begin(self, seed: int, mode: str = "train") -> str:
        """Begin the episode of a seed and return its instruction.

        Raises:
            DeviceError: If the browser is gone, or the page does not get ready.
        """
        self._verdict = None
        self.env.set_data_mode(mode)
        observation, _ = self.env.reset(seed=seed)
        return str(observation["utterance"])

    def act(self, kind: str, **arguments: Any) -> None:
        """Carry out an action of the published action space.

        Args:
            kind: As in `miniwob.action.ActionTypes`.
            **arguments: Of the action, as `coords=[80, 100]`.
        """
        action = self.env.create_action(self._kinds(kind), **arguments)
        *_, info = self.env.step(action)
        self._note(info)

    @cached_property
    def _kinds(self) -> Any:
        from miniwob.action import ActionTypes

        return ActionTypes

    def verdict(self) -> Verdict | None:
        """Return how the episode was judged; None while it is under way."""
        if self._verdict is None:
            self._note(self.env.instance.get_metadata())
        return self._verdict

    def _note(self, told: Mapping[str, Any]) -> None:
        if told["done"]:
            reward = told["raw_reward"], told["env_reward"], told["seconds"]
            self._verdict = Verdict(*map(float, reward))


def _environment(name: str, browser: Browser) -> Any:
    """Return the package's environment of a task, which borrows a browser."""
    try:
        import miniwob
        from miniwob.environment import MiniWoBEnvironment
        from miniwob.selenium_actions import execute_action_on_chromedriver
        from miniwob.selenium_instance import SeleniumInstance
    except ImportError as exc:
        raise MissingDependency("miniwob", extra="miniwob", purpose="play MiniWoB++") from exc

    gymnasium.register_envs(miniwob)
    leaky = gymnasium.spec(f"miniwob/{name}-v1").nondeterministic

    class Borrowed(SeleniumInstance):  # type: ignore[misc]
        """The package's link to a page, but for who starts and ends the browser."""

        def create_driver(self) -> None:
            self.driver = browser.driver

        def close(self) -> None:
            self.died = True

        def begin_task(self, seed: Any = None) -> None:
            begun = None if leaky else browser.ask(_BEGIN, self.url, seed, self.mode)
            if begun is None:
                browser.open(self.url)
                begun = browser.ask(_BEGIN, self.url, seed, self.mode)
            ready, self.told = begun
            if not (ready or browser.wait_for("return WOB_TASK_READY", _READY_S)):
                raise DeviceError(f"the page of {name} is not ready after {_READY_S:g} s")
            self.fresh = True

        def get_metadata(self) -> dict[str, Any]:
            """Return how the episode stands; one that has just begun need not be asked."""
            fresh, self.fresh = self.fresh, False
            return dict(_UNJUDGED) if fresh else dict(browser.ask(_JUDGED))

        def perform(self, action: Any, action_space_config: Any) -> None:
            """Carry out an action; the package asks first whether the episode has ended."""
            execute_action_on_chromedriver(action, (), action_space_config, self.driver)

        def force_stop(self) -> None:
            """Nothing: `begin_task` ends what is under way."""

        def get_observation(self, use_cached_fields: bool = False) -> tuple[Any, dict[str, Any]]:
            """Return the instruction alone: pictures are taken when they are wanted."""
            told = self.told
            return {"utterance": told["utterance"] if isinstance(told, dict) else told}, {}

        def get_empty_observation(self) -> Any:
            return {"utterance": ""}

    class Environment(MiniWoBEnvironment):  # type: ignore[misc]
        """The package's environment, on a borrowed browser."""

        def _hard_reset_instance(self) -> None:
            self.instance = Borrowed(index=0, **self.instance_kwargs)
            self.instance.start()

    return Environment(subdomain=name, base_url=_serve() if name in FLIGHTS else None)


@cache
def _serve() -> str:
    """Serve the package's pages to this machine as long as the process lives; return where.

    Only the flights need it. The package's own server writes every request to stderr.
    """
    import miniwob

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    pages = str(Path(miniwob.__file__).parent / "html")
    server = ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=pages))
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://localhost:{server.server_port}/"
