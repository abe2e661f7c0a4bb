"""Train tickets, boarding passes and timetables."""

import numpy as np
from PIL import Image

from qvl_agent.evals.fncall.canvas import Colour, Sheet
from qvl_agent.evals.fncall.scenes.base import Ask, Record, clock, some_day
from qvl_agent.evals.fncall.vocabulary import Language, digits, pick, printed_date, words_of

__all__ = ["BoardingPass", "Timetable", "TrainTicket"]

_RED: Colour = (196, 44, 54)
_BLUE: Colour = (28, 84, 160)
_GREY: Colour = (110, 114, 122)
_WHITE: Colour = (255, 255, 255)


def full_name(rng: np.random.Generator, language: Language) -> str:
    """Return a person's name in the order of the language."""
    words = words_of(language)
    first, last = words.pick("first", rng), words.pick("last", rng)
    return f"{first} {last}" if language == "en" else last + first


class TrainTicket:
    """A paper ticket of one journey."""

    def record(self, rng: np.random.Generator, language: Language) -> Record:
        """Return what a ticket says."""
        origin, destination = words_of(language).several("city", 2, rng)
        return {
            "number": pick("ABCDEFGHJKLM", rng) + digits(9, rng),
            "train": pick(("G", "D", "C", "IC", "RE", "K"), rng) + digits(3, rng),
            "origin": origin,
            "destination": destination,
            "date": some_day(rng),
            "time": clock(int(rng.integers(5 * 60, 23 * 60))),
            "coach": int(rng.integers(1, 17)),
            "seat": f"{int(rng.integers(1, 20)):02d}{pick('ABCDF', rng)}",
            "price": int(rng.integers(900, 60_000)) / 100,
            "name": full_name(rng, language),
        }

    def picture(self, record: Record, rng: np.random.Generator, language: Language) -> Image.Image:
        """Return a ticket in landscape."""
        zh = language == "zh"
        tint = (226, 240, 250) if rng.random() < 0.5 else (250, 236, 230)
        sheet = Sheet(760, 460, language, paper=tint)
        accent = _BLUE if rng.random() < 0.5 else _RED
        sheet.text(36, 24, record["number"], 24, ink=_RED)
        sheet.text(724, 24, "检票口 12A" if zh else "Rail ticket", 22, anchor="ra", ink=_GREY)
        sheet.text(60, 88, record["origin"] + ("站" if zh else ""), 40, bold=True, room=230)
        sheet.text(700, 88, record["destination"] + ("站" if zh else ""), 40, bold=True,
                   anchor="ra", room=230)  # fmt: skip
        sheet.text(380, 80, record["train"], 38, bold=True, anchor="ma", ink=accent)
        sheet.rule(134, 310, 450, accent)
        sheet.draw.polygon([(450, 127), (450, 141), (464, 134)], accent)
        sheet.text(60, 170, f"{printed_date(record['date'], language)}  {record['time']}"
                   + (" 开" if zh else " dep."), 26)  # fmt: skip
        place = (
            f"{record['coach']:02d}车 {record['seat']}号"
            if zh
            else f"Coach {record['coach']}  Seat {record['seat']}"
        )
        sheet.text(700, 170, place, 26, anchor="ra")
        price = f"¥{record['price']:.2f}元" if zh else f"EUR {record['price']:.2f}"
        sheet.text(60, 222, price, 26)
        sheet.text(700, 222, "二等座" if zh else "2nd class", 26, anchor="ra")
        sheet.text(60, 300, record["name"], 28, bold=True)
        sheet.text(60, 350, "仅供报销使用" if zh else "Not transferable", 18, ink=_GREY)
        sheet.square_code(600, 270, 6, rng)
        sheet.box(0, 424, 760, 460, fill=accent)
        sheet.text(380, 431, "祝您旅途愉快" if zh else "Have a pleasant journey", 18,
                   anchor="ma", ink=_WHITE)  # fmt: skip
        return sheet.image

    def ask(self, record: Record, rng: np.random.Generator, language: Language) -> Ask:
        """Ask for the train's status, or to give the ticket back."""
        zh = language == "zh"
        if rng.random() < 0.5:
            question = (
                "我这趟车正点吗？请按票面信息查询。"
                if zh
                else "Is my train running on time? Look it up from this ticket."
            )
            return Ask(
                question,
                "check_train_status",
                {
                    "train_number": record["train"],
                    "date": record["date"].isoformat(),
                    "departure_station": record["origin"] + ("站" if zh else ""),
                },
            )
        question = (
            "我去不了了，请帮我把这张票退掉。"
            if zh
            else "I cannot travel after all. Please give this ticket back for me."
        )
        return Ask(
            question,
            "refund_train_ticket",
            {"ticket_number": record["number"], "passenger_name": record["name"]},
        )


class BoardingPass:
    """A boarding pass with its stub."""

    def record(self, rng: np.random.Generator, language: Language) -> Record:
        """Return what a boarding pass says."""
        origin, destination = words_of(language).several("city", 2, rng)
        departure = int(rng.integers(6 * 60, 23 * 60))
        return {
            "airline": pick(("BA", "LH", "AF", "KL", "CA", "MU", "SQ", "QF", "UA", "TK"), rng),
            "number": digits(int(rng.integers(3, 5)), rng),
            "origin": origin,
            "destination": destination,
            "date": some_day(rng),
            "departure": clock(departure),
            "boarding": clock(departure - int(rng.integers(30, 50))),
            "gate": pick("ABCDEF", rng) + str(int(rng.integers(1, 60))),
            "seat": f"{int(rng.integers(1, 42))}{pick('ABCDEF', rng)}",
            "name": full_name(rng, language),
        }

    def picture(self, record: Record, rng: np.random.Generator, language: Language) -> Image.Image:
        """Return a pass in landscape, its stub torn along a dashed line."""
        zh = language == "zh"
        sheet = Sheet(860, 400, language)
        colour: Colour = [(18, 62, 124), (120, 20, 50), (12, 110, 100)][int(rng.integers(3))]
        flight = f"{record['airline']} {record['number']}"
        sheet.box(0, 0, 860, 64, fill=colour)
        sheet.text(30, 16, "登机牌" if zh else "BOARDING PASS", 28, bold=True, ink=_WHITE)
        sheet.text(830, 18, flight, 26, bold=True, ink=_WHITE, anchor="ra")
        fields = [
            (30, 92, "姓名" if zh else "Passenger", record["name"]),
            (330, 92, "航班" if zh else "Flight", flight),
            (30, 176, "出发" if zh else "From", record["origin"]),
            (330, 176, "到达" if zh else "To", record["destination"]),
            (30, 260, "日期" if zh else "Date", printed_date(record["date"], language)),
            (330, 260, "起飞" if zh else "Departs", record["departure"]),
        ]
        for x, y, label, value in fields:
            sheet.text(x, y, label, 17, ink=_GREY)
            sheet.text(x, y + 24, value, 27, bold=True, room=270)
        for y in range(70, 400, 14):
            sheet.draw.line((620, y, 620, y + 7), _GREY, 2)
        stub = [
            ("登机口" if zh else "Gate", record["gate"]),
            ("登机时间" if zh else "Boarding", record["boarding"]),
            ("座位" if zh else "Seat", record["seat"]),
        ]
        for i, (label, value) in enumerate(stub):
            sheet.text(650, 92 + 84 * i, label, 17, ink=_GREY)
            sheet.text(650, 114 + 84 * i, value, 32, bold=True, ink=colour)
        sheet.barcode(30, 344, 560, 42, rng)
        sheet.text(740, 360, "起飞前15分钟关闭舱门" if zh else "Gate closes 15 min before",
                   15, anchor="ma", ink=_GREY, room=220)  # fmt: skip
        return sheet.image

    def ask(self, record: Record, rng: np.random.Generator, language: Language) -> Ask:
        """Ask for the flight's status, or for a reminder."""
        zh = language == "zh"
        flight = record["airline"] + record["number"]
        if rng.random() < 0.5:
            return Ask(
                "请查一下这个航班的状态。" if zh else "What is the status of this flight?",
                "get_flight_status",
                {"flight_number": flight, "date": record["date"].isoformat()},
            )
        question = (
            "请提醒我按时去登机口登机。" if zh else "Remind me when I have to be at the gate."
        )
        return Ask(
            question,
            "set_boarding_reminder",
            {
                "flight_number": flight,
                "gate": record["gate"],
                "boarding_time": record["boarding"],
            },
        )


class Timetable:
    """A board of departures."""

    def record(self, rng: np.random.Generator, language: Language) -> Record:
        """Return the rows of a board, in order of time; every train number occurs once."""
        count = int(rng.integers(7, 10))
        places = words_of(language).several("city", 5, rng)
        times = sorted(int(t) for t in rng.choice(np.arange(300, 1380), size=count, replace=False))
        numbers = rng.choice(np.arange(100, 999), size=count, replace=False)
        return {
            "station": places[0],
            "rows": [
                {
                    "time": clock(t),
                    "train": f"{pick(('IC', 'RE', 'S', 'G', 'D'), rng)}{number}",
                    "to": places[1 + int(rng.integers(4))],
                    "track": int(rng.integers(1, 15)),
                }
                for t, number in zip(times, numbers, strict=True)
            ],
        }

    def picture(self, record: Record, rng: np.random.Generator, language: Language) -> Image.Image:
        """Return a board, light on dark or dark on light."""
        zh = language == "zh"
        dark = rng.random() < 0.5
        paper, ink = ((16, 22, 40), (250, 214, 90)) if dark else ((248, 248, 244), (24, 40, 80))
        rows = record["rows"]
        sheet = Sheet(720, 130 + 50 * len(rows), language, paper=paper)
        title = f"{record['station']}  " + ("出发时刻表" if zh else "Departures")
        sheet.text(30, 20, title, 32, bold=True, ink=ink, room=660)
        heads = ("时间", "车次", "开往", "站台") if zh else ("Time", "Train", "To", "Track")
        columns = (30, 160, 310, 640)
        for x, head in zip(columns, heads, strict=True):
            sheet.text(x, 76, head, 20, ink=_GREY if not dark else (150, 160, 190))
        for i, row in enumerate(rows):
            y = 112 + 50 * i
            sheet.rule(y - 6, 24, 696, (60, 70, 100) if dark else (206, 210, 220))
            cells = (row["time"], row["train"], row["to"], str(row["track"]))
            for x, cell in zip(columns, cells, strict=True):
                sheet.text(x, y + 6, cell, 26, ink=ink, room=310)
        return sheet.image

    def ask(self, record: Record, rng: np.random.Generator, language: Language) -> Ask:
        """Ask for a seat on the last train to somewhere, or the first one after a given time."""
        rows = record["rows"]
        wanted = rows[int(rng.integers(len(rows)))]["to"]
        there = [row for row in rows if row["to"] == wanted]
        if rng.random() < 0.5:
            row = there[-1]
            question = (
                f"请预订开往{wanted}的末班车座位。"
                if language == "zh"
                else f"Reserve a seat on the last train to {wanted}."
            )
        else:
            row = there[int(rng.integers(len(there)))]
            hours, minutes = map(int, row["time"].split(":"))
            before = [r["time"] for r in there if r["time"] < row["time"]]
            after = max(clock(60 * hours + minutes - int(rng.integers(1, 40))), *before, "00:00")
            question = (
                f"请预订{after}之后第一班开往{wanted}的列车座位。"
                if language == "zh"
                else f"Reserve a seat on the first train to {wanted} that leaves after {after}."
            )
        return Ask(
            question,
            "reserve_seat",
            {"train_number": row["train"], "destination": wanted, "departure_time": row["time"]},
        )
