"""What may be seen. A cell is `Shown`, `Banded` or `Withheld`; only a shown one has counts, so no other is drawn
by mistake. `core.figures.withholding` says which it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any

from survey.core.figures import formulas
from survey.core.figures.formulas import Formula
from survey.core.figures.noise import Noise, projected

TOO_FEW = "样本不足，为保护企业不予显示"
ALIKE = "评价几乎一致，为保护企业只给范围"
FEW = 30  # below this a rate swings by more than ten points either way
BARS = 30  # raters from which 约数 are told by grade
DIMENSIONS = 60  # raters from which 约数 of a dimension are told at all
SPARE = 0.1  # a total may leave this share of its ratings open; leaving more would bend it


@dataclass(frozen=True)
class Shown:
    """Five released counts, 非常不满意 first, and the reason chips that `reasoned` of the bad ratings gave.

    约数 where they are not exact: `blur` is the variance of the noise in one count, `loose` so many ratings may be
    of any grade.
    """

    counts: tuple[int, ...]
    reasons: tuple[int, ...] = ()
    reasoned: int = 0
    blur: float = 0.0
    loose: int = 0

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

    @property
    def approximate(self) -> bool:
        """约数."""
        return self.blur > 0 or self.loose > 0

    @property
    def coarse(self) -> bool:
        """约数 that may be off by half a point: a decimal of theirs says nothing."""
        return self.approximate and 2 * sqrt(self.blur) + self.loose > self.n / 200


@dataclass(frozen=True)
class Banded:
    """So many raters, and no more than between which shares 0–1 the 满意率 (with 基本满意) lies. `about`: its 约数,
    for sums only."""

    n: int
    low: float
    high: float
    about: tuple[int, ...] = ()

    @property
    def range(self) -> str:
        """Where the rate lies, in words."""
        if self.high >= 1:
            return f"不低于 {floor(100 * self.low)}%"
        if self.low <= 0:
            return f"不高于 {ceil(100 * self.high)}%"
        return f"在 {floor(100 * self.low)}%–{ceil(100 * self.high)}% 之间"

    @property
    def why(self) -> str:
        return f"为保护企业只给范围：满意率{self.range}（n = {self.n:,}）"

    @property
    def loose(self) -> int:
        """How many of the raters the range leaves open."""
        return round(self.n * (self.high - self.low))


@dataclass(frozen=True)
class Withheld:
    """No figure, and the Chinese sentence that says why."""

    why: str


Cell = Shown | Banded | Withheld


def pool(cells: Iterable[Cell]) -> Cell:
    """All cells that tell anything as one; what is withheld stays out and is never completed.

    What a banded cell leaves open is left open in the sum. Where that is too much, only a range is told, which
    holds for all of them.
    """
    cells = list(cells)
    found = [cell for cell in cells if not isinstance(cell, Withheld)]
    n = sum(cell.n for cell in found)
    if not found:
        whys = {cell.why for cell in cells if isinstance(cell, Withheld)}
        return Withheld(whys.pop() if len(whys) == 1 else TOO_FEW)
    loose = sum(cell.loose for cell in found)
    if loose > SPARE * n or any(isinstance(cell, Banded) and not cell.about for cell in found):
        low, high = (sum(edges) / n for edges in zip(*map(_satisfied, found), strict=True))
        return Banded(n, floor(100 * low) / 100, ceil(100 * high) / 100)
    counts = [cell.counts if isinstance(cell, Shown) else cell.about for cell in found]
    blur = sum(cell.blur for cell in found if isinstance(cell, Shown))
    return Shown(tuple(map(sum, zip(*counts, strict=True))), blur=blur, loose=loose)


def _satisfied(cell: Shown | Banded) -> tuple[float, float]:
    """At least and at most how many of the raters are satisfied."""
    if isinstance(cell, Banded):
        return cell.n * cell.low, cell.n * cell.high
    return cell.satisfied - cell.loose, cell.satisfied + cell.loose


def blurred(n: int, counts: Sequence[int], level: Noise, batches: int = 1) -> Shown:
    """约数 of `n` raters from counts that were noised so many times."""
    return Shown(projected(counts, n), blur=batches * level.variance)


def by_grade(cell: Cell) -> Cell:
    """The cell where its five counts may be drawn: 约数 of few raters tell a rate, and no more."""
    return _if_fine(cell, BARS)


def legible(cell: Cell, overall: bool) -> Cell:
    """The cell, unless it is 约数 of a dimension that few have rated: they are noised more than 总体满意度."""
    return cell if overall else _if_fine(cell, DIMENSIONS)


def _if_fine(cell: Cell, least: int) -> Cell:
    if isinstance(cell, Shown) and cell.approximate and cell.n < least:
        return Withheld(f"约数还太粗，评价满 {least} 家再显示")
    return cell


def dump_cell(cell: Cell) -> Any:
    """A cell as JSON: `[counts, reasons, reasoned]`, a band, or the sentence. 约数 are stored as they were drawn."""
    match cell:
        case Withheld(why):
            return why
        case Banded(n, low, high, about):
            return {"n": n, "low": low, "high": high, "about": list(about)}
        case Shown(counts, reasons, reasoned):
            return [list(counts), list(reasons), reasoned]


def load_cell(stored: Any) -> Cell:
    """What a release holds. An older one does not say how many bad ratings gave the reasons: all."""
    if isinstance(stored, str):
        return Withheld(stored)
    if isinstance(stored, dict):
        if "noise" in stored:
            return blurred(stored["n"], stored["counts"], Noise(stored["noise"]), stored.get("batches", 1))
        return Banded(stored["n"], stored["low"], stored["high"], tuple(stored.get("about", ())))
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
    together: Cell | None = None  # released of all these departments at once, while the wave is open

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
        return self.together or pool(row.cell for row in self.overall)
