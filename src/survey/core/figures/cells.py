"""What may be seen. A cell is `Shown`, `Banded` or `Withheld`; only a shown one has counts, so no other is drawn
by mistake. `core.figures.withholding` says which it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from survey.core.figures import formulas
from survey.core.figures.formulas import Formula

TOO_FEW = "样本不足，为保护企业不予显示"
ALIKE = "评价几乎一致，为保护企业只给范围"
FEW = 30  # below this a rate swings by more than ten points either way
SPARE = 0.1  # a total may leave out this share of its ratings; leaving out more would bend it


@dataclass(frozen=True)
class Shown:
    """Five released counts, 非常不满意 first, and the reason chips that `reasoned` of the bad ratings gave."""

    counts: tuple[int, ...]
    reasons: tuple[int, ...] = ()
    reasoned: int = 0

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def bad(self) -> int:
        """差评."""
        return formulas.bad(self.counts)

    @property
    def satisfied(self) -> int:
        """满意, with 基本满意."""
        return formulas.satisfied(self.counts)


@dataclass(frozen=True)
class Banded:
    """So many raters, and no more than between which shares 0–1 the 满意率 (with 基本满意) lies."""

    n: int
    low: float
    high: float

    @property
    def range(self) -> str:
        """Where the rate lies, in words."""
        if self.high >= 1:
            return f"不低于 {self.low:.0%}"
        return f"不高于 {self.high:.0%}" if self.low <= 0 else f"在 {self.low:.0%}–{self.high:.0%} 之间"

    @property
    def why(self) -> str:
        return f"为保护企业只给范围：满意率{self.range}（n = {self.n:,}）"


@dataclass(frozen=True)
class Withheld:
    """No figure, and the Chinese sentence that says why."""

    why: str


Cell = Shown | Banded | Withheld


def pool(cells: Iterable[Cell]) -> Cell:
    """All shown cells as one; what is withheld stays out and is never completed.

    Banded cells stay out too while they are few. When they are many, what is left would be the departments rated
    worse (or better), so that only a range is told, which holds for all of them.
    """
    found = [cell for cell in cells if not isinstance(cell, Withheld)]
    shown = [cell for cell in found if isinstance(cell, Shown)]
    n = sum(cell.n for cell in found)
    if not found:
        return Withheld(TOO_FEW)
    if n - sum(cell.n for cell in shown) > SPARE * n:
        low, high = (sum(edges) / n for edges in zip(*map(_satisfied, found), strict=True))
        return Banded(n, floor(100 * low) / 100, ceil(100 * high) / 100)
    return Shown(tuple(map(sum, zip(*(cell.counts for cell in shown), strict=True))))


def _satisfied(cell: Shown | Banded) -> tuple[float, float]:
    """At least and at most how many of the raters are satisfied."""
    if isinstance(cell, Banded):
        return cell.n * cell.low, cell.n * cell.high
    return cell.satisfied, cell.satisfied


def dump_cell(cell: Cell) -> Any:
    """A cell as JSON: `[counts, reasons, reasoned]`, a band, or the sentence."""
    match cell:
        case Withheld(why):
            return why
        case Banded(n, low, high):
            return {"n": n, "low": low, "high": high}
        case Shown(counts, reasons, reasoned):
            return [list(counts), list(reasons), reasoned]


def load_cell(stored: Any) -> Cell:
    """The inverse of `dump_cell`. An older release does not say how many bad ratings gave the reasons: all."""
    if isinstance(stored, str):
        return Withheld(stored)
    if isinstance(stored, dict):
        return Banded(**stored)
    counts, reasons, *reasoned = stored
    of = reasoned[0] if reasoned else formulas.bad(counts) if reasons else 0
    return Shown(tuple(counts), tuple(reasons), of)


@dataclass(frozen=True)
class FormCounts:
    """邀请 → 收回 → 已公布 of a wave, or of the part looked at; None where that is not known."""

    invited: int | None
    collected: int | None
    published: int | None  # those in the release the figures come from; the rest is 待公布


COLUMNS = (
    "department_id", "department", "category", "question_id", "question", "overall",
    "n", "g1", "g2", "g3", "g4", "g5",
    "score", "rate_with_basic", "rate_without_basic", "bad_rate", "withheld",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One department's question with its cell."""

    department_id: str
    department: str
    category: str
    question_id: str
    question: str
    overall: bool
    cell: Cell
    asked: int | None = None  # forms there were when the cell last moved, for the wave as a whole

    def record(self, formula: Formula) -> dict[str, Any]:
        """The row as `COLUMNS`: rates as shares 0–1, figures None where withheld; a banded row has its n alone."""
        record: dict[str, Any] = dict.fromkeys(COLUMNS) | {name: getattr(self, name) for name in COLUMNS[:6]}
        match self.cell:
            case Withheld(why):
                record["withheld"] = why
            case Banded(n) as banded:
                record |= {"n": n, "withheld": banded.why}
            case Shown(counts) as shown:
                record |= {f"g{grade}": count for grade, count in enumerate(counts, 1)}
                record |= {
                    "n": shown.n,
                    "score": formulas.score(counts, formula),
                    "rate_with_basic": formulas.rate_with_basic(counts),
                    "rate_without_basic": formulas.rate_without_basic(counts),
                    "bad_rate": formulas.bad_rate(counts),
                }
        return record


@dataclass(frozen=True)
class Figures:
    """The released rows of a wave under one filter, department-major, 总体满意度 first."""

    rows: tuple[Row, ...]
    formula: Formula

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def records(self) -> list[dict[str, Any]]:
        return [row.record(self.formula) for row in self.rows]

    @property
    def overall(self) -> list[Row]:
        """The 总体满意度 row of each department."""
        return [row for row in self.rows if row.overall]

    @property
    def ratings(self) -> int:
        """接触: how many ratings of 总体满意度 may be told of."""
        return sum(row.cell.n for row in self.overall if not isinstance(row.cell, Withheld))

    @property
    def pooled(self) -> Cell:
        """All departments' 总体满意度 taken together."""
        return pool(row.cell for row in self.overall)
