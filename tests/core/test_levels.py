"""What counts alone say is what the kernel says of the same answers."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.stats import norm, t
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from survey.core.figures.cells import Shown
from survey.core.figures.formulas import FORMULAS
from survey.core.statistics.estimates import Estimate
from survey.core.statistics.influence import Survey, estimate
from survey.core.study.levels import Part, estimate_of, plain_level
from tests import statistics_fixture as fixture

SCORE = FORMULAS["10-8-6-3-0"].weights
SHARE = (0.0, 0.0, 0.0, 1.0, 1.0)
answers = st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=12), min_size=1, max_size=4)


def parts_and_survey(strata: list[list[int]], weights: list[float]) -> tuple[list[Part], Survey]:
    parts = [
        Part(tuple(one.count(grade) for grade in range(1, 6)), len(one), weight)
        for one, weight in zip(strata, weights, strict=False)
    ]
    labels = np.repeat(np.arange(len(strata)), [len(one) for one in strata])
    matrix = np.array([grade for one in strata for grade in one], np.uint8)[:, None]
    return parts, Survey(matrix, np.asarray(weights)[labels], labels)


@given(answers, st.lists(st.floats(0.2, 9), min_size=4, max_size=4), st.sampled_from([SCORE, SHARE]))
@example([[4, 4], [1, 1, 1]], [1.0, 1.0, 1.0, 1.0], (0.0, 0.0, 0.0, 1.0, 1.0))
def test_counts_by_stratum_give_what_the_kernel_gives(
    strata: list[list[int]], weights: list[float], values: tuple[float, ...]
) -> None:
    parts, survey = parts_and_survey(strata, weights)
    if not survey.matrix.any():
        with pytest.raises(ZeroDivisionError):
            estimate_of(parts, values)
        return
    found, known = estimate_of(parts, values), estimate(survey, [[0]], values)[0]
    assert found.value == pytest.approx(known.value)
    # Variances, since the root of a rounding error is a thousand million times as large as the error.
    assert found.se**2 == pytest.approx(known.se**2, rel=1e-10, abs=1e-17)
    assert (found.n, found.df) == (known.n, known.df)


def test_the_reference_figures_follow_from_counts() -> None:
    grades, frame = fixture.grades(1, "城管"), fixture.frame()
    industry = frame.loc[grades.index, "industry"]
    invited = frame.industry.value_counts()
    parts = [
        Part(tuple(int((own == grade).sum()) for grade in range(1, 6)), len(own), invited[name] / len(own))
        for name, own in grades.groupby(industry)
    ]
    found = estimate_of(parts, SHARE)
    assert (found.value, found.se) == (
        pytest.approx(0.43164873, abs=1e-8),
        pytest.approx(0.05087398, abs=1e-8),
    )


def test_one_answer_says_nothing_of_the_others() -> None:
    level = plain_level(Shown((0, 0, 0, 0, 1)), SCORE)
    assert (level.value, level.low, level.high) == (100, 0, 100)
    assert isinstance(estimate_of([Part((0, 0, 0, 0, 1), 1)], SCORE), Estimate)


def test_all_alike_are_not_certain() -> None:
    level = plain_level(Shown((0, 0, 0, 0, 14)), SHARE)
    assert 0.7 < level.low < 0.8
    assert level.high == 1


@given(st.lists(st.integers(0, 60), min_size=5, max_size=5))
def test_the_range_of_a_plain_item_is_that_of_statsmodels(counts: list[int]) -> None:
    grades = np.repeat(np.arange(5), counts)
    assume(len(grades) > 2)
    scores = np.array(SCORE)[grades]
    assume(scores.std() > 0)
    cell = Shown(tuple(counts))
    known, level = DescrStatsW(scores), plain_level(cell, SCORE)
    assert level.value == pytest.approx(known.mean)
    assert estimate_of([Part(tuple(counts), 0)], SCORE).se == pytest.approx(known.std_mean)
    share = plain_level(cell, SHARE)
    assume(0 < share.value < 1)
    n = len(grades) - 1  # the variance of a sample is over n − 1
    alpha = 2 * norm.sf(t.ppf(0.975, n))
    known_range = proportion_confint(share.value * n, n, alpha=alpha, method="wilson")
    assert (share.low, share.high) == pytest.approx(known_range, abs=1e-7)
    assert share.effective == pytest.approx(n)
