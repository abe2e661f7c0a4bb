"""Reads an answer as the published card-game programs read a model's answer.

That reading is loose: `"11"` is the action "1", and a stray word after the JSON makes an answer
unreadable. It is here for comparison with published figures; the agent's own reading is
`actions.dialects`. Knows the four games' action words, no game's state.

Source: RL4VLM/RL4VLM VLM_PPO/a2c_ppo_acktr/rl_utils.py @b989b574.
"""

from collections.abc import Mapping

from qvl_agent.actions.errors import UsageError

__all__ = ["ACTION_WORDS", "parse_published_answer"]

_NUMBERS = tuple(map(str, range(1, 11)))

ACTION_WORDS: Mapping[str, tuple[str, ...]] = {
    "numberline": ("-", "+"),
    "blackjack": ("stand", "hit"),
    "ezpoints": (*_NUMBERS, "+", "*", "="),
    "points24": (*_NUMBERS, *"+-*/()="),
}
"""For each game, what its actions are called in an answer, by published id."""


def parse_published_answer(env_name: str, text: str) -> int | None:
    """Return the action id in an answer, or None where the original would act at random.

    Args:
        env_name: `points24`, `Points24`, `qvl_agent/Points24-v0` or `gym_cards/Points24-v0`.
        text: What the model wrote, JSON with a key "action" as asked for.

    Raises:
        UsageError: If there is no such game.
    """
    game = env_name.rpartition("/")[2].lower().removesuffix("-v0")
    if game not in ACTION_WORDS:
        raise UsageError(
            f"there is no card game {env_name!r}; use one of {', '.join(ACTION_WORDS)}"
        )
    words = ACTION_WORDS[game]
    lowered = text.lower()
    # Where the key is missing, `find` gives -1 and only the last character is read, as published.
    rest = lowered[lowered.find('"action":') :]
    found = set()
    if "10" in words and "10" in rest:
        found.add("10")
        rest = rest.replace("10", "")
    found.update(word for word in words if word in rest)
    return words.index(found.pop()) if len(found) == 1 else None
