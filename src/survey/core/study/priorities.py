"""重要性—满意度 quadrants of the dimensions; a range that crosses a line belongs to neither side."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from survey.core.statistics.intervals import Interval
from survey.core.study.model import Share


class Quadrant(StrEnum):
    FIX = "优先改进"  # weak, and goes with overall satisfaction
    KEEP = "继续保持"
    LATER = "其次改进"
    FINE = "维持即可"
    BORDER = "边界"


@dataclass(frozen=True)
class Priority:
    """One dimension: how satisfied, how much it goes with the overall grade, and what follows."""

    satisfaction: float
    importance: float
    quadrant: Quadrant


def lines(scores: Sequence[float], drivers: Sequence[Share]) -> tuple[float, float]:
    """Where the quadrants meet: mean satisfaction and mean share of the dimensions."""
    return sum(scores) / len(scores), sum(one.share for one in drivers) / len(drivers)


def priorities(
    scores: Sequence[float], ranges: Sequence[Interval], drivers: Sequence[Share]
) -> list[Priority]:
    """Satisfaction with its range, and importance with its, against the mean of all dimensions."""
    score_line, share_line = lines(scores, drivers)
    return [
        Priority(score, driver.share, _quadrant(_side(span, score_line), _side((driver.low, driver.high), share_line)))
        for score, span, driver in zip(scores, ranges, drivers, strict=True)
    ]  # fmt: skip


def _side(span: Interval, line: float) -> int:
    """−1 wholly below, 1 wholly above, 0 across."""
    return -1 if span[1] < line else 1 if span[0] > line else 0


def _quadrant(satisfied: int, important: int) -> Quadrant:
    if not satisfied or not important:
        return Quadrant.BORDER
    if important > 0:
        return Quadrant.KEEP if satisfied > 0 else Quadrant.FIX
    return Quadrant.FINE if satisfied > 0 else Quadrant.LATER
