"""向平均收缩: a department with few answers is drawn towards the mean of all. For sorting; the raw figure stands beside."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from survey.core.statistics.estimates import Floats


@dataclass(frozen=True)
class Shrunk:
    """`values` [k] drawn towards `mean`; `between` is the true variance among the departments."""

    values: Floats
    mean: float
    between: float


def shrink(values: Floats, variances: Floats) -> Shrunk:
    """Empirical Bayes with Paule–Mandel's variance; where departments do not differ all get the mean."""
    between = paule_mandel(values, variances)
    precision = 1 / (between + variances)
    mean = float(np.sum(precision * values) / np.sum(precision))
    return Shrunk(mean + between * precision * (values - mean), mean, between)


def paule_mandel(values: Floats, variances: Floats) -> float:
    """The variance among true values that makes the weighted scatter what k − 1 degrees of freedom promise; 0 where
    even none makes it less (Paule & Mandel 1982).

    Solved within a bracket: statsmodels 0.15's `combine_effects(method_re="iterated")` now and then gives 0 although
    there is a root, and then a whole change would be taken for the pull back to the mean.
    """

    def excess(between: float) -> float:
        precision = 1 / (between + variances)
        mean = np.sum(precision * values) / np.sum(precision)
        return float(np.sum(precision * (values - mean) ** 2) - (len(values) - 1))

    if excess(0.0) <= 0:
        return 0.0
    return float(
        brentq(excess, 0.0, max(float(np.ptp(values)) ** 2 * len(values), 1e-12), xtol=1e-15, rtol=1e-13)
    )
