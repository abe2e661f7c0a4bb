"""Files: folders, what is in them, and a file."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import FILES, FOLDERS, World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Route
from qvl_agent.envs.android.phone.screens import bar, field, page
from qvl_agent.envs.android.phone.widgets import action, button, gap, icon, row, text, tile_color

__all__ = ["Files", "FilesApp"]


@dataclass(frozen=True, slots=True)
class Files:
    """What the app stores: (folder, file names)."""

    folders: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def inside(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder."""
        return dict(self.folders).get(folder, ())

    def where(self, file: str) -> str | None:
        """Return the folder a file is in."""
        return next((f for f, names in self.folders if file in names), None)


class FilesApp(App[Files]):
    """Files. The argument of `file` is "folder/name"."""

    id = "files"
    en, zh = "Files", "文件"
    icon, color = "folder", (20, 118, 190)

    def first(self, world: World, rng: Random) -> Files:
        """Return files spread over the folders."""
        names = world.draw(rng, FILES, rng.randrange(6, 11))
        folders = [world.say(p) for p in FOLDERS]
        rng.shuffle(folders)
        placed = [(n, rng.choice(folders)) for n in names]
        return Files(tuple((f, tuple(n for n, at in placed if at == f)) for f in folders))

    def title(self, v: View[Files]) -> str:
        """Name the screen."""
        match v.route.name:
            case "main":
                return "the list of folders"
            case "folder":
                return f"the folder {v.route.arg}"
            case "rename":
                return "the form to rename a file"
            case "move":
                return "the choice of a folder"
            case _:
                return f"the file {v.route.arg.split('/')[1]}"

    def view(self, v: View[Files]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "main":
                rows = [
                    row(
                        v,
                        f,
                        v.t(f"{len(n)} files", f"{len(n)} 个文件"),
                        lead=_tile("folder", f),
                        tap=Go(Route("folder", f)),
                        name=f,
                    )
                    for f, n in v.data.folders
                ]
                return page(v, bar(v, v.t("Files", "文件")), *rows)
            case "folder":
                names = v.data.inside(v.route.arg)
                rows = [
                    row(
                        v,
                        n,
                        v.t("Today", "今天"),
                        lead=_tile("file", n),
                        tap=Go(Route("file", f"{v.route.arg}/{n}")),
                        name=n,
                    )
                    for n in names
                ]
                none = text(
                    v, v.t("Empty folder", "空文件夹"), 16, color=v.theme.dim, align="center"
                )
                return page(v, bar(v, v.route.arg), *(rows or [gap(60), none]))
            case "move":
                rows = [
                    row(v, f, lead=_tile("folder", f), tap=Do("move", f), name=f)
                    for f, _ in v.data.folders
                    if f != v.route.arg.split("/")[0]
                ]
                return page(v, bar(v, v.t("Move to", "移动到")), *rows)
            case "rename":
                save = button(v, v.t("Save", "保存"), Do("rename"), grow=1)
                return page(
                    v, bar(v, v.t("Rename", "重命名")), field(v, "name", v.t("Name", "名称")),
                    Widget((save,), axis="x", pad=(16, 12, 16, 0)),
                )  # fmt: skip
            case _:
                return _file(v)

    def arrive(self, desk: Desk, route: Route) -> None:
        """Fill the form."""
        if route.name == "rename":
            desk.fill(name=route.arg.split("/")[1])

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Files = desk.data
        folder, file = desk.route.arg.split("/")

        def rebuilt(change: dict[str, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
            return tuple((f, change.get(f, n)) for f, n in data.folders)

        rest = tuple(n for n in data.inside(folder) if n != file)
        home = (self.root, Route("folder", folder))
        match name:
            case "rename":
                new = desk.field("name")
                if not new or "/" in new or new in rest:
                    desk.toast(desk.t("Choose another name", "请换一个名称"))
                    return
                names = tuple(new if n == file else n for n in data.inside(folder))
                desk.put(folders=rebuilt({folder: names}))
                desk.tab(*home)
            case "move":
                desk.put(folders=rebuilt({folder: rest, arg: (*data.inside(arg), file)}))
                desk.tab(*home)
                desk.toast(desk.t(f"Moved to {arg}", f"已移动到{arg}"))
            case "delete":
                desk.ask(
                    desk.t(f"Delete {file}?", f"删除{file}？"),
                    "",
                    (desk.t("Cancel", "取消"), None),
                    (desk.t("Delete", "删除"), Do("really_delete")),
                )
            case "really_delete":
                desk.put(folders=rebuilt({folder: rest}))
                desk.tab(*home)
            case _:
                super().do(desk, name, arg)


def _tile(sign: str, key: str) -> Widget:
    return Widget(
        icon=sign,
        size=24,
        width=44,
        height=44,
        radius=12,
        fill=tile_color(key),
        color=(255, 255, 255),
    )


def _file(v: View[Files]) -> Widget:
    folder, name = v.route.arg.split("/")
    return page(
        v,
        bar(v, name, icon(v, "share", label="Share")),
        gap(50),
        Widget((icon(v, "file", 130, color=tile_color(name)),), align="center"),
        gap(20),
        text(v, name, 20, weight=500, align="center"),
        text(v, v.t(f"In {folder}", f"位于{folder}"), 14, color=v.theme.dim, align="center"),
        gap(36),
        Widget(
            (
                action(v, "edit", v.t("Rename", "重命名"), Go(Route("rename", v.route.arg))),
                action(v, "folder", v.t("Move", "移动"), Go(Route("move", v.route.arg))),
                action(v, "delete", v.t("Delete", "删除"), Do("delete")),
            ),
            axis="x",
            pad=(24, 0, 24, 0),
        ),
    )
