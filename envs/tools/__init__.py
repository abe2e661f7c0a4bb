"""Tools as a world: the user's functions, and a code interpreter."""

from qvl_agent.envs.tools.functions import Tool, ToolResult, load_tools, result_of, schema_of
from qvl_agent.envs.tools.interpreter import Ending, Interpreter, Limits, Result
from qvl_agent.envs.tools.world import CodeWorld, ToolWorld, code_tool

__all__ = [
    "CodeWorld",
    "Ending",
    "Interpreter",
    "Limits",
    "Result",
    "Tool",
    "ToolResult",
    "ToolWorld",
    "code_tool",
    "load_tools",
    "result_of",
    "schema_of",
]
