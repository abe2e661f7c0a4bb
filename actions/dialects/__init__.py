"""How calls are written and read: `star` (the paper's), `qwen_fn` and `hermes`."""

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from qvl_agent.actions.dialects.base import Dialect, Parsed
from qvl_agent.actions.dialects.flags import FLAGS
from qvl_agent.actions.dialects.hermes import Hermes
from qvl_agent.actions.dialects.qwen_fn import QwenFn
from qvl_agent.actions.dialects.star import Star
from qvl_agent.actions.errors import UsageError

__all__ = ["DIALECTS", "FLAGS", "Dialect", "Hermes", "Parsed", "QwenFn", "Star", "get_dialect"]

_ALL: tuple[Dialect, ...] = (Star(), QwenFn(), Hermes())
DIALECTS: Mapping[str, Dialect] = MappingProxyType({dialect.name: dialect for dialect in _ALL})
"""Every dialect by its name."""


def get_dialect(name: str) -> Dialect:
    """Return a dialect by its name.

    Raises:
        UsageError: If there is none; names the nearest.
    """
    if name not in DIALECTS:
        near = difflib.get_close_matches(name, DIALECTS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ";"
        raise UsageError(f"there is no dialect {name!r}{hint} there are {', '.join(DIALECTS)}")
    return DIALECTS[name]
