"""Departments set against their class: who is below, alike, above, and who was not compared and why.

Every sentence that counts departments counts from here, so that none speaks of one that was not compared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from survey.core.figures.cells import Figures, Row, Withheld
from survey.core.study.judged import Judged
from survey.core.study.model import Measure

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


def in_order(figures: Judged, question_id: str | None = None, measure: Measure = Measure.SCORE) -> list[Row]:
    """Rows of a question (总体满意度) by class, weakest department first; then who is not ranked, who has no figures."""

    def place(row: Row) -> tuple[str, bool, bool, float]:
        found = figures.of(row, measure)
        if found.level is None:
            return row.category, True, True, isinstance(row.cell, Withheld)
        return row.category, False, found.apart, found.level.value

    return sorted(asked(figures, question_id), key=place)


def asked(figures: Figures, question_id: str | None = None) -> list[Row]:
    """The rows of one question, of 总体满意度 unless named."""
    if question_id is None:
        return figures.overall
    return [row for row in figures if row.question_id == question_id]


def comparison(figures: Judged, rows: Iterable[Row], measure: Measure = Measure.WITH_BASIC) -> Compared:
    """The rows of one question, sorted."""
    return sorted_by((row.department, figures.of(row, measure).side) for row in rows)


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
