"""Shop: products, a product, the cart, and orders."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import PRODUCTS, World, share
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Picture, Route, Tab
from qvl_agent.envs.android.phone.screens import bar, page, search_bar, tabs
from qvl_agent.envs.android.phone.widgets import button, gap, icon, line, picture, row, spread, text

__all__ = ["Shop", "ShopApp"]


@dataclass(frozen=True, slots=True)
class Shop:
    """What the app stores.

    Attributes:
        products: (name, price).
        cart: Names, one per piece.
        orders: What was bought, one tuple of names per order, the latest first.
    """

    products: tuple[tuple[str, float], ...] = ()
    cart: tuple[str, ...] = ()
    orders: tuple[tuple[str, ...], ...] = ()

    def price(self, name: str) -> float:
        """Return what a product costs."""
        return dict(self.products).get(name, 0.0)


class ShopApp(App[Shop]):
    """Shop."""

    id = "shop"
    en, zh = "Shop", "商店"
    icon, color = "bag", (228, 104, 30)

    def first(self, world: World, rng: Random) -> Shop:
        """Return the products of the split, in some order, some with another price."""
        part = list(share(PRODUCTS, world.split))
        rng.shuffle(part)
        return Shop(
            tuple(
                (world.say((en, zh)), round(p * rng.choice((0.8, 1.0, 1.2)), 1))
                for en, zh, p in part
            )
        )

    def title(self, v: View[Shop]) -> str:
        """Name the screen."""
        names = {"main": "the products of Shop", "cart": "the cart", "orders": "the list of orders"}
        return names.get(v.route.name, f"the page of {v.route.arg}")

    def view(self, v: View[Shop]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "main":
                return _main(v)
            case "product":
                return _product(v)
            case "cart":
                return _cart(v)
            case _:
                rows = [
                    row(
                        v,
                        v.t(f"Order {len(v.data.orders) - i}", f"订单 {len(v.data.orders) - i}"),
                        ", ".join(o),
                        lead="bag",
                    )
                    for i, o in enumerate(v.data.orders)
                ]
                none = text(
                    v, v.t("No orders yet", "还没有订单"), 16, color=v.theme.dim, align="center"
                )
                return page(
                    v, bar(v, v.t("Orders", "订单")), *(rows or [gap(60), none]), bottom=_tabs(v)
                )

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Shop = desk.data
        match name:
            case "add":
                desk.put(cart=(*data.cart, arg))
                desk.toast(desk.t("Added to cart", "已加入购物车"))
            case "remove":
                at = data.cart.index(arg)
                desk.put(cart=(*data.cart[:at], *data.cart[at + 1 :]))
            case "buy":
                desk.ask(
                    desk.t("Place the order?", "确定下单？"),
                    _money(sum(map(data.price, data.cart))),
                    (desk.t("Cancel", "取消"), None),
                    (desk.t("Order", "下单"), Do("really_buy")),
                )
            case "really_buy":
                desk.put(orders=(data.cart, *data.orders), cart=())
                desk.notify(
                    desk.t("Order placed", "下单成功"), ", ".join(data.cart), Route("orders")
                )
                desk.tab(Route("orders"))
            case _:
                super().do(desk, name, arg)


def _money(value: float) -> str:
    return f"${value:.2f}"


def _art(name: str) -> Picture:
    return Picture("cover", (sum(map(ord, name)) * 13,))


def _tabs(v: View[Shop]) -> Widget:
    count = len(v.data.cart)
    label = v.t("Cart", "购物车") + (f" ({count})" if count else "")
    return tabs(
        v,
        ("store", v.t("Products", "商品"), Tab(Route("main"))),
        ("cart", label, Tab(Route("cart"))),
        ("list", v.t("Orders", "订单"), Tab(Route("orders"))),
    )


def _main(v: View[Shop]) -> Widget:
    wanted = v.field("search").lower()
    found = [p for p in v.data.products if wanted in p[0].lower()]
    side = (v.width - 24 - 12) / 2
    rows = []
    for i in range(0, len(found), 2):
        tiles = [
            Widget(
                (
                    picture(_art(name), side, 112, radius=min(14, v.state.look.radius)),
                    gap(6),
                    text(v, name, 15.5, weight=500),
                    text(v, _money(price), 14.5, color=v.theme.accent),
                ),
                width=side,
                tap=Go(Route("product", name)),
                name=name,
            )
            for name, price in found[i : i + 2]
        ]
        rows.append(Widget((*tiles, spread()), axis="x", gap=12, pad=(12, 6, 0, 8)))
    return page(
        v, search_bar(v, "search", v.t("Search products", "搜索商品")), *rows, bottom=_tabs(v)
    )


def _product(v: View[Shop]) -> Widget:
    name = v.route.arg
    words = v.t(
        "Made to last, and loved by those who use it every day. Free returns within thirty days.",
        "经久耐用，深受大家喜爱。三十天内免费退货。",
    )
    return page(
        v,
        bar(v, "", icon(v, "cart", tap=Go(Route("cart")), label="Cart")),
        picture(_art(name), v.width, 290),
        Widget(
            (
                text(v, name, 25, weight=500, lines=2),
                gap(2),
                text(v, _money(v.data.price(name)), 21, color=v.theme.accent, weight=500),
                gap(10),
                text(v, words, 15.5, color=v.theme.dim, lines=5),
            ),
            pad=(18, 16, 18, 10),
        ),
        bottom=Widget(
            (
                button(
                    v, v.t("Add to cart", "加入购物车"), Do("add", name), grow=1, icon_name="cart"
                ),
            ),
            axis="x",
            pad=(18, 8, 18, 14),
        ),
    )


def _cart(v: View[Shop]) -> Widget:
    names = list(dict.fromkeys(v.data.cart))
    rows = []
    for name in names:
        count = v.data.cart.count(name)
        rows.append(
            row(
                v,
                name,
                f"{count} × {_money(v.data.price(name))}",
                lead=picture(_art(name), 52, 52, radius=8),
                trail=icon(v, "delete", tap=Do("remove", name), label=f"Remove {name}"),
                tap=Go(Route("product", name)),
                name=name,
            )
        )
    total = Widget(
        (
            text(v, v.t("Total", "合计"), 18, grow=1),
            text(v, _money(sum(map(v.data.price, v.data.cart))), 20, weight=500),
        ),
        axis="x",
        pad=(18, 14, 18, 12),
    )
    none = text(v, v.t("The cart is empty", "购物车是空的"), 16, color=v.theme.dim, align="center")
    order = Widget(
        (button(v, v.t("Place order", "去下单"), Do("buy"), grow=1),), axis="x", pad=(18, 4, 18, 0)
    )
    body = [*rows, line(v), total, order] if rows else [gap(60), none]
    return page(v, bar(v, v.t("Cart", "购物车")), *body, bottom=_tabs(v))
