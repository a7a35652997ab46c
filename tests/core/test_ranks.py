"""Tiers and ranges of ranks: what they claim is true, and they claim nothing from too little."""

import gc
from collections.abc import Iterator

import numpy as np
import pytest

from survey.core.statistics.estimates import Estimates
from survey.core.statistics.influence import WITHOUT_BASIC, Survey, each, estimate
from survey.core.study.ranks import (
    ALONE,
    FEWEST_RATERS,
    TOO_FEW,
    Standing,
    Tier,
    cautious,
    compare,
    rank_intervals,
    standings,
)


@pytest.fixture
def quick_collection() -> Iterator[None]:
    """statsmodels collects garbage at every adjustment: what stands already need not be looked through again."""
    gc.freeze()
    yield
    gc.unfreeze()


def estimates(values: list[float], se: float = 0.03, together: float = 0.0, raters: int = 100) -> Estimates:
    """Means with one error and one correlation."""
    k = len(values)
    covariance = se**2 * (together + (1 - together) * np.eye(k))
    n = np.full(k, raters)
    return Estimates(np.array(values), covariance, n, n - 1, n, tuple(WITHOUT_BASIC))


def tiers(found: dict[int, Standing]) -> list[str]:
    return [one.tier or one.why for one in found.values()]


def test_departments_that_overlap_share_a_tier_and_their_ranks() -> None:
    found = standings(estimates([0.90, 0.72, 0.70, 0.71, 0.50]), {"服务": range(5)})
    assert tiers(found) == [Tier.ABOVE, Tier.SAME, Tier.SAME, Tier.SAME, Tier.BELOW]
    ranks = [(one.best, one.worst) for one in found.values() if one.tier]
    assert ranks == [(1, 1), (2, 4), (2, 4), (2, 4), (5, 5)]


def test_departments_are_compared_within_their_class_only() -> None:
    found = standings(estimates([0.9, 0.9, 0.9, 0.5, 0.5, 0.5]), {"服务": [0, 1, 2], "监管": [3, 4, 5]})
    assert tiers(found) == [Tier.SAME] * 6


def test_too_few_enterprises_give_no_tier_and_do_not_pull_the_mean() -> None:
    given = estimates([0.9, 0.7, 0.8, 0.2])
    given.raters[3] = FEWEST_RATERS - 1
    found = standings(given, {"服务": range(4)})
    assert found[3] == Standing(why=TOO_FEW)
    assert found[0].distance == pytest.approx(0.1)  # .9 − (.9 + .7 + .8) / 3


def test_one_or_two_departments_make_no_tiers() -> None:
    """Of two, "below the mean" would only say which is the lower."""
    found = standings(estimates([0.9, 0.5, 0.4]), {"服务": [0], "监管": [1, 2]})
    assert found == dict.fromkeys(range(3), Standing(why=ALONE))


def test_answers_of_the_same_enterprises_tell_departments_apart_sooner() -> None:
    values = [0.80, 0.72]
    apart, together = (compare(estimates(values, together=r), [0, 1]).p[0, 1] for r in (0.0, 0.8))
    assert together < 0.05 < apart


def test_more_comparisons_ask_for_more() -> None:
    pair, many = [0.80, 0.70], [0.80, 0.70, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75]
    assert rank_intervals(estimates(pair), [0, 1])[0] == (1, 1)
    assert rank_intervals(estimates(many), range(8))[0] == (1, 8)


def test_nothing_but_top_grades_is_not_perfect_knowledge() -> None:
    grades = np.full((40, 2), 5, np.uint8)
    grades[:2, 1] = 2  # 40 of 40 satisfied against 38 of 40
    found = estimate(Survey(grades), each(2), WITHOUT_BASIC)
    assert found.se[0] == 0
    assert cautious(found, [0, 1]).se[0] > 0.03
    assert rank_intervals(cautious(found, [0, 1]), [0, 1]) == [(1, 2), (1, 2)]


def rate(rng: np.random.Generator, enterprises: int, shares: np.ndarray, spread: float = 0.15) -> Survey:
    """Enterprises whose mood colours all their grades; each meets a department with chance .6."""
    mood = rng.normal(0, spread, (enterprises, 1))
    grades = np.where(rng.random((enterprises, len(shares))) < np.clip(shares + mood, 0, 1), 5, 2)
    grades[rng.random(grades.shape) > 0.6] = 0
    return Survey(grades.astype(np.uint8))


@pytest.mark.parametrize(
    "shares",
    [
        np.linspace(0.60, 0.80, 8),
        np.array([0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7]),
        np.array([0.6, 0.6, 0.7, 0.7, 0.7, 0.7, 0.8, 0.8]),
    ],
    ids=["spread", "all alike", "three groups"],
)
@pytest.mark.usefixtures("quick_collection")
def test_all_ranges_of_ranks_hold_the_true_ranks_95_times_in_100(shares: np.ndarray) -> None:
    rng, rounds, held = np.random.default_rng(9), 600, 0
    best = [1 + int(np.sum(shares > one)) for one in shares]
    worst = [len(shares) - int(np.sum(shares < one)) for one in shares]
    for _ in range(rounds):
        found = cautious(
            estimate(rate(rng, 200, shares), each(len(shares)), WITHOUT_BASIC), range(len(shares))
        )
        ranges = rank_intervals(found, range(len(shares)))
        # Among equals every rank they share is true, so a range must reach over all of them.
        held += all(low <= b and w <= high for (low, high), b, w in zip(ranges, best, worst, strict=True))
    assert held / rounds >= 0.95


def called_alike(shares: float, enterprises: int, mood: float) -> float:
    """How often eight departments of one true share all come out as 与平均相当."""
    rng, rounds, held = np.random.default_rng(10), 500, 0
    for _ in range(rounds):
        found = estimate(rate(rng, enterprises, np.full(8, shares), mood), each(8), WITHOUT_BASIC)
        held += set(tiers(standings(found, {"服务": range(8)}))) == {Tier.SAME}
    return held / rounds


@pytest.mark.usefixtures("quick_collection")
@pytest.mark.parametrize(
    ("share", "enterprises", "mood"), [(0.7, 200, 0.15), (0.85, 100, 0.0), (0.95, 100, 0.0)]
)
def test_alike_departments_are_called_alike_95_times_in_100(
    share: float, enterprises: int, mood: float
) -> None:
    assert called_alike(share, enterprises, mood) >= 0.935


@pytest.mark.usefixtures("quick_collection")
def test_a_department_far_below_its_class_is_found() -> None:
    rng, found = np.random.default_rng(12), 0
    shares = np.array([0.55, 0.8, 0.8, 0.8, 0.8, 0.8])
    for _ in range(100):
        given = standings(estimate(rate(rng, 150, shares), each(6), WITHOUT_BASIC), {"服务": range(6)})[0]
        found += given.tier is Tier.BELOW
    assert found >= 80
