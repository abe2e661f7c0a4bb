import subprocess
import sys

import numpy as np
import pytest

from qvl_agent.actions.dialects import DIALECTS, Dialect, Star
from qvl_agent.actions.errors import PolicyError
from qvl_agent.actions.frames import FRAME_1000
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.model import (
    Decoding,
    Picture,
    Prompt,
    RandomPolicy,
    ScriptedPolicy,
    Text,
    Turn,
)

MOBILE = mobile_space()

PROMPT = Prompt(
    (
        Turn("system", (Text("12345"),)),
        Turn("user", (Picture(np.zeros((56, 57, 3), np.uint8)), Text(""))),
    )
)


def test_a_script_is_given_in_order_and_then_ends() -> None:
    policy = ScriptedPolicy(["one", "two"])
    assert [policy.generate(PROMPT, Decoding()).text for _ in range(2)] == ["one", "two"]
    with pytest.raises(PolicyError, match="ended after 2"):
        policy.generate(PROMPT, Decoding())


def test_a_function_of_the_prompt_answers() -> None:
    policy = ScriptedPolicy(lambda prompt: f"{len(prompt.pictures)} picture")
    assert policy.generate(PROMPT, Decoding()).text == "1 picture"


def test_answers_end_where_the_decoding_says() -> None:
    policy = ScriptedPolicy(lambda _: "think } more")
    call = policy.generate(PROMPT, Decoding(stop_after=lambda t: t.find("}") + 1 or None))
    word = policy.generate(PROMPT, Decoding(stop_words=("}",)))
    assert (call.text, call.stop) == ("think }", "call")
    assert (word.text, word.stop) == ("think ", "stop_word")


def test_counts_add_up_to_the_length_by_the_stated_rule() -> None:
    policy = ScriptedPolicy([])
    # 5 characters are 2 tokens; 56 x 57 pixels are 2 x 3 cells and 2 delimiters.
    assert [policy.count(part) for turn in PROMPT.turns for part in turn.parts] == [2, 8, 0]
    assert policy.length(PROMPT) == 2 + 8 + 2 * 5 + 3
    assert ScriptedPolicy(["x"]).generate(PROMPT, Decoding()).prompt_tokens == 23


def test_an_open_turn_of_the_assistant_is_not_closed_and_not_opened_again() -> None:
    policy = ScriptedPolicy([])
    left_open = Prompt((*PROMPT.turns, Turn("assistant", (Text("1234"),))))
    assert policy.length(left_open) == policy.length(PROMPT) + 1


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda d: d.name)
def test_random_calls_are_valid_in_every_dialect(dialect: Dialect) -> None:
    policy = RandomPolicy(MOBILE, dialect, seed=1)
    for i in range(50):
        text = policy.generate(Prompt((Turn("user", (Text(str(i)),)),)), Decoding()).text
        assert dialect.parse(text, MOBILE, FRAME_1000).calls


def test_a_random_answer_is_a_function_of_prompt_and_seed() -> None:
    def answers(seed: int) -> list[str]:
        policy = RandomPolicy(MOBILE, Star(), seed=seed)
        prompts = [Prompt((Turn("user", (Text(str(i)),)),)) for i in range(20)]
        return [answer.text for answer in policy.generate_batch(prompts, Decoding())]

    assert answers(1) == answers(1)
    assert answers(1) != answers(2)
    assert len(set(answers(1))) > 5


def test_a_random_policy_leaves_the_space_as_it_was() -> None:
    MOBILE.seed(3)
    expected = [MOBILE.sample() for _ in range(3)]
    MOBILE.seed(3)
    RandomPolicy(MOBILE, Star()).generate(PROMPT, Decoding())
    assert [MOBILE.sample() for _ in range(3)] == expected


def test_importing_them_loads_no_torch() -> None:
    code = "import qvl_agent.model, sys; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
