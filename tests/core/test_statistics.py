"""Scores by formula, on the worked example: 100 answers, 40 / 35 / 15 / 7 / 3."""

import re

import pytest

from survey.core.figures.formulas import (
    FORMULAS,
    bad_rate,
    mean_grade,
    rate_with_basic,
    rate_without_basic,
    score,
)
from tests.rooms import files

EXAMPLE = (3, 7, 15, 35, 40)  # 非常不满意 first


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("10-8-6-3-0", 79.1),  # (40·10 + 35·8 + 15·6 + 7·3 + 3·0) / 100 × 10
        ("100-80-60-40-20", 80.4),
        ("100-75-50-25-0", 75.5),
        ("rate-with-basic", 90.0),
        ("rate-without-basic", 75.0),
    ],
)
def test_each_formula_gives_its_own_score(formula: str, expected: float) -> None:
    assert score(EXAMPLE, FORMULAS[formula]) == pytest.approx(expected, abs=1e-12)


def test_rates_are_shares_of_the_grades_given() -> None:
    assert (rate_with_basic(EXAMPLE), rate_without_basic(EXAMPLE), bad_rate(EXAMPLE)) == (0.9, 0.75, 0.1)
    assert mean_grade(EXAMPLE) == pytest.approx(4.02)


def test_formulas_can_order_departments_differently() -> None:
    one, other = (20, 0, 0, 10, 70), (10, 5, 5, 30, 50)
    ours, schools = FORMULAS["10-8-6-3-0"], FORMULAS["100-80-60-40-20"]
    assert score(one, ours) < score(other, ours)
    assert score(one, schools) > score(other, schools)


def test_bad_and_satisfied_are_counted_in_one_place_only() -> None:
    """A slice of five counts anywhere else would be a second definition."""
    slices = re.compile(r"counts\[(:2|2:|3:|:3)\]")
    found = {file.module: slices.findall(file.text) for file in files() if slices.search(file.text)}
    assert found == {"survey.core.figures.formulas": [":2", "2:", "3:"]}
