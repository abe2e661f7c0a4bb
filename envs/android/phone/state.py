"""Everything a phone knows, as frozen data. Knows neither drawing nor what a tap does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from qvl_agent.envs.android.phone.nodes import Event, Route
from qvl_agent.envs.android.phone.theme import Look

__all__ = ["LAUNCHER", "Dialog", "Keys", "Language", "Notice", "Settings", "State"]

Language = Literal["en", "zh"]
Keys = Literal["lower", "upper", "symbols"]

LAUNCHER = "launcher"
"""Id of the home screen, which is an app like the others."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the Settings app and the quick toggles change.

    Attributes:
        brightness: Percent.
        media: Volume of music, percent.
        ring: Volume of the ring tone, percent.
        accent: Name in `theme.ACCENTS`.
        timeout: Seconds until the screen would go dark.
        muted: Ids of apps whose notices are off.
    """

    wifi: bool = True
    bluetooth: bool = False
    airplane: bool = False
    location: bool = True
    flashlight: bool = False
    quiet: bool = False
    saver: bool = False
    rotate: bool = False
    dark: bool = False
    brightness: int = 60
    media: int = 50
    ring: int = 70
    language: Language = "en"
    accent: str = "blue"
    timeout: int = 60
    network: str = ""
    muted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dialog:
    """A question on top of the screen.

    Attributes:
        title: The question.
        text: More about it.
        buttons: Label and what it asks for; None only closes the dialog.
        icon: Above the title.
        kind: "confirm" belongs to what the user does; the others come uncalled.
        owner: App that the buttons speak to.
    """

    title: str
    text: str = ""
    buttons: tuple[tuple[str, Event | None], ...] = ()
    icon: str = ""
    kind: Literal["confirm", "permission", "popup"] = "confirm"
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification in the shade."""

    app: str
    title: str
    text: str
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A phone.

    Attributes:
        look: What stays as it is.
        settings: What the user can change.
        start: Date and time at power on.
        now_ms: Milliseconds since then.
        data: What each app has stored, by app id: frozen values of the app's own type.
        stacks: The screens of each app, the one in front last.
        app: The app in front.
        recent: Apps that were in front, the latest first.
        fields: What stands in text fields, by "app/field".
        focus: The field with the cursor, "app/field", or "".
        keys: Which layer of the on-screen keyboard is up.
        scrolls: How far scrolled areas are scrolled, in dp, by key.
        dialog: On top of the app.
        shade: Whether the notification shade is down.
        notices: In the shade, newest first.
        toast: A short message at the bottom, until `toast_until` (in `now_ms`).
        loading_until: Until then the app in front only shows that it is loading.
        waiting: Dialogs that come up when their app is opened next, by app id.
        slow: Screens that take this long to load, in ms, by "app/route".
        awake: Whether the screen is on.
        locked: Whether the lock screen is up.
        rotation: Quarter turns, 0 is portrait.
        keyboard: Package of the input method in use.
    """

    look: Look
    settings: Settings
    start: datetime
    now_ms: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    stacks: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)
    app: str = LAUNCHER
    recent: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    focus: str = ""
    keys: Keys = "lower"
    scrolls: Mapping[str, float] = field(default_factory=dict)
    dialog: Dialog | None = None
    shade: bool = False
    notices: tuple[Notice, ...] = ()
    toast: str = ""
    toast_until: int = 0
    loading_until: int = 0
    waiting: Mapping[str, Dialog] = field(default_factory=dict)
    slow: Mapping[str, int] = field(default_factory=dict)
    awake: bool = True
    locked: bool = False
    rotation: int = 0
    keyboard: str = "org.qvl.keyboard/.Keys"

    @property
    def now(self) -> datetime:
        """Date and time on the phone."""
        return self.start + timedelta(milliseconds=self.now_ms)

    @property
    def route(self) -> Route:
        """The screen in front."""
        return self.stacks[self.app][-1]

    @property
    def stack(self) -> tuple[Route, ...]:
        """The screens of the app in front, the visible one last."""
        return self.stacks[self.app]

    @property
    def loading(self) -> bool:
        """Whether the app in front is still loading."""
        return self.now_ms < self.loading_until

    def text_of(self, name: str) -> str:
        """Return what stands in a field, given as "app/field"."""
        return self.fields.get(name, "")
