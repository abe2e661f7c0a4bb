"""A world made of tools: what a policy can do is call functions, what it sees are their results.

### Description
The user gives functions and a question, perhaps with a picture. Calls run one at a time.

### Action space
The tools, by their JSON Schemas, and `Answer(text)`, which ends the episode.

### Observation
The newest picture with the result's text: the question's picture at first, then a result's first
picture (more of them are views). A result without picture comes with a small blank one.

### Success
`check(answer)` where a check was given. Without one there is nothing to judge by: an answer
counts, and `metrics["checked"]` is 0.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.functions import Function, ToolCall
from qvl_agent.actions.mobile import Answer
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Image, Observation, ObservationSpace, Outcome, View, World
from qvl_agent.envs.tools.functions import Tool, ToolResult
from qvl_agent.envs.tools.interpreter import Interpreter, Result

__all__ = ["CodeWorld", "ToolWorld", "code_tool"]

_BLANK = (56, 56, 3)
"""The smallest picture that Qwen2-VL does not enlarge: four tokens."""


class ToolWorld(World):
    """An episode of calls to the user's functions; see the module's head.

    Args:
        tools: Tools, or plain functions whose schema is read off them.
        task: The question; `reset(options={"task": ...})` overrides it.
        image: uint8 (H, W, 3), a picture the question is about.
        check: Whether an answer is right.
        solution: Actions that solve the task, for `expert`.

    Raises:
        UsageError: If there is no tool, or a schema is not valid.
    """

    metadata = {"render_modes": ["rgb_array"]}
    render_mode = "rgb_array"

    def __init__(
        self,
        tools: Iterable[Tool | Callable[..., Any]] = (),
        *,
        task: str = "",
        image: Image | None = None,
        check: Callable[[str], bool] | None = None,
        solution: Iterable[Action] = (),
    ) -> None:
        made = [tool if isinstance(tool, Tool) else Tool.of(tool) for tool in tools]
        self._tools = {tool.name: tool for tool in made}
        if not made:
            raise UsageError("a world of tools needs at least one tool")
        if len(self._tools) != len(made) or "Answer" in self._tools:
            raise UsageError("tools need names of their own, and 'Answer' is taken")
        functions = [Function.of_tool(tool.schema) for tool in made]
        self.action_space = ActionSpace("tools", [*functions, Function.of(Answer)])
        self.observation_space = ObservationSpace()
        self._given = (task, image, check, tuple(solution))
        self._observation: Observation | None = None
        self._answer: str | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode.

        Args:
            seed: Unused: tools have no randomness that this world knows of.
            options: `task`, `image`, `check` and `solution` override the constructor's.
        """
        super().reset(seed=seed)
        options = options or {}
        task, image, check, solution = self._given
        self.task = str(options.get("task", task))
        self._check: Callable[[str], bool] | None = options.get("check", check)
        self._solution: tuple[Action, ...] = tuple(options.get("solution", solution))
        self._taken = 0
        self._answer = None
        self._observation = Observation(_shown(options.get("image", image)))
        return self._observation, {}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Call a tool, or take the answer.

        Raises:
            ResetNeeded: Before `reset` and after the answer.
            ValueError: If the action is not of this world.
        """
        if self._observation is None or self._answer is not None:
            raise ResetNeeded("call reset: no episode is under way")
        match action:
            case Answer(text=text):
                self._answer = text
                # No result: the question's picture once more would only cost tokens.
                self._observation = Observation(_shown(None))
                return self._observation, float(self.outcome().success), True, False, {}
            case ToolCall(function=name, arguments=arguments) if name in self._tools:
                self._taken += 1
                result = self._tools[name](arguments)
                self._observation = _observed(result)
                return self._observation, 0.0, False, False, {"tool_failed": result.failed}
            case _:
                raise ValueError(f"{action!r} is not an action of this world")

    def render(self) -> Image:
        """Return the newest picture."""
        if self._observation is None:
            raise ResetNeeded("call reset: no episode is under way")
        return self._observation.image.copy()

    def outcome(self) -> Outcome:
        """Return whether the answer is right, or whether there is one where nothing can be checked.

        Raises:
            ResetNeeded: Before the first `reset`.
        """
        if self._observation is None:
            raise ResetNeeded("call reset: no episode is under way")
        answered = self._answer is not None
        right = answered and (self._check is None or bool(self._check(self._answer or "")))
        metrics = {"answered": float(answered), "checked": float(self._check is not None)}
        return Outcome(success=right, metrics=metrics)

    def expert(self) -> Decision:
        """Return the next action of the given solution.

        Raises:
            ResetNeeded: If no episode is under way.
            UsageError: If no solution was given, or it is at its end: what tools are for only
                their author knows.
        """
        if self._observation is None or self._answer is not None:
            raise ResetNeeded("call reset: no episode is under way")
        if self._taken >= len(self._solution):
            raise UsageError("a world of the user's tools has no expert beyond its solution")
        action = self._solution[self._taken]
        return Decision("The next step of the solution.", action)


class CodeWorld(ToolWorld):
    """A world whose one tool is the code interpreter, which ends with the world.

    Args:
        task: As of `ToolWorld`.
        image: As of `ToolWorld`.
        check: As of `ToolWorld`.
        solution: As of `ToolWorld`.

    Raises:
        EnvError: If the system is not POSIX.
    """

    def __init__(
        self,
        *,
        task: str = "",
        image: Image | None = None,
        check: Callable[[str], bool] | None = None,
        solution: Iterable[Action] = (),
    ) -> None:
        self._interpreter = Interpreter()
        tools = [code_tool(self._interpreter)]
        super().__init__(tools, task=task, image=image, check=check, solution=solution)

    def close(self) -> None:
        """End the interpreter, and remove its folder."""
        self._interpreter.close()
        super().close()


def code_tool(interpreter: Interpreter) -> Tool:
    """Return the code interpreter as a tool: `code_interpreter(code)`.

    Source: the name and its use in the Qwen2-VL paper, figures 26 to 29.
    """

    def call(code: str) -> ToolResult:
        result = interpreter.run(code)
        return ToolResult(_told(result), result.pictures, failed=result.ending != "ok")

    return Tool(
        {
            "name": "code_interpreter",
            "description": "Run Python code. Printed text, the value of the last line and the "
            "PNG files written to the current folder come back.",
            "parameters": {
                "type": "object",
                "properties": {"code": {"type": "string", "description": "The Python code"}},
                "required": ["code"],
            },
        },
        call,
    )


def _told(result: Result) -> str:
    """Return a run's text; a run that kept the network says so, for the trace's reader."""
    text = result.text
    if not text:
        text = "(the code printed nothing)" if not result.pictures else ""
    if "network" not in result.layers:
        text = f"{text}\n(this system did not let the network be taken away)".lstrip("\n")
    return text


def _observed(result: ToolResult) -> Observation:
    first, *more = result.pictures or (None,)
    views = tuple(View(p, f"Picture {i}") for i, p in enumerate(more, start=2) if p is not None)
    return Observation(_shown(first), result.text, views)


def _shown(image: Image | None) -> Image:
    return np.full(_BLANK, 255, dtype=np.uint8) if image is None else image.copy()
