"""Weights by hand, and what cannot be weighted says so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.statistics.turnout import Shift, Turnout, balance, bounds, together, turnouts
from survey.core.statistics.weights import (
    WeightingError,
    collapse,
    kish,
    merged,
    post_strata,
    rake,
    rake_capped,
)

INVITED = {"制造大": 60, "制造小": 60, "服务大": 40, "服务小": 240}
ANSWERED = {"制造大": 30, "制造小": 20, "服务大": 10, "服务小": 40}


def test_answers_stand_for_the_invited_of_their_stratum() -> None:
    assert post_strata(INVITED, ANSWERED) == {"制造大": 2, "制造小": 3, "服务大": 4, "服务小": 6}


def test_a_stratum_without_answers_is_named() -> None:
    with pytest.raises(WeightingError, match="分层「服务小」没有收到答卷"):
        post_strata(INVITED, ANSWERED | {"服务小": 0})


def test_more_answers_than_invited_point_to_the_registry() -> None:
    with pytest.raises(WeightingError, match="分层「制造大」收到的答卷多于邀请的企业"):
        post_strata(INVITED, ANSWERED | {"制造大": 61})


def test_thin_strata_are_weighted_together() -> None:
    into = collapse(INVITED, {"制造大": 30, "制造小": 2, "服务大": 0, "服务小": 40})
    assert into["服务大"] == into["制造小"]
    assert len(set(into.values())) == 2  # 0 + 2 are still too few and join the 30
    invited, answered = merged(INVITED, into), merged({"制造大": 30, "制造小": 2, "服务小": 40}, into)
    assert sorted(post_strata(invited, answered).values()) == [160 / 32, 240 / 40]


def test_five_answers_are_enough_to_stand_alone() -> None:
    assert len(set(collapse({"甲": 9, "乙": 9}, {"甲": 5, "乙": 9}).values())) == 2
    assert len(set(collapse({"甲": 9, "乙": 9}, {"甲": 4, "乙": 9}).values())) == 1


@given(st.dictionaries(st.text(max_size=3), st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1))
def test_collapsing_keeps_everybody_and_leaves_nobody_too_thin(strata: dict[str, tuple[int, int]]) -> None:
    invited = {name: count for name, (count, _) in strata.items()}
    answered = {name: min(pair) for name, pair in strata.items()}
    into = collapse(invited, answered)
    assert into.keys() == invited.keys()
    together_ = merged(answered, into)
    assert sum(together_.values()) == sum(answered.values())
    assert len(together_) == 1 or min(together_.values()) >= 5


def test_raking_meets_both_margins_by_hand() -> None:
    sizes = (30, 20, 10, 40)
    first, second = np.repeat([0, 0, 1, 1], sizes), np.repeat([0, 1, 0, 1], sizes)
    weights = rake([first, second], [{0: 60, 1: 140}, {0: 50, 1: 150}])
    assert [weights[place] for place in (0, 30, 50, 60)] == pytest.approx([1, 1.5, 2, 3])
    assert np.bincount(first, weights) == pytest.approx([60, 140])
    assert np.bincount(second, weights) == pytest.approx([50, 150])


def test_an_empty_margin_is_said_and_not_divided_by() -> None:
    with pytest.raises(WeightingError, match="第 3 类没有收到答卷"):
        rake([np.array([0, 1, 1])], [{0: 5, 1: 5, 2: 4}])


def test_margins_that_disagree_are_refused() -> None:
    with pytest.raises(WeightingError, match="总数不一致"):
        rake([np.array([0, 1]), np.array([0, 1])], [{0: 5, 1: 5}, {0: 5, 1: 6}])


def test_no_weight_is_above_five_times_the_median_and_margins_still_hold() -> None:
    # group 1 answers rarely, and hardest in area 0: raked freely its weights run away
    first = np.repeat([0, 0, 1, 1], (60, 60, 2, 30))
    second = np.repeat([0, 1, 0, 1], (60, 60, 2, 30))
    targets = [{0: 150.0, 1: 150.0}, {0: 150.0, 1: 150.0}]
    free, capped = rake([first, second], targets), rake_capped([first, second], targets, cap=2.0)
    assert capped.max() <= 2 * np.median(capped) * (1 + 1e-6)
    assert free.max() > 2 * np.median(free)
    assert np.bincount(first, capped) == pytest.approx([150, 150])


def test_unequal_weights_cost_answers() -> None:
    weights = np.repeat([2.0, 3.0, 4.0, 6.0], (30, 20, 10, 40))
    assert kish(weights) == pytest.approx((1.1875, 84.210526))
    assert kish([3.0] * 7) == (1, 7)


def test_those_who_answer_least_stand_first() -> None:
    rows = turnouts(INVITED, ANSWERED)
    assert [(row.name, row.rate) for row in rows][:2] == [("服务小", 1 / 6), ("服务大", 1 / 4)]
    assert together(rows) == Turnout("全部", 400, 100)


def test_even_answering_is_balanced_and_uneven_is_not() -> None:
    even = balance([Turnout("甲", 100, 50), Turnout("乙", 300, 150)])
    uneven = balance([Turnout("甲", 100, 90), Turnout("乙", 300, 60)])
    assert (even.r, even.worst_bias) == (1, 0)
    # ρ̄ = .375, S² = (100 · .525² + 300 · .175²) / 399
    assert uneven.r == pytest.approx(1 - 2 * (36.75 / 399) ** 0.5)
    assert uneven.worst_bias == pytest.approx((36.75 / 399) ** 0.5 / 0.375)


def test_the_silent_may_all_think_the_one_or_the_other() -> None:
    assert bounds(0.79, 214 / 360) == pytest.approx((0.4696, 0.8752), abs=5e-5)
    assert bounds(0.79, 1.0) == (0.79, 0.79)


def test_weighting_that_moves_a_figure_by_more_than_two_points_is_notable() -> None:
    assert not Shift(79.3, 78.9).notable
    assert Shift(61.0, 55.0).notable
