"""The words that pictures are made of, in English and Chinese. Knows no picture."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np

__all__ = ["Language", "Words", "digits", "pick", "printed_date", "words_of"]

Language = Literal["en", "zh"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Words:
    """The names of one language.

    Args:
        lists: Lists of words by kind.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._lists = lists

    def pick(self, kind: str, rng: np.random.Generator) -> str:
        """Return one word of a kind."""
        return pick(self._lists[kind], rng)

    def several(self, kind: str, count: int, rng: np.random.Generator) -> list[str]:
        """Return different words of a kind."""
        chosen = rng.choice(len(self._lists[kind]), size=count, replace=False)
        return [self._lists[kind][int(i)] for i in chosen]


def pick(options: Sequence[str], rng: np.random.Generator) -> str:
    """Return one of the options."""
    return options[int(rng.integers(len(options)))]


def digits(count: int, rng: np.random.Generator) -> str:
    """Return a number of so many digits, as text, not beginning with 0."""
    return str(int(rng.integers(10 ** (count - 1), 10**count)))


def printed_date(day: date, language: Language) -> str:
    """Return a date as a picture shows it: "12 Mar 2026", or with the Chinese signs."""
    if language == "zh":
        return f"{day.year}年{day.month:02d}月{day.day:02d}日"
    return f"{day.day:02d} {_MONTHS[day.month - 1]} {day.year}"


def words_of(language: Language) -> Words:
    """Return the names of a language."""
    return _ENGLISH if language == "en" else _CHINESE


_ENGLISH = Words(
    {
        "city": (
            "London", "Leeds", "York", "Bristol", "Oxford", "Cardiff", "Glasgow", "Dublin",
            "Paris", "Lyon", "Berlin", "Munich", "Vienna", "Zurich", "Milan", "Turin", "Madrid",
            "Seville", "Lisbon", "Porto", "Oslo", "Bergen", "Prague", "Warsaw", "Boston", "Denver",
            "Austin", "Seattle", "Chicago", "Toronto", "Montreal", "Sydney", "Perth", "Auckland",
        ),
        "first": (
            "Anna", "Bruno", "Clara", "David", "Elena", "Felix", "Grace", "Henry", "Irene",
            "Jonas", "Karen", "Leon", "Maria", "Nora", "Oscar", "Paula", "Quinn", "Rosa", "Simon",
            "Teresa", "Victor", "Wendy", "Yusuf", "Zoe",
        ),
        "last": (
            "Adams", "Baker", "Carter", "Dupont", "Evans", "Fischer", "Garcia", "Hughes", "Ito",
            "Jensen", "Keller", "Lopez", "Moreau", "Nilsson", "Olsen", "Patel", "Rossi", "Schmidt",
            "Turner", "Vega", "Walsh", "Young",
        ),
        "shop": (
            "Corner Bakery", "Green Grocer", "Blue Bottle Cafe", "Harbour Books", "Noodle House",
            "Sunrise Market", "The Tea Room", "Old Mill Deli", "Luna Pizza", "City Hardware",
            "Maple Pharmacy", "Riverside Grill",
        ),
        "goods": (
            "Espresso", "Flat white", "Green tea", "Croissant", "Bagel", "Tomato soup", "Salad",
            "Sandwich", "Noodles", "Apple pie", "Orange juice", "Water 0.5l", "Cheese", "Olive oil",
            "Rice 1kg", "Notebook", "Pencil", "Batteries", "Soap", "Toothpaste",
        ),
        "event": (
            "Jazz by the River", "Winter Book Fair", "Open Air Cinema", "City Marathon",
            "Robotics Day", "Spring Flower Show", "Night of Museums", "Piano Recital",
            "Street Food Festival", "Photography Week", "Chess Open", "Science Slam",
            "Folk Dance Gala", "Startup Forum",
        ),
        "place": (
            "Town Hall", "Central Park", "Harbour Stage", "Grand Theatre", "City Library",
            "Exhibition Hall B", "Old Brewery", "Music School", "Riverside Arena", "Opera House",
        ),
        "weather": ("Sunny", "Cloudy", "Rain", "Snow", "Windy", "Fog"),
        "weekday": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        "street": ("Mill Lane", "High Street", "Station Road", "Park Avenue", "Church Hill"),
        "measure": ("Sales", "Visitors", "Orders", "Rainfall", "Energy use", "Downloads"),
        "seat": ("window", "aisle", "middle"),
    }
)  # fmt: skip

_CHINESE = Words(
    {
        "city": (
            "北京", "上海", "广州", "深圳", "杭州", "南京", "苏州", "天津", "武汉", "成都", "重庆",
            "西安", "长沙", "郑州", "青岛", "济南", "大连", "沈阳", "昆明", "贵阳", "福州", "厦门",
            "合肥", "南昌", "兰州", "银川", "太原", "宁波", "无锡", "桂林",
        ),
        "first": (
            "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟",
            "涛",
            "明", "超", "秀英", "建国", "晓梅", "志强", "文博", "雨晴", "子轩",
        ),
        "last": (
            "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱",
            "高",
            "林", "何", "郭", "马", "罗",
        ),
        "shop": (
            "好邻居超市", "老城面馆", "清香茶楼", "光明书店", "东方药房", "小江南餐厅",
            "和平便利店",
            "阳光水果店", "大众五金", "海韵咖啡", "百味烧烤", "福来面包房",
        ),
        "goods": (
            "牛肉面", "小笼包", "绿茶", "咖啡", "豆浆", "油条", "米饭", "青菜", "苹果", "香蕉",
            "牛奶",
            "鸡蛋", "面包", "矿泉水", "笔记本", "铅笔", "电池", "香皂", "牙膏", "橙汁",
        ),
        "event": (
            "春季花展", "古典音乐会", "城市马拉松", "图书博览会", "科技创新日", "民乐之夜",
            "摄影周",
            "美食节", "少儿画展", "话剧之夜", "围棋公开赛", "灯光节", "国际车展", "诗歌朗诵会",
        ),
        "place": (
            "市民中心", "人民公园", "大剧院", "图书馆", "会展中心", "音乐厅", "体育馆", "文化宫",
            "美术馆", "江滩广场",
        ),
        "weather": ("晴", "多云", "小雨", "小雪", "大风", "雾"),
        "weekday": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        "street": ("人民路", "中山路", "解放路", "和平街", "建设路"),
        "measure": ("销售额", "访客数", "订单数", "降雨量", "用电量", "下载量"),
        "seat": ("靠窗", "过道", "中间"),
    }
)  # fmt: skip
