"""A clock that jumps ahead is not believed at once."""

from datetime import timedelta

import pytest

from survey.core.steady import SETTLED, Steadiness
from tests.conftest import NOW

ROUND = 1.5


def looks(*moves: tuple[float, float]) -> list[bool]:
    """What is said of the clock at each look; seconds that the clock moved, and that passed, since the one before."""
    clock, now, passed, said = Steadiness(), NOW, 1000.0, []
    for moved, really in ((0, 0), *moves):
        now, passed = now + timedelta(seconds=moved), passed + really
        said.append(clock.steady(now, passed))
    return said


@pytest.mark.parametrize("moved", [ROUND, 0, -86_400, 299])
def test_a_clock_that_goes_with_the_time_or_is_set_right_is_steady(moved: float) -> None:
    assert looks((moved, ROUND), (ROUND, ROUND)) == [True, True, True]


def test_a_round_that_took_long_is_no_jump() -> None:
    assert looks((3600, 3600)) == [True, True]


def test_after_a_jump_it_has_to_go_evenly_for_a_while() -> None:
    assert looks((86_400, ROUND), (SETTLED - 1, SETTLED - 1), (1, 1)) == [True, False, False, True]


def test_another_jump_begins_the_wait_anew() -> None:
    half = SETTLED / 2
    assert looks((86_400, 1), (half, half), (301 + half, half), (half, half), (half, half)) == [
        True, False, False, False, False, True,
    ]  # fmt: skip


def test_setting_it_right_does_not_end_the_wait() -> None:
    assert looks((86_400, 1), (-86_400, 1)) == [True, False, False]
