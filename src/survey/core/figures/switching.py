"""口径切换: the same answers under every formula, and whether the order of departments survives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from scipy.stats import kendalltau

from survey.core.figures.formulas import FORMULAS, Counts, Formula, score

SAME = 1e-9  # scores closer than this are equal


@dataclass(frozen=True)
class Flip:
    """Ids of two departments: `first` is ahead of `second` under the first formula and behind it under the second."""

    first: str
    second: str


@dataclass(frozen=True)
class Switch:
    """What changes between two formulas; `tau` 1 = the same order, −1 = reversed, nan = nothing to order."""

    one: Formula
    other: Formula
    tau: float
    flips: tuple[Flip, ...]


def under_all(
    departments: Mapping[str, Counts], formulas: Iterable[Formula] = FORMULAS.values()
) -> dict[str, dict[str, float]]:
    """Formula id → department id → score; departments nobody rated are left out."""
    rated = {name: counts for name, counts in departments.items() if sum(counts)}
    return {one.id: {name: score(counts, one) for name, counts in rated.items()} for one in formulas}


def switches(departments: Mapping[str, Counts], one: Formula) -> list[Switch]:
    """`one` against every other formula."""
    scores = under_all(departments)
    return [
        Switch(one, other, _tau(scores[one.id], scores[other.id]), _flips(scores[one.id], scores[other.id]))
        for other in FORMULAS.values()
        if other.id != one.id
    ]


def _tau(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return float(kendalltau([one[name] for name in one], [other[name] for name in one]).statistic)


def _flips(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[Flip, ...]:
    pairs = combinations(sorted(one, key=lambda name: -one[name]), 2)
    return tuple(
        Flip(ahead, behind)
        for ahead, behind in pairs
        if one[ahead] - one[behind] > SAME and other[behind] - other[ahead] > SAME
    )
