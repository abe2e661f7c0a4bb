"""Camera: the viewfinder, and Photos: what was taken."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import CITIES, TRAINS, World, share
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Color, Do, Go, Picture, Route, Switch
from qvl_agent.envs.android.phone.screens import bar, page
from qvl_agent.envs.android.phone.widgets import gap, icon, picture, spread, text

__all__ = ["Camera", "CameraApp", "Photo", "Photos", "PhotosApp", "Ticket"]

_WHITE: Color = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Camera:
    """Which way it looks, how many pictures it took, and what lies before it."""

    front: bool = False
    timer: bool = False
    taken: int = 0
    scene: int = 0


class CameraApp(App[Camera]):
    """Camera."""

    id = "camera"
    en, zh = "Camera", "相机"
    icon, color = "camera", (84, 88, 100)

    def first(self, world: World, rng: Random) -> Camera:
        """Return a camera that looks at something."""
        return Camera(front=rng.random() < 0.3, scene=rng.randrange(1000))

    def title(self, v: View[Camera]) -> str:
        """Name the screen."""
        return "the viewfinder of Camera"

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Camera = desk.data
        match name:
            case "flip":
                desk.put(front=not data.front)
            case "timer":
                desk.put(timer=not data.timer)
            case "shoot":
                desk.put(taken=data.taken + 1, scene=data.scene + 1)
                photos: Photos = desk.state.data["photos"]
                new = Photo(f"c{data.taken}", _sight(data))
                desk.put_data("photos", replace(photos, photos=(new, *photos.photos)))
                desk.toast(desk.t("Photo taken", "已拍照"))
            case _:
                super().do(desk, name, arg)

    def view(self, v: View[Camera]) -> Widget:
        """Draw the screen."""
        d = v.data
        shutter = Widget(
            (Widget(width=58, height=58, radius=29, fill=_WHITE),),
            axis="z", align="center", width=76, height=76, radius=38, fill=(120, 120, 126),
            tap=Do("shoot"), name="Shutter",
        )  # fmt: skip
        photos = v.state.data["photos"].photos
        last = (
            picture(photos[0].picture, 50, 50, radius=12, tap=Switch("photos"), name="Last photo")
            if photos
            else gap(50)
        )
        top = Widget(
            (
                gap(12),
                icon(
                    v,
                    "timer",
                    26,
                    color=(255, 214, 80) if d.timer else _WHITE,
                    tap=Do("timer"),
                    label="Timer",
                ),
                spread(),
                text(v, v.t("PHOTO", "拍照"), 14, weight=500, color=_WHITE),
                spread(),
                icon(v, "flash", 26, color=_WHITE),
                gap(12),
            ),
            axis="x",
            height=56,
            fill=(0, 0, 0),
        )
        foot = Widget(
            (
                spread(), last, spread(), shutter, spread(),
                icon(v, "flip", 34, color=_WHITE, tap=Do("flip"), label="Flip camera"), spread(),
            ),
            axis="x", height=130, fill=(0, 0, 0),
        )  # fmt: skip
        return Widget((top, Widget(picture=_sight(d), grow=1), foot), fill=(0, 0, 0))


def _sight(d: Camera) -> Picture:
    return Picture("viewfinder", (d.scene, d.front))


@dataclass(frozen=True, slots=True)
class Ticket:
    """What stands on a photographed ticket."""

    line: str
    city: str
    hour: int
    seat: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture in the gallery."""

    id: str
    picture: Picture
    liked: bool = False


@dataclass(frozen=True, slots=True)
class Photos:
    """What the app stores: the latest first. One of the pictures shows the ticket."""

    photos: tuple[Photo, ...] = ()
    ticket: Ticket = Ticket("", "", 0, "")

    def photo(self, key: str) -> Photo | None:
        """Return a picture by its id."""
        return next((p for p in self.photos if p.id == key), None)


class PhotosApp(App[Photos]):
    """Photos."""

    id = "photos"
    en, zh = "Photos", "相册"
    icon, color = "photos", (150, 84, 190)

    def first(self, world: World, rng: Random) -> Photos:
        """Return some landscapes and a ticket."""
        city = world.say(rng.choice(share(CITIES, world.split)))
        ticket = Ticket(
            world.say(rng.choice(TRAINS)), city, rng.randrange(7, 23), f"{rng.randrange(1, 90)}"
        )
        words = (
            ("目的地", "到达", "座位", "日期") if world.zh else ("To", "Arrives", "Seat", "Date")
        )
        lines = (
            ticket.line,
            f"{words[0]}|{city}",
            f"{words[1]}|{ticket.hour:02}:00",
            f"{words[2]}|{ticket.seat}",
            f"{words[3]}|{world.today.day}.{world.today.month}.",
        )
        photos = [
            Photo(f"p{i}", Picture("photo", (rng.randrange(10_000),)))
            for i in range(rng.randrange(5, 12))
        ]
        photos.insert(rng.randrange(len(photos)), Photo("ticket", Picture("ticket", lines)))
        return Photos(tuple(photos), ticket)

    def title(self, v: View[Photos]) -> str:
        """Name the screen."""
        if v.route.name == "photo":
            return "the photo of a ticket" if v.route.arg == "ticket" else "an open photo"
        return "the grid of photos"

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Photos = desk.data
        match name:
            case "like":
                desk.put(
                    photos=tuple(
                        replace(p, liked=not p.liked) if p.id == arg else p for p in data.photos
                    )
                )
            case "delete":
                desk.ask(
                    desk.t("Delete this photo?", "删除这张照片？"),
                    "",
                    (desk.t("Cancel", "取消"), None),
                    (desk.t("Delete", "删除"), Do("really_delete", arg)),
                )
            case "really_delete":
                desk.put(photos=tuple(p for p in data.photos if p.id != arg))
                desk.back()
            case _:
                super().do(desk, name, arg)

    def swipe(self, desk: Desk, direction: str) -> bool:
        """Turn to the next or previous photo."""
        data: Photos = desk.data
        keys = [p.id for p in data.photos]
        if desk.route.name != "photo" or direction not in ("left", "right"):
            return False
        at = keys.index(desk.route.arg) + (1 if direction == "left" else -1)
        if not 0 <= at < len(keys):
            return False
        desk.tab(self.root, Route("photo", keys[at]))
        return True

    def view(self, v: View[Photos]) -> Widget:
        """Draw the screen."""
        if v.route.name == "photo":
            return _photo(v)
        side = (v.width - 4 * 4) / 3
        rows = []
        for i in range(0, len(v.data.photos), 3):
            cells = tuple(
                picture(
                    p.picture,
                    side,
                    side,
                    radius=4,
                    tap=Go(Route("photo", p.id)),
                    name=f"photo {i + k + 1}",
                )
                for k, p in enumerate(v.data.photos[i : i + 3])
            )
            rows.append(Widget((*cells, spread()), axis="x", gap=4, pad=(4, 2, 0, 2)))
        return page(v, bar(v, v.t("Photos", "相册")), *rows)


def _photo(v: View[Photos]) -> Widget:
    p = v.data.photo(v.route.arg)
    if p is None:
        return page(v, bar(v, v.t("No such photo", "没有此照片")))
    like = icon(
        v, "heart_full" if p.liked else "heart", color=v.theme.alarm if p.liked else v.theme.dim,
        tap=Do("like", p.id), label="Like",
    )  # fmt: skip
    return page(
        v,
        bar(v, "", like, icon(v, "delete", tap=Do("delete", p.id), label="Delete")),
        spread(),
        Widget(picture=p.picture, height=min(v.height - 80, v.width * 1.2)),
        spread(),
        fixed=True,
    )
