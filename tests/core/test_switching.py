"""The same answers under every formula."""

import pytest

from survey.core.figures.formulas import FORMULAS
from survey.core.figures.switching import Flip, switches, under_all

POLAR, EVEN, LOW = (20, 0, 0, 10, 70), (10, 5, 5, 30, 50), (40, 20, 20, 10, 10)


def test_each_formula_has_its_own_score_of_the_same_answers() -> None:
    table = under_all({"甲": (3, 7, 15, 35, 40), "没人评": (0, 0, 0, 0, 0)})
    assert [table[one]["甲"] for one in FORMULAS] == pytest.approx([79.1, 80.4, 75.5, 90, 75])
    assert all("没人评" not in scores for scores in table.values())


def test_departments_that_change_places_are_named() -> None:
    found = {
        one.other.id: one for one in switches({"甲": POLAR, "乙": EVEN, "丙": LOW}, FORMULAS["10-8-6-3-0"])
    }
    # 甲 78, 乙 78.5, 丙 30… under 10-8-6-3-0; 甲 82, 乙 81 under 100-80-60-40-20
    school = found["100-80-60-40-20"]
    assert school.flips == (Flip("乙", "甲"),)
    assert school.tau == pytest.approx(1 / 3)  # of three pairs two agree, one does not
    assert found["rate-with-basic"].flips == ()


def test_a_tie_that_opens_is_no_flip() -> None:
    found = switches({"甲": (0, 0, 10, 0, 0), "乙": (0, 0, 0, 10, 0)}, FORMULAS["rate-with-basic"])
    assert all(not one.flips for one in found)
