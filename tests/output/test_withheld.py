"""What is withheld or told as a band is in no picture, file or sentence; what is shown is."""

import json
from typing import Any

import pytest

from survey.core.figures.cells import Banded, Cell, FormCounts, Row, Shown, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.study.judged import Judged
from survey.output.figures import charts, charts_heat, charts_reasons, exports, findings, findings_department
from survey.output.figures.rows import Line, rows_figure

FORMULA = FORMULAS["10-8-6-3-0"]
WHY = "为保护企业不予显示"
PLAIN = Shown((20, 20, 20, 20, 20), (9, 8), 40)
SECRET = Shown((40, 0, 0, 300, 7579), (31, 9), 40)
DRAWN = (charts.rates, charts.grades, charts_heat.heat, lambda one: charts.dimensions(one, "secret"))


def figures(cell: Cell) -> Judged:
    """One ordinary department and one whose every cell is `cell`."""
    rows = [
        Row(name, f"{name}局", "监管执法", question, question, overall, one, asked=9000)
        for name, one in (("plain", PLAIN), ("secret", cell))
        for question, overall in (("总体满意度", True), ("办事效率", False))
    ]
    return Judged(tuple(rows), FORMULA)


def said(cell: Cell) -> str:
    """Everything that pictures, tables and sentences make of it, as one text."""
    some = figures(cell)
    pictures = [draw(some) for draw in DRAWN] + [charts_reasons.reasons(cell, ["慢", "差"])]
    texts = [
        one.title + one.subtitle + one.note + (one.figure.to_json() if one.figure else "") for one in pictures
    ]
    texts += exports.summary("期", some, FormCounts(None, None, None))
    texts += exports.reasons("期", some, ["慢", "差"])
    texts.append(
        json.dumps([row for row in some.records() if row["department_id"] == "secret"], ensure_ascii=False)
    )
    row = next(one for one in some.overall if one.department_id == "secret")
    texts += [
        findings_department.headline(some, row),
        findings.headline(some, 9000),
        findings.grades_title(some),
    ]
    return "\n".join(texts)


# The secret department's n, its counts, score and rates, as anything would print them.
FIGURES = ("7919", "7579", "98.74", "98.7", "99.5", "99%")


def test_a_shown_cell_is_found_by_its_figures() -> None:
    assert [one for one in FIGURES if one not in said(SECRET)] == []


def test_of_a_withheld_cell_no_figure_is_found() -> None:
    assert [one for one in FIGURES if one in said(Withheld(WHY))] == []
    assert WHY in said(Withheld(WHY))


def test_of_a_banded_cell_n_and_band_are_found_and_nothing_else() -> None:
    text = said(Banded(7919, 0.95, 1.0))
    assert [one for one in FIGURES if one in text] == ["7919"]
    assert "不低于 95%" in text


@pytest.mark.parametrize("cell", [Withheld(WHY), Banded(12, 0.9, 1.0)])
def test_a_row_without_counts_is_a_strip_with_words(cell: Cell) -> None:
    figure, _ = rows_figure([Line("甲局", "", cell)])
    assert len(figure.data) == 0
    assert cell.why in [one.text for one in figure.layout.annotations]  # type: ignore[union-attr]


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("cell", [Withheld(WHY), Banded(12, 0.9, 1.0)])
def test_with_nothing_to_draw_nothing_is_drawn(draw: Any, cell: Cell) -> None:
    alone = Judged(tuple(row for row in figures(cell) if row.department_id == "secret"), FORMULA)
    assert draw(alone).figure is None


def test_a_department_is_set_against_a_class_only_as_far_as_the_class_is_told() -> None:
    row = Row("a", "甲局", "监管执法", "overall", "总体满意度", True, Shown((30, 20, 20, 20, 10)))
    other = Row("b", "乙局", "监管执法", "overall", "总体满意度", True, Shown((2, 3, 0, 0, 5)))
    banded = [
        Row(f"c{n}", f"丙{n}局", "监管执法", "overall", "总体满意度", True, Banded(29, 0.95, 1.0))
        for n in range(9)
    ]
    some = Judged((row, other, *banded), FORMULA)
    assert isinstance(some.pooled, Banded)
    assert some.of(row).lean == -1
    assert Judged((row, other), FORMULA).of(row).lean == 0
