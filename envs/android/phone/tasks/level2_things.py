"""Level 2, what is bought, found, set, moved: shop, maps, browser, settings, music, files, photos."""

from typing import Any

from qvl_agent.envs.android.phone.apps.browser import headline
from qvl_agent.envs.android.phone.apps.settings import ACCENT_NAMES
from qvl_agent.envs.android.phone.content import ERRANDS, QUERIES
from qvl_agent.envs.android.phone.nodes import Do, Go, Route
from qvl_agent.envs.android.phone.tasks.base import Args, Case, Result, Steps, Template
from qvl_agent.envs.android.phone.tasks.guide import Guide
from qvl_agent.envs.android.phone.tasks.level1 import MAIN, search_map, search_web

__all__ = ["THINGS", "shop_for", "to_place"]


def _product(c: Case) -> dict[str, Any]:
    return {"product": c.rng.choice(c.data("shop").products)[0]}


def _to_cart(g: Guide, a: Args) -> Steps:
    if a["product"] in g.state.data["shop"].cart:
        return
    yield g.at("shop", MAIN, Route("product", a["product"]))
    yield g.press(Do("add", a["product"]), "I put it into the cart")


def shop_for(g: Guide, product: str) -> Steps:
    """Order one piece of a product and nothing else."""
    shop = g.state.data["shop"]
    if (product,) in shop.orders:
        return
    yield g.confirm("I confirm the order")
    wrong = next((n for n in shop.cart if n != product), None) or (
        product if shop.cart.count(product) > 1 else None
    )
    if product not in shop.cart:
        yield g.at("shop", MAIN, Route("product", product))
        yield g.press(Do("add", product), "I put it into the cart")
    yield g.at("shop", Route("cart"))
    if wrong:
        yield g.press(Do("remove", wrong), f"I remove {wrong} from the cart")
    yield g.press(Do("buy"), "I place the order")


def _buy(g: Guide, a: Args) -> Steps:
    yield from shop_for(g, a["product"])


def _place(c: Case) -> dict[str, Any]:
    category = c.rng.choice(sorted({p.category for p in c.data("maps").places}))
    found = c.data("maps").find(category)
    place = next(p for p in found if p.name not in c.data("maps").saved)
    return {"place": place.name, "category": category}


def to_place(g: Guide, name: str) -> Steps:
    """Open the page of a place by searching its name."""
    if g.state.app == "maps" and g.state.route in (Route("place", name), Route("directions", name)):
        return
    if (
        g.state.app == "maps"
        and g.state.route.name == "results"
        and g.can(Go(Route("place", name)))
    ):
        yield g.press(Go(Route("place", name)), f"I tap {name}")
    if g.state.app == "maps" and g.state.route.name in ("place", "directions"):
        yield g.back("I go back to the results")
    yield from search_map(g, name)


def _save_place(g: Guide, a: Args) -> Steps:
    if a["place"] in g.state.data["maps"].saved:
        return
    yield from to_place(g, a["place"])
    if g.state.route.name == "directions":
        yield g.back("I go back to the place")
    yield g.press(Do("save", a["place"]), "I save the place")


def _navigate(g: Guide, a: Args) -> Steps:
    maps = g.state.data["maps"]
    if maps.going == a["place"] and maps.mode == a["mode"]:
        return
    yield from to_place(g, a["place"])
    if g.state.route.name == "place":
        yield g.press(Go(Route("directions", a["place"])), "I ask for directions")
    if maps.mode != a["mode"]:
        yield g.press(Do("mode", a["mode"]), "I choose the way to go")
    yield g.press(Do("start", a["place"]), "I start the navigation")


def _trip(c: Case) -> dict[str, Any]:
    modes = {
        "car": ("by car", "开车"),
        "transit": ("by public transport", "坐公交"),
        "walk": ("on foot", "步行"),
    }
    mode = c.rng.choice(tuple(modes))
    return _place(c) | {"mode": mode, "how": c.say(*modes[mode])}


def _bookmark(c: Case) -> dict[str, Any]:
    query = c.world.draw(c.rng, QUERIES, 12)[-1]
    title = headline(query, c.rng.randrange(5), c.zh)
    return {"query": query, "title": title}


def _add_bookmark(g: Guide, a: Args) -> Steps:
    if a["title"] in g.state.data["browser"].bookmarks:
        return
    page = Route("page", a["title"])
    if not (g.state.app == "browser" and g.state.route == page):
        if g.state.app == "browser" and g.state.route.name in ("page", "bookmarks"):
            yield g.back("I go back")
        yield from search_web(g, a["query"])
        yield g.press(Go(page), f'I tap "{a["title"]}"')
    yield g.press(Do("bookmark", a["title"]), "I bookmark the page")


def _accent(c: Case) -> dict[str, Any]:
    name = c.rng.choice([n for n in ACCENT_NAMES if n != c.state.settings.accent])
    return {"accent": name, "name": c.say(name, ACCENT_NAMES[name])}


def _choose(key: str, page: str) -> Any:
    def plan(g: Guide, a: Args) -> Steps:
        if getattr(g.state.settings, key) == a[key]:
            return
        yield g.at("settings", MAIN, Route(page))
        yield g.press(Do(key, a[key]), f"I choose {a['name']}")

    return plan


def _language(c: Case) -> dict[str, Any]:
    language = "en" if c.state.settings.language == "zh" else "zh"
    return {
        "language": language,
        "name": {"en": c.say("English", "英文"), "zh": c.say("Chinese", "中文")}[language],
    }


def _timeout(c: Case) -> dict[str, Any]:
    seconds = c.rng.choice([n for n in (15, 30, 60, 120) if n != c.state.settings.timeout])
    return {"timeout": seconds, "name": c.say(f"{seconds} seconds", f"{seconds}秒")}


def _network(c: Case) -> dict[str, Any]:
    names = [n for n in c.data("settings").names if n != c.state.settings.network]
    c.configure(airplane=False)
    return {"network": c.rng.choice(names)}


def _join(g: Guide, a: Args) -> Steps:
    s = g.state.settings
    if s.network == a["network"] and s.wifi and not s.airplane:
        return
    yield g.at("settings", MAIN, Route("network"))
    if s.airplane:
        yield g.press(Do("toggle", "airplane"), "I switch the airplane mode off")
    if not s.wifi:
        yield g.press(Do("toggle", "wifi"), "I switch the Wi-Fi on")
    yield g.press(Do("join", a["network"]), f'I tap "{a["network"]}"')


def _app(c: Case) -> dict[str, Any]:
    app = c.rng.choice(("mail", "messages", "shop", "calendar", "maps", "weather", "music"))
    return {"app": c.app_name(app), "id": app}


def _mute(g: Guide, a: Args) -> Steps:
    if a["id"] in g.state.settings.muted:
        return
    yield g.at("settings", MAIN, Route("notices"))
    yield g.press(Do("mute", a["id"]), f"I switch off the notifications of {a['app']}")


def _song(c: Case) -> dict[str, Any]:
    titles = [t for t, _ in c.data("music").songs if t not in c.data("music").liked]
    return {"title": c.rng.choice(titles)}


def _like(g: Guide, a: Args) -> Steps:
    if a["title"] in g.state.data["music"].liked:
        return
    yield g.at("music", MAIN)
    yield g.press(Do("like", a["title"]), f'I tap the heart of "{a["title"]}"')


def _file(c: Case) -> dict[str, Any]:
    folder, names = c.rng.choice([(f, n) for f, n in c.data("files").folders if n])
    file = c.rng.choice(names)
    other = c.rng.choice([f for f, _ in c.data("files").folders if f != folder])
    ending = file.rsplit(".", 1)[1]
    new = c.rng.choice(c.world.draw(c.rng, ERRANDS, 8)).lower().replace(" ", "_") + f".{ending}"
    return {"file": file, "folder": folder, "other": other, "new": new}


def _rename(g: Guide, a: Args) -> Steps:
    if a["new"] in g.state.data["files"].inside(a["folder"]):
        return
    key = f"{a['folder']}/{a['file']}"
    yield g.at(
        "files", MAIN, Route("folder", a["folder"]), Route("file", key), Route("rename", key)
    )
    yield g.fill("name", a["new"], "the name")
    yield g.press(Do("rename"), "I save the new name")


def _move(g: Guide, a: Args) -> Steps:
    if g.state.data["files"].where(a["file"]) == a["other"]:
        return
    key = f"{a['folder']}/{a['file']}"
    yield g.at("files", MAIN, Route("folder", a["folder"]), Route("file", key), Route("move", key))
    yield g.press(Do("move", a["other"]), f"I choose the folder {a['other']}")


def _delete_file(g: Guide, a: Args) -> Steps:
    if g.state.data["files"].where(a["file"]) is None:
        return
    key = f"{a['folder']}/{a['file']}"
    yield g.confirm("I confirm that the file is deleted")
    yield g.at("files", MAIN, Route("folder", a["folder"]), Route("file", key))
    yield g.press(Do("delete"), "I tap delete")


def _city(c: Case) -> dict[str, Any]:
    followed = c.data("weather").followed
    return {
        "city": c.rng.choice([x.name for x in c.data("weather").cities if x.name not in followed])
    }


def _follow(g: Guide, a: Args) -> Steps:
    if a["city"] in g.state.data["weather"].followed:
        return
    page = Route("city", a["city"])
    if not (g.state.app == "weather" and g.state.route == page):
        yield g.at("weather", MAIN, Route("search"))
        yield (
            g.press(Go(page), f"I tap {a['city']}")
            if g.can(Go(page))
            else g.fill("query", a["city"], "the city")
        )
    yield g.press(Do("follow", a["city"]), "I tap the star to follow it")


def _photo_number(c: Case) -> dict[str, Any]:
    photos = c.data("photos").photos
    index = c.rng.randrange(min(5, len(photos)))
    words = ("first", "second", "third", "fourth", "fifth")
    return {"nth": c.say(words[index], "一二三四五"[index]), "id": photos[index].id}


def _delete_photo(g: Guide, a: Args) -> Steps:
    if g.state.data["photos"].photo(a["id"]) is None:
        return
    yield g.confirm("I confirm that the photo is deleted")
    yield g.at("photos", MAIN, Route("photo", a["id"]))
    yield g.press(Do("delete", a["id"]), "I tap the bin")


def _photo_gone(r: Result, a: Args) -> bool:
    return (
        r.data("photos").photo(a["id"]) is None
        and len(r.data("photos").photos) >= len(r.old("photos").photos) - 1
    )


def _like_photo(g: Guide, a: Args) -> Steps:
    if g.state.data["photos"].photo(a["id"]).liked:
        return
    yield g.at("photos", MAIN, Route("photo", a["id"]))
    yield g.press(Do("like", a["id"]), "I tap the heart")


def _photo_liked(r: Result, a: Args) -> bool:
    photo = r.data("photos").photo(a["id"])
    return bool(photo and photo.liked)


THINGS: tuple[Template, ...] = (
    Template("add_to_cart", 2, "Add {product} to the cart|Put {product} into my shopping cart", "I want {product} in the cart",
             "把{product}加入购物车|将{product}放进购物车", "请把{product}放到购物车", _product, lambda r, a: a["product"] in r.data("shop").cart, _to_cart),
    Template("order_product", 2, "Order {product} and nothing else|Buy one {product} in Shop", "Place an order for one {product}",
             "只购买一件{product}|在商店下单{product}", "请订购一件{product}", _product, lambda r, a: (a["product"],) in r.data("shop").orders, _buy),
    Template("save_place", 2, "Save {place} in Maps|Add {place} to my saved places", "Keep {place} among the saved places of Maps",
             "在地图里收藏{place}|把{place}加入收藏", "请收藏地点{place}", _place, lambda r, a: a["place"] in r.data("maps").saved, _save_place),
    Template("navigate", 2, "Navigate to {place} {how}|Start navigation to {place}, {how}", "Take me to {place} {how} with Maps",
             "{how}导航到{place}|开始{how}前往{place}的导航", "请{how}带我去{place}", _trip,
             lambda r, a: r.data("maps").going == a["place"] and r.data("maps").mode == a["mode"], _navigate),
    Template("bookmark_page", 2, 'Search the web for {query} and bookmark "{title}"|Look up {query} online and bookmark the page "{title}"', 'Find "{title}" by searching {query}, then bookmark it',
             "上网搜{query}，把“{title}”加书签|搜索{query}并收藏网页“{title}”", "查{query}，给“{title}”加书签", _bookmark, lambda r, a: a["title"] in r.data("browser").bookmarks, _add_bookmark),
    Template("accent_colour", 2, "Change the colour of the phone to {name}|Set the theme colour to {name} in Settings", "Make {name} the colour of the phone",
             "把手机颜色改为{name}|在设置里把主题色设为{name}", "请换成{name}主题", _accent, lambda r, a: r.now.settings.accent == a["accent"], _choose("accent", "display")),
    Template("change_language", 2, "Change the language of the phone to {name}|Set the phone to {name}", "Let the phone speak {name}",
             "把手机语言改为{name}|将语言设为{name}", "请把手机换成{name}", _language, lambda r, a: r.now.settings.language == a["language"], _choose("language", "language")),
    Template("screen_timeout", 2, "Let the screen turn off after {name}|Set the screen timeout to {name}", "The screen should go dark after {name}",
             "把自动熄屏设为{name}|屏幕{name}后熄灭", "请将熄屏时间改为{name}", _timeout, lambda r, a: r.now.settings.timeout == a["timeout"], _choose("timeout", "display")),
    Template("join_network", 2, "Connect to the Wi-Fi {network}|Join the network {network}", "Use the wireless network {network}",
             "连接无线网{network}|加入网络{network}", "请连上{network}", _network,
             lambda r, a: r.now.settings.network == a["network"] and r.now.settings.wifi and not r.now.settings.airplane, _join),
    Template("mute_app", 2, "Turn off the notifications of {app}|Stop {app} from sending notifications", "I do not want notifications from {app}",
             "关闭{app}的通知|不要让{app}发通知", "请停掉{app}的通知", _app, lambda r, a: a["id"] in r.now.settings.muted, _mute),
    Template("like_song", 2, "Add {title} to my favourite songs|Put a heart on the song {title}", "Make {title} a favourite song",
             "收藏歌曲{title}|给{title}点个爱心", "把{title}加到喜欢的歌", _song, lambda r, a: a["title"] in r.data("music").liked, _like),
    Template("rename_file", 2, "Rename the file {file} in {folder} to {new}|In the folder {folder}, give {file} the name {new}", "Call the file {file} from {folder} {new} instead",
             "把{folder}里的{file}改名为{new}|将{folder}中的{file}重命名为{new}", "给{folder}里的{file}换名：{new}", _file, lambda r, a: a["new"] in r.data("files").inside(a["folder"]), _rename),
    Template("move_file", 2, "Move the file {file} from {folder} to {other}|Put {file} from {folder} into the folder {other}", "The file {file} in {folder} belongs into {other}: move it",
             "把{file}从{folder}移到{other}|将{folder}里的{file}放到{other}", "请移动{folder}的{file}到{other}", _file, lambda r, a: r.data("files").where(a["file"]) == a["other"], _move),
    Template("delete_file", 2, "Delete the file {file} in {folder}|Remove {file} from the folder {folder}", "Throw away {file}, it is in {folder}",
             "删除{folder}里的{file}|把{folder}中的{file}删掉", "请删掉{folder}的{file}", _file,
             lambda r, a: r.data("files").where(a["file"]) is None and sum(len(n) for _, n in r.data("files").folders) == sum(len(n) for _, n in r.old("files").folders) - 1, _delete_file),
    Template("follow_city", 2, "Add {city} to my cities in Weather|Follow the weather of {city}", "I want {city} among my cities in Weather",
             "在天气里添加{city}|关注{city}的天气", "请把{city}加到天气城市", _city, lambda r, a: a["city"] in r.data("weather").followed, _follow),
    Template("delete_photo", 2, "Delete the {nth} photo in Photos|Remove the {nth} picture from the gallery", "Throw away the {nth} photo",
             "删除相册里的第{nth}张照片|把第{nth}张照片删掉", "请移除相册第{nth}张", _photo_number, _photo_gone, _delete_photo),
    Template("like_photo", 2, "Put a heart on the {nth} photo in Photos|Mark the {nth} picture in the gallery as a favourite", "Make the {nth} photo a favourite",
             "给相册第{nth}张照片点爱心|收藏第{nth}张照片", "喜欢相册里的第{nth}张", _photo_number, _photo_liked, _like_photo),
)  # fmt: skip
"""Templates of level 2 in which things are found, set and moved."""
