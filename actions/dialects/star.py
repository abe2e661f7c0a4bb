"""The paper's dialect: `*FUNCTION*: Tap`, `*ARGS*: {"point": [348, 291]}`.

Source: Qwen2-VL paper, 2.2.1 "Visual Agent" and figure 30.
"""

from qvl_agent.actions.dialects.markers import MarkerDialect
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.space import ActionSpace, Detail

__all__ = ["Star"]


class Star(MarkerDialect):
    """Calls between stars, for Qwen2-VL and for `nano`."""

    def __init__(self) -> None:
        super().__init__("star", "*")

    def system(self, space: ActionSpace, frame: Frame, detail: Detail = "full") -> str:
        """Return the system prompt's part that tells the actions and how to call them."""
        if detail == "names":
            return f"# Actions\n{space.describe(frame, 'names')}"
        names = ",".join(function.name for function in space.functions)
        return (
            "# Actions\n\n## You have the following actions.\n\n"
            f"{space.describe(frame)}\n\n"
            "## Continuously take action until the task is completed.\n\n"
            f"*FUNCTION*: The action to take, should be one of {{{names}}}.\n"
            "*ARGS*: The input of the action.\n"
            "*RESULT*: Action results.\n"
            "*RETURN*: Reply based on action results."
        )
