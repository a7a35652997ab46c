"""Who answered, and what their silence may hide."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

NOTABLE = 2.0  # points: weighting that moves a figure by more is said beside it


@dataclass(frozen=True)
class Turnout:
    """Invited and answered of one stratum, or of all."""

    name: str
    invited: int
    answered: int

    @property
    def rate(self) -> float:
        """Share of the invited that answered, 0–1; 0 where nobody was invited."""
        return self.answered / self.invited if self.invited else 0.0


@dataclass(frozen=True)
class Balance:
    """How evenly strata answered: `r` 1 = all alike; `worst_bias` bounds the bias, in standard deviations."""

    r: float
    worst_bias: float


@dataclass(frozen=True)
class Shift:
    """One figure on 0–100 before and after weighting."""

    before: float
    after: float

    @property
    def notable(self) -> bool:
        return abs(self.after - self.before) > NOTABLE


def turnouts(invited: Mapping[str, int], answered: Mapping[str, int]) -> list[Turnout]:
    """By stratum, lowest rate first."""
    rows = [Turnout(name, count, answered.get(name, 0)) for name, count in invited.items()]
    return sorted(rows, key=lambda row: (row.rate, row.name))


def together(rows: list[Turnout]) -> Turnout:
    return Turnout("全部", sum(row.invited for row in rows), sum(row.answered for row in rows))


def balance(rows: list[Turnout]) -> Balance:
    """R-indicator 1 − 2S(ρ) and S(ρ) over the mean response rate (Schouten, Cobben & Bethlehem 2009)."""
    total = together(rows)
    if total.invited < 2 or not total.answered:
        return Balance(0.0, float("inf"))
    squares = sum(row.invited * (row.rate - total.rate) ** 2 for row in rows)
    deviation = sqrt(squares / (total.invited - 1))
    return Balance(1 - 2 * deviation, deviation / total.rate)


def bounds(share: float, response_rate: float) -> tuple[float, float]:
    """The whole truth lies here whatever the silent think: all of them dissatisfied, or all satisfied."""
    known = response_rate * share
    return known, known + 1 - response_rate
