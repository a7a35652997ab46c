"""先改什么: which dimensions go with 总体满意度. 关联最强 is all this can say; never 导致."""

from collections.abc import Sequence
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from survey.core.statistics.estimates import LEVEL, Floats
from survey.core.statistics.influence import Codes
from survey.core.statistics.vectors import Matrix
from survey.core.study.model import DriverSet, Share

# Enterprises that rated overall and every dimension: with fewer the shares jump about.
FEWEST_RATERS_OF_ALL = 100
DRAWS = 1000
FLAT = "评价几乎都相同，看不出哪个维度与总体满意度关联更强"
TOO_FEW = f"评全各维度的企业不足 {FEWEST_RATERS_OF_ALL} 家，不作关联分析"


def johnson(correlations: Floats) -> Floats:
    """Relative weights (Johnson 2000) of all but the first variable for the first; they add up to R².

    `[…, p, p]` → `[…, p − 1]`.
    """
    between, outcome = correlations[..., 1:, 1:], correlations[..., 1:, :1]
    roots, vectors = np.linalg.eigh(between)
    link = (vectors * np.sqrt(np.maximum(roots, 0))[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    return np.asarray((link**2 @ (np.linalg.pinv(link) @ outcome) ** 2)[..., 0], np.float64)


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


def pooled(matrix: Matrix, departments: int, clusters: Codes | None = None) -> tuple[Matrix, Codes]:
    """`[responses, departments × questions]` → one row per response and department, and the enterprise of each."""
    own = np.arange(len(matrix)) if clusters is None else clusters
    each = matrix.shape[1] // departments
    return matrix.reshape(len(matrix) * departments, each), np.repeat(own, departments)


def drivers(
    matrix: Matrix, dimensions: Sequence[str], weights: Floats | None = None, clusters: Codes | None = None,
    seed: int = 0,
) -> DriverSet:  # fmt: skip
    """Johnson shares of the dimensions, named by their ids, from `[rows, 1 + dimensions]` grades, 总体满意度 first; only
    rows that rated all of them count.

    Ranges: the weighted moments of the grades vary as the enterprises' contributions do; shares are computed
    from a thousand draws of them. That is the cluster bootstrap for many enterprises, in the time of one pass.
    """
    whole = np.all(matrix > 0, axis=1)
    grades = matrix[whole].astype(np.float64)
    if len(grades) < FEWEST_RATERS_OF_ALL:
        return DriverSet(why=TOO_FEW)
    own = np.ones(len(grades)) if weights is None else weights[whole]
    moments = _moments(grades, own, np.arange(len(grades)) if clusters is None else clusters[whole])
    n = len(moments)
    if n < FEWEST_RATERS_OF_ALL:
        return DriverSet(why=TOO_FEW)
    if np.any(np.ptp(grades, axis=0) == 0):
        return DriverSet(why=FLAT)
    total = moments.sum(axis=0)
    spread = np.cov(moments, rowvar=False) * n
    drawn = np.random.default_rng(seed).multivariate_normal(total, spread, DRAWS, check_valid="ignore")
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(_shares(_correlations(drawn)), [tail, 1 - tail], axis=0)
    found = johnson(_correlations(total))
    shares = found / found.sum()
    ranged = zip(dimensions, shares.tolist(), low.tolist(), high.tolist(), strict=True)
    return DriverSet(tuple(Share(*one) for one in ranged), float(found.sum()), n)


def _moments(grades: Floats, weights: Floats, clusters: Codes) -> Floats:
    """By enterprise: weight, weighted grades and their products, `[enterprises, 1 + p + p²]`."""
    centred = grades - grades.mean(axis=0)
    products = (centred[:, :, None] * centred[:, None, :]).reshape(len(grades), -1)
    rows = np.hstack([np.ones((len(grades), 1)), centred, products]) * weights[:, None]
    return np.asarray(pd.DataFrame(rows).groupby(clusters).sum().to_numpy(), np.float64)


def _shares(correlations: Floats) -> Floats:
    """`[draws, p, p]` → `[draws, p − 1]`, without draws in which a grade does not vary."""
    found = johnson(correlations[np.isfinite(correlations).all(axis=(1, 2))])
    return np.asarray(found / found.sum(axis=1, keepdims=True), np.float64)


def _correlations(moments: Floats) -> Floats:
    """Correlation matrices `[…, p, p]` of vectors of moments; nan where a variance is not positive."""
    p = round((np.sqrt(4 * moments.shape[-1] - 3) - 1) / 2)
    mean = moments[..., 1 : 1 + p] / moments[..., :1]
    products = moments[..., 1 + p :].reshape(*moments.shape[:-1], p, p) / moments[..., :1, None]
    covariance = products - mean[..., :, None] * mean[..., None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
        return np.asarray(covariance / (spread[..., :, None] * spread[..., None, :]), np.float64)
