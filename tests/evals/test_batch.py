"""Many questions for one policy: full batches, separate failures, everybody's own answer."""

from collections.abc import Sequence

from qvl_agent.actions.errors import PolicyError
from qvl_agent.agent.events import Request
from qvl_agent.evals.batch import answer_all
from qvl_agent.model.policy import Decoding, Generation
from qvl_agent.model.prompt import Prompt, Text, Turn
from qvl_agent.model.scripted import ScriptedPolicy


def _prompt(text: str) -> Prompt:
    return Prompt((Turn("user", (Text(text),)),))


def _words(prompt: Prompt) -> str:
    (part,) = prompt.turns[0].parts
    assert isinstance(part, Text)
    return part.text


class Echo(ScriptedPolicy):
    """Answers with the question, remembers its batches, and cannot bear some words."""

    def __init__(self, *unbearable: str) -> None:
        super().__init__(_words)
        self.unbearable = unbearable
        self.batches: list[tuple[list[str], float]] = []

    def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        asked = [_words(prompt) for prompt in prompts]
        self.batches.append((asked, decoding.temperature))
        for word in asked:
            if word in self.unbearable:
                raise PolicyError(f"{word} cannot be answered")
        return super().generate_batch(prompts, decoding)


def test_what_is_decoded_alike_is_asked_together_and_nothing_else_is() -> None:
    policy = Echo()
    cold, warm = Decoding(), Decoding(temperature=0.7)
    requests = [
        Request(_prompt(word), decoding)
        for word, decoding in [("a", cold), ("b", warm), ("c", cold), ("d", warm), ("e", cold)]
    ]
    answers = dict(answer_all(policy, requests))
    assert policy.batches == [(["a", "c", "e"], 0.0), (["b", "d"], 0.7)]
    assert {n: a.text for n, a in answers.items() if isinstance(a, Generation)} == dict(
        enumerate("abcde")
    )


def test_one_bad_question_costs_only_its_own_answer() -> None:
    policy = Echo("bad", "worse")
    words = ["a", "bad", "b", "worse", "c"]
    answers = dict(answer_all(policy, [Request(_prompt(word), Decoding()) for word in words]))
    told = [a.text if isinstance(a, Generation) else str(a) for _, a in sorted(answers.items())]
    assert told == ["a", "bad cannot be answered", "b", "worse cannot be answered", "c"]


def test_nobody_asking_is_no_batch() -> None:
    policy = Echo()
    assert list(answer_all(policy, [])) == []
    assert policy.batches == []
