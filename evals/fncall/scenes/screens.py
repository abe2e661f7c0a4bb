"""Weather cards and charts."""

from datetime import timedelta

import numpy as np
from PIL import Image

from qvl_agent.evals.fncall.canvas import Colour, Sheet
from qvl_agent.evals.fncall.scenes.base import Ask, Record, some_day
from qvl_agent.evals.fncall.vocabulary import Language, pick, printed_date, words_of

__all__ = ["BarChart", "WeatherCard"]

_GREY: Colour = (110, 114, 122)
_SUN: Colour = (250, 196, 50)
_CLOUD: Colour = (214, 222, 232)
_DROP: Colour = (80, 150, 230)


class WeatherCard:
    """A forecast of five days, as a phone shows it."""

    def record(self, rng: np.random.Generator, language: Language) -> Record:
        """Return a forecast; today is its first day."""
        words = words_of(language)
        days = []
        for _ in range(5):
            low = int(rng.integers(-15, 26))
            kind = int(rng.integers(6))
            days.append({"kind": kind, "low": low, "high": low + int(rng.integers(3, 13))})
        return {
            "city": words.pick("city", rng),
            "date": some_day(rng),
            "days": days,
            "rain": int(rng.integers(0, 21)) * 5,
            "wind": int(rng.integers(2, 60)),
        }

    def picture(self, record: Record, rng: np.random.Generator, language: Language) -> Image.Image:
        """Return a card with today large and the next four days in a row."""
        zh = language == "zh"
        dark = rng.random() < 0.5
        paper: Colour = (36, 60, 110) if dark else (228, 240, 252)
        ink: Colour = (250, 250, 255) if dark else (24, 44, 80)
        sheet = Sheet(560, 640, language, paper=paper)
        today = record["days"][0]
        kinds = ("晴", "多云", "小雨", "小雪", "大风", "雾") if zh else (
            "Sunny", "Cloudy", "Rain", "Snow", "Windy", "Fog")  # fmt: skip
        sheet.text(40, 34, record["city"], 44, bold=True, ink=ink, room=340)
        sheet.text(40, 92, printed_date(record["date"], language), 24, ink=ink)
        sheet.text(40, 140, f"{today['high']}°C / {today['low']}°C", 52, bold=True, ink=ink)
        sheet.text(40, 212, kinds[today["kind"]], 28, ink=ink)
        _weather_sign(sheet, 460, 120, 60, today["kind"])
        rain = f"降水概率 {record['rain']}%" if zh else f"Chance of rain {record['rain']}%"
        wind = f"风速 {record['wind']} km/h" if zh else f"Wind {record['wind']} km/h"
        sheet.text(40, 270, rain, 22, ink=ink)
        sheet.text(520, 270, wind, 22, ink=ink, anchor="ra")
        sheet.rule(320, 40, 520, ink)
        names = ("周一", "周二", "周三", "周四", "周五", "周六", "周日") if zh else (
            "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # fmt: skip
        for i, day in enumerate(record["days"][1:], start=1):
            y = 276 + 74 * i
            when = record["date"] + timedelta(days=i)
            sheet.text(
                40, y, f"{names[when.weekday()]} {when.month:02d}/{when.day:02d}", 24, ink=ink
            )
            _weather_sign(sheet, 230, y + 14, 22, day["kind"])
            sheet.text(280, y, kinds[day["kind"]], 22, ink=ink)
            sheet.text(520, y, f"{day['high']}° / {day['low']}°", 26, ink=ink, anchor="ra")
        return sheet.image

    def ask(self, record: Record, rng: np.random.Generator, language: Language) -> Ask:
        """Ask to store a day's temperatures, or for an alert at today's chance of rain."""
        zh = language == "zh"
        if rng.random() < 0.25:
            question = (
                "请按图中今天的降水概率为这个城市设置下雨提醒。"
                if zh
                else "Set a rain alert for this city at the chance of rain shown for today."
            )
            return Ask(
                question,
                "set_rain_alert",
                {"city": record["city"], "chance": record["rain"]},
            )
        index = int(rng.integers(5))
        day, when = record["days"][index], record["date"] + timedelta(days=index)
        if index == 0:
            question = "请记录今天的气温预报。" if zh else "Store today's temperatures."
        elif zh:
            question = f"请记录图中今天之后第{index}天的气温预报。"
        else:
            order = ("first", "second", "third", "fourth")[index - 1]
            question = f"Store the temperatures of the {order} day after today."
        return Ask(
            question,
            "record_temperature",
            {
                "city": record["city"],
                "date": when.isoformat(),
                "high": day["high"],
                "low": day["low"],
            },
        )


class BarChart:
    """A bar chart with its values written on the bars."""

    def record(self, rng: np.random.Generator, language: Language) -> Record:
        """Return the values of six periods, all different."""
        year = int(rng.integers(2015, 2028))
        by_quarter = rng.random() < 0.4
        values = rng.choice(np.arange(100, 9999), size=6, replace=False)
        tenths = bool(rng.random() < 0.5)
        start = int(rng.integers(0, 7))
        periods = [
            f"{year + i // 4} Q{i % 4 + 1}" if by_quarter else f"{year}-{start + i % 6:02d}"
            for i in range(1, 7)
        ]
        return {
            "metric": words_of(language).pick("measure", rng),
            "periods": sorted(periods),
            "values": [int(v) / 10 if tenths else int(v) for v in values],
        }

    def picture(self, record: Record, rng: np.random.Generator, language: Language) -> Image.Image:
        """Return bars on a grid."""
        sheet = Sheet(760, 520, language, paper=(255, 255, 255))
        colours: list[Colour] = [(58, 110, 190), (40, 150, 120), (200, 110, 40), (130, 80, 170)]
        colour = colours[int(rng.integers(len(colours)))]
        sheet.text(380, 24, record["metric"], 34, bold=True, anchor="ma")
        top, bottom, left, right = 110, 430, 60, 730
        for i in range(6):
            y = bottom - i * (bottom - top) / 5
            sheet.draw.line((left, y, right, y), (224, 226, 230), 1)
        highest = max(record["values"])
        step = (right - left) / 6
        for i, (period, value) in enumerate(zip(record["periods"], record["values"], strict=True)):
            x0 = left + i * step + 18
            y0 = bottom - (bottom - top) * value / highest
            sheet.box(x0, y0, x0 + step - 36, bottom, fill=colour)
            centre = x0 + (step - 36) / 2
            sheet.text(centre, y0 - 30, str(value), 22, bold=True, anchor="ma")
            sheet.text(centre, bottom + 14, period, 19, anchor="ma", ink=_GREY)
        sheet.draw.line((left, bottom, right, bottom), _GREY, 2)
        return sheet.image

    def ask(self, record: Record, rng: np.random.Generator, language: Language) -> Ask:
        """Ask to store the highest, the lowest or the last value, or to take one as a goal."""
        zh = language == "zh"
        values = record["values"]
        which = pick(("highest", "lowest", "last"), rng)
        index = {
            "highest": values.index(max(values)),
            "lowest": values.index(min(values)),
            "last": len(values) - 1,
        }[which]
        named = {"highest": "最高", "lowest": "最低", "last": "最后一期"}[which] if zh else which
        if rng.random() < 0.75:
            question = (
                f"请把图中{named}的数值及其时期存下来。"
                if zh
                else f"Store the {named} value of this chart, with its period."
            )
            args = {
                "metric": record["metric"],
                "period": record["periods"][index],
                "value": values[index],
            }
            return Ask(question, "log_metric", args)
        question = (
            f"请把图中{named}的数值设为这个指标的目标。"
            if zh
            else f"Make the {named} value of this chart our goal for this statistic."
        )
        return Ask(question, "set_metric_goal", {"metric": record["metric"], "goal": values[index]})


def _weather_sign(sheet: Sheet, x: int, y: int, size: int, kind: int) -> None:
    """Draw a small sign of the weather about (x, y)."""
    draw = sheet.draw
    if kind == 0:
        draw.ellipse((x - size, y - size, x + size, y + size), _SUN)
        return
    half = size // 2
    for dx, dy, r in ((-half, 0, half), (half, 0, half), (0, -half // 2, int(size * 0.7))):
        draw.ellipse((x + dx - r, y + dy - r, x + dx + r, y + dy + r), _CLOUD)
    for i in range(3) if kind in (2, 3) else ():
        cx, cy = x + (i - 1) * half, y + size
        mark = (250, 252, 255) if kind == 3 else _DROP
        draw.ellipse((cx - size // 8 - 1, cy - size // 6, cx + size // 8 + 1, cy + size // 6), mark)
    for i in range(3) if kind in (4, 5) else ():
        draw.line((x - size, y + half + i * 5, x + size, y + half + i * 5), _GREY, 2)
