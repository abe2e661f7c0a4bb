"""The agent in somebody else's control loop: `agent.step(observation)` returns an action.

The loop and its safety stay where they are; the agent only looks and decides. Here the "robot" is
a cart on a rail, and a script stands in for the model: any `Policy` fits in its place.
"""

import re

import numpy as np

from qvl_agent.actions import ActionSpace, ToolCall
from qvl_agent.agent import Agent, Limits
from qvl_agent.envs import Observation, Outcome
from qvl_agent.model import Prompt, ScriptedPolicy, Text

CM = {"type": "integer", "minimum": -20, "maximum": 20, "description": "Right is positive"}
SPACE = ActionSpace.of_tools(
    "cart",
    [
        {
            "name": "drive",
            "description": "Drive the cart along the rail.",
            "parameters": {"type": "object", "properties": {"cm": CM}, "required": ["cm"]},
        },
        {"name": "stop", "description": "Stay here: the cart stands at the mark."},
    ],
)


def look(cm: int) -> Observation:
    """Return the camera's picture of a cart, and what its encoder says."""
    picture = np.zeros((56, 112, 3), np.uint8)
    picture[:, cm + 4 : cm + 8] = 255
    return Observation(picture, f"cart at {cm} cm")


def decide(prompt: Prompt) -> str:
    """Read the newest position and drive towards 55 cm, as a model would."""
    words = "".join(p.text for t in prompt.turns for p in t.parts if isinstance(p, Text))
    left = 55 - int(re.findall(r"cart at (\d+) cm", words)[-1])
    if left == 0:
        return "The cart stands at the mark.\n*FUNCTION*: stop\n*ARGS*: {}"
    cm = max(-20, min(20, left))
    return f'The mark is {left} cm away.\n*FUNCTION*: drive\n*ARGS*: {{"cm": {cm}}}'


cart = 10
agent = Agent(ScriptedPolicy(decide), SPACE, limits=Limits(steps=20))
agent.reset("Drive the cart to the mark at 55 cm.")
while True:
    action = agent.step(look(cart))
    assert isinstance(action, ToolCall)
    print(action.function, dict(action.arguments))
    if action.function == "stop":
        break
    cart += action.arguments["cm"]
print(agent.close(Outcome(success=cart == 55), look(cart)))
