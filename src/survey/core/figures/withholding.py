"""What may be told of counts: nothing below k raters, no more than a band where nearly all rate alike, and
nothing that a subtraction turns into either. All that hides a figure is decided here. The rules and their price:
docs/decisions/0014.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from survey.core.figures import formulas
from survey.core.figures.cells import FEW, TOO_FEW, Banded, Cell, Shown, Withheld, load_cell
from survey.core.figures.view import View
from survey.core.models import Mode, Respondent, Wave, WaveState
from survey.settings import get_settings

N = TypeVar("N", str, Respondent)
LONE = 1  # who stands out by himself is seen through the others, and so are they through him
COVERED = "人数少，或能由别的数字推算出来，为保护企业不予显示"
AFTER_CLOSING = "分层结果在收齐答卷后公布"
NOT_YET = "评价企业还不足以公布"


def hides_nothing(wave: Wave) -> bool:
    """A 实名 or imported wave hides nothing from those who run it: they see who gave which answer."""
    return wave.mode == Mode.NAMED or wave.imported


def threshold(wave: Wave) -> int:
    """How many raters a figure needs."""
    return _least(wave, get_settings().k_scores)


def remarks_threshold(wave: Wave) -> int:
    """How many forms with remarks a batch of them needs."""
    return _least(wave, get_settings().k_remarks)


def _least(wave: Wave, k: int) -> int:
    return 1 if hides_nothing(wave) else k


@dataclass(frozen=True)
class Counted:
    """Counts as the tally holds them, before anything is withheld. Never leaves storage."""

    counts: tuple[int, ...] = (0, 0, 0, 0, 0)
    reasons: tuple[int, ...] = ()

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def bad(self) -> int:
        return formulas.bad(self.counts)


def add(parts: Iterable[Counted]) -> Counted:
    """All parts as one."""
    found = list(parts) or [Counted()]
    return Counted(
        tuple(map(sum, zip(*(one.counts for one in found), strict=True))),
        tuple(map(sum, zip(*(one.reasons for one in found), strict=True))),
    )


def band(counts: Sequence[int]) -> Banded | None:
    """What is told where at most one rater stands out: by any grade, or, with few raters, by good or bad.

    With nobody standing out, five counts tell everyone's grade. One is allowed for, so that the band itself does
    not tell that there was nobody: its bounds are those of one, rounded outwards to 5 %.
    """
    n, bad = sum(counts), formulas.bad(counts)
    if n - max(counts) > LONE and (n >= FEW or min(bad, n - bad) > LONE):
        return None
    edge = 20 * (n - LONE) // n / 20
    return Banded(n, edge, 1.0) if 2 * bad <= n else Banded(n, 0.0, round(1 - edge, 2))


def release_cell(before: Cell | None, then: Counted, now: Counted, k: int) -> Cell:
    """The next release of a cell that was last released when `then` was counted.

    It changes only when at least `k` new raters have come, or two releases could be subtracted and a newcomer's
    grade be read off. Newcomers who are nearly all dissatisfied wait for others, or the difference would tell it.
    """
    if before is None or isinstance(before, Withheld):
        return _told(now, k)
    new = tuple(later - earlier for earlier, later in zip(then.counts, now.counts, strict=True))
    if sum(new) < k:
        return before
    cell = _told(now, k, before)
    return before if isinstance(cell, Shown) and k > 1 and _nearly_all_bad(new) else cell


def _nearly_all_bad(new: Sequence[int]) -> bool:
    return sum(new) < FEW and sum(new[2:]) <= LONE


def _told(now: Counted, k: int, before: Cell | None = None) -> Cell:
    if now.n < k:
        return Withheld(TOO_FEW)
    banded = band(now.counts) if k > 1 else None
    return banded or Shown(tuple(now.counts), *_reasons(now, k, before))


def _reasons(now: Counted, k: int, before: Cell | None) -> tuple[tuple[int, ...], int]:
    """Reason chips and of how many bad ratings: like the cell, they change only with `k` new bad ratings."""
    had = before if isinstance(before, Shown) else Shown(())
    return (now.reasons, now.bad) if now.bad - had.reasoned >= k else (had.reasons, had.reasoned)


def suppress(
    parts: Mapping[str, Counted], k: int, beside: Mapping[str, Cell] | None = None
) -> dict[str, Cell]:
    """A breakdown of a released cell, shown once (by stratum, after closing); without its reasons.

    Everybody knows the sum of what is not shown, from the cell itself. So as many parts as it takes are hidden
    until that sum tells nothing: those with a band first, then in the order given, whatever their size.
    A dimension also hides what 总体满意度 `beside` it hides: who rated the one has rated the other.
    """
    whole = add(parts.values())
    if not isinstance(_told(whole, k), Shown):
        return dict.fromkeys(parts, Withheld(COVERED))
    cells = {name: _told(Counted(part.counts), k) for name, part in parts.items() if part.n}
    cells |= {
        name: cell for name, cell in (beside or {}).items() if isinstance(cell, Withheld) and name in cells
    }
    spare = [name for kind in (Banded, Shown) for name, cell in cells.items() if isinstance(cell, kind)]
    plain = whole.bad in (
        0,
        whole.n,
    )  # the cell itself says of everyone that they are satisfied, or that nobody is
    while k > 1 and spare and not _keep_it_in(parts, cells, k, plain):
        cells[spare.pop(0)] = Withheld(COVERED)
    shown = {name: cell for name, cell in cells.items() if not isinstance(cell, Withheld)}
    return {name: shown.get(name, Withheld(COVERED)) for name in parts}


def _keep_it_in(parts: Mapping[str, Counted], cells: Mapping[str, Cell], k: int, plain: bool) -> bool:
    """Whether nobody can work out a hidden or banded part from the sum of them all.

    Hidden parts must be two with `k` raters together, and the dissatisfied in the sum neither as few nor as many
    as they can be: in between, every part may have one more or one less.
    """
    hidden = [parts[name] for name, cell in cells.items() if isinstance(cell, Withheld)]
    banded = [(parts[name], cell) for name, cell in cells.items() if isinstance(cell, Banded)]
    if hidden and (len(hidden) < 2 or sum(part.n for part in hidden) < k):
        return False
    least = sum(cell.n - LONE for _, cell in banded if cell.high < 1)
    most = least + LONE * len(banded) + sum(part.n for part in hidden)
    bad = sum(part.bad for part in hidden) + sum(part.bad for part, _ in banded)
    return plain or (not hidden and not banded) or least < bad < most


def pool_few(counts: Mapping[N, int], k: int) -> tuple[dict[N, int], int]:
    """Forms by kind: what may be told of each kind, and of the small ones (and one more, if need be) together."""
    hidden = _small(counts, k)
    return {name: n for name, n in counts.items() if n and name not in hidden}, sum(
        counts[one] for one in hidden
    )


def _small(sizes: Mapping[N, int], k: int) -> set[N]:
    """The parts below `k`, and as many more as it takes for `k` raters in two parts."""
    hidden: set[N] = set()
    together = 0
    for size, name in sorted((size, name) for name, size in sizes.items() if size):
        if size >= k and (not hidden or (together >= k and len(hidden) > 1)):
            break
        hidden.add(name)
        together += size
    return hidden


def released_cell(stored: Mapping[str, Any], item: str, overall: str, view: View, wave: Wave, k: int) -> Cell:
    """`overall` is the item of the same department's 总体满意度."""
    if view.stratum_id is not None:
        if wave.state != WaveState.CLOSED:
            return Withheld(AFTER_CLOSING)
        return seen_by_stratum(stored, item, overall, k).get(str(view.stratum_id), Withheld(COVERED))
    cells = stored.get("cells", {})
    return load_cell(cells[item]) if item in cells else Withheld(NOT_YET)


def seen_by_stratum(stored: Mapping[str, Any], item: str, overall: str, k: int) -> dict[str, Cell]:
    """An item's cells by stratum: none follows from the others, nor from 总体满意度 what that hides."""
    strata = stored.get("strata", {})
    parts, first = (_counted(strata.get(one, {})) for one in (item, overall))
    return suppress(parts, k, suppress(first, k) if item != overall else None)


def _counted(counts: Mapping[str, Any]) -> dict[str, Counted]:
    return {key: Counted(*map(tuple, one)) for key, one in counts.items()}
