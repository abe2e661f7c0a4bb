"""What can be stored on a phone: names, places, texts, in English and Chinese, drawn by a seed.

Every pool is divided between training and testing (`share`), so that a held-out phone holds
people, notes and products that no training phone has. A phone to practise on draws from the
training part and calls most of it otherwise, by invented words. Knows no app's data types.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Literal, TypeAlias, TypeVar

from qvl_agent.envs.android.phone.invention import invent, is_chinese

__all__ = [
    "ARTICLES",
    "CATEGORIES",
    "CITIES",
    "ERRANDS",
    "EVENTS",
    "FILES",
    "FOLDERS",
    "HAN",
    "MAILS",
    "MESSAGES",
    "NETWORKS",
    "NOTES",
    "PRODUCTS",
    "QUERIES",
    "SONGS",
    "TRAINS",
    "Person",
    "Place",
    "Split",
    "World",
    "share",
]

Split: TypeAlias = Literal["train", "test", "practice"]
Pair: TypeAlias = tuple[str, str]
"""The same thing in English and in Chinese."""

T = TypeVar("T")

PEOPLE: tuple[Pair, ...] = (
    ("Mia Chen", "陈米亚"), ("Liam Novak", "李安"), ("Ava Rossi", "罗爱华"), ("Noah Park", "朴诺"),
    ("Zoe Miller", "苗佳怡"), ("Omar Haddad", "何欧文"), ("Ella Brooks", "布晓兰"), ("Ivan Petrov", "伊万"),
    ("Nina Weber", "魏妮"), ("Theo Laurent", "罗天"), ("Ruby Santos", "桑如冰"), ("Hugo Lindt", "林雨果"),
    ("Iris Okafor", "欧丽思"), ("Kai Tanaka", "田中凯"), ("Lena Fischer", "费莲娜"), ("Max Duarte", "杜马克"),
    ("Anna Kowalska", "高安娜"), ("Ben Carter", "卡本"), ("Clara Moreau", "莫克莱"), ("Dev Patel", "帕特"),
    ("Emma Larsen", "拉艾玛"), ("Felix Braun", "包飞"), ("Grace Kim", "金恩惠"), ("Jonas Berg", "白杰"),
    ("Maya Singh", "辛玛雅"), ("Paul Schmidt", "施保罗"), ("Sara Lopez", "罗莎"), ("Tom Walker", "王汤姆"),
    ("Uma Reddy", "雷玉梅"), ("Victor Hale", "于伟"), ("Wendy Zhao", "赵文"), ("Yuki Mori", "森雪"),
)  # fmt: skip
CATEGORIES: tuple[tuple[str, str, str], ...] = (
    ("pizza", "比萨", "fork"), ("coffee", "咖啡", "cup"), ("pharmacy", "药店", "pill"),
    ("sushi", "寿司", "fork"), ("hotel", "酒店", "bed"), ("library", "图书馆", "book"),
    ("gas station", "加油站", "fuel"), ("bakery", "面包店", "store"), ("park", "公园", "tree"),
    ("burger", "汉堡", "fork"), ("supermarket", "超市", "cart"), ("museum", "博物馆", "globe"),
    ("noodles", "面馆", "fork"), ("bookstore", "书店", "book"), ("tea house", "茶馆", "cup"),
    ("hospital", "医院", "plus"),
)  # fmt: skip
_PLACE_WORDS: dict[str, tuple[Pair, ...]] = {
    "fork": (("Bella", "贝拉"), ("Golden Oven", "金炉"), ("Nonna's", "外婆家"), ("Corner", "街角"), ("Luna", "月光"), ("Red Table", "红桌"), ("Piccolo", "小巷"), ("Harbour", "海港"), ("Old Mill", "老磨坊"), ("Olive", "橄榄")),
    "": (("Central", "中央"), ("Riverside", "河边"), ("Sunny", "阳光"), ("Northgate", "北门"), ("Green", "绿叶"), ("Station", "车站"), ("City", "城市"), ("Maple", "枫叶"), ("Bridge", "桥头"), ("Lakeview", "湖景")),
}  # fmt: skip
STREETS: tuple[Pair, ...] = (
    ("Main St", "人民路"), ("Oak Ave", "中山路"), ("Park Rd", "公园路"), ("Hill St", "山前街"),
    ("Lake Dr", "湖滨路"), ("Mill Ln", "解放路"), ("King St", "和平街"), ("Elm St", "建设路"),
)  # fmt: skip
CITIES: tuple[Pair, ...] = (
    ("Berlin", "柏林"), ("Tokyo", "东京"), ("Lima", "利马"), ("Oslo", "奥斯陆"), ("Cairo", "开罗"),
    ("Paris", "巴黎"), ("Beijing", "北京"), ("Madrid", "马德里"), ("Chicago", "芝加哥"), ("Shanghai", "上海"),
    ("Rome", "罗马"), ("Vienna", "维也纳"), ("Sydney", "悉尼"), ("Toronto", "多伦多"), ("Mumbai", "孟买"),
    ("Lisbon", "里斯本"), ("Dublin", "都柏林"), ("Hangzhou", "杭州"), ("Athens", "雅典"), ("Seoul", "首尔"),
    ("Prague", "布拉格"), ("Boston", "波士顿"), ("Chengdu", "成都"), ("Helsinki", "赫尔辛基"),
)  # fmt: skip
SONGS: tuple[tuple[Pair, Pair], ...] = (
    (("Paper Boats", "纸船"), ("The Lanterns", "灯笼乐队")), (("Blue Hour", "蓝色时刻"), ("Ada Vale", "安达")),
    (("Slow Train", "慢火车"), ("Northbound", "北行")), (("Glass Rain", "玻璃雨"), ("Mira", "米拉")),
    (("Wildfire", "野火"), ("Copper Sky", "铜色天空")), (("Morning Tide", "晨潮"), ("Ada Vale", "安达")),
    (("Velvet Road", "丝绒之路"), ("June & Jay", "六月")), (("Satellites", "卫星"), ("Northbound", "北行")),
    (("Little Storm", "小风暴"), ("The Lanterns", "灯笼乐队")), (("Evergreen", "常青"), ("Mira", "米拉")),
    (("Night Market", "夜市"), ("Copper Sky", "铜色天空")), (("Second Sun", "第二个太阳"), ("June & Jay", "六月")),
    (("Harbour Lights", "港口灯火"), ("Ada Vale", "安达")), (("Footsteps", "脚步声"), ("Mira", "米拉")),
    (("Orange Sky", "橙色天空"), ("Northbound", "北行")), (("Quiet Rooms", "安静的房间"), ("The Lanterns", "灯笼乐队")),
)  # fmt: skip
PRODUCTS: tuple[tuple[str, str, float], ...] = (
    ("Desk Lamp", "台灯", 24.9), ("Water Bottle", "水杯", 12.5), ("Running Shoes", "跑鞋", 64.0),
    ("Wool Scarf", "羊毛围巾", 19.9), ("Phone Case", "手机壳", 9.9), ("Backpack", "背包", 45.0),
    ("Tea Kettle", "茶壶", 31.5), ("Yoga Mat", "瑜伽垫", 22.0), ("Headphones", "耳机", 79.0),
    ("Notebook Set", "笔记本", 8.5), ("Umbrella", "雨伞", 15.0), ("Coffee Beans", "咖啡豆", 13.9),
    ("Rain Jacket", "雨衣", 58.0), ("Alarm Clock", "闹钟", 17.5), ("Wall Poster", "海报", 11.0),
    ("Keyboard", "键盘", 49.9), ("Sunglasses", "太阳镜", 27.0), ("Garden Gloves", "手套", 6.9),
    ("Bike Light", "自行车灯", 14.5), ("Travel Pillow", "旅行枕", 18.0),
)  # fmt: skip
NOTES: tuple[tuple[Pair, Pair], ...] = (
    (("Groceries", "买菜"), ("Milk, eggs, rice", "牛奶，鸡蛋，大米")), (("Gift ideas", "礼物"), ("A book for Sam", "给小山一本书")),
    (("Packing list", "行李清单"), ("Passport, socks", "护照，袜子")), (("Wifi at the cabin", "小屋网络"), ("Ask the host", "问房东")),
    (("Books to read", "要读的书"), ("The Sea, Emma", "大海，爱玛")), (("Workout plan", "健身计划"), ("Mon legs, Wed back", "周一腿，周三背")),
    (("Dinner on Friday", "周五晚餐"), ("Soup and bread", "汤和面包")), (("Garden", "花园"), ("Water the roses", "给玫瑰浇水")),
    (("Car service", "汽车保养"), ("Tyres in May", "五月换轮胎")), (("Movie night", "电影之夜"), ("Bring popcorn", "带爆米花")),
    (("Budget", "预算"), ("Rent and food first", "先付房租和饭钱")), (("Haircut", "理发"), ("Short at the sides", "两边剪短")),
    (("Study goals", "学习目标"), ("Two chapters a week", "每周两章")), (("Plants", "植物"), ("Sun for the cactus", "多晒太阳")),
    (("Recipe for soup", "汤的做法"), ("Leek, potato, cream", "土豆和奶油")), (("House rules", "家规"), ("Shoes off", "进门脱鞋")),
)  # fmt: skip
MESSAGES: tuple[Pair, ...] = (
    ("See you at noon", "中午见"), ("Running late", "我要晚一点"), ("Call me back", "给我回电话"),
    ("Happy birthday", "生日快乐"), ("On my way", "在路上了"), ("Thanks a lot", "非常感谢"),
    ("Where are you", "你在哪里"), ("Good night", "晚安"), ("Dinner at eight", "八点吃饭"),
    ("I got the tickets", "票买到了"), ("Please bring water", "请带水"), ("Meet me outside", "在外面见"),
    ("Good luck today", "祝你好运"), ("The bus is here", "公交车来了"), ("Sounds great", "听起来不错"),
    ("Home by nine", "九点到家"),
)  # fmt: skip
MAILS: tuple[tuple[Pair, Pair], ...] = (
    (("Project plan", "项目计划"), ("The new plan is ready. Please read it before Monday.", "新计划好了，请在周一前看一下。")),
    (("Your invoice", "您的发票"), ("Thank you for your order. The invoice is attached.", "感谢您的订单，发票在附件中。")),
    (("Weekend trip", "周末旅行"), ("Shall we take the early train on Saturday?", "我们坐周六早班火车好吗？")),
    (("Team lunch", "团队午餐"), ("We booked a table for six people.", "我们订了六个人的桌子。")),
    (("Photos from Sunday", "周日的照片"), ("I put all the pictures into the shared folder.", "我把照片放进共享文件夹了。")),
    (("Library notice", "图书馆通知"), ("Two of your books are due this week.", "您有两本书本周到期。")),
    (("Rent for June", "六月房租"), ("The rent is due on the first of the month.", "房租每月一号到期。")),
    (("New course", "新课程"), ("The drawing course starts in two weeks.", "画画课两周后开始。")),
    (("Lost keys", "丢失的钥匙"), ("Somebody found keys near the lift.", "有人在电梯旁捡到钥匙。")),
    (("Concert tickets", "音乐会门票"), ("Your seats are in row twelve.", "您的座位在十二排。")),
    (("Parcel update", "包裹更新"), ("Your parcel will arrive tomorrow.", "您的包裹明天送到。")),
    (("Street party", "街区聚会"), ("Bring a chair and something to eat.", "请带一把椅子和吃的。")),
)  # fmt: skip
EVENTS: tuple[Pair, ...] = (
    ("Dentist", "看牙医"), ("Yoga class", "瑜伽课"), ("Team meeting", "团队会议"), ("Piano lesson", "钢琴课"),
    ("Lunch with Sam", "和小山吃饭"), ("Book club", "读书会"), ("Swim training", "游泳训练"), ("Flat viewing", "看房"),
    ("Board games", "桌游"), ("Car wash", "洗车"), ("Language course", "语言课"), ("Haircut", "理发"),
    ("Chess club", "象棋社"), ("Bike repair", "修自行车"), ("Choir", "合唱团"), ("Parents evening", "家长会"),
)  # fmt: skip
ERRANDS: tuple[Pair, ...] = (
    ("Buy stamps", "买邮票"), ("Water plants", "浇花"), ("Call the bank", "给银行打电话"), ("Fix the door", "修门"),
    ("Feed the cat", "喂猫"), ("Return books", "还书"), ("Clean the oven", "清洗烤箱"), ("Pay rent", "交房租"),
    ("Print photos", "打印照片"), ("Order cake", "订蛋糕"), ("Sort letters", "整理信件"), ("Charge bike", "给车充电"),
)  # fmt: skip
FOLDERS: tuple[Pair, ...] = (
    ("Downloads", "下载"), ("Documents", "文档"), ("Pictures", "图片"), ("Work", "工作"), ("Invoices", "发票"), ("Recipes", "菜谱"),
)  # fmt: skip
FILES: tuple[Pair, ...] = (
    ("report.pdf", "报告.pdf"), ("budget.xlsx", "预算.xlsx"), ("letter.docx", "信.docx"), ("plan.txt", "计划.txt"),
    ("contract.pdf", "合同.pdf"), ("menu.pdf", "菜单.pdf"), ("slides.pptx", "演示.pptx"), ("scan.png", "扫描.png"),
    ("resume.pdf", "简历.pdf"), ("timetable.pdf", "课表.pdf"), ("notes.txt", "笔记.txt"), ("map.png", "地图.png"),
    ("manual.pdf", "手册.pdf"), ("guests.xlsx", "客人.xlsx"), ("song.mp3", "歌.mp3"), ("backup.zip", "备份.zip"),
)  # fmt: skip
NETWORKS: tuple[Pair, ...] = (
    ("Home-5G", "家-5G"), ("Cafe Luna", "月光咖啡"), ("Blue-Office", "蓝色办公"), ("FreeAirport", "机场免费"),
    ("Neighbour2", "邻居二"), ("Library-Guest", "图书馆"), ("TP-2041", "TP-2041"), ("Hotel Maple", "枫叶酒店"),
)  # fmt: skip
QUERIES: tuple[Pair, ...] = (
    ("bread recipe", "面包做法"), ("used bikes", "二手自行车"), ("moon phases", "月相"), ("learn chess", "学象棋"),
    ("cheap flights", "便宜机票"), ("rain radar", "降雨雷达"), ("tie a tie", "打领带"), ("guitar chords", "吉他和弦"),
    ("marathon plan", "马拉松计划"), ("cat breeds", "猫的品种"), ("tea types", "茶的种类"), ("solar panels", "太阳能板"),
    ("old maps", "老地图"), ("paint walls", "刷墙"), ("bird songs", "鸟叫声"), ("pasta shapes", "面的形状"),
)  # fmt: skip
ARTICLES: tuple[tuple[Pair, Pair], ...] = (
    (("{} for beginners", "{}入门"), ("Everything you need to start, step by step.", "从零开始，一步一步。")),
    (("The best guide to {}", "{}最佳指南"), ("Ten things that experts wish they had known.", "专家希望早知道的十件事。")),
    (("{} - Open Encyclopedia", "{} - 开放百科"), ("History, kinds and use, with pictures.", "历史、种类和用途，附图。")),
    (("{} near you", "附近的{}"), ("Compare offers and read what others say.", "比较价格，阅读评论。")),
    (("Questions about {}", "关于{}的问题"), ("The community answers.", "大家来回答。")),
)  # fmt: skip
TRAINS: tuple[Pair, ...] = (
    ("Regional Rail", "城际铁路"),
    ("Blue Line", "蓝线列车"),
    ("Coast Express", "海岸快线"),
    ("City Coach", "城市客车"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the address book."""

    name: str
    phone: str
    email: str
    street: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the map."""

    name: str
    category: str
    street: str
    phone: str
    stars: float
    metres: int


def share(pool: tuple[T, ...], split: Split) -> tuple[T, ...]:
    """Return a split's part of a pool: three quarters to train, the rest to test."""
    return tuple(item for i, item in enumerate(pool) if (i % 4 == 3) == (split == "test"))


@dataclass(frozen=True, slots=True)
class World:
    """What one phone knows of its owner's world.

    Attributes:
        split: Which part of the pools it draws from.
        zh: Whether its contents are in Chinese.
        today: Date at power on.
        people: In the address book.
        places: On the map, all categories.
        invented: What this phone calls the words of the pools instead; empty outside of practice.
    """

    split: Split
    zh: bool
    today: date
    people: tuple[Person, ...]
    places: tuple[Place, ...]
    invented: Mapping[str, str] = field(default_factory=dict)

    def say(self, pair: Pair) -> str:
        """Return the wording in the phone's language."""
        word = pair[1] if self.zh else pair[0]
        return self.invented.get(word, word)

    def draw(self, rng: Random, pool: tuple[Pair, ...], count: int) -> list[str]:
        """Return some of a pool's words, without repetition."""
        part = share(pool, self.split)
        return [self.say(p) for p in rng.sample(part, min(count, len(part)))]

    @classmethod
    def of(cls, rng: Random, split: Split, zh: bool) -> "World":
        """Return a world, drawn at random."""
        invented = _invented(rng, zh) if split == "practice" else {}
        today = date(2026, 1, 5) + timedelta(days=rng.randrange(330))
        people = []
        for pair in rng.sample(
            share(PEOPLE, split), 8 if split == "test" else rng.randrange(8, 13)
        ):
            name = pair[1] if zh else pair[0]
            name = invented.get(name, name)
            handle = pair[0].lower().replace(" ", ".")
            street = f"{rng.randrange(1, 99)} {rng.choice(STREETS)[0]}"
            if zh:
                street = f"{rng.choice(STREETS)[1]}{rng.randrange(1, 99)}号"
            people.append(Person(name, _number(rng), f"{handle}@mail.com", street))
        people.sort(key=lambda p: p.name)
        places = tuple(_places(rng, split, zh, invented))
        return cls(split, zh, today, tuple(people), places, invented)


def _number(rng: Random) -> str:
    return f"555{rng.randrange(1000, 10_000)}"


def _written(content: object) -> Iterator[str]:
    """Yield the texts in a pool."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, tuple):
        for part in content:
            yield from _written(part)


_CONTENTS = (
    *(PEOPLE, CATEGORIES, tuple(_PLACE_WORDS.values()), STREETS, CITIES, SONGS, PRODUCTS, NOTES),
    *(MESSAGES, MAILS, EVENTS, ERRANDS, FOLDERS, FILES, NETWORKS, QUERIES, ARTICLES, TRAINS),
)
HAN = "".join(sorted(filter(is_chinese, set("".join(_written(_CONTENTS))))))
"""The Chinese characters of all contents, sorted.

Invented names are made of them: a reader has to know the characters that it meets, as it has to know
letters, and thousands that it never meets would only cost it time.
"""

_RENAMED = 0.7
"""Share of the words that a phone to practise on calls otherwise."""


def _invented(rng: Random, zh: bool) -> dict[str, str]:
    """Return invented words for most of what is in the pools, in one language."""
    pairs: list[Pair] = [
        *PEOPLE, *CITIES, *MESSAGES, *EVENTS, *ERRANDS, *FOLDERS, *FILES, *NETWORKS, *QUERIES,
        *((en, chinese) for en, chinese, _ in (*CATEGORIES, *PRODUCTS)),
        *(pair for two in (*SONGS, *NOTES) for pair in two),
        *(subject for subject, _ in MAILS),
    ]  # fmt: skip
    words = (pair[1] if zh else pair[0] for pair in pairs)
    return {word: invent(rng, word, HAN) for word in words if rng.random() < _RENAMED}


def _places(rng: Random, split: Split, zh: bool, invented: Mapping[str, str]) -> list[Place]:
    places = []
    for en, chinese, icon in CATEGORIES:
        en, chinese = invented.get(en, en), invented.get(chinese, chinese)
        words = share(_PLACE_WORDS.get(icon, _PLACE_WORDS[""]), "train")
        if split == "test":
            words = _PLACE_WORDS.get(icon, _PLACE_WORDS[""])[3:]
        for word in rng.sample(words, 5):
            name = f"{word[1]}{chinese}" if zh else f"{word[0]} {en.title()}"
            street = rng.choice(STREETS)
            number = rng.randrange(1, 220)
            places.append(
                Place(
                    name,
                    chinese if zh else en,
                    f"{street[1]}{number}号" if zh else f"{number} {street[0]}",
                    _number(rng),
                    rng.randrange(32, 50) / 10,
                    rng.randrange(2, 60) * 50,
                )
            )
    return places
