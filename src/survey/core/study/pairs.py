"""The same enterprises asked twice: who rose, who fell, and whether that is more than chance."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

from survey.core.figures.noise import Noise, noised
from survey.core.statistics.estimates import LEVEL
from survey.core.statistics.influence import WITH_BASIC, GradeValues
from survey.core.study.pair_counts import PairCounts

Grades = NDArray[np.uint8]


def pair_up(before: Grades, after: Grades, satisfied: GradeValues = WITH_BASIC) -> PairCounts:
    """Two grades by enterprise `[n]`, in one order; who left out either rating (0) is no pair."""
    rated = (before > 0) & (after > 0)
    share = np.array([0, *satisfied], bool)
    was, is_now = share[before[rated]], share[after[rated]]
    found = [int(np.sum(one)) for one in (was & is_now, ~was & is_now, was & ~is_now, ~was & ~is_now)]
    both, won, lost, neither = found
    return PairCounts(both, won, lost, neither, sum(found))


def blurred(pairs: PairCounts, level: Noise = Noise.OVERALL) -> PairCounts:
    """The four counts, each with a draw of its own; none is brought back to the known sum, since tests want them
    unbiased."""
    both, won, lost, neither = noised((pairs.both, pairs.won, pairs.lost, pairs.neither), level)
    return PairCounts(both, won, lost, neither, pairs.n, level.variance)


def correlation(pairs: PairCounts) -> float:
    """How much the same enterprise's satisfaction hangs together over the two waves (φ), towards 0 where in doubt; 0
    where it shows no spread."""
    was, is_now = pairs.both + pairs.lost, pairs.both + pairs.won
    spread = was * (pairs.n - was) * is_now * (pairs.n - is_now)
    if spread <= 0:
        return 0.0
    phi = (pairs.n * pairs.both - was * is_now) / sqrt(spread)
    doubt = 2 * sqrt(pairs.blur) / pairs.n if pairs.n else 1.0
    return max(0.0, min(1.0, phi) - doubt)


def mcnemar_p(won: int, lost: int) -> float:
    """Two-sided mid-p: how often chance alone would part `won` and `lost` as far. 1 where they are equal."""
    if won == lost:
        return 1.0
    from statsmodels.stats.contingency_tables import mcnemar

    exact = mcnemar([[0, won], [lost, 0]], exact=True).pvalue
    return float(exact - binom.pmf(min(won, lost), won + lost, 0.5))


def bonett_price(won: int, lost: int, n: int, level: float = LEVEL) -> tuple[float, float, float]:
    """Change of the satisfied share among `n` pairs, with its range: `(change, low, high)`."""
    up, down = (won + 1) / (n + 2), (lost + 1) / (n + 2)
    half = float(norm.ppf((1 + level) / 2)) * bonett_price_se(won, lost, n)
    return up - down, max(-1.0, up - down - half), min(1.0, up - down + half)


def bonett_price_se(won: int, lost: int, n: int) -> float:
    """Standard error of that change."""
    up, down = (won + 1) / (n + 2), (lost + 1) / (n + 2)
    return sqrt((up + down - (up - down) ** 2) / (n + 2))
