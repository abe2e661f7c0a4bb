"""The Hermes dialect: a JSON object between `<tool_call>` tags, for Qwen2.5-VL and Qwen3-VL.

Every function of a space is a tool of its own, unless the space has a packed form: the models'
cookbooks have one tool `computer_use` for a desktop.

Source: QwenLM/Qwen-Agent qwen_agent/llm/fncall_prompts/nous_fncall_prompt.py@06a1904.
"""

import json
from typing import Literal

from qvl_agent.actions.dialects import scan
from qvl_agent.actions.dialects.base import Parsed
from qvl_agent.actions.dialects.reader import Form, read
from qvl_agent.actions.dialects.tools import parameters_schema
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.space import ActionSpace, Detail
from qvl_agent.actions.types import Call

__all__ = ["Hermes"]

_FORM = Form(
    "", lambda name, args: f'<tool_call>{{"name": "{name}", "arguments": {args}}}</tool_call>'
)


class Hermes:
    """Calls in `<tool_call>` blocks; each result opens a turn of the user."""

    name: str = "hermes"
    stop_words: tuple[str, ...] = ()
    results_in: Literal["assistant", "user"] = "user"
    before_result: str = "<tool_response>\n"
    after_result: str = "\n</tool_response>"

    def __repr__(self) -> str:
        return "<dialect hermes>"

    def space_for(self, space: ActionSpace) -> ActionSpace:
        """Return the packed form of a space where it has one."""
        return space.packed or space

    def system(self, space: ActionSpace, frame: Frame, detail: Detail = "full") -> str:
        """Return the system prompt's part that tells the actions and how to call them."""
        if detail == "names":
            return f"# Actions\n{space.describe(frame, 'names')}"
        tools = "\n".join(
            json.dumps(
                {
                    "type": "function",
                    "function": {
                        "name": function.name,
                        "description": function.description,
                        "parameters": parameters_schema(function, frame),
                    },
                },
                ensure_ascii=False,
            )
            for function in space.functions
        )
        return (
            "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
            "You are provided with function signatures within <tools></tools> XML tags:\n"
            f"<tools>\n{tools}\n</tools>\n\n"
            "For each function call, return a json object with function name and arguments within "
            "<tool_call></tool_call> XML tags:\n<tool_call>\n"
            '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
        )

    def render(self, call: Call, thought: str = "") -> str:
        """Return the thought, then the call in a block; the thought must hold no tag."""
        opening = f"{thought}\n" if thought else ""
        written = {"name": call.function, "arguments": dict(call.args)}
        return f"{opening}<tool_call>\n{json.dumps(written, ensure_ascii=False)}\n</tool_call>"

    def call_end(self, text: str) -> int | None:
        """Return the index just after the first complete call, or None while there is none yet."""
        return scan.call_end(text)

    def parse(self, text: str, space: ActionSpace, frame: Frame) -> Parsed:
        """Return the calls in a newly generated text.

        Raises:
            ParseError: Whatever the text holds; no other exception leaves this function.
        """
        return read(text, space, frame, _FORM)
