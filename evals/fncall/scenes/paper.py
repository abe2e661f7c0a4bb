"""Receipts, forms and posters."""

from typing import Any

import numpy as np
from PIL import Image

from qvl_agent.evals.fncall.canvas import Colour, Sheet
from qvl_agent.evals.fncall.scenes.base import Ask, Record, clock, some_day
from qvl_agent.evals.fncall.scenes.travel import full_name
from qvl_agent.evals.fncall.vocabulary import Language, digits, pick, printed_date, words_of

__all__ = ["Form", "Poster", "Receipt"]

_GREY: Colour = (110, 114, 122)
_PEN: Colour = (30, 50, 140)
_INITIALS = "abcdefghijklmnopqrstuvwxyz"


class Receipt:
    """A till receipt."""

    def record(self, rng: np.random.Generator, language: Language) -> Record:
        """Return what a receipt says; the total is the sum of its lines."""
        words = words_of(language)
        lines: list[dict[str, Any]] = [
            {"goods": goods, "count": int(rng.integers(1, 4)), "cents": int(rng.integers(80, 3000))}
            for goods in words.several("goods", int(rng.integers(3, 8)), rng)
        ]
        total = sum(line["count"] * line["cents"] for line in lines)
        return {
            "merchant": words.pick("shop", rng),
            "street": f"{words.pick('street', rng)} {int(rng.integers(1, 200))}",
            "number": digits(6, rng),
            "date": some_day(rng),
            "time": clock(int(rng.integers(7 * 60, 22 * 60))),
            "lines": lines,
            "total": total,
            "paid": -(-total // 1000) * 1000 + 1000,
        }

    def picture(self, record: Record, rng: np.random.Generator, language: Language) -> Image.Image:
        """Return a narrow strip of thermal paper."""
        zh = language == "zh"
        lines = record["lines"]
        sheet = Sheet(480, 470 + 36 * len(lines), language, paper=(252, 251, 246), face="mono")
        middle = 240

        def row(y: int, left: str, right: str, *, size: int = 20, bold: bool = False) -> None:
            sheet.text(30, y, left, size, bold=bold, room=290)
            sheet.text(450, y, right, size, bold=bold, anchor="ra")

        sheet.text(middle, 24, record["merchant"], 30, bold=True, anchor="ma", room=430)
        sheet.text(middle, 66, record["street"], 18, anchor="ma", ink=_GREY)
        sheet.rule(104, 30, 450, dash=7)
        row(116, "小票号" if zh else "Receipt", record["number"])
        row(146, printed_date(record["date"], language), record["time"])
        sheet.rule(184, 30, 450, dash=7)
        y = 200
        for line in lines:
            row(y, f"{line['count']} x {line['goods']}", _money(line["count"] * line["cents"]))
            y += 36
        sheet.rule(y + 6, 30, 450, dash=7)
        row(y + 22, "合计" if zh else "TOTAL", _money(record["total"]), size=28, bold=True)
        row(y + 72, "现金" if zh else "Cash", _money(record["paid"]))
        row(y + 102, "找零" if zh else "Change", _money(record["paid"] - record["total"]))
        sheet.barcode(90, y + 150, 300, 56, rng)
        thanks = "谢谢惠顾" if zh else "Thank you"
        sheet.text(middle, y + 220, thanks, 20, anchor="ma")
        return sheet.image

    def ask(self, record: Record, rng: np.random.Generator, language: Language) -> Ask:
        """Ask to enter the payment, or to divide it."""
        zh = language == "zh"
        total = record["total"] / 100
        if rng.random() < 0.5:
            return Ask(
                "请把这笔支出记到账本里。" if zh else "Put this into my expense book.",
                "log_expense",
                {
                    "merchant": record["merchant"],
                    "date": record["date"].isoformat(),
                    "total": total,
                },
            )
        people = int(rng.integers(2, 7))
        question = (
            f"我们{people}个人平摊这张小票的合计金额。"
            if zh
            else f"Divide the total of this receipt among the {people} of us."
        )
        return Ask(
            question,
            "split_bill",
            {"receipt_number": record["number"], "total": total, "people": people},
        )


class Form:
    """A form filled in with a pen."""

    def record(self, rng: np.random.Generator, language: Language) -> Record:
        """Return what was written into a form."""
        user = "".join(pick(_INITIALS, rng) for _ in range(int(rng.integers(4, 8))))
        return {
            "name": full_name(rng, language),
            "birth": some_day(rng, first=1950, years=60),
            "phone": digits(11, rng),
            "email": f"{user}{digits(2, rng)}@{pick(('mail', 'post', 'inbox'), rng)}.com",
            "insurance": "".join(pick("ABCDEFGHKLMNPRSTUVWXYZ", rng) for _ in range(2))
            + digits(8, rng),
            "city": words_of(language).pick("city", rng),
        }

    def picture(self, record: Record, rng: np.random.Generator, language: Language) -> Image.Image:
        """Return a sheet with printed labels and the answers in another colour."""
        zh = language == "zh"
        sheet = Sheet(680, 640, language, paper=(253, 253, 250), face="serif")
        sheet.box(16, 16, 664, 624, outline=(90, 90, 90))
        title = "个人信息登记表" if zh else "Registration form"
        sheet.text(340, 40, title, 34, bold=True, anchor="ma")
        phone = record["phone"]
        rows = [
            ("姓名" if zh else "Full name", record["name"]),
            ("出生日期" if zh else "Date of birth", printed_date(record["birth"], language)),
            ("电话" if zh else "Phone", f"{phone[:3]} {phone[3:7]} {phone[7:]}"),
            ("电子邮箱" if zh else "E-mail", record["email"]),
            ("医保号" if zh else "Insurance no.", record["insurance"]),
            ("城市" if zh else "City", record["city"]),
        ]
        for i, (label, value) in enumerate(rows):
            y = 116 + 76 * i
            sheet.text(44, y + 8, label, 22)
            sheet.rule(y + 40, 240, 636, (150, 150, 150))
            wobble = int(rng.integers(-3, 4))
            sheet.text(252, y + 4 + wobble, value, 26, ink=_PEN, room=380)
        sheet.text(44, 584, "签名" if zh else "Signature", 18, ink=_GREY)
        points = [(200 + 14 * i, 592 + int(rng.integers(-12, 12))) for i in range(14)]
        sheet.draw.line(points, _PEN, 3, joint="curve")
        return sheet.image

    def ask(self, record: Record, rng: np.random.Generator, language: Language) -> Ask:
        """Ask to keep the person as a contact, or to register a patient."""
        zh = language == "zh"
        if rng.random() < 0.5:
            return Ask(
                "请把这个人存到通讯录。" if zh else "Add this person to my address book.",
                "create_contact",
                {"name": record["name"], "phone": record["phone"], "email": record["email"]},
            )
        return Ask(
            "这是新来的患者，请登记。" if zh else "This is a new patient; please register them.",
            "register_patient",
            {
                "name": record["name"],
                "birth_date": record["birth"].isoformat(),
                "insurance_number": record["insurance"],
            },
        )


class Poster:
    """A poster of an event."""

    def record(self, rng: np.random.Generator, language: Language) -> Record:
        """Return what a poster says."""
        words = words_of(language)
        start = int(rng.integers(9 * 4, 21 * 4)) * 15
        return {
            "title": words.pick("event", rng),
            "place": words.pick("place", rng),
            "city": words.pick("city", rng),
            "date": some_day(rng),
            "start": clock(start),
            "doors": clock(start - 30),
            "price": int(rng.integers(10, 400)) / 2,
        }

    def picture(self, record: Record, rng: np.random.Generator, language: Language) -> Image.Image:
        """Return a poster in portrait, with shapes behind the words."""
        zh = language == "zh"
        palettes: list[tuple[Colour, Colour, Colour]] = [
            ((24, 32, 66), (236, 96, 80), (252, 226, 160)),
            ((250, 240, 220), (220, 90, 40), (60, 50, 60)),
            ((16, 84, 84), (244, 200, 60), (250, 250, 240)),
        ]
        paper, shape, ink = palettes[int(rng.integers(len(palettes)))]
        sheet = Sheet(600, 820, language, paper=paper, face=("sans", "serif")[rng.integers(2)])
        for _ in range(4):
            # Below the title: shapes never lie behind a word.
            x, y = int(rng.integers(0, 600)), int(rng.integers(380, 520))
            size = int(rng.integers(60, 170))
            sheet.draw.ellipse((x - size, y - size, x + size, y + size), shape)
        sheet.box(0, 520, 600, 820, fill=paper)
        sheet.text(300, 60, record["city"], 26, anchor="ma", ink=ink)
        sheet.text(300, 110, record["title"], 56, bold=True, anchor="ma", ink=ink, room=540)
        sheet.text(300, 560, printed_date(record["date"], language), 40, bold=True,
                   anchor="ma", ink=ink)  # fmt: skip
        begin = f"{record['start']} 开始" if zh else f"Begins {record['start']}"
        sheet.text(300, 620, begin, 32, anchor="ma", ink=ink)
        doors = f"{record['doors']} 入场" if zh else f"Doors open {record['doors']}"
        sheet.text(300, 668, doors, 22, anchor="ma", ink=ink)
        sheet.text(300, 710, record["place"], 30, anchor="ma", ink=ink, room=540)
        price = f"票价 ¥{record['price']:.2f}" if zh else f"Tickets EUR {record['price']:.2f}"
        sheet.text(300, 762, price, 26, anchor="ma", ink=ink)
        return sheet.image

    def ask(self, record: Record, rng: np.random.Generator, language: Language) -> Ask:
        """Ask to keep the date, or to buy tickets."""
        zh = language == "zh"
        if rng.random() < 0.6:
            return Ask(
                "我想去，请加到日历里。" if zh else "I want to go. Put it into my calendar.",
                "add_calendar_event",
                {
                    "title": record["title"],
                    "date": record["date"].isoformat(),
                    "start_time": record["start"],
                    "location": record["place"],
                },
            )
        quantity = int(rng.integers(1, 9))
        question = (
            f"请买{quantity}张这个活动的票。" if zh else f"Buy {quantity} tickets for this event."
        )
        return Ask(
            question,
            "buy_event_tickets",
            {"title": record["title"], "quantity": quantity, "price": record["price"]},
        )


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"
