"""Which dimensions go with the overall grade: textbook shares, honest ranges, quadrants that admit a border."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.statistics.vectors import Matrix
from survey.core.study.drivers import FEWEST_RATERS_OF_ALL, FLAT, TOO_FEW, drivers, johnson, lmg, pooled
from survey.core.study.model import DriverSet, Share
from survey.core.study.priorities import Quadrant, priorities


def correlations(seed: int, variables: int) -> np.ndarray:
    return np.corrcoef(np.random.default_rng(seed).normal(size=(50, variables)), rowvar=False)


def answers(seed: int, rows: int, links: tuple[float, ...]) -> Matrix:
    """Grades of 总体满意度 and of dimensions that follow it as closely as `links` say."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=rows)
    columns = [mood, *(link * mood + np.sqrt(1 - link**2) * rng.normal(size=rows) for link in links)]
    return np.clip(np.round(3.5 + np.array(columns).T), 1, 5).astype(np.uint8)


def test_independent_dimensions_explain_what_each_correlates() -> None:
    table = np.array([[1, 0.6, 0.3], [0.6, 1, 0], [0.3, 0, 1]])
    assert johnson(table) == pytest.approx([0.36, 0.09])
    assert lmg(table) == pytest.approx([0.36, 0.09])


def test_shares_of_two_related_dimensions_by_hand() -> None:
    # R² alone .36 and .25; together (.36 + .25 − 2 · .6 · .5 · .4) / (1 − .16) = .44048; gains averaged over both orders
    table = np.array([[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1]])
    both = (0.36 + 0.25 - 2 * 0.6 * 0.5 * 0.4) / (1 - 0.16)
    assert lmg(table) == pytest.approx([(0.36 + both - 0.25) / 2, (0.25 + both - 0.36) / 2])


@given(st.integers(0, 1000), st.integers(2, 6))
def test_shares_add_up_to_all_that_is_explained(seed: int, variables: int) -> None:
    table = correlations(seed, variables)
    explained = 1 - np.linalg.det(table) / np.linalg.det(table[1:, 1:])
    assert johnson(table).sum() == pytest.approx(explained)
    assert lmg(table).sum() == pytest.approx(explained)
    assert (johnson(table) >= 0).all()


def test_the_dimension_that_follows_the_overall_grade_is_found() -> None:
    found = drivers(answers(1, 600, (0.8, 0.3, 0.3)), "abc")
    assert found.strongest == 0
    assert sum(one.share for one in found.shares) == pytest.approx(1)
    assert all(one.low <= one.share <= one.high for one in found.shares)


def test_dimensions_alike_have_no_strongest() -> None:
    found = drivers(answers(2, 300, (0.6, 0.6, 0.6)), "abc")
    assert found.strongest is None


def test_too_few_enterprises_or_no_differences_give_no_shares() -> None:
    assert drivers(answers(3, FEWEST_RATERS_OF_ALL - 1, (0.6, 0.3)), "ab") == DriverSet(why=TOO_FEW)
    assert drivers(np.full((200, 3), 5, np.uint8), "ab") == DriverSet(why=FLAT)


def test_forms_that_leave_out_a_dimension_do_not_count() -> None:
    matrix = answers(4, FEWEST_RATERS_OF_ALL + 20, (0.6, 0.3))
    matrix[:21, 1] = 0
    assert drivers(matrix, "ab") == DriverSet(why=TOO_FEW)


def test_copies_of_an_enterprise_do_not_make_it_surer() -> None:
    matrix = answers(5, 150, (0.7, 0.4))
    once = drivers(matrix, "ab")
    copied = drivers(np.repeat(matrix, 4, axis=0), "ab", clusters=np.repeat(np.arange(150), 4))
    assert (copied.n, copied.r_squared) == (once.n, pytest.approx(once.r_squared))
    assert copied.shares[0].high - copied.shares[0].low == pytest.approx(
        once.shares[0].high - once.shares[0].low, rel=0.05
    )


def test_ranges_are_those_of_the_bootstrap() -> None:
    matrix, rng = answers(6, 400, (0.7, 0.4)), np.random.default_rng(1)
    drawn = []
    for _ in range(600):
        shares = johnson(np.corrcoef(matrix[rng.integers(0, 400, 400)], rowvar=False))
        drawn.append(shares / shares.sum())
    found = drivers(matrix, "ab")
    assert [found.shares[0].low, found.shares[0].high] == pytest.approx(
        np.quantile(drawn, [0.025, 0.975], axis=0)[:, 0], abs=0.03
    )


def test_departments_are_laid_under_each_other_for_a_common_answer() -> None:
    matrix = np.array([[5, 4, 3, 2], [1, 0, 0, 5]], np.uint8)
    rows, enterprises = pooled(matrix, departments=2)
    assert rows.tolist() == [[5, 4], [3, 2], [1, 0], [0, 5]]
    assert enterprises.tolist() == [0, 0, 1, 1]


def test_a_range_across_the_line_is_a_border_case() -> None:
    found = priorities(
        [0.45, 0.70, 0.65, 0.60],  # mean .60
        [(0.35, 0.55), (0.65, 0.75), (0.61, 0.69), (0.50, 0.70)],
        [
            Share("", 0.5, 0.4, 0.6),
            Share("", 0.3, 0.26, 0.34),
            Share("", 0.1, 0.02, 0.2),
            Share("", 0.1, 0.05, 0.2),
        ],
    )
    assert [one.quadrant for one in found] == [Quadrant.FIX, Quadrant.KEEP, Quadrant.FINE, Quadrant.BORDER]
