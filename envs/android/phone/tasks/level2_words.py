"""Level 2, what is written: messages, contacts, notes, mail, alarms, events."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from qvl_agent.envs.android.phone.apps.calendar import HOURS, Meeting
from qvl_agent.envs.android.phone.content import (
    ERRANDS,
    EVENTS,
    MESSAGES,
    NOTES,
    PEOPLE,
    share,
)
from qvl_agent.envs.android.phone.nodes import Do, Route
from qvl_agent.envs.android.phone.tasks.base import Args, Case, Result, Steps, Template
from qvl_agent.envs.android.phone.tasks.guide import Guide
from qvl_agent.envs.android.phone.tasks.level1 import MAIN

__all__ = ["INBOX", "WORDS", "add_alarm", "add_event", "send_message"]

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


WORDS: tuple[Template, ...] = (
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
)  # fmt: skip
"""Templates of level 2 in which something is written."""
