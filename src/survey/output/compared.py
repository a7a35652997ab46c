"""Departments set against their class: who is below, alike, above, and who was not compared and why.

Every sentence that counts departments counts from here, so that none speaks of one that was not compared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from survey.core import statistics
from survey.core.figures import ALIKE, Banded, Cell, Figures, Row, Shown, Withheld, pool
from survey.core.judged import level_of, standing_of
from survey.core.study import Measure, Tier

ALONE = "同类中可比的部门不足两个"
SIDES = {Tier.BELOW: -1, Tier.SAME: 0, Tier.ABOVE: 1}
LISTED = 3  # departments named in one sentence; more are counted


@dataclass
class Compared:
    """Departments by what the comparison says of them; `apart` those that took no part, by reason."""

    low: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    high: list[str] = field(default_factory=list)
    apart: dict[str, list[str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many took part."""
        return len(self.low) + len(self.same) + len(self.high)

    @property
    def left(self) -> int:
        """How many did not."""
        return sum(map(len, self.apart.values()))


def side(figures: Figures, row: Row, measure: Measure = Measure.WITH_BASIC) -> int | str:
    """−1, 0 or 1 for below, alike or above its class; or why the department was not compared.

    While there is no study: when the range of a department's 满意率 lies wholly below or above its class.
    """
    if not isinstance(row.cell, Shown):
        return ALIKE if isinstance(row.cell, Banded) else row.cell.why
    if row.results is not None:
        found = standing_of(row, measure)
        return SIDES[found.tier] if found.tier else found.why
    peers = [one for one in figures if (one.question_id, one.category) == (row.question_id, row.category)]
    if sum(isinstance(one.cell, Shown) for one in peers) < 2:
        return ALONE
    low, high = statistics.wilson(row.cell.satisfied, row.cell.n)
    least, most = _rate(pool(one.cell for one in peers))
    return -1 if high < least else 1 if low > most else 0


def in_order(figures: Figures, question_id: str | None = None, measure: Measure = Measure.SCORE) -> list[Row]:
    """Rows of a question (总体满意度) by class, weakest department first; then who is not ranked, who has no figures."""

    def place(row: Row) -> tuple[str, bool, bool, float]:
        level = level_of(row, measure, figures.formula)
        if level is None:
            return row.category, True, True, isinstance(row.cell, Withheld)
        return row.category, False, apart(figures, row, measure), level.value

    return sorted(asked(figures, question_id), key=place)


def asked(figures: Figures, question_id: str | None = None) -> list[Row]:
    """The rows of one question, of 总体满意度 unless named."""
    if question_id is None:
        return figures.overall
    return [row for row in figures if row.question_id == question_id]


def apart(figures: Figures, row: Row, measure: Measure) -> bool:
    """Whether a department takes no part in the comparison of its class."""
    return isinstance(side(figures, row, measure), str)


def _rate(cell: Cell) -> tuple[float, float]:
    """Between what the 满意率 of a cell lies, as far as it is told."""
    match cell:
        case Shown(counts):
            return statistics.rate_with_basic(counts), statistics.rate_with_basic(counts)
        case Banded(_, low, high):
            return low, high
        case _:
            return 0.0, 1.0


def comparison(figures: Figures, rows: Iterable[Row], measure: Measure = Measure.WITH_BASIC) -> Compared:
    """The rows of one question, sorted."""
    return sorted_by((row.department, side(figures, row, measure)) for row in rows)


def sorted_by(sides: Iterable[tuple[str, int | str]]) -> Compared:
    """Names with their sides, sorted."""
    found = Compared()
    for name, where in sides:
        if isinstance(where, str):
            found.apart.setdefault(where, []).append(name)
        else:
            (found.low, found.same, found.high)[where + 1].append(name)
    return found


def named(names: Sequence[str], most: int = LISTED) -> str:
    """「税务局、住建局等 5 个部门」"""
    return "、".join(names[:most]) + (f"等 {len(names)} 个部门" if len(names) > most else "")


def apart_counted(found: Compared) -> str:
    """「4 个未参加比较」, for a title; nothing where all took part."""
    return f"{found.left} 个未参加比较" if found.left else ""


def apart_told(found: Compared) -> str:
    """「未参加比较的 3 个部门：2 个样本不足，为保护企业不予显示；1 个…」: counted by reason, named nowhere."""
    told = "；".join(f"{len(names)} 个{why}" for why, names in found.apart.items())
    return f"未参加比较的 {found.left} 个部门：{told}" if told else ""
