"""Ranges: printed examples, what every range must be, and how often they are right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from survey.core.figures.formulas import FORMULAS
from survey.core.statistics.estimates import Estimate, Estimates
from survey.core.statistics.influence import WITHOUT_BASIC, Survey, each, estimate, stack
from survey.core.statistics.intervals import (
    cautious_interval,
    clopper_pearson,
    difference_interval,
    effective_n,
    interval_of,
    mean_interval,
    newcombe,
    none_of,
    share_interval,
    wilson,
)


def share(value: float, se: float, n: int) -> Estimate:
    return Estimate(value, se, n, max(n - 1, 1))


def test_the_ranges_of_the_textbooks() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=6e-5)
    assert clopper_pearson(15, 148) == pytest.approx((0.0578, 0.1617), abs=6e-5)
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=6e-5)
    assert newcombe(5, 56, 0, 29) == pytest.approx((-0.0381, 0.1926), abs=6e-5)


@given(st.integers(1, 500), st.data())
def test_wilson_is_that_of_statsmodels(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    assert wilson(count, n) == pytest.approx(proportion_confint(count, n, method="wilson"), abs=1e-7)


def test_a_difference_of_nothing_and_nothing_is_not_certain() -> None:
    low, high = newcombe(0, 10, 0, 20)
    assert low < -0.1
    assert high > 0.2


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_all_or_nobody_leaves_room_for_doubt(value: float) -> None:
    low, high = share_interval(share(value, 0.0, 14))
    assert high - low > 0.2
    assert low <= value <= high


def test_fourteen_of_fourteen_proves_seventy_seven_percent() -> None:
    low, _ = clopper_pearson(14, 14)
    assert low == pytest.approx(0.768364, abs=1e-6)
    assert none_of(300) == 0.01


def test_a_lucky_variance_does_not_make_more_answers_than_there_are() -> None:
    assert effective_n(share(0.5, 0.001, 40)) == 40
    assert effective_n(share(0.5, 0.1, 40)) == pytest.approx(25)
    assert effective_n(share(0.5, 0.9, 40)) == 1


@given(st.floats(0, 1), st.floats(0, 0.5), st.integers(2, 2000))
def test_a_range_of_a_share_stays_within_it_and_holds_the_share(value: float, se: float, n: int) -> None:
    for interval in (share_interval, cautious_interval):
        low, high = interval(share(value, se, n))
        assert 0 <= low <= value + 1e-9
        assert value - 1e-9 <= high <= 1


@given(st.floats(0.01, 0.99), st.integers(2, 500))
def test_more_enterprises_make_a_narrower_range(value: float, n: int) -> None:
    widths = []
    for size in (n, 4 * n):
        low, high = share_interval(share(value, (value * (1 - value) / size) ** 0.5, size))
        widths.append(high - low)
    assert widths[1] < widths[0]


def test_a_score_in_the_middle_has_the_plain_range_and_one_near_the_top_leans_inwards() -> None:
    assert mean_interval(Estimate(50, 2, 600, 599), 0, 100) == pytest.approx((46.07, 53.93), abs=0.02)
    low, high = mean_interval(Estimate(97, 1, 40, 39), 0, 100)
    assert 97 - low > 2 > high - 97
    assert high < 100


def test_each_kind_of_mean_has_its_range_on_its_own_scale() -> None:
    known = Estimate(0.8, 0.04, 100, 99)
    percents = Estimate(80, 4, 100, 99)
    low, high = share_interval(known)
    assert interval_of(known, WITHOUT_BASIC) == (low, high)
    assert interval_of(percents, FORMULAS["rate-without-basic"].weights) == pytest.approx(
        (100 * low, 100 * high)
    )
    assert interval_of(percents, FORMULAS["10-8-6-3-0"].weights) == mean_interval(percents, 0, 100)
    assert interval_of(Estimate(80, 4, 100, 99), FORMULAS["100-80-60-40-20"].weights)[0] > 20


def test_a_score_on_which_all_agree_is_not_certain() -> None:
    low, high = mean_interval(Estimate(100, 1e-12, 14, 13), 0, 100)
    assert low < 80
    assert high == 100


def test_without_any_spread_to_judge_by_everything_is_possible() -> None:
    assert mean_interval(Estimate(80, float("nan"), 1, 1), 0, 100) == (0, 100)


def two(shares: tuple[float, float], correlation: float, n: int) -> Estimates:
    """Two shares of `n` enterprises each, so many that Student's t is normal."""
    values = np.array(shares)
    se = np.sqrt(values * (1 - values) / n)
    covariance = np.outer(se, se) * np.array([[1, correlation], [correlation, 1]])
    many, number = np.full(2, 10**9), np.full(2, n)
    return Estimates(values, covariance, number, many, number, tuple(WITHOUT_BASIC))


def test_the_range_of_a_difference_is_newcombes_where_nothing_is_shared() -> None:
    assert difference_interval(two((0.8, 0.6), 0.0, 70), 0, 1) == pytest.approx(
        newcombe(56, 70, 42, 70), abs=1e-6
    )


def test_shared_enterprises_narrow_the_range_of_a_difference() -> None:
    widths = [
        high - low for low, high in (difference_interval(two((0.8, 0.6), r, 70), 0, 1) for r in (0, 0.5, 0.9))
    ]
    assert widths[0] > widths[1] > widths[2]


def test_all_satisfied_twice_does_not_prove_that_nothing_changed() -> None:
    low, high = difference_interval(two((1.0, 1.0), 0.0, 40), 0, 1)
    assert low < -0.05
    assert high > 0.05


def forms(rng: np.random.Generator, enterprises: int, satisfied: float) -> np.ndarray:
    """Four grades each, alike within an enterprise: two of three follow its mood (a beta of mean `satisfied`)."""
    mood = rng.beta(3 * satisfied, 3 * (1 - satisfied), (enterprises, 1))
    grades = np.where(rng.random((enterprises, 4)) < mood, 5, 2)
    grades[rng.random((enterprises, 4)) < 0.3] = 0
    return grades.astype(np.uint8)


@pytest.mark.parametrize(("enterprises", "satisfied"), [(60, 0.8), (200, 0.9), (150, 0.5)])
def test_95_of_100_ranges_of_a_clustered_share_hold_the_truth(enterprises: int, satisfied: float) -> None:
    rng, rounds = np.random.default_rng(7), 2000
    held = 0
    for _ in range(rounds):
        found = estimate(Survey(forms(rng, enterprises, satisfied)), [[0, 1, 2, 3]], WITHOUT_BASIC)[0]
        low, high = share_interval(found)
        held += low <= satisfied <= high
    assert 0.93 <= held / rounds <= 0.97


def test_ranges_that_take_no_notice_of_enterprises_hold_it_less_often() -> None:
    """The same answers as if each grade were an enterprise: the coverage above is not won by chance."""
    rng, rounds, held = np.random.default_rng(7), 1000, 0
    for _ in range(rounds):
        grades = forms(rng, 150, 0.5)
        low, high = wilson(int((grades > 3).sum()), int((grades > 0).sum()))
        held += low <= 0.5 <= high
    assert held / rounds < 0.9


SPREAD, CEILING = (0.05, 0.1, 0.25, 0.35, 0.25), (0.0, 0.01, 0.05, 0.24, 0.70)


@pytest.mark.parametrize(("chances", "enterprises"), [(SPREAD, 40), (CEILING, 60)], ids=["spread", "ceiling"])
def test_95_of_100_ranges_of_a_score_hold_the_truth(chances: tuple[float, ...], enterprises: int) -> None:
    rng, rounds, held = np.random.default_rng(8), 2000, 0
    weights = FORMULAS["10-8-6-3-0"].weights
    truth = float(np.dot(chances, weights))
    for _ in range(rounds):
        grades = (rng.choice(5, (enterprises, 1), p=chances) + 1).astype(np.uint8)
        low, high = interval_of(estimate(Survey(grades), each(1), weights)[0], weights)
        held += low <= truth <= high
    assert 0.93 <= held / rounds <= 0.97


def test_95_of_100_ranges_of_a_change_between_overlapping_waves_hold_the_truth() -> None:
    """Two of three enterprises answer in both waves, and in the same mood; the share rises from 80 to 90 %."""
    rng, rounds, held = np.random.default_rng(13), 1500, 0
    codes = (np.arange(90), np.arange(30, 120))
    for _ in range(rounds):
        mood = rng.random(120)
        waves = []
        for own, share in zip(codes, (0.8, 0.9), strict=True):
            asked = np.where(rng.random(len(own)) < 0.5, mood[own], rng.random(len(own)))
            waves.append(Survey(np.where(asked < share, 5, 2).astype(np.uint8)[:, None], clusters=own))
        found = estimate(stack(*waves), [[1], [0]], WITHOUT_BASIC)
        low, high = difference_interval(found, 0, 1)
        held += low <= 0.1 <= high
    assert 0.93 <= held / rounds <= 0.97
