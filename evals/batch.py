"""Many questions for one policy: those that are decoded alike are answered as one batch."""

from collections.abc import Iterator, Sequence

from qvl_agent.actions.errors import PolicyError
from qvl_agent.agent.events import Request
from qvl_agent.model.policy import Decoding, Generation, Policy
from qvl_agent.model.prompt import Prompt

__all__ = ["Answer", "answer_all"]

Answer = Generation | PolicyError


def answer_all(policy: Policy, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
    """Yield each request's number and answer; those that are decoded alike are asked together."""
    groups: list[tuple[Decoding, list[int]]] = []
    for number, request in enumerate(requests):
        alike = next((of for decoding, of in groups if decoding == request.decoding), None)
        if alike is None:
            groups.append((request.decoding, [number]))
        else:
            alike.append(number)
    for decoding, numbers in groups:
        answers = _asked(policy, [requests[n].prompt for n in numbers], decoding)
        yield from zip(numbers, answers, strict=True)


def _asked(policy: Policy, prompts: list[Prompt], decoding: Decoding) -> Sequence[Answer]:
    """Return an answer or an error per prompt: one bad prompt must not fail its batch."""
    try:
        return policy.generate_batch(prompts, decoding)
    except PolicyError as exc:
        if len(prompts) == 1:
            return [exc]
    return [answer for prompt in prompts for answer in _asked(policy, [prompt], decoding)]
