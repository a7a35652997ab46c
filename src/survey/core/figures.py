"""What may be seen. A cell is `Shown` or `Withheld`; only a shown one has figures, so none is drawn by mistake."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from survey.core import statistics
from survey.core.models import Respondent
from survey.core.statistics import Formula

N = TypeVar("N", str, Respondent)
TOO_FEW = "样本不足，为保护企业不予显示"


@dataclass(frozen=True)
class Shown:
    """Five released counts, 非常不满意 first, and the reason chips given with them."""

    counts: tuple[int, ...]
    reasons: tuple[int, ...] = ()

    @property
    def n(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Withheld:
    """No figure, and the Chinese sentence that says why."""

    why: str


Cell = Shown | Withheld


@dataclass(frozen=True)
class Counted:
    """Counts as the tally holds them, before anything is withheld. Never leaves storage."""

    counts: tuple[int, ...] = (0, 0, 0, 0, 0)
    reasons: tuple[int, ...] = ()


def withhold(counts: Sequence[int], reasons: Sequence[int], k: int) -> Cell:
    """The cell that may be seen of a count: nothing below `k` raters, no reasons below `k` bad ratings."""
    if sum(counts) < k:
        return Withheld(TOO_FEW)
    return Shown(tuple(counts), tuple(reasons) if sum(counts[:2]) >= k else ())


def release_cell(before: Cell | None, counts: Sequence[int], reasons: Sequence[int], k: int) -> Cell:
    """The next release of a cell: it changes only when at least `k` new raters have come.

    Otherwise two releases could be subtracted and a newcomer's grade be read off.
    """
    if isinstance(before, Shown) and sum(counts) - before.n < k:
        return before
    return withhold(counts, reasons, k)


def suppress(parts: Mapping[str, Counted], k: int) -> dict[str, Cell]:
    """A breakdown shown once (by stratum, after closing): small parts withheld, and enough others with
    them that the withheld ones together have at least `k` raters in at least two parts.
    """
    hidden = _hidden({name: sum(part.counts) for name, part in parts.items()}, k)
    return {name: Withheld(TOO_FEW) if name in hidden else _part(part) for name, part in parts.items()}


def pool_few(counts: Mapping[N, int], k: int) -> tuple[dict[N, int], int]:
    """Forms by kind: what may be told of each kind, and of the small ones (and one more, if need be) together."""
    hidden = _hidden(counts, k)
    return {name: n for name, n in counts.items() if n and name not in hidden}, sum(
        counts[one] for one in hidden
    )


def _hidden(sizes: Mapping[N, int], k: int) -> set[N]:
    """The parts below `k`, and as many more as it takes for `k` raters in two parts."""
    hidden: set[N] = set()
    together = 0
    for size, name in sorted((size, name) for name, size in sizes.items() if size):
        if size >= k and (not hidden or (together >= k and len(hidden) > 1)):
            break
        hidden.add(name)
        together += size
    return hidden


def _part(part: Counted) -> Cell:
    """A part that may be seen, without its reasons; an empty one has nothing to show."""
    return Shown(part.counts) if sum(part.counts) else Withheld(TOO_FEW)


def pool(cells: Iterable[Cell]) -> Cell:
    """All shown cells as one; what is withheld stays out and is never completed."""
    shown = [cell for cell in cells if isinstance(cell, Shown)]
    if not shown:
        return Withheld(TOO_FEW)
    return Shown(tuple(map(sum, zip(*(cell.counts for cell in shown), strict=True))))


def dump_cell(cell: Cell) -> Any:
    """A cell as JSON: `[counts, reasons]` or the sentence."""
    return cell.why if isinstance(cell, Withheld) else [list(cell.counts), list(cell.reasons)]


def load_cell(stored: Any) -> Cell:
    """The inverse of `dump_cell`."""
    if isinstance(stored, str):
        return Withheld(stored)
    counts, reasons = stored
    return Shown(tuple(counts), tuple(reasons))


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
        """The row as `COLUMNS`: rates as shares 0–1, figures None where withheld."""
        record: dict[str, Any] = dict.fromkeys(COLUMNS) | {name: getattr(self, name) for name in COLUMNS[:6]}
        match self.cell:
            case Withheld(why):
                record["withheld"] = why
            case Shown(counts) as shown:
                record |= {f"g{grade}": count for grade, count in enumerate(counts, 1)}
                record |= {
                    "n": shown.n,
                    "score": statistics.score(counts, formula),
                    "rate_with_basic": statistics.rate_with_basic(counts),
                    "rate_without_basic": statistics.rate_without_basic(counts),
                    "bad_rate": statistics.bad_rate(counts),
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
    def pooled(self) -> Cell:
        """All departments' 总体满意度 taken together."""
        return pool(row.cell for row in self.overall)
