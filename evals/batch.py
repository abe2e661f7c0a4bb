"""Where questions for one policy are put, so that it answers several at the same time.

A policy that can begin with one while it answers others has a desk of its own. For any other, what
is asked meanwhile waits, and those that are decoded alike are answered as one batch.
"""

import itertools
from collections.abc import Iterator, Sequence

from qvl_agent.actions.errors import PolicyError
from qvl_agent.agent.events import Request
from qvl_agent.model.policy import Continuous, Decoding, Desk, Generation, Policy
from qvl_agent.model.prompt import Prompt

__all__ = ["Answer", "BatchDesk", "answer_all", "answer_one", "open_desk"]

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


def answer_one(policy: Policy, request: Request) -> Answer:
    """Return the answer to one request."""
    (answer,) = _asked(policy, [request.prompt], request.decoding)
    return answer


def _asked(policy: Policy, prompts: list[Prompt], decoding: Decoding) -> Sequence[Answer]:
    """Return an answer or an error per prompt: one bad prompt must not fail its batch."""
    try:
        return policy.generate_batch(prompts, decoding)
    except PolicyError as exc:
        if len(prompts) == 1:
            return [exc]
    return [answer for prompt in prompts for answer in _asked(policy, [prompt], decoding)]


class BatchDesk:
    """Answers what was put since the last time as one batch.

    Args:
        policy: Answers.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._numbers = itertools.count()
        self._put: list[tuple[int, Request]] = []

    def put(self, prompt: Prompt, decoding: Decoding) -> int:
        """Take a prompt, and return its number."""
        number = next(self._numbers)
        self._put.append((number, Request(prompt, decoding)))
        return number

    def advance(self) -> list[tuple[int, Answer]]:
        """Answer all that was put."""
        put, self._put = self._put, []
        answers = answer_all(self._policy, [request for _, request in put])
        return [(put[place][0], answer) for place, answer in answers]

    def close(self) -> None:
        """Give up what is not answered."""
        self._put.clear()


def open_desk(policy: Policy) -> Desk:
    """Return where prompts are put: the policy's own desk, or one that answers in batches."""
    return policy.desk() if isinstance(policy, Continuous) else BatchDesk(policy)
