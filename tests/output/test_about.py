"""约数 are recognisable wherever a number is read, and coarse ones tell no more than they can."""

import pytest

from survey.core.figures.cells import Banded, Cell, Figures, Row, Shown, Withheld, by_grade, legible, pool
from survey.core.figures.formulas import FORMULAS, Formula
from survey.core.figures.noise import Noise
from survey.core.figures.withholding import COUNTS_ONLY
from survey.core.models import Source
from survey.core.study.judged import Judged
from survey.core.study.model import Measure
from survey.core.study.pair_counts import PairCounts
from survey.output import sentences
from survey.output.figures import charts, charts_heat, findings
from survey.output.figures.codebook import SPREAD, SUMMARY
from survey.output.figures.figure_row import FigureRow

FORMULA: Formula = next(iter(FORMULAS.values()))
BLUR = Noise.OVERALL.variance
FAIR = (4, 6, 10, 20, 20)


def row(cell: Cell, department: str = "a", overall: bool = True) -> Row:
    question = ("overall", "总体满意度") if overall else ("speed", "办事效率")
    return Row(department, f"{department}局", "类", *question, overall, cell, 80)


def figures(*rows: Row) -> Judged:
    return Judged(rows, FORMULA)


def told(picture: charts.Picture) -> str:
    """All that a chart writes and all that it tells where it is pointed at."""
    return str(picture.figure.to_dict()) + picture.title if picture.figure else ""


@pytest.mark.parametrize("blur", [0.0, BLUR])
def test_every_chart_marks_about_figures_and_only_those(blur: float) -> None:
    cells = [row(Shown(FAIR, blur=blur)), row(Shown(FAIR, blur=blur), overall=False)]
    seen = figures(*cells)
    for picture in (
        charts.rates(seen),
        charts.grades(seen),
        charts.dimensions(seen, "a"),
        charts_heat.heat(seen),
    ):
        assert ("约" in told(picture)) == bool(blur), picture.title


def test_grades_of_few_are_not_drawn_while_they_are_noised_and_the_rate_is() -> None:
    few, enough = Shown((1, 2, 6, 10, 10), blur=BLUR), Shown((1, 2, 6, 10, 11), blur=BLUR)
    assert isinstance(by_grade(few), Withheld)
    assert by_grade(enough) is enough
    exact = Shown(few.counts)
    assert by_grade(exact) is exact
    drawn = charts.grades(figures(row(few, "a"), row(enough, "b"))).figure
    assert drawn is not None
    assert {tuple(bar.customdata[0][:1]) for bar in drawn.data} == {("b",)}
    assert "差评 约 10%" in str(drawn.layout.annotations)
    assert charts.grades(figures(row(few))).figure is not None


def test_a_dimension_of_few_is_not_told_while_it_is_noised() -> None:
    few, enough = Shown((9, 10, 10, 10, 20), blur=BLUR), Shown((10, 10, 10, 10, 20), blur=BLUR)
    assert isinstance(legible(few, overall=False), Withheld)
    assert legible(few, overall=True) is few
    assert legible(enough, overall=False) is enough
    assert legible(Shown(few.counts), overall=False) == Shown(few.counts)


def test_scores_of_coarse_figures_have_no_decimals() -> None:
    near, exact = Shown(FAIR, blur=BLUR), Shown(FAIR)
    many = Shown(tuple(100 * one for one in FAIR), blur=BLUR)
    assert findings.score_of(exact, FORMULA).count(".") == 1
    assert findings.score_of(near, FORMULA).startswith("约 ")
    assert "." not in findings.score_of(near, FORMULA)
    assert findings.score_of(many, FORMULA).startswith("约 ")
    assert "." in findings.score_of(many, FORMULA)
    assert findings.level_of(near, 85.31, Measure.SCORE) == "约 85 分"
    assert findings.level_of(near, 0.853, Measure.WITH_BASIC) == "约 85%"


def test_files_have_a_column_that_says_which_rows_are_about() -> None:
    place = {layout.name: layout.header.index("约数") for layout in (SUMMARY, SPREAD)}
    for cell, word in (
        (Shown(FAIR), "否"),
        (Shown(FAIR, blur=BLUR), "是"),
        (Withheld("少"), None),
        (Banded(9, 0.7, 1.0), None),
    ):
        one = row(cell)
        for layout in (SUMMARY, SPREAD):
            assert layout.row(FigureRow(one, figures(one)))[place[layout.name]] == word


def test_a_sum_of_what_is_withheld_for_one_reason_says_that_reason() -> None:
    hidden = [row(Withheld(COUNTS_ONLY), one) for one in "ab"]
    assert pool(one.cell for one in hidden) == Withheld(COUNTS_ONLY)
    assert findings.headline(figures(*hidden), 12) == f"已收回 12 份答卷，{COUNTS_ONLY}。"
    other = figures(hidden[0], row(Withheld("样本不足"), "b"))
    assert COUNTS_ONLY not in findings.headline(other, 12)


def test_what_figures_are_is_told_by_source_and_final_release() -> None:
    assert sentences.so_far(Source.VERIFIED, final=False) == "数字是约数，截止后公布准数"
    assert sentences.so_far(Source.VERIFIED, final=True) == ""
    assert "只给约数" in sentences.so_far(Source.OPEN, final=True)


def test_same_enterprises_are_told_without_negative_counts_and_add_up() -> None:
    noised = PairCounts(both=30, won=6, lost=-2, neither=4, n=36, blur=BLUR)
    counted = [noised.told.both, noised.told.won, noised.told.lost, noised.told.neither]
    assert sum(counted) == 36
    assert min(counted) >= 0
    assert sentences.pairs(noised).count("约 ") == 2
    exact = PairCounts(both=30, won=6, lost=2, neither=4, n=42)
    assert exact.told == exact
    assert "约" not in sentences.pairs(exact)


def test_a_total_of_some_bands_is_about() -> None:
    total = pool([Shown(FAIR), Banded(60, 58 / 60, 1.0, (0, 1, 9, 20, 30))])
    assert isinstance(total, Shown)
    assert findings.about(total) == "约 "
    assert isinstance(Figures((row(total),), FORMULA).pooled, Shown)
