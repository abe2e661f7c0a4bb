"""Level 2: one app, several screens and typing."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from qvl_agent.envs.android.phone.apps.browser import headline
from qvl_agent.envs.android.phone.apps.calendar import HOURS, Meeting
from qvl_agent.envs.android.phone.apps.settings import ACCENT_NAMES
from qvl_agent.envs.android.phone.content import (
    ERRANDS,
    EVENTS,
    MESSAGES,
    NOTES,
    PEOPLE,
    QUERIES,
    share,
)
from qvl_agent.envs.android.phone.nodes import Do, Go, Route
from qvl_agent.envs.android.phone.tasks.base import Args, Case, Result, Steps, Template
from qvl_agent.envs.android.phone.tasks.guide import Guide
from qvl_agent.envs.android.phone.tasks.level1 import MAIN, search_map, search_web

__all__ = ["LEVEL_2", "add_alarm", "add_event", "send_message", "shop_for"]

INBOX = Route("inbox")


def _message(c: Case) -> dict[str, Any]:
    person = c.rng.choice(c.data("contacts").people).name
    old = c.data("messages").sent(person)
    texts = [t for t in c.world.draw(c.rng, MESSAGES, 12) if t not in old]
    return {"name": person, "text": texts[0]}


def send_message(g: Guide, name: str, text: str) -> Steps:
    """Write a message to somebody in the address book."""
    messages = g.state.data["messages"]
    if text in messages.sent(name):
        return
    chat = Route("chat", name)
    if name in [c.person for c in messages.chats]:
        yield g.at("messages", MAIN, chat)
    else:
        yield g.at("messages", MAIN, Route("new"), chat)
    yield g.fill("text", text, "the message")
    yield g.press(Do("send"), "I send the message")


def _send(g: Guide, a: Args) -> Steps:
    yield from send_message(g, a["name"], a["text"])


def _new_person(c: Case) -> dict[str, Any]:
    taken = {p.name for p in c.data("contacts").people}
    pool = [c.world.say(p) for p in share(PEOPLE, c.world.split)]
    free = [n for n in pool if n not in taken] or [c.say("Pat Stone", "石平")]
    return {"name": c.rng.choice(free), "number": "555" + str(c.rng.randrange(1000, 10000))}


def _add_contact(g: Guide, a: Args) -> Steps:
    known = g.state.data["contacts"].named(a["name"])
    if known and known.phone == a["number"]:
        return
    yield g.at("contacts", MAIN, Route("edit"))
    yield g.fill("name", a["name"], "the name")
    yield g.fill("phone", a["number"], "the phone number")
    yield g.press(Do("save"), "I save the contact")


def _contact_done(r: Result, a: Args) -> bool:
    known = r.data("contacts").named(a["name"])
    return bool(known and known.phone == a["number"])


def _renumber(c: Case) -> dict[str, Any]:
    person = c.rng.choice(c.data("contacts").people).name
    return {"name": person, "number": "555" + str(c.rng.randrange(1000, 10000))}


def _edit_contact(g: Guide, a: Args) -> Steps:
    known = g.state.data["contacts"].named(a["name"])
    if known and known.phone == a["number"]:
        return
    yield g.at("contacts", MAIN, Route("person", a["name"]), Route("edit", a["name"]))
    yield g.fill("phone", a["number"], "the phone number")
    yield g.press(Do("save"), "I save the contact")


def _unstarred(c: Case) -> dict[str, Any]:
    people = c.data("contacts").people
    person = c.rng.choice(people).name
    c.put(
        "contacts",
        people=tuple(replace(p, starred=False) if p.name == person else p for p in people),
    )
    return {"name": person}


def _star_contact(g: Guide, a: Args) -> Steps:
    if g.state.data["contacts"].named(a["name"]).starred:
        return
    yield g.at("contacts", MAIN, Route("person", a["name"]))
    yield g.press(Do("star"), "I tap the star")


def _person(c: Case) -> dict[str, Any]:
    return {"name": c.rng.choice(c.data("contacts").people).name}


def _delete_contact(g: Guide, a: Args) -> Steps:
    if g.state.data["contacts"].named(a["name"]) is None:
        return
    yield g.confirm("I confirm that the contact is deleted")
    yield g.at("contacts", MAIN, Route("person", a["name"]))
    yield g.press(Do("delete"), "I tap the bin")


def _new_note(c: Case) -> dict[str, Any]:
    taken = {n.title for n in c.data("notes").notes}
    pool = [(c.world.say(t), c.world.say(b)) for t, b in share(NOTES, c.world.split)]
    title, body = c.rng.choice(
        [p for p in pool if p[0] not in taken] or [(c.say("Ideas", "想法"), pool[0][1])]
    )
    return {"title": title, "body": body}


def _add_note(g: Guide, a: Args) -> Steps:
    note = g.state.data["notes"].named(a["title"])
    if note and note.body == a["body"]:
        return
    yield g.at("notes", MAIN, Route("edit"))
    yield g.fill("title", a["title"], "the title")
    yield g.fill("body", a["body"], "the text")
    yield g.press(Do("save"), "I save the note")


def _note_done(r: Result, a: Args) -> bool:
    note = r.data("notes").named(a["title"])
    return bool(note and note.body.strip() == a["body"])


def _note(c: Case) -> dict[str, Any]:
    return {"title": c.rng.choice(c.data("notes").notes).title}


def _delete_note(g: Guide, a: Args) -> Steps:
    if g.state.data["notes"].named(a["title"]) is None:
        return
    yield g.confirm("I confirm that the note is deleted")
    yield g.at("notes", MAIN, Route("edit", a["title"]))
    yield g.press(Do("delete"), "I tap the bin")


def _compose(c: Case) -> dict[str, Any]:
    person = c.rng.choice(c.data("contacts").people)
    subject, body = c.world.draw(c.rng, EVENTS, 1)[0], c.world.draw(c.rng, MESSAGES, 1)[0]
    return {"address": person.email, "subject": subject, "body": body}


def _mailed(sent: Any, a: Args) -> bool:
    return any(
        m.address == a["address"] and m.subject == a["subject"] and m.body.strip() == a["body"]
        for m in sent
    )


def _write_mail(g: Guide, a: Args) -> Steps:
    if _mailed(g.state.data["mail"].sent, a):
        return
    yield g.at("mail", INBOX, Route("compose"))
    yield g.fill("to", a["address"], "the address")
    yield g.fill("subject", a["subject"], "the subject")
    yield g.fill("body", a["body"], "the text")
    yield g.press(Do("send"), "I send the mail")


def _letter(c: Case) -> dict[str, Any]:
    mail = c.rng.choice(c.data("mail").inbox)
    return {
        "subject": mail.subject,
        "id": mail.id,
        "address": mail.address,
        "text": c.world.draw(c.rng, MESSAGES, 1)[0],
    }


def _replied(sent: Any, a: Args) -> bool:
    return any(
        m.address == a["address"] and m.subject.startswith("Re: ") and m.body.strip() == a["text"]
        for m in sent
    )


def _reply(g: Guide, a: Args) -> Steps:
    if _replied(g.state.data["mail"].sent, a):
        return
    yield g.at("mail", INBOX, Route("read", a["id"]), Route("compose", f"re:{a['id']}"))
    yield g.fill("body", a["text"], "the text")
    yield g.press(Do("send"), "I send the answer")


def _unstarred_mail(c: Case) -> dict[str, Any]:
    inbox = c.data("mail").inbox
    mail = c.rng.choice(inbox)
    c.put("mail", inbox=tuple(replace(m, starred=False) if m.id == mail.id else m for m in inbox))
    return {"subject": mail.subject, "id": mail.id}


def _star_mail(g: Guide, a: Args) -> Steps:
    if g.state.data["mail"].letter(a["id"]).starred:
        return
    if g.state.app == "mail" and g.state.route == Route("read", a["id"]):
        yield g.press(Do("star", a["id"]), "I tap the star")
    yield g.at("mail", INBOX)
    yield g.press(Do("star", a["id"]), f'I tap the star of "{a["subject"]}"')


def _starred(r: Result, a: Args) -> bool:
    mail = r.data("mail").letter(a["id"])
    return bool(mail and mail.starred)


def _delete_mail(g: Guide, a: Args) -> Steps:
    if g.state.data["mail"].letter(a["id"]) is None:
        return
    yield g.at("mail", INBOX, Route("read", a["id"]))
    yield g.press(Do("delete", a["id"]), "I tap the bin")


def _mail_gone(r: Result, a: Args) -> bool:
    return (
        r.data("mail").letter(a["id"]) is None
        and len(r.data("mail").inbox) == len(r.old("mail").inbox) - 1
    )


def _new_alarm(c: Case) -> dict[str, Any]:
    taken = {a.minutes for a in c.data("clock").alarms}
    minutes = c.rng.choice([m for m in range(0, 24 * 60, 5) if m not in taken])
    return {
        "time": f"{minutes // 60:02}:{minutes % 60:02}",
        "minutes": minutes,
        "label": c.world.draw(c.rng, ERRANDS, 1)[0],
    }


def add_alarm(g: Guide, minutes: int, label: str = "") -> Steps:
    """Set an alarm, with a label if one is given."""
    clock = g.state.data["clock"]
    if any(a.minutes == minutes and a.on and label in ("", a.label) for a in clock.alarms):
        return
    yield g.at("clock", Route("alarms"), Route("edit", "new"))
    hour, minute = divmod(minutes, 60)
    if clock.draft.minutes // 60 != hour:
        yield g.press(Do("hour", hour), f"I choose the hour {hour:02}")
    if clock.draft.minutes % 60 != minute:
        yield g.press(Do("minute", minute), f"I choose the minute {minute:02}")
    if label:
        yield g.fill("label", label, "the label")
    yield g.press(Do("save"), "I save the alarm")


def _set_alarm(g: Guide, a: Args) -> Steps:
    yield from add_alarm(g, a["minutes"])


def _label_alarm(g: Guide, a: Args) -> Steps:
    yield from add_alarm(g, a["minutes"], a["label"])


def _alarm_done(r: Result, a: Args) -> bool:
    return any(x.minutes == a["minutes"] and x.on for x in r.data("clock").alarms)


def _labelled(r: Result, a: Args) -> bool:
    return any(
        x.minutes == a["minutes"] and x.on and x.label == a["label"] for x in r.data("clock").alarms
    )


def _alarm(c: Case) -> dict[str, Any]:
    alarms = c.data("clock").alarms
    index = c.rng.randrange(len(alarms))
    return {"time": alarms[index].time, "minutes": alarms[index].minutes, "index": index}


def _delete_alarm(g: Guide, a: Args) -> Steps:
    alarms = g.state.data["clock"].alarms
    at = next((i for i, x in enumerate(alarms) if x.minutes == a["minutes"]), None)
    if at is None:
        return
    yield g.at("clock", Route("alarms"), Route("edit", str(at)))
    yield g.press(Do("delete"), "I tap the bin")


def _new_event(c: Case) -> dict[str, Any]:
    first = c.data("calendar").shown
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    day = first.replace(day=c.rng.randrange(1, last.day + 1))
    said = c.say(day.strftime("%B ") + str(day.day), f"{day.month}月{day.day}日")
    hour = c.rng.choice(HOURS)
    return {
        "day": day,
        "date": said,
        "hour": hour,
        "time": f"{hour:02}:00",
        "title": c.world.draw(c.rng, EVENTS, 1)[0],
    }


def add_event(g: Guide, day: date, hour: int, title: str) -> Steps:
    """Put an event into the calendar, in the month that is in sight when the app is opened."""
    calendar = g.state.data["calendar"]
    if Meeting(day, hour, title) in calendar.events:
        return
    shown = day.replace(day=1)
    key = day.isoformat()
    if calendar.shown != shown and g.state.app == "calendar" and g.state.route == MAIN:
        step = 1 if calendar.shown < shown else -1
        yield g.press(Do("month", step), "I turn to the right month")
    yield g.at("calendar", MAIN, Route("day", key), Route("new", key))
    yield g.fill("title", title, "the title")
    if calendar.hour != hour:
        yield g.press(Do("hour", hour), f"I choose {hour:02}:00")
    yield g.press(Do("save"), "I save the event")


def _add_event(g: Guide, a: Args) -> Steps:
    yield from add_event(g, a["day"], a["hour"], a["title"])


def _event_done(r: Result, a: Args) -> bool:
    return Meeting(a["day"], a["hour"], a["title"]) in r.data("calendar").events


def _event(c: Case) -> dict[str, Any]:
    e = c.rng.choice(c.data("calendar").events)
    return {"title": e.title, "event": e}


def _delete_event(g: Guide, a: Args) -> Steps:
    e: Meeting = a["event"]
    if e not in g.state.data["calendar"].events:
        return
    key = e.day.isoformat()
    shown = g.state.data["calendar"].shown
    if shown != e.day.replace(day=1) and g.state.app == "calendar" and g.state.route == MAIN:
        yield g.press(Do("month", 1 if shown < e.day else -1), "I turn to the right month")
    yield g.at("calendar", MAIN, Route("day", key), Route("event", f"{key}|{e.hour}|{e.title}"))
    yield g.press(Do("delete"), "I tap the bin")


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


LEVEL_2: tuple[Template, ...] = (
    Template("send_message", 2, 'Send "{text}" to {name}|Text {name}: {text}', 'Write the message "{text}" to {name}',
             "给{name}发信息：{text}|发“{text}”给{name}", "请给{name}写：{text}", _message,
             lambda r, a: a["text"] in r.data("messages").sent(a["name"]), _send),
    Template("add_contact", 2, "Add the contact {name} with the number {number}|Create a contact {name}, phone {number}", "Save {number} as {name} in Contacts",
             "添加联系人{name}，电话{number}|新建联系人{name}，号码{number}", "把{number}存为{name}", _new_person, _contact_done, _add_contact),
    Template("edit_contact", 2, "Change the phone number of {name} to {number}|{name} has a new number, {number}: update the contact", "Give the contact {name} the number {number}",
             "把{name}的电话改为{number}|{name}的新号码是{number}，请更新", "更新{name}的号码为{number}", _renumber, _contact_done, _edit_contact),
    Template("star_contact", 2, "Mark {name} as a favourite contact|Put a star on the contact {name}", "Make {name} a starred contact",
             "把{name}设为收藏联系人|给联系人{name}加星", "收藏联系人{name}", _unstarred,
             lambda r, a: bool(r.data("contacts").named(a["name"]) and r.data("contacts").named(a["name"]).starred), _star_contact),
    Template("delete_contact", 2, "Delete the contact {name}|Remove {name} from my contacts", "I no longer need the contact {name}: delete it",
             "删除联系人{name}|把{name}从通讯录删除", "请删掉{name}的联系方式", _person,
             lambda r, a: r.data("contacts").named(a["name"]) is None and len(r.data("contacts").people) == len(r.old("contacts").people) - 1, _delete_contact),
    Template("add_note", 2, 'Write a note "{title}" with the text "{body}"|Make a note titled {title}: {body}', 'Note down "{body}" under the title {title}',
             "新建便签“{title}”，内容“{body}”|写一个便签，标题{title}，内容{body}", "记下：{title}，{body}", _new_note, _note_done, _add_note),
    Template("delete_note", 2, "Delete the note {title}|Remove my note {title}", "Throw away the note called {title}",
             "删除便签{title}|把便签{title}删掉", "请删掉名为{title}的便签", _note,
             lambda r, a: r.data("notes").named(a["title"]) is None and len(r.data("notes").notes) == len(r.old("notes").notes) - 1, _delete_note),
    Template("write_mail", 2, 'Send a mail to {address} with the subject "{subject}" and the text "{body}"|Mail {address}: subject {subject}, text {body}', 'Write to {address} by mail, subject "{subject}", saying "{body}"',
             "给{address}发邮件，主题“{subject}”，正文“{body}”|写邮件给{address}：主题{subject}，内容{body}", "发封邮件到{address}，主题是{subject}，写上{body}", _compose,
             lambda r, a: _mailed(r.data("mail").sent, a), _write_mail),
    Template("reply_mail", 2, 'Reply "{text}" to the mail "{subject}"|Answer the mail about {subject} with: {text}', 'Write back "{text}" to the mail called {subject}',
             "回复邮件“{subject}”：{text}|用“{text}”回复主题为{subject}的邮件", "给邮件{subject}回信：{text}", _letter, lambda r, a: _replied(r.data("mail").sent, a), _reply),
    Template("star_mail", 2, 'Put a star on the mail "{subject}"|Star the mail about {subject}', 'Mark the mail called {subject} with a star',
             "给邮件“{subject}”加星|把主题为{subject}的邮件标星", "收藏邮件{subject}", _unstarred_mail, _starred, _star_mail),
    Template("delete_mail", 2, 'Delete the mail "{subject}"|Remove the mail about {subject}', "Throw away the mail called {subject}",
             "删除邮件“{subject}”|把主题为{subject}的邮件删掉", "请删掉邮件{subject}", _letter, _mail_gone, _delete_mail),
    Template("add_alarm", 2, "Set an alarm for {time}|Wake me at {time}", "I need an alarm at {time}",
             "设一个{time}的闹钟|{time}叫醒我", "请添加{time}的闹钟", _new_alarm, _alarm_done, _set_alarm),
    Template("add_labelled_alarm", 2, 'Set an alarm for {time} with the label "{label}"|Make an alarm at {time} called {label}', 'At {time} I want an alarm that says "{label}"',
             "设一个{time}的闹钟，标签“{label}”|添加闹钟{time}，名称{label}", "请在{time}设闹钟并注明{label}", _new_alarm, _labelled, _label_alarm),
    Template("delete_alarm", 2, "Delete the {time} alarm|Remove the alarm at {time}", "I no longer need the alarm at {time}: delete it",
             "删除{time}的闹钟|把{time}的闹钟删掉", "请移除{time}那个闹钟", _alarm,
             lambda r, a: all(x.minutes != a["minutes"] for x in r.data("clock").alarms) and len(r.data("clock").alarms) == len(r.old("clock").alarms) - 1, _delete_alarm),
    Template("add_event", 2, 'Add "{title}" on {date} at {time} to the calendar|Put {title} into the calendar for {date}, {time}', 'Plan "{title}" for {date} at {time} in Calendar',
             "在日历中添加{date}{time}的“{title}”|把{title}加到{date}{time}", "请安排{date}{time}的{title}", _new_event, _event_done, _add_event),
    Template("delete_event", 2, "Delete the event {title}|Remove {title} from my calendar", "Cancel {title} in the calendar",
             "删除日程{title}|把{title}从日历删掉", "取消日历里的{title}", _event,
             lambda r, a: a["event"] not in r.data("calendar").events and len(r.data("calendar").events) == len(r.old("calendar").events) - 1, _delete_event),
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
"""The templates of level 2."""
