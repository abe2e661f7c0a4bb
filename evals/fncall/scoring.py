"""When a call is right: the paper's type match and exact match.

* **Type match**: the right function was called.
* **Exact match**: and every argument is what the picture shows. Numbers are compared as numbers;
  texts after Unicode's compatibility form and with runs of white space as one, for neither can be
  seen in a picture. Case counts. An argument too many or too few is wrong.

An answer without a readable call counts as wrong in both, so both are shares of all items.

Source: Qwen2-VL paper, 3.2.7 "Function Calling".
"""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qvl_agent.actions.types import Call

__all__ = ["CallScore", "score_call"]


@dataclass(frozen=True, slots=True)
class CallScore:
    """The judgement of one call.

    Attributes:
        type_match: The right function.
        exact_match: And the right arguments.
        wrong: Names of the arguments that are missing, too many or different.
    """

    type_match: bool
    exact_match: bool
    wrong: tuple[str, ...] = ()


def score_call(gold: Call, call: Call | None) -> CallScore:
    """Return what a call is worth; None is an answer without a readable one."""
    if call is None or call.function != gold.function:
        return CallScore(type_match=False, exact_match=False)
    names = [*gold.args, *(name for name in call.args if name not in gold.args)]
    wrong = tuple(name for name in names if not _has(call.args, gold.args, name))
    return CallScore(type_match=True, exact_match=not wrong, wrong=wrong)


def _has(args: Mapping[str, Any], gold: Mapping[str, Any], name: str) -> bool:
    if name not in args or name not in gold:
        return False
    value, wanted = args[name], gold[name]
    if isinstance(wanted, str):
        return isinstance(value, str) and _seen(value) == _seen(wanted)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value == wanted or math.isclose(value, wanted, rel_tol=0, abs_tol=1e-9)


def _seen(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
