"""Waves in a row: words only for what is seen, lines only between what is alike."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st

from survey.core.figures.cells import Shown
from survey.core.figures.formulas import FORMULAS
from survey.core.models import Source
from survey.core.statistics.estimates import side_by_side
from survey.core.statistics.influence import Survey, estimate
from survey.core.statistics.intervals import difference_interval
from survey.core.study.levels import plain_level
from survey.core.study.trends import Change, Terms, breaks, change_between, change_of, slope

TERMS = Terms("10-8-6-3-0", "您对该部门的总体评价", "行业×规模")


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        ((0.01, 0.2), Change.RISE),
        ((-0.2, -0.01), Change.FALL),
        ((-0.01, 0.2), Change.UNSEEN),
        ((0, 1), Change.UNSEEN),
    ],
)
def test_a_change_has_a_word_only_if_its_range_leaves_out_zero(
    interval: tuple[float, float], word: Change
) -> None:
    assert change_of(interval) is word


def test_waves_under_the_same_terms_may_be_joined() -> None:
    assert breaks(TERMS, replace(TERMS)) == []


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (replace(TERMS, formula="100-75-50-25-0"), "口径不同"),
        (replace(TERMS, wording="您满意吗"), "措辞不同"),
        (replace(TERMS, weighting=""), "加权办法不同"),
        (replace(TERMS, source=Source.OPEN), "开放扫码"),
    ],
)
def test_waves_under_other_terms_are_not_joined_and_it_is_said_why(other: Terms, why: str) -> None:
    assert [why in reason for reason in breaks(TERMS, other)] == [True]


def test_the_slope_of_four_waves() -> None:
    found = slope(np.array([0.70, 0.73, 0.72, 0.78]), np.diag([0.03, 0.03, 0.028, 0.029]) ** 2, 200)
    assert (found.value, found.se) == pytest.approx((0.0229, 0.0132), abs=5e-5)


def test_waves_that_share_enterprises_show_a_slope_sooner() -> None:
    values = np.array([0.70, 0.72, 0.75])
    apart, shared = (slope(values, 0.03**2 * (r + (1 - r) * np.eye(3)), 200).se for r in (0.0, 0.6))
    assert shared < apart


def test_two_waves_have_a_change_and_no_slope() -> None:
    with pytest.raises(ValueError, match="three"):
        slope(np.array([0.7, 0.8]), np.eye(2), 100)


@given(st.integers(3, 12), st.integers(0, 2**32 - 1))
def test_the_slope_is_that_of_statsmodels(waves: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    values, spread = dice.uniform(0, 1, waves), dice.uniform(0.01, 0.2, (waves, waves + 3))
    for covariance in (np.diag(spread[:, 0] ** 2), spread @ spread.T + 0.01 * np.eye(waves)):
        fitted = sm.GLS(values, sm.add_constant(np.arange(waves, dtype=float)), sigma=covariance).fit(
            cov_type="fixed scale"
        )
        found = slope(values, covariance, 100)
        assert found.value == pytest.approx(fitted.params[1], abs=1e-9)
        assert found.se == pytest.approx(fitted.bse[1], rel=1e-6)


@given(
    st.lists(st.integers(0, 40), min_size=5, max_size=5), st.lists(st.integers(0, 40), min_size=5, max_size=5)
)
def test_a_change_from_two_ranges_is_the_kernels_for_waves_side_by_side(
    before: list[int], after: list[int]
) -> None:
    assume(sum(before) > 1 and sum(after) > 1)
    for values in (FORMULAS["10-8-6-3-0"].weights, (0.0, 0.0, 1.0, 1.0, 1.0)):
        waves = [
            estimate(Survey(np.repeat(range(1, 6), counts)[:, None].astype(np.uint8)), [[0]], values)
            for counts in (before, after)
        ]
        known = difference_interval(side_by_side(*waves), 1, 0)
        found = change_between(*(plain_level(Shown(tuple(counts)), values) for counts in (before, after)))
        assert found == pytest.approx(known, abs=1e-9)
