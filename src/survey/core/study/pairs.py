"""The same enterprises asked twice: who rose, who fell, and whether that is more than chance."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

from survey.core.statistics.estimates import LEVEL
from survey.core.statistics.influence import WITH_BASIC, GradeValues
from survey.core.study.model import PairCounts

Grades = NDArray[np.uint8]


def pair_up(before: Grades, after: Grades, satisfied: GradeValues = WITH_BASIC) -> PairCounts:
    """Two grades by enterprise `[n]`, in one order; who left out either rating (0) is no pair."""
    both = (before > 0) & (after > 0)
    old, new = before[both].astype(int), after[both].astype(int)
    share = np.array([0, *satisfied], bool)
    was, is_now = share[old], share[new]
    won, lost = int(np.sum(~was & is_now)), int(np.sum(was & ~is_now))
    return PairCounts(int(np.sum(new > old)), int(np.sum(new == old)), int(np.sum(new < old)), won, lost)


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
