"""The agent at real programs: what it did is looked for elsewhere than on the screen."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest

from qvl_agent.actions.desktop import Click, Done, Hotkey, Type, Wait, desktop_space
from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.types import Action, Point
from qvl_agent.agent.events import Episode
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.envs.desktop import DesktopEnv
from qvl_agent.model.prompt import Picture, Prompt
from qvl_agent.model.scripted import ScriptedPolicy

Step = Action | tuple[int, int, int]
"""An action, or a colour: click its middle, and wait for it as long as it is not there."""

SAID = 'Grüße an 你好 & <b>"Zoë"</b> 🍕'
FIELD, BUTTON, THANKS = (255, 236, 179), (0, 137, 123), (46, 125, 50)
FORM = f"""<!doctype html><meta charset=utf-8><title>Order</title><body style="margin:40px">
<form method=post action=/><input name=order style="font-size:24px;width:400px;padding:20px;
background:rgb{FIELD};border:0"><br><br><button style="width:200px;height:80px;border:0;
background:rgb{BUTTON}"></button></form>"""
# Each Enter sends what the field holds, with a number, and empties it.
MANY = f"""<!doctype html><meta charset=utf-8><title>Orders</title><body style="margin:40px">
<form onsubmit="fetch('/', {{method: 'POST', body: new URLSearchParams({{order: this.order.value,
number: window.sent = (window.sent || 0) + 1}})}}); this.order.value = ''; return false">
<input name=order autocomplete=off style="font-size:24px;width:600px;padding:40px;
background:rgb{FIELD};border:0"></form>"""
DONE = f"<!doctype html><title>Thanks</title><body style='background:rgb{THANKS}'>"
FLAGS = (
    *("--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-sync", "--password-store=basic"),
    *("--window-position=0,0", "--window-size=800,600"),
)


class Shop:
    """A web server on this machine that keeps the forms it received."""

    def __init__(self) -> None:
        self.received: list[dict[str, list[str]]] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(MANY if self.path == "/many" else FORM)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                shop.received.append(parse_qs(body, keep_blank_values=True))
                self._send(DONE)

            def _send(self, page: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    yield server
    server.close()


def middle(picture: Picture, colour: tuple[int, int, int]) -> Point | None:
    """Return the middle of all pixels of a colour."""
    ys, xs = np.nonzero(np.abs(picture.pixels.astype(int) - colour).max(axis=2) <= 2)
    if len(xs) < 500:
        return None
    height, width = picture.pixels.shape[:2]
    return Point(float(np.median(xs) + 0.5) / width, float(np.median(ys) + 0.5) / height)


def scripted(steps: list[Step]) -> ScriptedPolicy:
    """Return a policy that takes these steps, and looks for colours in the picture it is shown."""
    space, star, left = desktop_space(), get_dialect("star"), list(steps)

    def answer(prompt: Prompt) -> str:
        shown = [part for turn in prompt.turns for part in turn.parts if isinstance(part, Picture)]
        step = left[0]
        action: Action | None
        if isinstance(step, tuple):
            point = middle(shown[-1], step)
            action = Click(point) if point else Wait(0.5)
        else:
            point, action = None, step
        if point or not isinstance(step, tuple):
            left.pop(0)
        return star.render(space.to_call(action))

    return ScriptedPolicy(answer)


def play(world: DesktopEnv, steps: list[Step]) -> Episode:
    # Nothing of it repeats itself by mistake: on a busy machine it waits again and again.
    agent = Agent(scripted(steps), world.action_space, limits=Limits(200, repeats=None))
    try:
        return agent.run(world)
    finally:
        world.close()


def holds(file: Path, text: str) -> Callable[[], bool]:
    def check() -> bool:
        return file.exists() and file.read_text(encoding="utf-8").rstrip("\n") == text

    return check


def test_a_command_in_a_terminal(needs: Callable[..., None], tmp_path: Path) -> None:
    needs("Xvfb", "xclip", "xterm")
    file = tmp_path / "order.txt"
    world = DesktopEnv(
        virtual="800x600",
        start=[["xterm", "-bg", "#102030", "-geometry", "100x30+0+0", "-e", "sh"]],
        task="write it into a file",
        check=holds(file, SAID),
    )
    # The terminal turns green when the file is written.
    command = (
        f"echo '{SAID}' > '{file}'; printf '\\033]11;#%02x%02x%02x\\a' {' '.join(map(str, THANKS))}"
    )
    episode = play(world, [(16, 32, 48), Type(f"{command}\n"), THANKS, Done()])
    assert (episode.reason, episode.success) == ("success", True)


def test_a_text_in_an_editor_is_saved(needs: Callable[..., None], tmp_path: Path) -> None:
    needs("Xvfb", "xclip", "mousepad", "openbox")
    file = tmp_path / "note.txt"
    file.write_text("")
    world = DesktopEnv(
        virtual="800x600",
        manager=["openbox"],
        start=[["mousepad", "--disable-server", str(file)]],
        task="note it and save",
        check=holds(file, SAID),
    )
    white = (255, 255, 255)
    steps: list[Step] = [white, Type(f"x\n{SAID}"), Hotkey(("ctrl", "home")), Hotkey(("delete",))]
    steps += [Hotkey(("delete",)), Hotkey(("ctrl", "s")), Wait(1.0), Done()]
    assert play(world, steps).success


def browser(needs: Callable[..., None], profile: str) -> DesktopEnv:
    """Return a desktop with a browser that shows an empty page."""
    needs("Xvfb", "xclip", "chromium", "openbox")
    return DesktopEnv(
        virtual="800x600",
        manager=["openbox"],
        start=[["chromium", f"--user-data-dir={profile}", *FLAGS, "about:blank"]],
        task="order it",
    )


def test_a_form_in_a_browser_is_filled_and_sent(needs: Callable[..., None], shop: Shop) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        world = browser(needs, profile)
        world._check = lambda: shop.received == [{"order": [SAID]}]
        steps: list[Step] = [(255, 255, 255), Hotkey(("ctrl", "l")), Type(f"{shop.url}\n")]
        episode = play(world, [*steps, FIELD, Type(SAID), BUTTON, THANKS, Done()])
    assert shop.received == [{"order": [SAID]}]
    assert episode.success


@pytest.mark.slow
def test_200_random_texts_arrive_unchanged_in_a_browsers_field(
    needs: Callable[..., None], shop: Shop, texts: Callable[[int], list[str]]
) -> None:
    expected = texts(200)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        world = browser(needs, profile)
        try:
            world.reset()
            policy: list[Step] = [(255, 255, 255), Hotkey(("ctrl", "l")), Type(f"{shop.url}many\n")]
            agent = Agent(
                scripted([*policy, FIELD, Done()]),
                world.action_space,
                limits=Limits(200, repeats=None),
            )
            agent.run(world)
            world.reset()
            for text in expected:
                info = world.step(Type(f"{text}\n"))[4]
                assert "error" not in info, info
            assert wait_until(lambda: len(shop.received) == 200)
        finally:
            world.close()
    received = sorted(shop.received, key=lambda form: int(form["number"][0]))
    assert [form["order"][0] for form in received] == expected


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()
