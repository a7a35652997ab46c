"""Waves in a row: whether two may be joined at all, whether a change can be seen, and the slope."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import hypot

import numpy as np

from survey.core.models import Source
from survey.core.statistics.estimates import Estimate, Floats
from survey.core.statistics.intervals import Interval
from survey.core.study.model import Level


class Change(StrEnum):
    """What may be said of a change; 看不出变化 is not the same as 没有变化."""

    RISE = "上升"
    FALL = "下降"
    UNSEEN = "看不出变化"


def change_of(interval: Interval) -> Change:
    """By the range of the change itself; that two ranges of levels overlap or not says nothing."""
    low, high = interval
    return Change.RISE if low > 0 else Change.FALL if high < 0 else Change.UNSEEN


@dataclass(frozen=True)
class Terms:
    """What a wave's figure was made under; two figures are comparable only under the same terms."""

    formula: str  # id of the 口径
    wording: str  # the question as asked
    weighting: str  # "" unweighted, otherwise what it was weighted to
    source: Source = Source.VERIFIED


def breaks(before: Terms, after: Terms) -> list[str]:
    """Why the two must not be joined by a line or subtracted; empty if they may."""
    reasons = (
        (before.formula != after.formula, "满意度得分口径不同，请先换成同一口径再比较"),
        (before.wording != after.wording, "题目措辞不同，前后不是同一个问题"),
        (before.weighting != after.weighting, "加权办法不同，企业构成的变化会混进分数"),
        (before.source != after.source, "一个来自一企一码，一个来自开放扫码，不能相接"),
    )
    return [why for different, why in reasons if different]


def change_between(before: Level, after: Level) -> Interval:
    """Range of the change between two waves that share no enterprise anybody knows of, from the range of each (MOVER)."""
    gap = after.value - before.value
    return (
        gap - hypot(after.value - after.low, before.high - before.value),
        gap + hypot(after.high - after.value, before.value - before.low),
    )


def slope(values: Floats, covariance: Floats, raters: int, times: Sequence[float] | None = None) -> Estimate:
    """Change per wave (or per unit of `times`) by generalised least squares over three or more waves."""
    if len(values) < 3:
        raise ValueError("a slope needs three waves")
    moments = np.arange(len(values)) if times is None else np.asarray(times)
    design = np.column_stack([np.ones(len(values)), moments])
    weighed = np.linalg.solve(covariance, design)  # by hand: a page cannot wait for statsmodels to load
    spread = np.linalg.inv(design.T @ weighed)
    fitted = spread @ (weighed.T @ values)
    return Estimate(float(fitted[1]), float(np.sqrt(spread[1, 1])), raters, max(raters - 1, 1))
