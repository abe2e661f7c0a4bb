"""Answers that a rule counts as right, made from the reference actions: the upper end of a scale.

Two rules can ask for different answers (a near-diagonal scroll is "up" for one and "left" for the
other), so an expert answers under a named rule. 100 is reachable under each.
"""

from collections.abc import Mapping
from typing import Any

from qvl_agent.evals.aitz.coat import action_type
from qvl_agent.evals.aitz.gold import Gold
from qvl_agent.evals.aitz.qwen25vl import gold_direction, gold_kind

__all__ = ["expert_prediction"]

_REACH = 20
"""Half the side of a predicted box on the 0..1000 grid."""


def expert_prediction(gold: Gold, protocol: str) -> Mapping[str, Any]:
    """Return a prediction that `protocol` counts as an exact match, in the rule's own notation.

    Args:
        gold: The reference action.
        protocol: One of `evals.aitz.protocols.PROTOCOLS`.
    """
    if protocol == "qwen25vl":
        return _by_points(gold)
    return _by_words(gold, corner=protocol == "coat-as-released")


def _by_points(gold: Gold) -> Mapping[str, Any]:
    kind = gold_kind(gold)
    y, x = gold.touch
    match kind:
        case "click" | "long_press":
            return {"type": kind, "point": [x * 1000, y * 1000]}
        case "scroll":
            to = gold_direction(gold)
            return {"type": "scroll", "point": [x * 1000, y * 1000], "to": to}
        case "type":
            return {"type": "type", "text": gold.text}
        case "press":
            return {"type": "press", "button": gold.action_type.name.lower()}
        case _:
            return {"type": "stop"}


def _by_words(gold: Gold, *, corner: bool) -> Mapping[str, Any]:
    words = gold.description.split(" ")
    match action_type(words[0]):
        case "click":
            x, y = gold.touch[1] * 1000, gold.touch[0] * 1000
            # As released, the rule looks for the corner (0, 0) and not for the recorded place.
            left, top = (0.0, 0.0) if corner else (x - _REACH, y - _REACH)
            return {
                "ACTION": "click_element",
                "ARGS": {"bbox": [left, top, x + _REACH, y + _REACH]},
            }
        case "scroll":
            return {"ACTION": "scroll", "ARGS": {"direction": words[1].strip()}}
        case "type":
            return {"ACTION": "input", "ARGS": {"text": gold.text}}
        case "press":
            button = next(b for b in ("enter", "back", "home") if b in gold.description)
            return {"ACTION": f"press_{button}", "ARGS": {}}
        case _:
            return {"ACTION": "stop", "ARGS": {"task_status": "success"}}
