"""The same enterprises asked twice, by hand and by the textbooks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.statistics.influence import WITHOUT_BASIC
from survey.core.study.pair_counts import PairCounts
from survey.core.study.pairs import bonett_price, mcnemar_p, pair_up


def test_enterprises_are_counted_by_what_they_said_then_and_now() -> None:
    before = np.array([2, 3, 5, 4, 0, 1], np.uint8)
    after = np.array([4, 3, 4, 2, 5, 0], np.uint8)
    found = pair_up(before, after, WITHOUT_BASIC)
    assert found == PairCounts(both=1, won=1, lost=1, neither=1, n=4)  # who left out a rating is no pair


def test_mid_p_by_hand() -> None:
    # 4 of 4 changed for the better: 2 · (1/2)⁴ − (1/2)⁴
    assert mcnemar_p(4, 0) == pytest.approx(1 / 16)
    assert mcnemar_p(32, 3) == pytest.approx(2.272136e-7, abs=1e-12)


@pytest.mark.parametrize("changed", [0, 1, 9])
def test_as_many_for_better_as_for_worse_is_no_evidence(changed: int) -> None:
    assert mcnemar_p(changed, changed) == 1


def test_the_change_of_pairs_has_the_range_of_bonett_and_price() -> None:
    assert bonett_price(32, 3, 78) == pytest.approx((0.3625, 0.236410597, 0.488589403), abs=1e-8)


@given(st.integers(1, 300), st.data())
def test_a_change_stays_between_minus_one_and_one_and_turns_round_with_the_waves(
    n: int, data: st.DataObject
) -> None:
    won = data.draw(st.integers(0, n))
    lost = data.draw(st.integers(0, n - won))
    change, low, high = bonett_price(won, lost, n)
    assert -1 <= low <= change <= high <= 1
    assert bonett_price(lost, won, n) == pytest.approx((-change, -high, -low))
    assert 0 <= mcnemar_p(won, lost) <= 1
