"""Level 1: one app, one or two screens."""

from dataclasses import replace
from typing import Any

from qvl_agent.actions.mobile import Enter
from qvl_agent.envs.android.phone.apps.calculator import KEYBOARD, calculate, show
from qvl_agent.envs.android.phone.apps.clock import PRESETS
from qvl_agent.envs.android.phone.content import CATEGORIES, QUERIES, share
from qvl_agent.envs.android.phone.nodes import Do, Go, Route
from qvl_agent.envs.android.phone.phone import APPS
from qvl_agent.envs.android.phone.state import LAUNCHER, Notice
from qvl_agent.envs.android.phone.system import TOGGLES
from qvl_agent.envs.android.phone.tasks.base import Args, Case, Result, Steps, Template
from qvl_agent.envs.android.phone.tasks.guide import Guide
from qvl_agent.envs.android.phone.widgets import ON_OR_OFF
from qvl_agent.envs.base import Decision

__all__ = ["LEVEL_1"]

MAIN = Route("main")


def _app(c: Case) -> dict[str, Any]:
    ids = [a for a in APPS if a not in (LAUNCHER, c.state.app)]
    app = c.rng.choice(ids)
    return {"app": c.app_name(app), "id": app}


def _open_app(g: Guide, a: Args) -> Steps:
    yield g.open(a["id"])


def _category(c: Case) -> dict[str, Any]:
    en, zh, _ = c.rng.choice(share(CATEGORIES, c.world.split))
    return {"query": c.world.say((en, zh))}


def found_on_map(r: Result, query: str) -> bool:
    """Return whether Maps shows results for a query, or a place that is one of them."""
    if not r.on("maps"):
        return False
    route, maps = r.now.route, r.data("maps")
    if route.name == "results":
        return query.lower() in route.arg.lower() and bool(maps.find(route.arg))
    return route.name in ("place", "directions") and route.arg in {p.name for p in maps.find(query)}


def search_map(g: Guide, query: str) -> Steps:
    """Search Maps for a query; what is on the list counts whatever it was called."""
    if g.state.app == "maps" and found_on_map(Result(g.state, g.state), query):
        return
    yield g.open("maps")
    if g.state.route.name == "search":
        yield g.fill("query", query, "the search")
        yield (
            g.press(Do("search", query), f'I tap "{query}"')
            if g.can(Do("search", query))
            else _enter(g, "I start the search")
        )
    if g.state.route.name == "results":
        yield g.press(Go(Route("search")), "I tap the search field")
    yield g.at("maps", MAIN, Route("search"))


def _enter(g: Guide, intent: str) -> Decision:
    return g.decide(intent, Enter())


def _maps(g: Guide, a: Args) -> Steps:
    yield from search_map(g, a["query"])


def _query(c: Case) -> dict[str, Any]:
    return {"query": c.rng.choice(c.world.draw(c.rng, QUERIES, 12))}


def search_web(g: Guide, query: str) -> Steps:
    """Search the web for a query."""
    if g.state.app == "browser" and g.state.route == Route("results", query):
        return
    yield g.open("browser")
    if g.state.route.name == "search":
        yield g.fill("query", query, "the search")
        yield _enter(g, "I start the search")
    if g.state.route.name == "results":
        yield g.press(Go(Route("search")), "I tap the search field")
    yield g.at("browser", MAIN, Route("search"))


def _web(g: Guide, a: Args) -> Steps:
    yield from search_web(g, a["query"])


_PAGE_OF = {
    "wifi": "network", "airplane": "network", "bluetooth": "bluetooth", "dark": "display",
    "location": "location", "saver": "battery", "quiet": "sound", "rotate": "display",
}  # fmt: skip
_NAMES = {name: (en, zh) for name, _, en, zh in TOGGLES} | {"rotate": ("Auto-rotate", "自动旋转")}


def _setting(c: Case) -> dict[str, Any]:
    name = c.rng.choice(tuple(_PAGE_OF))
    on = not getattr(c.state.settings, name)
    what = c.say(*(w if w == "Wi-Fi" else w.lower() for w in _NAMES[name]))
    word = c.say("on" if on else "off", "打开" if on else "关闭")
    return {"setting": name, "what": what, "word": word, "on": on}


def _set(g: Guide, a: Args) -> Steps:
    page, toggle = Route(_PAGE_OF[a["setting"]]), Do("toggle", a["setting"])
    on = getattr(g.state.settings, a["setting"])
    if g.on("settings", page):
        g.read(f"I see {a['what']} {ON_OR_OFF[on]}", toggle)
    if on == a["on"]:
        return
    yield g.at("settings", MAIN, page)
    yield g.press(toggle, f"I switch {a['what']}")


def _set_done(r: Result, a: Args) -> bool:
    return bool(getattr(r.now.settings, a["setting"]) == a["on"])


def _tile(c: Case) -> dict[str, Any]:
    name, _, en, zh = c.rng.choice(TOGGLES)
    on = not getattr(c.state.settings, name)
    word = c.say("on" if on else "off", "打开" if on else "关闭")
    return {"setting": name, "what": c.say(en, zh), "word": word, "on": on}


def _set_tile(g: Guide, a: Args) -> Steps:
    tile, on = Do("toggle", a["setting"], "system"), getattr(g.state.settings, a["setting"])
    if g.state.shade:
        g.read(f"I see {a['what']} {ON_OR_OFF[on]}", tile)
    if on == a["on"]:
        return
    yield g.shade()
    yield g.press(tile, f"I tap the tile of {a['what']}")


def _level(name: str) -> Any:
    def draw(c: Case) -> dict[str, Any]:
        now = getattr(c.state.settings, name)
        return {"value": c.rng.choice([v for v in range(0, 101, 10) if abs(v - now) >= 20])}

    return draw


def _slide(name: str, page: str, what: str) -> Any:
    def plan(g: Guide, a: Args) -> Steps:
        now = getattr(g.state.settings, name)
        if g.on("settings", Route(page)):
            g.read(f"I see the {what} at {now}", Do(name, now // 10 * 10, "settings"))
        if now == a["value"]:
            return
        yield g.at("settings", MAIN, Route(page))
        yield g.press(Do(name, a["value"], "settings"), f"I set the slider to {a['value']} percent")

    return plan


def _level_done(name: str) -> Any:
    return lambda r, a: getattr(r.now.settings, name) == a["value"]


def _person(c: Case) -> dict[str, Any]:
    return {"name": c.rng.choice(c.data("contacts").people).name}


def _chat(c: Case) -> dict[str, Any]:
    return {"name": c.rng.choice(c.data("messages").chats).person}


def _go(app: str, root: Route, route: str, key: str) -> Any:
    def plan(g: Guide, a: Args) -> Steps:
        yield g.at(app, root, Route(route, a[key]))

    return plan


def _on(app: str, route: str, key: str) -> Any:
    return lambda r, a: r.on(app, Route(route, a[key]))


def _number(c: Case) -> dict[str, Any]:
    return {"number": "555" + str(c.rng.randrange(1000, 10000))}


def _dial(g: Guide, a: Args) -> Steps:
    number = a["number"]
    if g.state.app == "phone" and g.state.route == Route("call", number):
        return
    yield g.at("phone", Route("keypad"))
    typed = g.state.data["phone"].typed
    if typed and g.on("phone", Route("keypad")):
        g.read(f'I see "{typed}" on the keypad')
    if not number.startswith(typed):
        yield g.press(Do("erase"), "I erase a wrong digit")
    if typed != number:
        yield g.type(number[len(typed) :])
    yield g.press(Do("dial"), "I tap the call button")


def _alarm(c: Case) -> dict[str, Any]:
    alarms = c.data("clock").alarms
    index = c.rng.randrange(len(alarms))
    on = not alarms[index].on
    word = c.say("on" if on else "off", "打开" if on else "关闭")
    return {"time": alarms[index].time, "index": index, "on": on, "word": word}


def _switch_alarm(g: Guide, a: Args) -> Steps:
    now = [x for x in g.state.data["clock"].alarms if x.time == a["time"]]
    switch = Do("toggle", a["index"])
    if now and g.on("clock", Route("alarms")):
        row = Go(Route("edit", str(a["index"])))
        g.read(f"I see the {a['time']} alarm {ON_OR_OFF[now[0].on]}", row)
    if now and now[0].on == a["on"]:
        return
    yield g.at("clock", Route("alarms"))
    yield g.press(switch, f"I tap the switch of {a['time']}")


def _minutes(c: Case) -> dict[str, Any]:
    return {"minutes": c.rng.choice(PRESETS)}


def _timer(g: Guide, a: Args) -> Steps:
    clock = g.state.data["clock"]
    if g.on("clock", Route("timer")):
        if clock.timer:
            g.read(f"I see a running timer of {clock.timer}", Do("stop"))
        else:
            g.read(f"I see the timer set to {clock.picked}", Do("pick", clock.picked))
    if clock.timer == a["minutes"]:
        return
    yield g.at("clock", Route("timer"))
    if g.can(Do("stop")):
        yield g.press(Do("stop"), "I stop the timer that is running")
    if clock.picked != a["minutes"]:
        yield g.press(Do("pick", a["minutes"]), f"I choose {a['minutes']} minutes")
    yield g.press(Do("start"), "I start the timer")


def _stopwatch(g: Guide, a: Args) -> Steps:
    running = g.state.data["clock"].stopwatch is not None
    if g.on("clock", Route("stopwatch")):
        g.read(f"I see the stopwatch {'running' if running else 'stopped'}", Do("stopwatch"))
    if running:
        return
    yield g.at("clock", Route("stopwatch"))
    yield g.press(Do("stopwatch"), "I start the stopwatch")


def _note(c: Case) -> dict[str, Any]:
    return {"title": c.rng.choice(c.data("notes").notes).title}


def _song(c: Case) -> dict[str, Any]:
    return {"title": c.rng.choice(c.data("music").songs)[0]}


def _play(g: Guide, a: Args) -> Steps:
    music = g.state.data["music"]
    if music.current == a["title"] and music.playing:
        return
    yield g.at("music", MAIN)
    yield g.press(Do("play", a["title"]), f'I tap "{a["title"]}"')


def _sum(c: Case) -> dict[str, Any]:
    x, y = c.rng.randrange(11, 100), c.rng.randrange(2, 100)
    sign = c.rng.choice("+−×")
    value = calculate(f"{x}{sign}{y}")
    assert value is not None
    return {"typed": f"{x}{sign}{y}", "sum": f"{x} {sign} {y}", "result": show(value)}


def calculation(g: Guide, typed: str) -> Steps:
    """Work out an expression."""
    calc = g.state.data["calculator"]
    if calc.typed and g.on("calculator", MAIN):
        where = "with its result" if calc.result else "on the display"
        g.read(f'I see "{calc.typed}" {where}')
    if calc.typed == typed and calc.result:
        return
    yield g.at("calculator", MAIN)
    if calc.result or not typed.startswith(calc.typed):
        yield g.press(Do("key", "C"), "I clear the display")
    if calc.typed != typed:
        yield g.type("".join(KEYBOARD.get(sign, sign) for sign in typed[len(calc.typed) :]))
    yield g.press(Do("key", "="), "I tap the equals key")


def _calculate(g: Guide, a: Args) -> Steps:
    yield from calculation(g, a["typed"])


def _product(c: Case) -> dict[str, Any]:
    return {"product": c.rng.choice(c.data("shop").products)[0]}


def _city(c: Case) -> dict[str, Any]:
    return {"city": c.rng.choice(c.data("weather").followed)}


def _folder(c: Case) -> dict[str, Any]:
    return {"folder": c.rng.choice(c.data("files").folders)[0]}


def _letter(c: Case) -> dict[str, Any]:
    mail = c.rng.choice(c.data("mail").inbox)
    same = [m for m in c.data("mail").inbox if m.who == mail.who]
    return {"who": same[0].who, "id": same[0].id}


def _read(g: Guide, a: Args) -> Steps:
    letter = Route("read", a["id"])
    if g.state.app == "mail" and g.state.route == letter:
        return
    yield g.at("mail", Route("inbox"))
    yield g.press(Go(letter), f'I open the mail from "{a["who"]}"')


def _nothing(c: Case) -> dict[str, Any]:
    return {}


def _shoot(g: Guide, a: Args) -> Steps:
    if g.state.data["camera"].taken > 0:
        if g.on("camera", MAIN):
            g.read("I see a new photo")
        return
    yield g.at("camera", MAIN)
    yield g.press(Do("shoot"), "I tap the shutter")


def _flip(g: Guide, a: Args) -> Steps:
    front = g.state.data["camera"].front
    if g.on("camera", MAIN):
        g.read(f"I see the {'front' if front else 'back'} camera")
    if front == a["front"]:
        return
    yield g.at("camera", MAIN)
    yield g.press(Do("flip"), "I tap the button that turns the camera")


def _front(c: Case) -> dict[str, Any]:
    front = not c.data("camera").front
    return {
        "front": front,
        "side": c.say("front" if front else "back", "前置" if front else "后置"),
    }


def _settings_page(c: Case) -> dict[str, Any]:
    pages = {
        "network": ("Network", "网络"), "display": ("Display", "显示"), "sound": ("Sound", "声音"),
        "storage": ("Storage", "存储"), "language": ("Language", "语言"), "about": ("About phone", "关于手机"),
        "battery": ("Battery", "电池"), "notices": ("Notifications", "通知"),
    }  # fmt: skip
    key = c.rng.choice(tuple(pages))
    return {"page": key, "name": c.say(*pages[key])}


def _settings(g: Guide, a: Args) -> Steps:
    yield g.at("settings", MAIN, Route(a["page"]))


def _saved(g: Guide, a: Args) -> Steps:
    yield g.at("maps", Route("saved"))


def _bookmarks(g: Guide, a: Args) -> Steps:
    yield g.at("browser", MAIN, Route("bookmarks"))


def _clear_notices(g: Guide, a: Args) -> Steps:
    if g.state.shade:
        g.read("I see notifications" if g.state.notices else "I see no notifications")
    if not g.state.notices:
        return
    yield g.shade()
    yield g.press(Do("clear_notices", None, "system"), "I clear all notifications")


def _notices(c: Case) -> dict[str, Any]:
    if not c.state.notices:
        note = Notice("shop", c.say("Big sale", "大促销"), c.say("Only today", "仅限今天"))
        c.state = replace(c.state, notices=(note,))
    return {}


def _artist_tab(g: Guide, a: Args) -> Steps:
    yield g.at("music", Route("liked"))


LEVEL_1: tuple[Template, ...] = (
    Template("open_app", 1, "Open {app}|Open the {app} app|Go to {app}", "Launch {app}|Start the app {app}",
             "打开{app}|进入{app}应用", "请启动{app}", _app, lambda r, a: r.on(a["id"]), _open_app),
    Template("search_map", 1, "Find {query}|find {query}|Find a {query} nearby in Maps|Search for {query} in Maps|find a {query} near me|Show me {query} on the map",
             "Look up {query} on the map|Where is a {query} near me? Use Maps",
             "查找附近的{query}|在地图里搜索{query}", "用地图帮我找{query}", _category,
             lambda r, a: found_on_map(r, a["query"]), _maps),
    Template("search_web", 1, "Search the web for {query}|Look for {query} in the browser|Search {query} online", "Use Browser to look up {query}",
             "在浏览器里搜索{query}|上网搜{query}", "用浏览器查一下{query}", _query,
             lambda r, a: r.on("browser", Route("results", a["query"])), _web),
    Template("toggle_setting", 1, "Turn {word} {what} in Settings|In Settings, turn {what} {word}", "Use Settings to switch {what} {word}",
             "在设置里{word}{what}|用设置{word}{what}", "请到设置中{word}{what}", _setting, _set_done, _set),
    Template("quick_tile", 1, "Turn {word} {what} with the quick tiles|Pull down the shade and turn {what} {word}", "Use the notification shade to switch {what} {word}",
             "在下拉菜单里{word}{what}|用快捷开关{word}{what}", "下拉通知栏，{word}{what}", _tile, _set_done, _set_tile),
    Template("brightness", 1, "Set the brightness to {value} percent|Change the screen brightness to {value}%", "Make the screen brightness {value} percent",
             "把亮度调到{value}%|亮度设为{value}%", "请将屏幕亮度改为{value}%", _level("brightness"), _level_done("brightness"), _slide("brightness", "display", "brightness")),
    Template("media_volume", 1, "Set the media volume to {value} percent|Change the media volume to {value}%", "Put the volume of media at {value} percent",
             "把媒体音量调到{value}%|媒体音量设为{value}%", "请将媒体音量改为{value}%", _level("media"), _level_done("media"), _slide("media", "sound", "media volume")),
    Template("ring_volume", 1, "Set the ring volume to {value} percent|Change the ring tone volume to {value}%", "Put the ring volume at {value} percent",
             "把铃声音量调到{value}%|铃声音量设为{value}%", "请将铃声音量改为{value}%", _level("ring"), _level_done("ring"), _slide("ring", "sound", "ring volume")),
    Template("settings_page", 1, "Open the {name} page in Settings|Show {name} in Settings", "Take me to {name} in Settings",
             "打开设置里的{name}|在设置中查看{name}", "进入设置的{name}页面", _settings_page, lambda r, a: r.on("settings", Route(a["page"])), _settings),
    Template("open_contact", 1, "Open the contact {name}|Show me the contact card of {name}", "Bring up {name} in Contacts",
             "打开联系人{name}|查看{name}的联系方式", "在通讯录中找到{name}", _person, _on("contacts", "person", "name"), _go("contacts", MAIN, "person", "name")),
    Template("open_chat", 1, "Open the chat with {name}|Show my messages with {name}", "Bring up the conversation with {name}",
             "打开和{name}的聊天|查看与{name}的信息", "进入和{name}的对话", _chat, _on("messages", "chat", "name"), _go("messages", MAIN, "chat", "name")),
    Template("dial", 1, "Call {number}|Dial {number}", "Ring the number {number}",
             "拨打{number}|呼叫{number}", "请打电话给{number}", _number, lambda r, a: r.on("phone", Route("call", a["number"])), _dial),
    Template("switch_alarm", 1, "Turn {word} the {time} alarm|Switch the alarm at {time} {word}", "The alarm for {time} should be {word}",
             "{word}{time}的闹钟|把{time}的闹钟{word}", "请{word}{time}那个闹钟", _alarm,
             lambda r, a: [x.on for x in r.data("clock").alarms if x.time == a["time"]][:1] == [a["on"]] and len(r.data("clock").alarms) == len(r.old("clock").alarms), _switch_alarm),
    Template("start_timer", 1, "Start a timer of {minutes} minutes|Set a {minutes} minute timer", "Count down {minutes} minutes with the timer",
             "设一个{minutes}分钟的计时器|开始{minutes}分钟倒计时", "计时{minutes}分钟", _minutes, lambda r, a: r.data("clock").timer == a["minutes"], _timer),
    Template("stopwatch", 1, "Start the stopwatch|Run the stopwatch in Clock", "Let the stopwatch run",
             "启动秒表|开始秒表计时", "请打开秒表计时", _nothing, lambda r, a: r.data("clock").stopwatch is not None, _stopwatch),
    Template("open_note", 1, "Open the note {title}|Show me the note called {title}", "Bring up my note {title}",
             "打开便签{title}|查看名为{title}的便签", "看一下便签{title}", _note, _on("notes", "edit", "title"), _go("notes", MAIN, "edit", "title")),
    Template("play_song", 1, "Play {title}|Play the song {title}", "Let me hear {title}",
             "播放{title}|放{title}这首歌", "我想听{title}", _song, lambda r, a: r.data("music").current == a["title"] and r.data("music").playing, _play),
    Template("calculate", 1, "Calculate {sum}|Work out {sum} with the calculator", "Use the calculator for {sum}",
             "计算{sum}|用计算器算{sum}", "请算一下{sum}", _sum, lambda r, a: r.data("calculator").result == a["result"] and r.data("calculator") != r.old("calculator"), _calculate),
    Template("open_product", 1, "Open {product} in the shop|Show me the product {product}", "Bring up the page of {product} in Shop",
             "在商店里打开{product}|查看商品{product}", "看看商店里的{product}", _product, _on("shop", "product", "product"), _go("shop", MAIN, "product", "product")),
    Template("open_weather", 1, "Show the weather in {city}|How is the weather in {city}? Open it in Weather", "Open the forecast for {city}",
             "查看{city}的天气|打开{city}的天气预报", "看看{city}天气怎么样", _city, _on("weather", "city", "city"), _go("weather", MAIN, "city", "city")),
    Template("open_folder", 1, "Open the folder {folder}|Show what is in {folder} in Files", "Bring up the {folder} folder",
             "打开文件夹{folder}|查看{folder}里的文件", "进入{folder}文件夹", _folder, _on("files", "folder", "folder"), _go("files", MAIN, "folder", "folder")),
    Template("read_mail", 1, "Open the mail from {who}|Read the newest mail from {who}", "Show me what {who} wrote by mail",
             "打开{who}的邮件|阅读{who}发来的最新邮件", "看看{who}写的邮件", _letter, _on("mail", "read", "id"), _read),
    Template("take_photo", 1, "Take a photo|Take a picture with the camera", "Snap a photo",
             "拍一张照片|用相机拍照", "请拍张照", _nothing, lambda r, a: r.data("camera").taken > r.old("camera").taken, _shoot),
    Template("flip_camera", 1, "Switch to the {side} camera|Use the {side} camera", "Change the camera to the {side} one",
             "切换到{side}摄像头|使用{side}摄像头", "把相机换成{side}", _front, lambda r, a: r.data("camera").front == a["front"], _flip),
    Template("saved_places", 1, "Show my saved places in Maps|Open the saved places", "Bring up the places I saved on the map",
             "查看地图里收藏的地点|打开收藏的地点", "看看我收藏了哪些地点", _nothing, lambda r, a: r.on("maps", Route("saved")), _saved),
    Template("bookmarks", 1, "Open my bookmarks in Browser|Show the browser bookmarks", "Bring up the bookmarks of the browser",
             "打开浏览器书签|查看浏览器的书签", "看看浏览器里的书签", _nothing, lambda r, a: r.on("browser", Route("bookmarks")), _bookmarks),
    Template("clear_notices", 1, "Clear all notifications|Remove all my notifications", "Get rid of the notifications",
             "清除所有通知|删除全部通知", "把通知都清掉", _notices, lambda r, a: not r.now.notices, _clear_notices),
    Template("favourite_songs", 1, "Show my favourite songs|Open the favourites in Music", "Bring up the songs I liked",
             "查看收藏的歌曲|打开音乐里的收藏", "看看我喜欢的歌", _nothing, lambda r, a: r.on("music", Route("liked")), _artist_tab),
)  # fmt: skip
"""The templates of level 1."""
