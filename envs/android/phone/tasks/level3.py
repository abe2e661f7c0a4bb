"""Level 3: what is read in one app is used in another."""

from dataclasses import replace
from typing import Any

from qvl_agent.actions.mobile import Answer
from qvl_agent.envs.android.phone.apps.calculator import calculate, show
from qvl_agent.envs.android.phone.apps.mail import Letter
from qvl_agent.envs.android.phone.apps.messages import Chat
from qvl_agent.envs.android.phone.apps.notes import Note
from qvl_agent.envs.android.phone.apps.weather import SKIES
from qvl_agent.envs.android.phone.content import ERRANDS, EVENTS
from qvl_agent.envs.android.phone.nodes import Do, Go, Route
from qvl_agent.envs.android.phone.tasks.base import Args, Case, Steps, Template
from qvl_agent.envs.android.phone.tasks.guide import Guide
from qvl_agent.envs.android.phone.tasks.level1 import MAIN, calculation
from qvl_agent.envs.android.phone.tasks.level2_things import shop_for, to_place
from qvl_agent.envs.android.phone.tasks.level2_words import (
    INBOX,
    add_alarm,
    add_event,
    send_message,
)

__all__ = ["LEVEL_3"]

TICKET = Route("photo", "ticket")


def _ticket(c: Case) -> dict[str, Any]:
    """Read destination and arrival from the ticket, ask the weather there at that hour."""
    ticket = c.data("photos").ticket
    weather = c.data("weather")
    if ticket.city not in weather.followed:
        c.put("weather", followed=(*weather.followed[:3], ticket.city))
    degrees, sky = weather.city(ticket.city).at(ticket.hour)
    return {
        "city": ticket.city,
        "hour": ticket.hour,
        "line": ticket.line,
        "degrees": degrees,
        "sky": c.say(*SKIES[sky][1:]),
    }


def _read_ticket(g: Guide, a: Args) -> Steps:
    note = f"The ticket goes to {a['city']} and arrives at {a['hour']:02}:00"
    yield g.visit(note, "photos", MAIN, TICKET)


def _read_weather(g: Guide, a: Args) -> Steps:
    note = f"The weather in {a['city']} at {a['hour']:02}:00 is {a['sky']}, {a['degrees']} degrees"
    yield g.visit(note, "weather", MAIN, Route("city", a["city"]))


def _weather_there(g: Guide, a: Args) -> Steps:
    yield from _read_ticket(g, a)
    yield from _read_weather(g, a)


def _ticket_event(c: Case) -> dict[str, Any]:
    args = _ticket(c)
    args["hour"] = min(args["hour"], 21)
    ticket = c.data("photos").ticket
    c.put("photos", ticket=replace(ticket, hour=args["hour"]))
    photos = c.data("photos").photos
    shown = []
    for p in photos:
        if p.id == "ticket":
            lines = list(p.picture.args)
            lines[2] = lines[2].split("|")[0] + f"|{args['hour']:02}:00"
            p = replace(p, picture=replace(p.picture, args=tuple(lines)))
        shown.append(p)
    c.put("photos", photos=tuple(shown))
    return args | {"day": c.world.today}


def _enter_arrival(g: Guide, a: Args) -> Steps:
    yield from _read_ticket(g, a)
    yield from add_event(g, a["day"], a["hour"], a["city"])


def _arrival_alarm(g: Guide, a: Args) -> Steps:
    yield from _read_ticket(g, a)
    yield from add_alarm(g, a["hour"] * 60)


def _two_people(c: Case) -> dict[str, Any]:
    one, other = c.rng.sample(c.data("contacts").people, 2)
    return {"who": one.name, "number": one.phone, "name": other.name, "text": one.phone}


def _share_number(g: Guide, a: Args) -> Steps:
    note = f"The number of {a['who']} is {a['number']}"
    yield g.visit(note, "contacts", MAIN, Route("person", a["who"]))
    yield from send_message(g, a["name"], a["number"])


def _shopping_note(c: Case) -> dict[str, Any]:
    product = c.rng.choice(c.data("shop").products)[0]
    title = c.say("To buy", "要买的东西")
    rest = tuple(n for n in c.data("notes").notes if n.title != title)
    at = c.rng.randrange(len(rest) + 1)
    c.put("notes", notes=(*rest[:at], Note(title, product), *rest[at:]))
    c.put("shop", cart=())
    return {"title": title, "product": product}


def _buy_note(g: Guide, a: Args) -> Steps:
    if (a["product"],) in g.state.data["shop"].orders:
        return
    yield g.visit(f"The note says {a['product']}", "notes", MAIN, Route("edit", a["title"]))
    yield from shop_for(g, a["product"])


def _invitation(c: Case) -> dict[str, Any]:
    person = c.rng.choice(c.data("contacts").people)
    title = c.world.draw(c.rng, EVENTS, 1)[0]
    hour = c.rng.randrange(8, 21)
    subject = c.say("Invitation", "邀请")
    body = c.say(
        f"{title} is today at {hour:02}:00. Please come.", f"{title}在今天{hour:02}:00，请来参加。"
    )
    letter = Letter("inv", person.name, person.email, subject, body, unread=True)
    c.put("mail", inbox=(letter, *c.data("mail").inbox))
    return {
        "who": person.name,
        "title": title,
        "hour": hour,
        "day": c.world.today,
        "name": person.name,
    }


def _read_invitation(g: Guide, a: Args) -> Steps:
    note = f"The mail says {a['title']} at {a['hour']:02}:00"
    yield g.visit(note, "mail", INBOX, Route("read", "inv"))


def _accept(g: Guide, a: Args) -> Steps:
    yield from _read_invitation(g, a)
    yield from add_event(g, a["day"], a["hour"], a["title"])


def _wake_for(g: Guide, a: Args) -> Steps:
    yield from _read_invitation(g, a)
    yield from add_alarm(g, a["hour"] * 60)


def _forecast(c: Case) -> dict[str, Any]:
    weather = c.data("weather")
    city = c.rng.choice(weather.followed)
    hour = c.rng.randrange(8, 23)
    degrees, sky = weather.city(city).at(hour)
    person = c.rng.choice(c.data("contacts").people).name
    word = c.say(*SKIES[sky][1:])
    return {
        "city": city,
        "hour": hour,
        "time": f"{hour:02}:00",
        "name": person,
        "sky": word,
        "text": word,
        "degrees": degrees,
    }


def _tell_weather(g: Guide, a: Args) -> Steps:
    yield from _read_weather(g, a)
    yield from send_message(g, a["name"], a["text"])


def _told_weather(r: Any, a: Args) -> bool:
    return any(
        a["sky"].lower() in t.lower()
        for t in r.data("messages").sent(a["name"])
        if t not in r.old("messages").sent(a["name"])
    )


def _prices(c: Case) -> dict[str, Any]:
    (one, p), (other, q) = c.rng.sample(c.data("shop").products, 2)
    typed = f"{p:.2f}+{q:.2f}"
    value = calculate(typed)
    assert value is not None
    return {
        "one": one,
        "other": other,
        "p": f"{p:.2f}",
        "q": f"{q:.2f}",
        "typed": typed,
        "result": show(value),
    }


def _add_prices(g: Guide, a: Args) -> Steps:
    yield g.visit(f"{a['one']} costs {a['p']}", "shop", MAIN, Route("product", a["one"]))
    yield g.visit(f"{a['other']} costs {a['q']}", "shop", MAIN, Route("product", a["other"]))
    yield from calculation(g, a["typed"])
    yield g.decide(f"I answer {a['result']}", Answer(a["result"]))


def _meeting_place(c: Case) -> dict[str, Any]:
    places = c.data("maps").places
    place = c.rng.choice(places)
    person = c.rng.choice(c.data("contacts").people).name
    words = c.say(f"Let us meet at {place.name}", f"我们在{place.name}见")
    rest = tuple(x for x in c.data("messages").chats if x.person != person)
    c.put("messages", chats=(Chat(person, ((False, words),), unread=True), *rest))
    c.put("maps", going="", mode="car")
    return {"name": person, "place": place.name}


def _go_meet(g: Guide, a: Args) -> Steps:
    maps = g.state.data["maps"]
    if maps.going == a["place"]:
        return
    note = f"{a['name']} wants to meet at {a['place']}"
    yield g.visit(note, "messages", MAIN, Route("chat", a["name"]))
    yield from to_place(g, a["place"])
    if g.state.route.name == "place":
        yield g.press(Go(Route("directions", a["place"])), "I ask for directions")
    yield g.press(Do("start", a["place"]), "I start the navigation")


def _errand(c: Case) -> dict[str, Any]:
    person = c.rng.choice(c.data("contacts").people).name
    title = c.world.draw(c.rng, ERRANDS, 1)[0]
    hour = c.rng.randrange(7, 22)
    words = c.say(f"{title} at {hour:02}:00", f"{hour:02}:00{title}")
    rest = tuple(x for x in c.data("messages").chats if x.person != person)
    c.put("messages", chats=(Chat(person, ((False, words),), unread=True), *rest))
    return {"name": person, "title": title, "hour": hour, "minutes": hour * 60}


def _do_errand(g: Guide, a: Args) -> Steps:
    note = f"{a['name']} writes {a['title']} at {a['hour']:02}:00"
    yield g.visit(note, "messages", MAIN, Route("chat", a["name"]))
    yield from add_alarm(g, a["minutes"], a["title"])


def _alarm_at(r: Any, minutes: int, label: str = "") -> bool:
    return any(
        x.minutes == minutes and x.on and label in ("", x.label) for x in r.data("clock").alarms
    )


def _who_wrote(c: Case) -> dict[str, Any]:
    mail = c.rng.choice(c.data("mail").inbox)
    person = next(p for p in c.data("contacts").people if p.name == mail.who)
    return {"subject": mail.subject, "id": mail.id, "who": mail.who, "number": person.phone}


def _number_of_writer(g: Guide, a: Args) -> Steps:
    yield g.visit(f"The mail is from {a['who']}", "mail", INBOX, Route("read", a["id"]))
    yield g.visit(
        f"The number of {a['who']} is {a['number']}", "contacts", MAIN, Route("person", a["who"])
    )


LEVEL_3: tuple[Template, ...] = (
    Template("weather_on_arrival", 3, "There is a photo of my ticket in Photos. What will the weather be at my destination when I arrive?|Look at the ticket in my photos and tell me the weather there at the time of arrival",
             "My ticket is among the photos: which weather awaits me on arrival?", "相册里有我的车票。我到达时目的地天气怎么样？|看看照片里的车票，告诉我到达时当地的天气", "根据相册里的车票，到站时那里是什么天气？",
             _ticket, lambda r, a: r.said(a["sky"]), _weather_there, lambda a: f"{a['sky']}, {a['degrees']}°"),
    Template("arrival_event", 3, "Put the arrival on my photographed ticket into today's calendar, with the city as the title|Look at the ticket in Photos and add an event for today at the hour of arrival, called like the city",
             "Enter the arrival from the ticket photo in the calendar for today, titled with the city", "把相册车票上的到达时间加到今天的日历，标题用城市名|看看照片里的车票，按到达时间在今天的日历加一个以城市命名的日程", "请把车票照片上的到达记到今天的日程，标题写城市",
             _ticket_event, lambda r, a: any(e.day == a["day"] and e.hour == a["hour"] and e.title == a["city"] for e in r.data("calendar").events), _enter_arrival),
    Template("arrival_alarm", 3, "Set an alarm for the arrival time on the ticket in my photos|Look at my ticket in Photos and set an alarm for when the train arrives", "Wake me when the train of my ticket photo arrives",
             "按相册车票的到达时间设闹钟|看看照片里的车票，在到站时间设一个闹钟", "照着车票照片的到达时间叫醒我", _ticket, lambda r, a: _alarm_at(r, a["hour"] * 60), _arrival_alarm),
    Template("share_number", 3, "Send {name} the phone number of {who}|Text {name} the number of {who} from Contacts", "{name} needs the phone number of {who}: send it as a message",
             "把{who}的电话发给{name}|用信息把{who}的号码告诉{name}", "{name}需要{who}的电话，请发信息告知", _two_people,
             lambda r, a: any(a["number"] in t for t in r.data("messages").sent(a["name"])), _share_number),
    Template("buy_from_note", 3, 'Order what my note "{title}" says, and nothing else|Look at the note {title} and buy that in Shop', 'Read the note "{title}" and place an order for it',
             "按便签“{title}”下单，不要买别的|看看便签{title}，在商店买下来", "根据便签{title}的内容订购", _shopping_note, lambda r, a: (a["product"],) in r.data("shop").orders, _buy_note),
    Template("event_from_mail", 3, "Read the invitation from {who} in Mail and add it to today's calendar|{who} mailed me an invitation: put it into the calendar for today", "Enter the invitation that {who} sent by mail in the calendar",
             "阅读{who}的邀请邮件，加到今天的日历|{who}发来邀请邮件，请加入今天的日程", "把{who}邮件里的邀请记到日历", _invitation,
             lambda r, a: any(e.day == a["day"] and e.hour == a["hour"] and a["title"].lower() in e.title.lower() for e in r.data("calendar").events), _accept),
    Template("alarm_from_mail", 3, "Set an alarm for the time in the invitation that {who} mailed me|Read the invitation mail of {who} and set an alarm for it", "Let an alarm ring at the time of the invitation from {who}",
             "按{who}邀请邮件里的时间设闹钟|看{who}的邀请邮件并设一个闹钟", "在{who}邀请的时间响铃提醒我", _invitation, lambda r, a: _alarm_at(r, a["hour"] * 60), _wake_for),
    Template("message_weather", 3, "Text {name} how the weather in {city} is at {time}|Look up the weather in {city} at {time} and send it to {name}", "Let {name} know by message what weather {city} has at {time}",
             "把{city}{time}的天气发给{name}|查{city}{time}的天气并发信息给{name}", "用信息告诉{name}，{city}{time}是什么天气", _forecast, _told_weather, _tell_weather),
    Template("add_prices", 3, "How much do {one} and {other} cost together in Shop? Use the calculator|Add up the prices of {one} and {other} from Shop with the calculator and tell me", "Tell me the total of {one} and {other} in Shop, worked out with the calculator",
             "商店里{one}和{other}一共多少钱？用计算器算|把商店里{one}和{other}的价格用计算器相加并告诉我", "用计算器算出{one}加{other}的总价", _prices,
             lambda r, a: r.said(a["result"]) and r.data("calculator").result == a["result"], _add_prices, lambda a: a["result"]),
    Template("navigate_to_meeting", 3, "{name} sent me a message where to meet. Start navigation to that place|Read the message of {name} and navigate to the place in it", "Take me with Maps to where {name} wants to meet, as the message says",
             "{name}发信息说了见面地点，请导航过去|看{name}的信息，导航到那个地方", "按{name}信息里的地点开始导航", _meeting_place, lambda r, a: r.data("maps").going == a["place"], _go_meet),
    Template("alarm_from_message", 3, "Set an alarm for what {name} wrote me, with the errand as the label|Read the message of {name} and make an alarm at that time, labelled with the errand", "Turn the message of {name} into an alarm, and label it with the errand",
             "按{name}的信息设闹钟，标签写事情|看{name}的信息，在那个时间设闹钟并注明事情", "把{name}的信息变成带标签的闹钟", _errand, lambda r, a: _alarm_at(r, a["minutes"], a["title"]), _do_errand),
    Template("number_of_writer", 3, 'What is the phone number of the person who sent the mail "{subject}"?|Find out who wrote the mail about {subject} and tell me their phone number', 'Tell me the phone number of whoever sent the mail "{subject}"',
             "发邮件“{subject}”的人电话是多少？|查出谁写了{subject}这封邮件，告诉我电话", "告诉我邮件{subject}发件人的号码", _who_wrote, lambda r, a: r.said(a["number"]), _number_of_writer, lambda a: a["number"]),
)  # fmt: skip
"""The templates of level 3."""
