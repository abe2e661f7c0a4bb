"""How a policy names objects: by type, and by number where there are several. Knows metadata only.

"Apple" is the nearest apple, the one in hand first and then those in view. "Apple_2" is the second
apple in the order of the metadata, which does not change during an episode.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from qvl_agent.envs.household.failures import Failure

__all__ = ["names_of", "resolve"]

_NUMBERED = re.compile(r"(?P<type>[A-Za-z]+)[_ ](?P<number>\d+)")


def names_of(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return each object's name by its id: "Fridge", or "Apple_1" where there are several."""
    groups: dict[str, list[str]] = {}
    for thing in metadata["objects"]:
        groups.setdefault(thing["objectType"], []).append(thing["objectId"])
    return {
        key: name if len(keys) == 1 else f"{name}_{k}"
        for name, keys in groups.items()
        for k, key in enumerate(keys, 1)
    }


def resolve(name: str, metadata: Mapping[str, Any]) -> Mapping[str, Any] | Failure:
    """Return the object that a name means, or why there is none.

    Args:
        name: As "Apple", "apple", "Apple_2", or an objectId.
        metadata: THOR's, with `objects` and `inventoryObjects`.
    """
    objects: Sequence[Mapping[str, Any]] = metadata["objects"]
    by_id = next((o for o in objects if o["objectId"] == name and not _used_up(o)), None)
    if by_id is not None:
        return by_id
    numbered = _NUMBERED.fullmatch(name.strip())
    wanted = (numbered["type"] if numbered else name.strip()).replace(" ", "").lower()
    every = [o for o in objects if o["objectType"].lower() == wanted]
    if not every:
        return Failure("NO_SUCH_OBJECT", f"there is no {name} here")
    if numbered:
        number = int(numbered["number"])
        if not 1 <= number <= len(every):
            return Failure("NO_SUCH_OBJECT", f"there are {len(every)} of {numbered['type']}")
        return every[number - 1]
    standing = [o for o in every if not _used_up(o)]
    if not standing:
        return Failure("NO_SUCH_OBJECT", f"the {name} is in pieces; name {name}Sliced")
    held = {o["objectId"] for o in metadata.get("inventoryObjects") or ()}
    return min(standing, key=lambda o: (o["objectId"] not in held, not o["visible"], o["distance"]))


def _used_up(thing: Mapping[str, Any]) -> bool:
    """Return whether a thing is only listed still: it was sliced into others."""
    return bool(thing.get("isSliced"))
