"""A released row as the columns of an export read it: each asks for its own value, and what may not be shown is empty."""

from dataclasses import dataclass, field

from survey.core.figures import formulas
from survey.core.figures.cells import FormCounts, Row, Shown, Withheld
from survey.core.models import Grade
from survey.core.study.judged import Judged, Judgement
from survey.core.study.model import Measure
from survey.output.figures.findings import rank_words

RATE = Measure.WITH_BASIC


def ranked(row: Row, figures: Judged, measure: Measure) -> tuple[str | None, str | None]:
    """Tier and ranks of a shown row, or in their place why there are none."""
    found = figures.of(row, measure).standing
    if not found.tier:
        return f"未参加比较：{found.why}" if figures.computed else "尚未分档", None
    return found.tier.value, rank_words(found)


@dataclass(frozen=True)
class FigureRow:
    """A row with what stands around it; `touched` rated the department at all. Percentages are plain numbers."""

    row: Row
    figures: Judged
    title: str = ""
    forms: FormCounts = field(default_factory=lambda: FormCounts(None, None, None))
    touched: int | None = None
    exact: bool = False  # not rounded: a workbook's cells do that

    @property
    def category(self) -> str:
        return self.row.category

    @property
    def department(self) -> str:
        return self.row.department

    @property
    def question(self) -> str:
        return self.row.question

    @property
    def shown(self) -> Shown | None:
        return self.row.cell if isinstance(self.row.cell, Shown) else None

    @property
    def judged(self) -> Judgement:
        return self.figures.of(self.row, RATE)

    @property
    def contact(self) -> int | None:
        return None if isinstance(self.row.cell, Withheld) else self.touched

    @property
    def n(self) -> int | None:
        return None if isinstance(self.row.cell, Withheld) else self.row.cell.n

    @property
    def untouched(self) -> int | None:
        """From the forms there were when this cell last moved: with all forms of the release it would be wrong, and
        with a fresh count it would tell how many have rated since."""
        return None if self.n is None or self.row.asked is None else self.row.asked - self.n

    def count(self, grade: Grade) -> int | None:
        return self.shown.counts[grade - 1] if self.shown else None

    def share(self, grade: Grade) -> float | None:
        return self._percent(self.shown.counts[grade - 1] / self.shown.n if self.shown else None)

    @property
    def score(self) -> float | None:
        found = formulas.score(self.shown.counts, self.figures.formula) if self.shown else None
        return found if found is None or self.exact else round(found, 2)

    @property
    def with_basic(self) -> float | None:
        return self._percent(formulas.rate_with_basic(self.shown.counts) if self.shown else None)

    @property
    def without_basic(self) -> float | None:
        return self._percent(formulas.rate_without_basic(self.shown.counts) if self.shown else None)

    @property
    def bad(self) -> float | None:
        return self._percent(formulas.bad_rate(self.shown.counts) if self.shown else None)

    @property
    def weighted(self) -> float | None:
        weighted = self.judged.weighted if self.shown else None
        return self._percent(weighted.value if weighted else None)

    @property
    def low(self) -> float | None:
        level = self.judged.level if self.shown else None
        return self._percent(level.low if level else None)

    @property
    def high(self) -> float | None:
        level = self.judged.level if self.shown else None
        return self._percent(level.high if level else None)

    @property
    def tier(self) -> str | None:
        return ranked(self.row, self.figures, RATE)[0] if self.shown else None

    @property
    def ranks(self) -> str | None:
        return ranked(self.row, self.figures, RATE)[1] if self.shown else None

    @property
    def about(self) -> str | None:
        return ("是" if self.shown.approximate else "否") if self.shown else None

    @property
    def why(self) -> str:
        return "" if isinstance(self.row.cell, Shown) else self.row.cell.why

    def _percent(self, share: float | None) -> float | None:
        return share if share is None else 100 * share if self.exact else round(100 * share, 1)
