"""Means with their covariance, and whatever is a sum of them: a difference, a change, a change of differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag
from scipy.stats import t

Floats = NDArray[np.float64]
LEVEL = 0.95  # 合理范围 everywhere


@dataclass(frozen=True)
class Estimate:
    """One figure: its value, standard error, enterprises behind it, degrees of freedom, and single ratings.

    An enterprise gives several ratings to a composite; of one item there are as many ratings as enterprises.
    """

    value: float
    se: float
    n: int
    df: int
    ratings: int = 0  # 0: as many as enterprises

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """合理范围 of a difference or change, by Student's t; of a level use `intervals.interval_of`."""
        half = float(t.ppf((1 + level) / 2, self.df)) * self.se
        return self.value - half, self.value + half


@dataclass(frozen=True)
class Estimates:
    """`k` means of one mapping of grades: `values` [k], `covariance` [k, k], `raters`, `df`, `ratings` [k]."""

    values: Floats
    covariance: Floats
    raters: NDArray[np.int64]
    df: NDArray[np.int64]
    ratings: NDArray[np.int64]
    grade_values: tuple[float, ...]

    @property
    def se(self) -> Floats:
        """Standard errors [k]."""
        return np.asarray(np.sqrt(np.maximum(self.covariance.diagonal(), 0)), np.float64)

    def __getitem__(self, place: int) -> Estimate:
        """One mean by itself."""
        return contrast(self, np.eye(len(self.values))[place])


def assembled(found: Sequence[Estimate], correlations: Floats, grade_values: Sequence[float]) -> Estimates:
    """Single figures and how they hang together `[k, k]`."""
    se = np.array([one.se for one in found])
    n, df, ratings = (np.array([getattr(one, name) for one in found]) for name in ("n", "df", "ratings"))
    values = np.array([one.value for one in found])
    return Estimates(values, correlations * np.outer(se, se), n, df, ratings, tuple(grade_values))


def contrast(estimates: Estimates, vector: Sequence[float] | Floats) -> Estimate:
    """The sum of the means times `vector` [k]: only those with a factor other than 0 take part."""
    factors = np.asarray(vector, np.float64)
    used = np.flatnonzero(factors)
    part = factors[used]
    variance = float(part @ estimates.covariance[np.ix_(used, used)] @ part)
    return Estimate(
        float(part @ estimates.values[used]),
        sqrt(variance) if variance > 0 else variance * 0.0,  # rounding may fall below 0; nan stays nan
        int(estimates.raters[used].min()),
        int(estimates.df[used].min()),
        int(estimates.ratings[used].min()),
    )


def difference(estimates: Estimates, one: int, other: int) -> Estimate:
    """Mean `one` less mean `other`: departments, or the same department in two stacked waves."""
    unit = np.eye(len(estimates.values))
    return contrast(estimates, unit[one] - unit[other])


def side_by_side(before: Estimates, after: Estimates) -> Estimates:
    """The estimates of two waves that share no enterprise anybody knows of (不记名): no covariance between them."""
    if before.grade_values != after.grade_values:
        raise ValueError("two mappings of grades")
    return Estimates(
        np.concatenate([before.values, after.values]),
        block_diag(before.covariance, after.covariance),
        np.concatenate([before.raters, after.raters]),
        np.concatenate([before.df, after.df]),
        np.concatenate([before.ratings, after.ratings]),
        before.grade_values,
    )
