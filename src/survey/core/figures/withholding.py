"""What may be told of counts. While answers come in: 约数 with noise that is blind to them. Once all are in: the exact
counts, or no more than a range where nearly all rate alike. All that hides a figure is decided here. The rules, what
was measured of them and their price: docs/decisions/0041.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from survey.core.figures import formulas
from survey.core.figures.cells import (
    TOO_FEW,
    Banded,
    Cell,
    Shown,
    Withheld,
    dump_cell,
    load_cell,
)
from survey.core.figures.noise import Noise, noised, projected, remembered
from survey.core.keyed import keyed
from survey.core.models import Mode, Respondent, Wave
from survey.settings import get_settings

N = TypeVar("N", str, Respondent)
COUNTS_ONLY = "截止前只看回收数，截止后公布"


def hides_nothing(wave: Wave) -> bool:
    """A 实名 or imported wave hides nothing from those who run it: they see who gave which answer."""
    return wave.mode == Mode.NAMED or wave.imported


def tells_live(wave: Wave) -> bool:
    """Whether figures are told while answers come in; else only how many came."""
    return wave.live or hides_nothing(wave)


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

    def since(self, told: Sequence[int]) -> "Counted":
        """What came after these were told."""
        return Counted(tuple(now - then for now, then in zip(self.counts, told, strict=True)))


def add(parts: Iterable[Counted]) -> Counted:
    """All parts as one."""
    found = list(parts) or [Counted()]
    return Counted(
        tuple(map(sum, zip(*(one.counts for one in found), strict=True))),
        tuple(map(sum, zip(*(one.reasons for one in found), strict=True))),
    )


# --- the rule -----------------------------------------------------------------------------------------


def first(k: int) -> int:
    """So many raters a figure waits for while answers come in; where nothing is hidden, one."""
    return 2 * k if k > 1 else 1


def moves(before: int, now: int, k: int) -> bool:
    """Whether a figure that last told of `before` raters is told anew at `now`: by numbers alone, never by grades."""
    return now >= first(k) and now - before >= k


def live_cell(before: Any, now: Counted, k: int, level: Noise) -> Any:
    """While answers come in: the cell as it was, or the counts of now with fresh noise. As a release stores it."""
    if not moves(raters_of(before), now.n, k):
        return TOO_FEW if before is None else before
    return dump_cell(Shown(now.counts, now.reasons, now.bad)) if k == 1 else about(now.counts, level)


def about(counts: Sequence[int], level: Noise) -> dict[str, Any]:
    """约数 as a release stores them: negative ones are kept, since sums need them."""
    return {"n": sum(counts), "counts": list(noised(counts, level)), "noise": int(level)}


def dripped(before: Any, counts: Sequence[int], level: Noise, key: bytes) -> dict[str, Any]:
    """约数 whose every batch of newcomers got its noise once, the same at every look: whoever pads a cell and looks each
    day would else see the same answer under ever new noise. `key`: of this cell alone."""
    batches = (before.get("batches", 0) if isinstance(before, dict) else 0) + (
        sum(counts) > raters_of(before)
    )
    found = list(counts)
    for batch in range(batches):
        found = list(noised(found, level, remembered(keyed(key, str(batch)))))
    return {"n": sum(counts), "counts": found, "noise": int(level), "batches": batches}


def raters_of(stored: Any) -> int:
    """How many raters a stored cell tells of."""
    if isinstance(stored, dict):
        return int(stored["n"])
    cell = TOO_FEW if stored is None else load_cell(stored)
    return 0 if isinstance(cell, str | Withheld) else cell.n


def final_cell(now: Counted, k: int, level: Noise, insiders: int) -> Any:
    """Once all answers are in, and never again: the exact counts; a range where nearly all rate alike.

    Up to so many `insiders` who know their own answers learn no other's. Noise is drawn in any case, so that nothing
    tells from outside whether it was used.
    """
    if k == 1:
        return dump_cell(Shown(now.counts, now.reasons, now.bad) if now.n else Withheld(TOO_FEW))
    drawn, lone = about(now.counts, level), insiders + 1
    if now.n < k:
        return TOO_FEW
    if now.n <= 2 * lone + 1:
        return (
            drawn  # one side has no more than `lone` in any case: its bound would tell who of so few is on it
        )
    if stands(now, k, insiders):
        reasons = (now.reasons, now.bad) if now.bad >= k else ()
        return dump_cell(Shown(now.counts, *reasons))
    good = 2 * now.bad <= now.n
    low, high = (1 - lone / now.n, 1.0) if good else (0.0, lone / now.n)
    told = within(projected(drawn["counts"], now.n), lone, good)
    return dump_cell(Banded(now.n, low, high, told))


def stands(counted: Counted, k: int, insiders: int) -> bool:
    """Whether exact counts tell of nobody, to `insiders` neither: `k` raters, of whom more are satisfied, and more are
    not, than may know of each other."""
    return k == 1 or (counted.n >= k and min(counted.bad, counted.n - counted.bad) > insiders + 1)


def within(counts: tuple[int, ...], lone: int, good: bool) -> tuple[int, ...]:
    """约数 brought within what the range says: `lone` at most are not satisfied (or satisfied, if not `good`)."""
    bad, others = formulas.sides(counts)
    few = sum(bad if good else others)
    if few <= lone:
        return counts
    edge = lone if good else sum(counts) - lone
    return projected(bad, edge) + projected(others, sum(counts) - edge)


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


def together(stored: Mapping[str, Any], category: str = "") -> Cell | None:
    """All departments, or those of a class, as released at once; None where only single ones are: a sum of those then
    says the same."""
    found = (stored.get("together") or {}).get(category)
    return load_cell(found) if found else None
