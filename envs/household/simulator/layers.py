"""What is drawn of a household: bodies in world coordinates, and what must be drawn before what.

A body is a solid with one box; bodies are drawn from far to near. Furniture that is set into other
furniture (drawers, basins, burners) is drawn as a panel on its host's surface. Knows no camera.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.household.simulator.scene import Box
from qvl_agent.envs.household.simulator.shapes import shape_of
from qvl_agent.envs.household.simulator.solids import Mesh, block, joined
from qvl_agent.envs.household.simulator.state import Home, Item

__all__ = ["Body", "bodies"]

_HOSTS = frozenset({"CounterTop", "Desk", "DiningTable", "Dresser", "SideTable", "TVStand"})
_DARK = (52, 46, 42)
_PANEL = 0.025
"""Metres that a panel stands out of its host."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A solid thing to draw.

    Attributes:
        key: Id of the object that it belongs to.
        low: float (3,), corner of its box in metres.
        high: float (3,), the other corner.
        quads: float (N, 4, 3), metres, counter-clockwise from outside.
        colours: float (N, 3), 0 to 255.
        after: Id of the object that has to be drawn before it, whatever the boxes say.
    """

    key: str
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    quads: NDArray[np.float64]
    colours: NDArray[np.float64]
    after: str | None = None


def bodies(home: Home) -> list[Body]:
    """Return all that can be seen of a household; what is in something shut is left out."""
    hosts = [i for i in home.items.values() if i.type in _HOSTS and i.fixture]
    found: list[Body] = []
    for item in home.items.values():
        if item.gone or (item.parent is not None and home.closed_around(item) is not None):
            continue
        host = _host(item, hosts) if item.fixture else None
        found += _drawn(home, item, host)
    return found


def _host(item: Item, hosts: list[Item]) -> Item | None:
    """Return the furniture that a fixture is set into."""
    if item.type not in ("Cabinet", "Drawer", "SinkBasin", "Sink", "StoveBurner"):
        return None
    x, y, z = item.box.centre
    inside = [h for h in hosts if h.box.holds((x, y, z), 0.12)]
    return max(inside, key=lambda h: h.box.size[0] * h.box.size[2], default=None)


def _drawn(home: Home, item: Item, host: Item | None) -> list[Body]:
    match item.type:
        case "Sink" if host is not None:
            return []
        case "SinkBasin" | "StoveBurner" if host is not None:
            return [_on_top(item, host)]
        case "Cabinet" | "Drawer":
            return _front(item, host)
        case "Fridge" | "Microwave" | "Safe" if item.is_open:
            return _opened(item)
        case "SinkBasin":
            return [_solid(item, item.box, _basin())]
    mesh = shape_of(item.type, item.is_toggled, item.is_open, item.liquid is not None)
    after = None
    if item.parent is not None:
        parent = home[item.parent]
        if parent.kind.pickupable or parent.kind.hollow or parent.type == "SinkBasin":
            after = parent.id
    return [_solid(item, _lifted(item, home), mesh, after)]


def _lifted(item: Item, home: Home) -> Box:
    """Return an item's box, lifted out of what it would be lost in.

    On a surface it is lifted to the surface, since sizes are typical ones; in a bin until it peeps
    out over the rim.
    """
    if item.parent is None:
        return item.box
    parent = home[item.parent]
    x, _, z = item.box.centre
    width, height, depth = item.box.size
    if parent.type in ("GarbageCan", "Box", "LaundryHamper"):
        base = parent.box.high[1] - 0.5 * height
    elif parent.fixture and not parent.kind.hollow:
        base = max(item.box.low[1], parent.floor)
    else:
        return item.box
    return Box((x - width / 2, base, z - depth / 2), (x + width / 2, base + height, z + depth / 2))


def _solid(item: Item, box: Box, mesh: Mesh, after: str | None = None) -> Body:
    low, high = np.array(box.low), np.array(box.high)
    quads = _placed(mesh, low, high, _facing(item))
    return Body(item.id, low, high, quads, mesh.colours, after)


def _facing(item: Item) -> tuple[int, int]:
    if item.fixture:
        return item.facing
    return ((0, 1), (1, 0), (0, -1), (-1, 0))[round(item.rotation / 90) % 4]


def _placed(
    mesh: Mesh, low: NDArray[np.float64], high: NDArray[np.float64], facing: tuple[int, int]
) -> NDArray[np.float64]:
    """Return a unit mesh's faces stretched into a box, its front turned to `facing`."""
    a, b = facing
    quads = mesh.quads
    turned = np.empty_like(quads)
    turned[..., 0] = quads[..., 0] * b + quads[..., 2] * a
    turned[..., 1] = quads[..., 1]
    turned[..., 2] = -quads[..., 0] * a + quads[..., 2] * b
    middle = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    placed: NDArray[np.float64] = turned * (high - low) + middle
    return placed


def _basin() -> Mesh:
    return joined(
        block((-0.5, 0.5), (0, 0.6), (-0.5, 0.5), (120, 126, 132)),
        block((-0.5, 0.5), (0.6, 1.0), (-0.5, 0.5), (206, 210, 214)),
        block((-0.42, 0.42), (1.0, 1.3), (-0.42, 0.42), (130, 136, 142)),
        block((-0.06, 0.06), (1.3, 1.4), (-0.06, 0.06), (60, 62, 66)),
    )


def _on_top(item: Item, host: Item) -> Body:
    top = host.box.high[1]
    box = item.box.at_height(top, top + 0.012)
    mesh = _basin() if item.type == "SinkBasin" else shape_of(item.type, item.is_toggled)
    return _solid(item, box, mesh, host.id)


def _front(item: Item, host: Item | None) -> list[Body]:
    """Return a drawer or cabinet: a panel on its host, a body of its own, or what is open of it."""
    axis, sign = (0, item.facing[0]) if item.facing[0] else (2, item.facing[1])
    low, high = list(item.box.low), list(item.box.high)
    face = item.box.high[axis] if sign > 0 else item.box.low[axis]
    if host is not None:
        edge = host.box.high[axis] if sign > 0 else host.box.low[axis]
        face = edge if abs(edge - face) < 0.35 else face
    door = shape_of(item.type)
    after = host.id if host is not None else None

    def slab(start: float, end: float, mesh: Mesh, sideways: bool = False) -> Body:
        a, b = list(low), list(high)
        a[axis], b[axis] = sorted((face + sign * start, face + sign * end))
        if sideways:  # a door that stands open, on its left edge
            other = 2 - axis
            b[other] = a[other] + _PANEL
        box = Box((a[0], a[1], a[2]), (b[0], b[1], b[2]))
        return _solid(item, box, mesh, after)

    if not item.is_open:
        bodies_ = [slab(0.0, _PANEL, door)]
        if host is None:
            depth = high[axis] - low[axis]
            bodies_.append(
                slab(-depth, 0.0, block((-0.5, 0.5), (0, 1), (-0.5, 0.5), (190, 160, 120)))
            )
        return bodies_
    hole = block((-0.5, 0.5), (0, 1), (-0.5, 0.5), _DARK)
    if item.type == "Drawer":
        tray = joined(
            block((-0.5, 0.5), (0, 0.8), (-0.5, 0.45), (200, 170, 126)),
            block((-0.45, 0.45), (0.8, 0.82), (-0.5, 0.4), _DARK),
            block((-0.5, 0.5), (0, 1), (0.42, 0.5), (226, 198, 156)),
        )
        return [slab(0.0, 0.01, hole), slab(0.01, 0.3, tray)]
    return [slab(0.0, 0.01, hole), slab(0.01, 0.4, door, sideways=True)]


def _opened(item: Item) -> list[Body]:
    """Return an open appliance as a shell, so that its contents lie between its walls."""
    (x0, y0, z0), (x1, y1, z1) = item.box.low, item.box.high
    a, b = item.facing
    t = 0.03
    walls = {
        (-1, 0): Box((x0, y0, z0), (x0 + t, y1, z1)),
        (1, 0): Box((x1 - t, y0, z0), (x1, y1, z1)),
        (0, -1): Box((x0, y0, z0), (x1, y1, z0 + t)),
        (0, 1): Box((x0, y0, z1 - t), (x1, y1, z1)),
    }
    inner = block((-0.5, 0.5), (0, 1), (-0.5, 0.5), (232, 238, 242))
    parts = [_solid(item, box, inner) for side, box in walls.items() if side != (a, b)]
    parts.append(_solid(item, Box((x0, y0, z0), (x1, y0 + 0.01, z1)), inner))
    parts.append(_solid(item, Box((x0, y1 - t, z0), (x1, y1, z1)), inner))
    edge = walls[(a, b)]
    reach = 0.3
    if a:
        door = Box(
            (min(edge.low[0], edge.low[0] + a * reach), y0, z0 - t),
            (max(edge.high[0], edge.high[0] + a * reach), y1, z0),
        )
    else:
        door = Box(
            (x0 - t, y0, min(edge.low[2], edge.low[2] + b * reach)),
            (x0, y1, max(edge.high[2], edge.high[2] + b * reach)),
        )
    parts.append(_solid(item, door, block((-0.5, 0.5), (0, 1), (-0.5, 0.5), (200, 206, 212))))
    return parts
