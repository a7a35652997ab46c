"""先改什么: which dimensions go with 总体满意度. 关联最强 is all this can say; never 导致."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from survey.core.estimates import LEVEL, Floats
from survey.core.figures import Withheld
from survey.core.influence import Codes
from survey.core.vectors import Matrix

LEAST = 100  # enterprises that rated overall and every dimension: with fewer the shares jump about
DRAWS = 1000
FLAT = "评价几乎都相同，看不出哪个维度与总体满意度关联更强"
TOO_FEW = f"评全各维度的企业不足 {LEAST} 家，不作关联分析"


@dataclass(frozen=True)
class Driver:
    """A dimension's share of what all dimensions explain of 总体满意度, with its range; shares add up to 1."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Drivers:
    """One `Driver` per dimension, the share of spread they explain together (R²), and the enterprises behind it."""

    shares: tuple[Driver, ...]
    r_squared: float
    n: int

    @property
    def strongest(self) -> int | None:
        """Place of the dimension whose range lies wholly above all others; None where none does."""
        best = max(range(len(self.shares)), key=lambda place: self.shares[place].share)
        others = [one.high for place, one in enumerate(self.shares) if place != best]
        return best if all(self.shares[best].low > high for high in others) else None


def johnson(correlations: Floats) -> Floats:
    """Relative weights (Johnson 2000) of all but the first variable for the first; they add up to R²."""
    between, outcome = correlations[1:, 1:], correlations[1:, 0]
    roots, vectors = np.linalg.eigh(between)
    link = (vectors * np.sqrt(np.maximum(roots, 0))) @ vectors.T
    return np.asarray(link**2 @ (np.linalg.pinv(link) @ outcome) ** 2, np.float64)


def lmg(correlations: Floats) -> Floats:
    """Shapley shares of R² (Lindeman, Merenda & Gold): each variable's gain, averaged over all orders."""
    count = len(correlations) - 1
    shares = np.zeros(count)
    for own in range(count):
        others = [one for one in range(count) if one != own]
        for size in range(count):
            chance = factorial(size) * factorial(count - 1 - size) / factorial(count)
            for group in combinations(others, size):
                gain = _r_squared(correlations, [*group, own]) - _r_squared(correlations, group)
                shares[own] += chance * gain
    return shares


def _r_squared(correlations: Floats, group: Sequence[int]) -> float:
    if not group:
        return 0.0
    rows = [one + 1 for one in group]
    outcome = correlations[rows, 0]
    return float(outcome @ np.linalg.lstsq(correlations[np.ix_(rows, rows)], outcome, rcond=None)[0])


def drivers(
    matrix: Matrix, weights: Floats | None = None, clusters: Codes | None = None, seed: int = 0
) -> Drivers | Withheld:
    """Johnson shares from `[responses, 1 + dimensions]` grades, 总体满意度 first; ranges by resampled enterprises.

    Only responses that rated all of them count.
    """
    whole = np.all(matrix > 0, axis=1)
    grades = matrix[whole].astype(np.float64)
    own = np.ones(len(grades)) if weights is None else weights[whole]
    codes = (
        np.unique(clusters[whole], return_inverse=True)[1] if clusters is not None else np.arange(len(grades))
    )
    n = int(codes.max(initial=-1)) + 1
    if n < LEAST:
        return Withheld(TOO_FEW)
    if np.any(np.ptp(grades, axis=0) == 0):
        return Withheld(FLAT)
    random = np.random.default_rng(seed)
    drawn = [_shares(grades, own * random.multinomial(n, np.full(n, 1 / n))[codes]) for _ in range(DRAWS)]
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail], axis=0)
    found = johnson(_correlations(grades, own))
    shares = found / found.sum()
    return Drivers(tuple(map(Driver, shares.tolist(), low.tolist(), high.tolist())), float(found.sum()), n)


def _shares(grades: Floats, weights: Floats) -> Floats:
    correlations = _correlations(grades, weights)
    if np.isnan(correlations).any():
        return np.full(grades.shape[1] - 1, np.nan)
    found = johnson(correlations)
    return found / found.sum()


def _correlations(grades: Floats, weights: Floats) -> Floats:
    centred = grades - weights @ grades / weights.sum()
    covariance = (centred * weights[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(covariance / np.outer(spread, spread), np.float64)
