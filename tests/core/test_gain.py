"""What is left of a rise, what could have been seen, and scores drawn to the mean."""

import numpy as np
import pytest

from survey.core.statistics.gain import Peers, net_gain
from survey.core.statistics.power import needed, needed_paired, sample_size, smallest_change
from survey.core.statistics.shrinkage import shrink


def test_most_of_a_rise_from_the_bottom_comes_by_itself() -> None:
    # 60 → 72 %, error 6 points; all departments: mean 75, true spread 5 points; ρ = 25 / (25 + 36)
    found = net_gain(0.60, 0.72, (0.06**2, 0.06**2), 0.0, Peers(0.75, 0.0, 0.05**2))
    assert found.reliability == pytest.approx(25 / 61)
    assert found.expected == pytest.approx(0.75 - 0.15 * 25 / 61)
    assert (found.net, found.pull) == (pytest.approx(0.031475, abs=1e-6), pytest.approx(0.088525, abs=1e-6))
    assert found.interval()[0] < 0 < found.interval()[1]


def test_a_mean_known_only_roughly_makes_the_gain_less_sure() -> None:
    known, rough = (
        net_gain(0.6, 0.72, (0.06**2, 0.06**2), 0.0, Peers(0.75, variance, 0.05**2))
        for variance in (0.0, 0.02**2)
    )
    assert rough.se**2 - known.se**2 == pytest.approx((36 / 61 * 0.02) ** 2)  # 1 − ρ = 36/61


def test_what_the_whole_town_gained_is_taken_off() -> None:
    peers = Peers(0.75, 0.0, 0.05**2)
    alone, with_town = (net_gain(0.6, 0.72, (0.0036, 0.0036), 0.0, peers, drift) for drift in (0.0, 0.03))
    assert alone.net - with_town.net == pytest.approx(0.03)


def test_the_worst_of_thirty_rises_by_itself_and_is_credited_with_it_in_few_cases() -> None:
    rng, rounds, naive, credited = np.random.default_rng(11), 400, 0, 0
    for _ in range(rounds):
        truth = rng.normal(0.75, 0.04, 30)
        before, after = (truth + rng.normal(0, 0.065, 30) for _ in range(2))
        worst = int(before.argmin())
        variances = np.full(30, 0.065**2)
        rise = after[worst] - before[worst]
        naive += rise > 1.96 * 0.065 * np.sqrt(2)
        found = net_gain(before[worst], after[worst], (0.065**2, 0.065**2), 0.0, Peers.of(before, variances))
        credited += found.interval()[0] > 0
    assert naive / rounds > 0.1
    assert credited / rounds < 0.05  # nominal 2.5 %


def test_the_samples_of_the_textbooks() -> None:
    assert needed(0.45, 0.60) == pytest.approx(172.80, abs=0.005)
    assert needed_paired(0.45, 0.60, 0.3) == pytest.approx(119.05, abs=0.005)
    assert [sample_size(n, 0.05) for n in (100, 360, 1000, 5000)] == [80, 187, 278, 357]


def test_thirty_answers_show_a_rise_of_twenty_six_points_only() -> None:
    assert smallest_change(0.7, 30) == pytest.approx(0.265, abs=0.0005)
    assert smallest_change(0.7, 30, correlation=0.5) == pytest.approx(0.206, abs=0.0005)


def test_near_the_ceiling_no_rise_can_be_seen() -> None:
    assert smallest_change(0.97, 30) is None
    assert smallest_change(1.0, 30) is None


def test_six_answers_of_a_hundred_percent_are_drawn_to_the_mean_of_all() -> None:
    # 200, 120, 40, 12 and 6 answers; 301 of 378 … satisfied give every department's variance
    n, rates = np.array([200, 120, 40, 12, 6]), np.array([0.80, 0.70, 0.55, 11 / 12, 1.00])
    common = float(n @ rates / n.sum())
    found = shrink(rates, common * (1 - common) / n)
    assert found.values == pytest.approx([0.798, 0.7044, 0.5916, 0.844, 0.848], abs=6e-5)


def test_departments_that_do_not_differ_all_get_the_mean() -> None:
    # the eight schools of Rubin (1981): between-school variance 0
    effects = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
    errors = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
    found = shrink(effects, errors**2)
    assert found.between == 0
    assert found.values == pytest.approx(np.full(8, found.mean))
    assert found.mean == pytest.approx(7.686, abs=0.001)


@pytest.mark.parametrize("scale", [0.5, 0.7, 1, 1.3, 1.5, 2])
def test_the_variance_among_departments_is_found_whatever_the_errors(scale: float) -> None:
    """Sixteen rates of a real wave; with the first scale statsmodels 0.15 gives 0."""
    rates = np.array([62, 71, 70, 73, 80, 93, 87, 86, 95, 90, 91, 86, 93, 88, 82, 90]) / 100
    n = np.array([53, 44, 38, 30, 67, 84, 41, 28, 45, 75, 35, 34, 107, 25, 28, 41])
    variances = scale * rates * (1 - rates) / n
    found = shrink(rates, variances)
    precision = 1 / (found.between + variances)
    assert found.between > 0.001
    assert np.sum(precision * (rates - found.mean) ** 2) == pytest.approx(len(rates) - 1)
