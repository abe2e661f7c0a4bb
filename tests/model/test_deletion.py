"""Eviction by deletion is a model with a block mask: what is asked later does not see the dropped.

The oracle is transformers' own model over everything that ever was in the history, at its first
positions, in single precision; a mask hides each dropped step from what was read after the drop.
"""

import dataclasses
import random
from pathlib import Path

import numpy as np

from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Part, Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.reference import Reference

Step = tuple[Part, ...]

OPENINGS = (" I tap the pizza", " I tap the button", "\nI look", " I tap the pizza")
"""Thoughts often begin alike; what is dropped has to be told apart all the same."""


def load(folder: Path, eviction: str = "deletion", **options: object) -> Qwen2VLPolicy:
    policy = Qwen2VLPolicy.load(folder, device="cpu", dtype="float64", **options)  # type: ignore[arg-type]
    policy.profile = dataclasses.replace(policy.profile, eviction=eviction)  # type: ignore[arg-type]
    return policy


def prompt(steps: list[Step], head: str = "Go.") -> Prompt:
    parts = tuple(part for step in steps for part in step)
    user = Turn("user", (Text(head),))
    return Prompt((Turn("system", (Text("You help."),)), user, Turn("assistant", parts)))


def step(number: int) -> Step:
    source = np.random.default_rng(number)
    size = [(56, 56), (60, 90), (120, 40)][number % 3]
    pixels = source.integers(0, 256, (*size, 3), dtype=np.uint8)
    return (Text(OPENINGS[number % len(OPENINGS)] + f" {number}"), Picture(pixels), Text("\n* "))


def test_deletion_equals_a_model_with_a_block_mask(tiny_folder: Path, reference: Reference) -> None:
    policy = load(tiny_folder)
    head = policy.assemble(prompt([])).head
    steps: list[Step] = []
    dropped = gone = 0
    hidden: list[tuple[int, int, int]] = []
    for number in range(9):
        steps.append(step(number))
        if number in (4, 6, 7):  # one step, two steps, one step
            drop = 2 if number == 6 else 1
            stop = (
                head
                + gone
                + sum(
                    policy.count(part) for past in steps[dropped : dropped + drop] for part in past
                )
            )
            dropped += drop
        asked = prompt(steps[dropped:])
        answer = policy.generate(asked, Decoding(max_tokens=5))
        if number in (4, 6, 7):
            hidden.append((head + gone, stop, answer.reused_tokens + stop - head))
            gone = stop - head
            assert answer.reused_tokens > answer.prompt_tokens / 2
        expected = reference.masked_logits(prompt(steps), hidden)
        assert np.abs(policy.next_logits(asked) - expected).max() <= 1e-5
        steps[-1] += (Text(answer.text, answer.tokens),)
    assert np.abs(load(tiny_folder, "exact").next_logits(asked) - expected).max() > 1e-3


def test_only_what_was_dropped_is_deleted_though_thoughts_begin_alike(tiny_folder: Path) -> None:
    policy = load(tiny_folder)
    steps = [step(0), step(3), step(7)]
    policy.generate(prompt(steps), Decoding(max_tokens=1))
    answer = policy.generate(prompt([*steps[1:], step(4)]), Decoding(max_tokens=1))
    new = sum(policy.count(part) for part in step(4))
    assert answer.reused_tokens == answer.prompt_tokens - new


def test_an_exact_policy_uses_nothing_that_deletion_left(tiny_folder: Path) -> None:
    policy = load(tiny_folder)
    exact = policy.with_pixels()
    exact.profile = dataclasses.replace(policy.profile, eviction="exact")
    steps = [step(number) for number in range(4)]
    policy.next_logits(prompt(steps))
    approximate = policy.next_logits(prompt(steps[1:]))
    expected = load(tiny_folder, "exact").next_logits(prompt(steps[1:]))
    assert np.abs(approximate - expected).max() > 1e-3
    assert np.abs(exact.next_logits(prompt(steps[1:])) - expected).max() <= 1e-9


def test_without_an_eviction_deletion_changes_nothing(tiny_folder: Path) -> None:
    policy, fresh = load(tiny_folder), load(tiny_folder, "exact")
    source = random.Random(0)
    histories: list[list[Step]] = [[], []]
    for number in range(8):
        history = source.choice(histories)
        history.append(step(number % 3))  # steps that look the same come again
        asked = prompt(history, head=f"Task {histories.index(history)}.")
        fresh.clear()
        assert np.abs(policy.next_logits(asked) - fresh.next_logits(asked)).max() <= 1e-9


def test_where_positions_run_out_the_kept_steps_are_read_again(tiny_folder: Path) -> None:
    profile = dataclasses.replace(load(tiny_folder).profile, context_tokens=160)
    policy = load(tiny_folder, profile=profile)
    steps = [step(0), step(1), step(2)]
    shifts = []
    for number in range(3, 30):
        policy.generate(prompt(steps), Decoding(max_tokens=4))
        shifts.append(policy._engine.prefixes._slots[0].shift)
        steps = [*steps[1:], step(number)]
    assert max(shifts) > 0
    assert shifts.count(0) > 1, "the shift never began anew"
    assert policy.generate(prompt(steps), Decoding(max_tokens=4)).stop != "call"
