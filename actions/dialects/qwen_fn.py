"""Qwen-Agent's classic dialect: `✿FUNCTION✿: Tap`, `✿ARGS✿: {"point": [348, 291]}`.

Source: QwenLM/Qwen-Agent qwen_agent/llm/fncall_prompts/qwen_fncall_prompt.py@2f7415f.
"""

import json

from qvl_agent.actions.dialects.markers import MarkerDialect
from qvl_agent.actions.dialects.tools import parameters_schema
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.space import ActionSpace, Detail

__all__ = ["QwenFn"]


class QwenFn(MarkerDialect):
    """Calls between flowers, for models that Qwen-Agent's prompts have taught."""

    def __init__(self) -> None:
        super().__init__("qwen_fn", "✿")

    def system(self, space: ActionSpace, frame: Frame, detail: Detail = "full") -> str:
        """Return the system prompt's part that tells the actions and how to call them."""
        if detail == "names":
            return f"# Actions\n{space.describe(frame, 'names')}"
        tools = "\n\n".join(
            f"### {function.name}\n\n{function.name}: {function.description} Parameters: "
            f"{json.dumps(parameters_schema(function, frame), ensure_ascii=False)} "
            "Format the arguments as a JSON object."
            for function in space.functions
        )
        names = ",".join(function.name for function in space.functions)
        return (
            f"# Tools\n\n## You have access to the following tools:\n\n{tools}\n\n"
            "## When you need to call a tool, please insert the following command in your reply, "
            "which can be called zero or multiple times according to your needs:\n\n"
            f"✿FUNCTION✿: The tool to use, should be one of [{names}]\n"
            "✿ARGS✿: The input of the tool\n"
            "✿RESULT✿: Tool results\n"
            "✿RETURN✿: Reply based on tool results. Images need to be rendered as ![](url)"
        )
