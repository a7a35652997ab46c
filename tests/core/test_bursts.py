"""A burst: far more forms in ten minutes than the wave has had so far."""

from math import exp, inf

import pytest

from survey.core.answers.bursts import BY_DAY, RARE, Pace, rare_count

LEAST = 20


def tail(count: int, mean: float) -> float:
    """P(X >= count) of a Poisson count, added up term by term."""
    term = below = exp(-mean)
    for number in range(1, count):
        term *= mean / number
        below += term
    return 1 - (below if count else 0)


@pytest.mark.parametrize("mean", [0.1, 1, 5, 20, 80])
def test_the_limit_is_rare_and_not_much_rarer_than_need_be(mean: float) -> None:
    count = rare_count(mean)
    assert tail(count, mean) < RARE
    assert tail(int(count * 0.8), mean) > RARE / 100


def steady(per_minute: int, minutes: int) -> Pace:
    pace = Pace()
    for minute in range(minutes):
        pace.add(minute, per_minute)
    return pace


def test_steady_arrivals_are_no_burst() -> None:
    pace = steady(3, 600)
    assert pace.limit(599, LEAST) > pace.recent == 30


def test_forms_above_the_tail_are_a_burst() -> None:
    pace = steady(3, 600)
    limit = pace.limit(599, LEAST)
    assert limit == rare_count(BY_DAY * 30)
    pace.add(599, int(limit))
    assert pace.recent > limit


def test_few_forms_are_never_a_burst_and_the_first_ten_minutes_neither() -> None:
    quiet = Pace()
    quiet.add(0, 1)
    assert quiet.limit(1000, LEAST) == LEAST
    fresh = Pace()
    assert fresh.limit(0, LEAST) == inf
    fresh.add(0, 500)
    assert fresh.limit(9, LEAST) == inf


def test_what_is_older_than_ten_minutes_is_forgotten_but_for_its_number() -> None:
    pace = steady(3, 600)
    pace.limit(700, LEAST)
    assert pace.recent == 0
    assert len(pace._recent) == 0
