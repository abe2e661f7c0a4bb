import itertools

import numpy as np
import pytest

from qvl_agent.evals.intervals import (
    bootstrap,
    compare,
    done_claims,
    mcnemar_exact,
    paired_difference,
    pass_at_k,
    pass_hat_k,
)


def test_bootstrap_intervals_over_episodes_cover_93_to_97_percent() -> None:
    rng = np.random.default_rng(1)
    truth, covered, trials = 0.6, 0, 1000
    for trial in range(trials):
        # Steps of one episode share its difficulty: a mean of 0.6, far from independent steps.
        lengths = rng.integers(2, 15, size=40)
        matches = rng.binomial(lengths, rng.beta(3, 2, size=40))
        interval = bootstrap(matches, lengths, seed=trial, resamples=400)
        covered += interval.low <= truth <= interval.high
    assert 0.93 <= covered / trials <= 0.97


def test_steps_taken_as_independent_would_claim_too_much() -> None:
    matches, lengths = [10, 0] * 30, [10] * 60
    clustered = bootstrap(matches, lengths)
    flat = bootstrap([1] * 300 + [0] * 300)
    assert clustered.high - clustered.low > 2 * (flat.high - flat.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(50)
    assert bootstrap(values, seed=3) == bootstrap(values, seed=3)
    assert bootstrap(values, seed=3) != bootstrap(values, seed=4)


def test_blocks_of_resamples_bound_the_memory() -> None:
    many = np.random.default_rng(0).random(30_000)
    interval = bootstrap(many, resamples=200)
    assert interval.low < many.mean() < interval.high


@pytest.mark.parametrize(("sums", "counts"), [([], None), ([1.0], [0.0]), ([1.0, 2.0], [1.0])])
def test_figures_without_episodes_are_refused(
    sums: list[float], counts: list[float] | None
) -> None:
    with pytest.raises(ValueError, match="one sum and one positive count"):
        bootstrap(sums, counts)


def test_pass_at_k_and_pass_hat_k_are_the_shares_over_all_subsets_of_tries() -> None:
    tries = [True, True, False, False, False, True]
    for k in range(1, 7):
        subsets = list(itertools.combinations(tries, k))
        assert pass_at_k(6, 3, k) == pytest.approx(np.mean([any(s) for s in subsets]))
        assert pass_hat_k(6, 3, k) == pytest.approx(np.mean([all(s) for s in subsets]))
    with pytest.raises(ValueError, match="k=7"):
        pass_at_k(6, 3, 7)


def test_claims_are_counted_against_what_is() -> None:
    claims = done_claims([(True, True)] * 3 + [(True, False)] + [(False, True)] * 2)
    assert (claims.right, claims.false, claims.silent, claims.failed) == (3, 1, 2, 0)


def test_mcnemar_is_the_two_sided_binomial_test() -> None:
    assert mcnemar_exact(0, 0) == 1.0
    assert mcnemar_exact(1, 8) == pytest.approx(0.0390625)  # R: binom.test(1, 9)
    assert mcnemar_exact(5, 5) == 1.0


def test_two_seeds_of_one_policy_differ_in_at_most_five_percent_of_comparisons() -> None:
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(300):
        chance = rng.beta(2, 1, size=100)
        a, b = (dict(enumerate(rng.random(100) < chance)) for _ in range(2))
        found += compare(
            {str(t): bool(s) for t, s in a.items()}, {str(t): bool(s) for t, s in b.items()}
        ).differs
    assert found / 300 <= 0.05


def test_intervals_of_a_paired_difference_cover_93_to_97_percent() -> None:
    rng = np.random.default_rng(3)
    chances, n, trials = (0.15, 0.08), 150, 2000  # gained, lost
    truth = chances[0] - chances[1]
    covered = 0
    for _ in range(trials):
        gained, lost, _rest = rng.multinomial(n, [*chances, 1 - sum(chances)])
        interval = paired_difference(int(gained), int(lost), n)
        covered += interval.low <= truth <= interval.high
    assert 0.93 <= covered / trials <= 0.97


def test_a_comparison_names_the_tasks_that_flipped_and_leaves_out_the_unpaired() -> None:
    a = {"x": True, "y": False, "z": True, "only a": True}
    b = {"x": False, "y": True, "z": True}
    result = compare(a, b)
    assert (result.gained, result.lost, result.unpaired) == (("y",), ("x",), ("only a",))
    assert result.n == 3
    assert result.difference == 0
    assert not result.differs
    with pytest.raises(ValueError, match="no task in common"):
        compare({"x": True}, {"y": True})
