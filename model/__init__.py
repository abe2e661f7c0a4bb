"""Who decides: policies and what they need. The only folder that imports torch.

Importing this package loads no torch: `Qwen2VLPolicy` is imported when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from qvl_agent.model.policy import Decoding, Generation, Policy, Profile, Seconds, StopReason
from qvl_agent.model.prompt import Part, Picture, Prompt, Role, Text, Turn
from qvl_agent.model.scripted import RandomPolicy, ScriptedPolicy

if TYPE_CHECKING:
    from qvl_agent.model.qwen2vl import Qwen2VLPolicy

__all__ = [
    "Decoding",
    "Generation",
    "Part",
    "Picture",
    "Policy",
    "Profile",
    "Prompt",
    "Qwen2VLPolicy",
    "RandomPolicy",
    "Role",
    "ScriptedPolicy",
    "Seconds",
    "StopReason",
    "Text",
    "Turn",
]


def __getattr__(name: str) -> Any:
    if name == "Qwen2VLPolicy":
        from qvl_agent.model.qwen2vl import Qwen2VLPolicy

        return Qwen2VLPolicy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
