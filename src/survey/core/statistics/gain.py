"""整改净提高: what is left of a rise once the whole town's drift and the pull back to the mean are taken off.

A department chosen because it was the worst rises at the next measurement even if nobody lifted a finger.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from survey.core.statistics.estimates import LEVEL, Floats
from survey.core.statistics.shrinkage import shrink


@dataclass(frozen=True)
class Gain:
    """`expected` without any measure, `net` beyond it, its standard error, and `pull`, the part due to chance."""

    expected: float
    net: float
    se: float
    pull: float
    reliability: float

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        half = float(norm.ppf((1 + level) / 2)) * self.se
        return self.net - half, self.net + half


@dataclass(frozen=True)
class Peers:
    """The true scores of all departments before: their mean, its variance, and the variance between them."""

    mean: float
    mean_variance: float
    between: float

    @classmethod
    def of(cls, values: Floats, variances: Floats) -> "Peers":
        """From the wave-1 scores of all departments."""
        found = shrink(values, variances)
        return cls(found.mean, float(1 / np.sum(1 / (found.between + variances))), found.between)


def net_gain(
    before: float, after: float, variances: tuple[float, float], covariance: float, peers: Peers,
    drift: float = 0.0, drift_variance: float = 0.0,
) -> Gain:  # fmt: skip
    """The gain of one department. `variances` of both scores and their covariance come from the stacked waves;
    `drift` is the change of the other departments (its variance: own error plus their true scatter)."""
    first, second = variances
    total = peers.between + first
    reliability = (peers.between + covariance) / total if total else 1.0
    expected = peers.mean + drift + reliability * (before - peers.mean)
    spread = peers.between + second - reliability * (peers.between + covariance)
    variance = spread + (1 - reliability) ** 2 * peers.mean_variance + drift_variance
    pull = (1 - reliability) * (peers.mean - before)
    found = (expected, after - expected, np.sqrt(max(variance, 0.0)), pull, reliability)
    return Gain(*map(float, found))
