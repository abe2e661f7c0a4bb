"""The screen as the XML that `uiautomator dump` writes, from the same tree that is drawn."""

from xml.sax.saxutils import quoteattr

from qvl_agent.envs.android.phone.nodes import Focus, walk
from qvl_agent.envs.android.phone.phone import APPS, RECENTS, Phone
from qvl_agent.envs.android.phone.state import LAUNCHER

__all__ = ["hierarchy"]


def hierarchy(phone: Phone) -> str:
    """Return the visible texts and tap targets, flat, with their bounds in pixels."""
    app = phone.state.app
    package = APPS[LAUNCHER if app == RECENTS else app].package
    lines = ["<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>", '<hierarchy rotation="0">']
    index = 0
    for node, seen in walk(phone.tree()):
        if seen.w <= 0 or seen.h <= 0 or not (node.text or node.tap or node.icon):
            continue
        x, y, w, h = (v * phone.scale for v in seen)
        kind = "EditText" if isinstance(node.tap, Focus) else "TextView" if node.text else "View"
        attributes = {
            "index": str(index),
            "text": " ".join(node.text),
            "class": f"android.widget.{kind}",
            "package": package,
            "content-desc": node.name,
            "clickable": str(node.tap is not None).lower(),
            "scrollable": str(bool(node.scroll)).lower(),
            "bounds": f"[{round(x)},{round(y)}][{round(x + w)},{round(y + h)}]",
        }
        lines.append(
            "<node " + " ".join(f"{k}={quoteattr(v)}" for k, v in attributes.items()) + " />"
        )
        index += 1
    return "\n".join([*lines, "</hierarchy>"])
