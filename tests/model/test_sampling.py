import random
from collections import Counter

import pytest
import torch

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.sampling import choose

LOGITS = torch.tensor([[2.0, 1.0, 0.0, -1.0]])


def draw(count: int, temperature: float, top_p: float, seed: int = 0) -> Counter[int]:
    source = random.Random(seed)
    return Counter(choose(LOGITS.expand(count, -1), temperature, top_p, [source] * count))


def test_zero_temperature_takes_the_largest() -> None:
    assert choose(LOGITS, 0, 1, [random.Random(0)]) == [0]


def test_frequencies_follow_the_softmax() -> None:
    counts = draw(20_000, 1.0, 1.0)
    expected = torch.softmax(LOGITS[0], 0)
    for token in range(4):
        assert counts[token] / 20_000 == pytest.approx(float(expected[token]), abs=0.015)


def test_temperature_sharpens() -> None:
    expected = float(torch.softmax(LOGITS[0] / 0.5, 0)[0])
    assert draw(20_000, 0.5, 1.0)[0] / 20_000 == pytest.approx(expected, abs=0.015)


def test_the_nucleus_is_the_smallest_set_of_that_probability() -> None:
    # The probabilities are .644, .237, .087, .032: two tokens reach 0.8, one does not.
    assert set(draw(2_000, 1.0, 0.8)) == {0, 1}
    assert set(draw(2_000, 1.0, 0.6)) == {0}
    assert set(draw(20, 1.0, 0.0)) == {0}


def test_a_nucleus_wider_than_the_first_guess_is_sorted_whole() -> None:
    flat = torch.zeros(1, 2000)
    source = random.Random(0)
    seen = set(choose(flat.expand(5000, -1), 1.0, 0.9, [source] * 5000))
    assert 1500 < len(seen) <= 1800


def test_the_same_seed_draws_the_same_and_rows_do_not_disturb_each_other() -> None:
    logits = torch.randn(3, 50, generator=torch.Generator().manual_seed(0))
    alone = [choose(logits[i : i + 1], 1.0, 0.9, [random.Random(7)])[0] for i in range(3)]
    assert choose(logits, 1.0, 0.9, [random.Random(7) for _ in range(3)]) == alone


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_logits_that_are_not_finite_are_an_error(bad: float, temperature: float) -> None:
    logits = LOGITS.repeat(2, 1)
    logits[1, 2] = bad
    with pytest.raises(PolicyError, match="not finite"):
        choose(logits, temperature, 1.0, [random.Random(0)] * 2)


def test_masked_tokens_are_not_an_error() -> None:
    logits = torch.tensor([[float("-inf"), 1.0]])
    assert choose(logits, 0.0, 1.0, [random.Random(0)]) == [1]
