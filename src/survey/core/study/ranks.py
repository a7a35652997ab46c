"""Departments of one class against each other: tiers and ranges of ranks, never a bare 1 … N."""

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from survey.core.statistics.estimates import LEVEL, Estimates, Floats, contrast
from survey.core.study.model import Standing, Tier

FEWEST_RATERS = 30  # enterprises: below this one enterprise moves a rate by more than three points
TOO_FEW = f"评价企业不足 {FEWEST_RATERS} 家，不参加分档"
ROUNDING = 1e-9  # far below what one answer among millions moves a share
PEERS = 3  # departments: of two, "below the mean" only says which of them is the lower
ALONE = f"同类中可比的部门不足 {PEERS} 个，不分档"


@dataclass(frozen=True)
class Comparison:
    """All pairs: `z` and Holm-adjusted `p` [k, k]; z > 0 where the row's mean is higher."""

    z: Floats
    p: Floats

    def higher(self, level: float = LEVEL) -> NDArray[np.bool_]:
        """`[k, k]`: the row is surely above the column."""
        return np.asarray((self.z > 0) & (self.p <= 1 - level), np.bool_)


def standings(
    estimates: Estimates, classes: Mapping[str, Sequence[int]], least: int = FEWEST_RATERS
) -> dict[int, Standing]:
    """Place of a mean → its standing within its class; those with too few enterprises have none."""
    found: dict[int, Standing] = {}
    for places in classes.values():
        able = [place for place in places if estimates.raters[place] >= least]
        found |= {place: Standing(why=TOO_FEW) for place in places if place not in able}
        found |= (
            _class_standings(estimates, able)
            if len(able) >= PEERS
            else dict.fromkeys(able, Standing(why=ALONE))
        )
    return found


def _class_standings(estimates: Estimates, places: Sequence[int]) -> dict[int, Standing]:
    estimates = cautious(estimates, places)
    ranks = rank_intervals(estimates, places)
    distances, p = against_mean(estimates, places)
    return {
        place: Standing(_tier(distance, own), distance, best, worst, len(places))
        for place, distance, own, (best, worst) in zip(places, distances, p, ranks, strict=True)
    }


def _tier(distance: float, p: float, level: float = LEVEL) -> Tier:
    if p > 1 - level:
        return Tier.SAME
    return Tier.ABOVE if distance > 0 else Tier.BELOW


def against_mean(estimates: Estimates, places: Sequence[int]) -> tuple[list[float], list[float]]:
    """Distance of each from the plain mean of all `places`, and its Holm-adjusted p."""
    own = np.zeros((len(places), len(estimates.values)))
    own[np.arange(len(places)), places] = 1
    found = [contrast(estimates, row - own.mean(axis=0)) for row in own]
    z = _z(np.array([one.value for one in found]), np.array([one.se for one in found]))
    return [one.value for one in found], [float(p) for p in adjusted(_two_sided(z))]


def compare(estimates: Estimates, places: Sequence[int]) -> Comparison:
    """All pairs among `places`, with the covariance of each pair and Holm's adjustment over all of them."""
    values = estimates.values[list(places)]
    covariance = estimates.covariance[np.ix_(places, places)]
    variance = np.diag(covariance)
    gaps = variance[:, None] + variance - 2 * covariance
    z = _z(values[:, None] - values, np.sqrt(np.maximum(gaps, 0)))
    upper = np.triu_indices(len(places), 1)
    p = np.ones_like(z)
    p[upper] = adjusted(_two_sided(z[upper]))
    p.T[upper] = p[upper]
    return Comparison(z, p)


def rank_intervals(
    estimates: Estimates, places: Sequence[int], level: float = LEVEL
) -> list[tuple[int, int]]:
    """`(best, worst)` rank each of `places` may have: 1 + those surely above it … all but those surely below."""
    higher = compare(estimates, places).higher(level)
    better, worse = higher.sum(axis=0), higher.sum(axis=1)
    return [(1 + int(up), len(places) - int(down)) for up, down in zip(better, worse, strict=True)]


def adjusted(p: Floats, method: str = "holm") -> Floats:
    """p values of many comparisons made at once; Holm: no false one among all of them, 95 times in 100."""
    from statsmodels.stats.multitest import multipletests

    if not len(p):
        return p
    gc.freeze()  # it collects garbage each time, through everything a process holds
    try:
        return np.asarray(multipletests(p, method=method)[1], np.float64)
    finally:
        gc.unfreeze()


def cautious(estimates: Estimates, places: Sequence[int]) -> Estimates:
    """Who shows less than the usual spread among `places` is met half way; nobody has none.

    A department that did well by luck also shows little spread, and one with nothing but top grades none at all:
    tested by its own spread alone it beats its equals two or three times as often as it may (simulated).
    """
    n, own = estimates.raters, estimates.covariance.diagonal()
    usual = float(np.mean([own[place] * n[place] for place in places])) / np.maximum(n, 1)
    covariance = estimates.covariance.copy()
    np.fill_diagonal(covariance, np.maximum(least_variance(estimates), (own + np.maximum(own, usual)) / 2))
    return replace(estimates, covariance=covariance)


def least_variance(estimates: Estimates) -> Floats:
    """Where all agree fully, two of four added answers are taken to differ (Agresti)."""
    n = estimates.raters
    step = float(max(np.diff(estimates.grade_values), default=1.0))
    return np.asarray(step**2 * 2 * (n + 2) / (n + 4.0) ** 3, np.float64)


def _z(gap: Floats, se: Floats) -> Floats:
    """Nothing is told apart where there is no spread to judge by, nor by what rounding left of equal means."""
    able = (se > 0) & (np.abs(gap) > ROUNDING)
    return np.where(able, gap / np.where(able, se, 1), 0.0)


def _two_sided(z: Floats) -> Floats:
    return np.asarray(2 * norm.sf(np.abs(z)), np.float64)
