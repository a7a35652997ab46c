"""Figures and study meet by item; what is withheld gets nothing from the study."""

from dataclasses import replace

import pytest

from survey.core.answers.form import Form, RatedDepartment
from survey.core.answers.questionnaire import load_questionnaire
from survey.core.figures.cells import TOO_FEW, Cell, Figures, Row, Shown, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.study.judged import COMPUTING, judged
from survey.core.study.model import Level, Measure, Result, Standing, Study, Tier
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
    seen = judged(figures(asked, COUNTS), asked, study(asked))
    said = seen.of(seen.rows[1], RATE)
    assert said.level == WEIGHTED
    assert said.plain == PLAIN
    assert said.standing == Standing(Tier.BELOW, -0.1, 2, 2, 2)


def test_what_is_withheld_gets_no_figure_even_if_the_study_has_one() -> None:
    asked = form()
    seen = judged(figures(asked, Withheld(TOO_FEW)), asked, study(asked))
    said = seen.of(seen.rows[1], RATE)
    assert said.level is None
    assert said.standing == Standing(why=TOO_FEW)


def test_until_there_is_a_study_ranges_come_from_counts_and_nobody_is_ranked() -> None:
    asked = form()
    seen = judged(figures(asked, COUNTS), asked, None)
    said = seen.of(seen.rows[0], RATE)
    level = said.level
    assert level is not None
    assert level.value == pytest.approx(0.8)
    assert level.low < 0.8 < level.high
    assert said.standing == Standing(why=COMPUTING)


def test_a_department_out_of_the_comparison_says_why() -> None:
    asked = form()
    found = study(asked)
    item = str(asked.item(0))
    alone = replace(found, results={item: {RATE: Result(PLAIN, None, Standing(why="不足 30 家"))}})
    seen = judged(figures(asked, COUNTS), asked, alone)
    said = seen.of(seen.rows[0], RATE)
    assert said.standing == Standing(why="不足 30 家")


@pytest.mark.parametrize("known", [True, False])
def test_a_row_is_judged_once_for_everybody_who_asks(known: bool) -> None:
    asked = form()
    seen = judged(figures(asked, COUNTS), asked, study(asked) if known else None)
    for row in seen:
        assert seen.of(row, RATE) is seen.of(replace(row), RATE)
        assert seen.of(row, RATE) is not seen.of(row, Measure.SCORE)


def test_the_average_of_a_class_is_what_its_departments_are_told_apart_from() -> None:
    asked = form()
    [row, _] = figures(asked, COUNTS)
    alone, ranked = (judged(figures(asked, COUNTS), asked, found) for found in (None, study(asked)))
    assert alone.of(row, RATE).average == pytest.approx(0.8)  # both departments have the same counts
    assert alone.of(row, Measure.SCORE).average is None
    assert ranked.of(row, RATE).average == pytest.approx(0.7 + 0.1)  # 0.1 below it


def test_what_may_be_seen_knows_no_study() -> None:
    source = (ROOT / "src/survey/core/figures/cells.py").read_text(encoding="utf-8")
    assert "survey.core.study.model" not in source
    assert "survey.core.figures.formulas" in source
