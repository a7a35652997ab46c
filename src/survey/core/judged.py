"""Released figures beside what the study says of them: where pages, files and screens get ranges and tiers from."""

from dataclasses import replace

from survey.core.figures import Figures, Row, Shown
from survey.core.form import Form
from survey.core.levels import plain_level
from survey.core.numerals import SCORE, SHARE, Unit
from survey.core.statistics import Formula
from survey.core.study import Level, Measure, Standing, Study

COMPUTING = "统计正在计算，几秒钟后自动出现"
UNRANKED = "本题没有参加分档"


def judged(figures: Figures, form: Form, found: Study | None) -> Figures:
    """The figures of a whole wave or class with the study's results in their rows; as they are without a study."""
    if found is None:
        return figures

    def joined(row: Row) -> Row:
        shown = isinstance(row.cell, Shown)
        key = str(form.item_of(row.department_id, row.question_id))
        return replace(row, results=found.results.get(key, {}) if shown else {})

    return replace(figures, rows=tuple(map(joined, figures.rows)), study=found)


def unit_of(measure: Measure) -> Unit:
    """How a measure is printed."""
    return SCORE if measure is Measure.SCORE else SHARE


def level_of(row: Row, measure: Measure, formula: Formula) -> Level | None:
    """What the row is compared by: the study's figure, or what its counts alone tell; None where it is not shown."""
    if not isinstance(row.cell, Shown):
        return None
    if row.results and measure in row.results:
        return row.results[measure].best
    return plain_level(row.cell.counts, measure.grade_values(formula), row.asked or 0)


def plain_of(row: Row, measure: Measure, formula: Formula) -> Level | None:
    """The same before weighting."""
    if row.results and measure in row.results:
        return row.results[measure].plain
    return level_of(row, measure, formula)


def weighted_of(row: Row, measure: Measure) -> Level | None:
    """The same after weighting; None where it cannot be."""
    return row.results[measure].weighted if row.results and measure in row.results else None


def standing_of(row: Row, measure: Measure) -> Standing:
    """Tier and ranks within the class, or why there are none."""
    if not isinstance(row.cell, Shown):
        return Standing(why=row.cell.why)
    if row.results is None:
        return Standing(why=COMPUTING)
    found = row.results[measure].place if measure in row.results else Standing()
    return found if found.tier or found.why else Standing(why=UNRANKED)
