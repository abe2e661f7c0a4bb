"""Many episodes on one policy: whatever they ask at the same time is answered as one batch.

Knows that policies answer batches, and nothing of worlds: an episode is a `Dialogue`.
"""

from collections.abc import Iterable, Iterator, Sequence

from qvl_agent.actions.errors import PolicyError
from qvl_agent.agent.events import Episode, Request
from qvl_agent.agent.session import Dialogue
from qvl_agent.model.policy import Decoding, Generation, Policy
from qvl_agent.model.prompt import Prompt

__all__ = ["Answer", "answer_all", "run_batch"]

Answer = Generation | PolicyError


def run_batch(
    policy: Policy, episodes: Iterable[Dialogue[Episode]], *, width: int = 32
) -> Iterator[tuple[int, Episode]]:
    """Play episodes side by side and yield each one's number and result as it ends.

    `run_batch(policy, (agent.episode(make("numberline"), seed=s) for s in range(1000)))`: an
    episode is taken from `episodes` when there is room for it, so its world need not exist before.
    An unanswerable prompt ends its own episode only. Ctrl-C ends all of them in good order.

    Args:
        policy: Answers; usually the agent's own.
        episodes: From `Agent.episode`, each with a world of its own.
        width: Most episodes under way, so also most prompts in a batch.

    Raises:
        ValueError: If `width` is not positive.
    """
    if width < 1:
        raise ValueError(f"the width of a batch must be positive, got {width}")
    waiting = enumerate(episodes)
    live: dict[int, tuple[Dialogue[Episode], Request]] = {}
    try:
        while True:
            while len(live) < width and (fresh := next(waiting, None)) is not None:
                number, dialogue = fresh
                yield from _advance(live, number, dialogue, None)
            if not live:
                return
            numbers = list(live)
            requests = [live[number][1] for number in numbers]
            for place, answer in list(answer_all(policy, requests)):
                dialogue, _ = live.pop(numbers[place])
                yield from _advance(live, numbers[place], dialogue, answer)
    finally:
        for dialogue, _ in live.values():
            dialogue.close()


def _advance(
    live: dict[int, tuple[Dialogue[Episode], Request]],
    number: int,
    dialogue: Dialogue[Episode],
    answer: Answer | None,
) -> Iterator[tuple[int, Episode]]:
    """Take an episode to its next request, or to its end, which is yielded."""
    try:
        match answer:
            case PolicyError():
                item = dialogue.throw(answer)
            case _:
                item = dialogue.send(answer)
        while not isinstance(item, Request):
            item = next(dialogue)
    except StopIteration as end:
        episode: Episode = end.value
    else:
        live[number] = (dialogue, item)
        return
    if episode.reason == "interrupted":  # Ctrl-C met this one, and was meant for all
        raise KeyboardInterrupt
    yield number, episode


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
