"""Figures and study meet by item; what is withheld gets nothing from the study."""

from dataclasses import replace

import pytest

from survey.core.figures import TOO_FEW, Cell, Figures, Row, Shown, Withheld
from survey.core.form import Form, RatedDepartment
from survey.core.judged import COMPUTING, judged, level_of, plain_of, standing_of
from survey.core.questionnaire import load_questionnaire
from survey.core.statistics import FORMULAS
from survey.core.study import Level, Measure, Result, Standing, Study, Tier
from survey.settings import ROOT

FORMULA, RATE = FORMULAS["10-8-6-3-0"], Measure.WITH_BASIC
COUNTS = Shown((10, 10, 20, 30, 30))
PLAIN, WEIGHTED = Level(0.8, 0.71, 0.87, 100, 100), Level(0.7, 0.6, 0.79, 100, 90)


def form() -> Form:
    names = ("甲局", "乙局")
    return Form(
        load_questionnaire(ROOT / "data/questionnaires/business.toml"),
        tuple(RatedDepartment(name, name, "监管执法") for name in names),
    )


def figures(asked: Form, second: Cell) -> Figures:
    cells = (COUNTS, second)
    return Figures(
        tuple(
            Row(one.id, one.name, one.category, asked.questions[0].id, "总体满意度", True, cell)
            for one, cell in zip(asked.departments, cells, strict=True)
        ),
        FORMULA,
    )


def study(asked: Form) -> Study:
    found = Result(PLAIN, WEIGHTED, Standing(Tier.BELOW, -0.1, 2, 2, 2))
    return Study(1, True, {str(asked.item(place)): {RATE: found} for place in range(2)})


def test_a_weighted_figure_is_what_is_compared_and_the_plain_one_stays_beside_it() -> None:
    asked = form()
    row = judged(figures(asked, COUNTS), asked, study(asked)).rows[1]
    assert level_of(row, RATE, FORMULA) == WEIGHTED
    assert plain_of(row, RATE, FORMULA) == PLAIN
    assert standing_of(row, RATE) == Standing(Tier.BELOW, -0.1, 2, 2, 2)


def test_what_is_withheld_gets_no_figure_even_if_the_study_has_one() -> None:
    asked = form()
    row = judged(figures(asked, Withheld(TOO_FEW)), asked, study(asked)).rows[1]
    assert level_of(row, RATE, FORMULA) is None
    assert standing_of(row, RATE) == Standing(why=TOO_FEW)


def test_until_there_is_a_study_ranges_come_from_counts_and_nobody_is_ranked() -> None:
    asked = form()
    row = judged(figures(asked, COUNTS), asked, None).rows[0]
    level = level_of(row, RATE, FORMULA)
    assert level is not None
    assert level.value == pytest.approx(0.8)
    assert level.low < 0.8 < level.high
    assert standing_of(row, RATE) == Standing(why=COMPUTING)


def test_a_department_out_of_the_comparison_says_why() -> None:
    asked = form()
    found = study(asked)
    item = str(asked.item(0))
    alone = replace(found, results={item: {RATE: Result(PLAIN, None, Standing(why="不足 30 家"))}})
    row = judged(figures(asked, COUNTS), asked, alone).rows[0]
    assert standing_of(row, RATE) == Standing(why="不足 30 家")
