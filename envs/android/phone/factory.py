"""Makes a phone from a seed: its look, its language, what is stored on it, what gets in the way.

Disturbances are dialogs that come up when an app is opened first, and screens that load slowly.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App
from qvl_agent.envs.android.phone.content import NETWORKS, Split, World
from qvl_agent.envs.android.phone.phone import APPS, Phone
from qvl_agent.envs.android.phone.state import LAUNCHER, Dialog, Language, Notice, Settings, State
from qvl_agent.envs.android.phone.theme import ACCENTS, draw_look

__all__ = ["Make", "make_phone"]


@dataclass(frozen=True, slots=True)
class Make:
    """How to make a phone.

    Attributes:
        split: Which part of the pools its contents come from.
        language: Of the phone; None draws it (four in five are English).
        disturbed: Whether dialogs, slow screens and an open app get in the way.
        width: Of the screen in portrait, in pixels.
        height: In portrait, in pixels.
    """

    split: Split = "train"
    language: Language | None = None
    disturbed: bool = True
    width: int = 392
    height: int = 840


def make_phone(seed: int, make: Make | None = None) -> tuple[Phone, World]:
    """Return the phone of a seed, and the world its contents were drawn from."""
    make = make or Make()
    rng = Random(f"{make.split}-{seed}")
    drawn: Language = "zh" if rng.random() < 0.2 else "en"
    language = make.language or drawn
    world = World.of(rng, make.split, language == "zh")
    network = world.draw(rng, NETWORKS, 1)[0]
    settings = Settings(
        wifi=rng.random() < 0.7,
        bluetooth=rng.random() < 0.4,
        airplane=rng.random() < 0.1,
        location=rng.random() < 0.7,
        quiet=rng.random() < 0.2,
        dark=rng.random() < 0.35,
        brightness=rng.randrange(2, 10) * 10,
        media=rng.randrange(1, 10) * 10,
        ring=rng.randrange(1, 10) * 10,
        language=language,
        accent=rng.choice(tuple(ACCENTS)),
        timeout=rng.choice((15, 30, 60, 120)),
        network=network,
    )
    data = {name: app.first(world, Random(rng.random())) for name, app in APPS.items()}
    start = datetime.combine(world.today, time(rng.randrange(7, 22), rng.randrange(60)))
    state = State(
        look=draw_look(rng),
        settings=settings,
        start=start,
        data=data,
        stacks={LAUNCHER: (APPS[LAUNCHER].root,)},
        notices=_notices(rng, world),
    )
    phone = Phone(state, make.width, make.height)
    if make.disturbed:
        _disturb(phone, rng)
    return phone, world


def _notices(rng: Random, world: World) -> tuple[Notice, ...]:
    people = [p.name for p in rng.sample(world.people, 2)]
    say = world.say
    pool = (
        Notice("mail", people[0], say(("New mail", "新邮件"))),
        Notice("messages", people[1], say(("Sent you a photo", "给你发了一张照片"))),
        Notice("calendar", say(("Reminder", "提醒")), say(("You have events today", "今天有日程"))),
        Notice("shop", say(("Big sale", "大促销")), say(("Up to 30% off today", "今天最多七折"))),
    )
    return tuple(rng.sample([n for n in pool if n.app in APPS], rng.randrange(0, 3)))


def _disturb(phone: Phone, rng: Random) -> None:
    """Open an unrelated app, and lay dialogs and slow screens in the way."""
    zh = phone.state.settings.language == "zh"
    opened = rng.random()
    if opened < 0.45:
        phone.open(rng.choice(tuple(a for a in APPS if a != LAUNCHER)))
        if rng.random() < 0.3:
            phone.type("x")
    elif opened < 0.6:
        phone.swipe(300, 400, 60, 400)
    waiting = {
        a: _dialog(rng, APPS[a], zh)
        for a in APPS
        if a not in (LAUNCHER, phone.state.app) and rng.random() < 0.15
    }
    slow = {f"{a}/{r}": rng.choice((800, 1600, 7000)) for a, r in _SLOW if rng.random() < 0.2}
    phone.state = replace(phone.state, waiting=waiting, slow=slow)


_SLOW = (
    ("maps", "results"),
    ("browser", "results"),
    ("browser", "page"),
    ("shop", "product"),
    ("mail", "read"),
    ("weather", "city"),
    ("photos", "photo"),
)
"""Screens that can be slow, as (app, route name)."""


def _dialog(rng: Random, app: App[Any], zh: bool) -> Dialog:
    name = app.name("zh" if zh else "en")
    if rng.random() < 0.6:
        what = rng.choice(
            (
                ("location", "access this device's location", "获取此设备的位置"),
                ("bell", "send you notifications", "向你发送通知"),
                ("photos", "access your photos", "访问你的照片"),
            )
        )
        title = f"允许{name}{what[2]}吗？" if zh else f"Allow {name} to {what[1]}?"
        labels = (
            ("仅在使用时允许", "仅限这一次", "不允许")
            if zh
            else ("While using the app", "Only this time", "Don't allow")
        )
        return Dialog(
            title, "", tuple((label, None) for label in labels), what[0], "permission", app.id
        )
    title, text, no, yes = rng.choice(
        (
            ("喜欢这个应用吗？", "给我们打个分吧。", "以后再说", "评分")
            if zh
            else ("Enjoying the app?", "Tell us what you think.", "Not now", "Rate it"),
            ("有新版本", "新版本修复了一些问题。", "以后再说", "更新")
            if zh
            else ("A new version is here", "It repairs a few mistakes.", "Later", "Update"),
            ("试试高级版", "一个月免费。", "不用了", "试试")
            if zh
            else ("Try the premium plan", "The first month is free.", "No thanks", "Try it"),
        )
    )
    return Dialog(title, text, ((no, None), (yes, None)), app.icon, "popup", app.id)
