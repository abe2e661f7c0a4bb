"""The phone's apps, one module each."""

from typing import Any

from qvl_agent.envs.android.phone.app import App
from qvl_agent.envs.android.phone.apps.browser import BrowserApp
from qvl_agent.envs.android.phone.apps.calculator import CalculatorApp
from qvl_agent.envs.android.phone.apps.calendar import CalendarApp
from qvl_agent.envs.android.phone.apps.camera import CameraApp, PhotosApp
from qvl_agent.envs.android.phone.apps.clock import ClockApp
from qvl_agent.envs.android.phone.apps.contacts import ContactsApp
from qvl_agent.envs.android.phone.apps.dialer import DialerApp
from qvl_agent.envs.android.phone.apps.files import FilesApp
from qvl_agent.envs.android.phone.apps.mail import MailApp
from qvl_agent.envs.android.phone.apps.maps import MapsApp
from qvl_agent.envs.android.phone.apps.messages import MessagesApp
from qvl_agent.envs.android.phone.apps.music import MusicApp
from qvl_agent.envs.android.phone.apps.notes import NotesApp
from qvl_agent.envs.android.phone.apps.settings import SettingsApp
from qvl_agent.envs.android.phone.apps.shop import ShopApp
from qvl_agent.envs.android.phone.apps.weather import WeatherApp

__all__ = ["all_apps"]


def all_apps() -> tuple[App[Any], ...]:
    """Return one instance of every app, in alphabetical order of their ids."""
    return (
        BrowserApp(),
        CalculatorApp(),
        CalendarApp(),
        CameraApp(),
        ClockApp(),
        ContactsApp(),
        FilesApp(),
        MailApp(),
        MapsApp(),
        MessagesApp(),
        MusicApp(),
        NotesApp(),
        DialerApp(),
        PhotosApp(),
        SettingsApp(),
        ShopApp(),
        WeatherApp(),
    )
