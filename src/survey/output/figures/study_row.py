"""A figure of a study as the columns of 统计结果 read it; what it has not, or may not be shown, is empty."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from survey.core.names import MEASURE_NAMES
from survey.core.study.model import Level, Measure, Move, NetGain
from survey.core.study.pair_counts import PairCounts
from survey.core.study.trends import change_of


@dataclass(frozen=True)
class StudyRow:
    """One measure of a row, or of all departments together, with its change; `why` it is not shown."""

    title: str
    category: str | None
    department: str
    question: str
    measure: Measure
    plain: Level | None = None
    weighted: Level | None = None
    tier: str | None = None
    ranks: str | None = None
    move: Move | None = None
    pairs: PairCounts | None = None
    gain: NetGain | None = None
    why: str = ""

    @property
    def measured(self) -> str:
        return MEASURE_NAMES[self.measure]

    @property
    def best(self) -> Level | None:
        return self.weighted or self.plain

    @property
    def n(self) -> int | None:
        return self.best.n if self.best else None

    @property
    def effective(self) -> float | None:
        return round(self.best.effective, 1) if self.best else None

    @property
    def pairs_told(self) -> PairCounts | None:
        return self.pairs.told if self.pairs else None

    @property
    def verdict(self) -> str | None:
        return change_of((self.move.low, self.move.high)).value if self.move else None


def count(part: str, name: str) -> Callable[[StudyRow], int | None]:
    """A field of a part of the row, as it is; None where the row has no such part."""

    def value(row: StudyRow) -> Any:
        found = getattr(row, part)
        return None if found is None else getattr(found, name)

    return value


def number(part: str, name: str) -> Callable[[StudyRow], float | None]:
    """The same for a figure: shares in percent with one decimal, scores with two."""
    plain = count(part, name)

    def value(row: StudyRow) -> float | None:
        found = plain(row)
        if found is None:
            return None
        return round(found, 2) if row.measure is Measure.SCORE else round(100 * found, 1)

    return value
