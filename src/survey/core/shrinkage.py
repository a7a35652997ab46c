"""向平均收缩: a department with few answers is drawn towards the mean of all. For sorting; the raw figure stands beside."""

from dataclasses import dataclass

import numpy as np

from survey.core.estimates import Floats


@dataclass(frozen=True)
class Shrunk:
    """`values` [k] drawn towards `mean`; `between` is the true variance among the departments."""

    values: Floats
    mean: float
    between: float


def shrink(values: Floats, variances: Floats) -> Shrunk:
    """Empirical Bayes with Paule–Mandel's variance; where departments do not differ all get the mean."""
    from statsmodels.stats.meta_analysis import combine_effects

    found = combine_effects(values, variances, method_re="iterated", atol=1e-14)
    between = max(0.0, float(found.tau2))
    precision = 1 / (between + variances)
    mean = float(np.sum(precision * values) / np.sum(precision))
    return Shrunk(mean + between * precision * (values - mean), mean, between)
