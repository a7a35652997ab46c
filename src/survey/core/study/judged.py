"""Released figures beside what the study says of them. A row is judged here, once; charts, sentences and files read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from survey.core.answers.form import Form
from survey.core.figures import formulas
from survey.core.figures.cells import ALIKE, Banded, Cell, Figures, Row, Shown, pool
from survey.core.numerals import SCORE, SHARE, Unit
from survey.core.study.levels import plain_level
from survey.core.study.model import Level, Measure, Result, Results, Standing, Study, Tier

COMPUTING = "统计正在计算，几秒钟后自动出现"
UNRANKED = "本题没有参加分档"
ALONE = "同类中可比的部门不足两个"
SIDES = {Tier.BELOW: -1, Tier.SAME: 0, Tier.ABOVE: 1}


@dataclass(frozen=True)
class Judgement:
    """One row by one measure: what it is compared by, the same before and after weighting, and where it stands.

    `side`: −1, 0 or 1 for below, alike or above its class, or why it was not compared; `average`: of that class.
    """

    standing: Standing
    side: int | str
    level: Level | None = None
    plain: Level | None = None
    weighted: Level | None = None
    average: float | None = None

    @property
    def apart(self) -> bool:
        """Whether the department takes no part in the comparison of its class."""
        return isinstance(self.side, str)

    @property
    def lean(self) -> int:
        """−1 or 1 for a department that stands out of its class, else 0: alike, or not compared."""
        return 0 if isinstance(self.side, str) else self.side


@dataclass(frozen=True)
class Judged(Figures):
    """Released figures with the study of the whole wave's release. `results` by department and question, None until
    there is a study: then levels come from counts alone, and nobody is ranked."""

    study: Study | None = None
    results: Mapping[tuple[str, str], Results] | None = None

    @property
    def computed(self) -> bool:
        """Whether a study says where the rows stand."""
        return self.results is not None

    def of(self, row: Row, measure: Measure = Measure.WITH_BASIC) -> Judgement:
        """What is said of a row; found out the first time it is asked for."""
        key = row.department_id, row.question_id, measure
        if key not in self._known:
            self._known[key] = self._judge(row, measure)
        return self._known[key]

    def result_of(self, row: Row, measure: Measure) -> Result | None:
        """The study's result; None where it has none: not there yet, not shown, or not rated by this measure."""
        return (self.results or {}).get((row.department_id, row.question_id), {}).get(measure)

    @cached_property
    def _known(self) -> dict[tuple[str, str, Measure], Judgement]:
        return {}

    def _judge(self, row: Row, measure: Measure) -> Judgement:
        cell = row.cell
        if not isinstance(cell, Shown):
            return Judgement(Standing(why=cell.why), ALIKE if isinstance(cell, Banded) else cell.why)
        found = self.result_of(row, measure)
        level = found.best if found else plain_level(cell, measure.grade_values(self.formula), row.asked or 0)
        plain, weighted = (found.plain, found.weighted) if found else (level, None)
        if not self.computed:
            side, average = self._against_counts(row, cell, measure)
            return Judgement(Standing(why=COMPUTING), side, level, plain, weighted, average)
        standing = _standing(found)
        if not standing.tier:
            return Judgement(standing, standing.why, level, plain, weighted)
        average = level.value - standing.distance
        return Judgement(standing, SIDES[standing.tier], level, plain, weighted, average)

    def _against_counts(self, row: Row, cell: Shown, measure: Measure) -> tuple[int | str, float | None]:
        """Side and average while there is no study: below or above where the range of its 满意率 lies wholly so."""
        shown, together = self._classes[row.question_id, row.category]
        average = formulas.rate_with_basic(together.counts) if isinstance(together, Shown) else None
        drawn = average if measure is Measure.WITH_BASIC and row.overall else None
        if shown < 2:
            return ALONE, drawn
        level = plain_level(cell, Measure.WITH_BASIC.grade_values(self.formula))
        least, most = _rate(together)
        return -1 if level.high < least else 1 if level.low > most else 0, drawn

    @cached_property
    def _classes(self) -> dict[tuple[str, str], tuple[int, Cell]]:
        """Question and class → how many of its departments are shown, and all of them taken together."""
        cells: dict[tuple[str, str], list[Cell]] = {}
        for row in self.rows:
            cells.setdefault((row.question_id, row.category), []).append(row.cell)
        return {
            key: (sum(isinstance(one, Shown) for one in found), pool(found)) for key, found in cells.items()
        }


def judged(figures: Figures, form: Form, found: Study | None) -> Judged:
    """The figures of a whole wave or class with the study's results; what is withheld gets none."""
    if found is None:
        return Judged(figures.rows, figures.formula, figures.together)
    results = {
        (row.department_id, row.question_id): found.results.get(
            str(form.item_of(row.department_id, row.question_id)), {}
        )
        for row in figures
        if isinstance(row.cell, Shown)
    }
    return Judged(figures.rows, figures.formula, figures.together, found, results)


def unit_of(measure: Measure) -> Unit:
    """How a measure is printed."""
    return SCORE if measure is Measure.SCORE else SHARE


def _standing(found: Result | None) -> Standing:
    """Tier and ranks within the class, or why there are none."""
    place = found.place if found else Standing()
    return place if place.tier or place.why else Standing(why=UNRANKED)


def _rate(cell: Cell) -> tuple[float, float]:
    """Between what the 满意率 of a cell lies, as far as it is told."""
    match cell:
        case Shown(counts):
            return formulas.rate_with_basic(counts), formulas.rate_with_basic(counts)
        case Banded(_, low, high):
            return low, high
        case _:
            return 0.0, 1.0
