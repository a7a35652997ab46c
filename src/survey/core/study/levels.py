"""A figure from counts alone: what an item's five counts say, as answered or weighted by stratum.

One enterprise gives one rating of an item, so that counts by stratum are all the kernel would need of it
(docs/method.md, 二): the value and its variance are the kernel's own. Only how items hang together needs the answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan, sqrt

import numpy as np

from survey.core.figures.cells import Shown
from survey.core.statistics.estimates import Estimate, Floats
from survey.core.statistics.intervals import effective_of, interval_of
from survey.core.study.model import Level


@dataclass(frozen=True)
class Part:
    """A stratum's ratings of an item: five counts, how many of the stratum answered at all, and their weight.

    Parts of one `group` vary around one mean (raked strata too thin to show a spread of their own); −1: by itself.
    `blur`: variance of the noise in each count; then counts may be negative. `settled`: all parts add up to exact
    counts, so that only what weights make of their noise is left.
    """

    counts: tuple[float, ...]
    answered: int
    weight: float = 1.0
    group: int = -1
    blur: float = 0.0
    settled: bool = False

    @property
    def steady(self) -> Floats:
        """The counts as a spread may be reckoned from: none negative, of the same sum."""
        counts = np.maximum(np.asarray(self.counts, np.float64), 0.0)
        return counts * (sum(self.counts) / counts.sum()) if counts.sum() > 0 else counts


def estimate_of(parts: Sequence[Part], grade_values: Sequence[float]) -> Estimate:
    """The weighted mean of an item's grades, as unsure as their noise makes it besides. Raises ZeroDivisionError where
    nobody rated it."""
    values, counts = (
        np.asarray(grade_values, np.float64),
        np.array([part.counts for part in parts], np.float64),
    )
    steady = np.array([part.steady for part in parts])
    weights = np.array([part.weight for part in parts])
    total = float((weights * counts.sum(axis=1)).sum())
    if not total:
        raise ZeroDivisionError("nobody rated this")
    mean = float(np.clip((weights[:, None] * counts * values).sum() / total, min(values), max(values)))
    pull = weights[:, None] * (values - mean) / total
    labels = [part.group if part.group >= 0 else -1 - number for number, part in enumerate(parts)]
    groups = np.unique(labels, return_inverse=True)[1]
    answered, pulls, squares, rated = (
        np.bincount(groups, numbers).astype(np.float64)
        for numbers in (
            np.array([max(part.answered, sum(part.counts)) for part in parts], np.float64),
            (steady * pull).sum(axis=1), (steady * pull**2).sum(axis=1), counts.sum(axis=1),
        )
    )  # fmt: skip
    noise = _noise(parts, weights / total) * float(((values - values.mean()) ** 2).sum())
    raters = round(counts.sum())
    df = max(raters - int((rated > 0).sum()), 1)
    return Estimate(mean, sqrt(_se(pulls, squares, answered) ** 2 + noise), raters, df, raters)


def _noise(parts: Sequence[Part], weights: Floats) -> float:
    """What the noise in each grade's counts adds to the variance of their weighted sum."""
    blur = np.array([part.blur for part in parts])
    left = weights - weights.mean() if all(part.settled for part in parts) else weights
    return float((blur * left**2).sum())


def _se(pulls: Floats, squares: Floats, answered: Floats) -> float:
    """By group. Enterprises that did not rate the item are in their group with no pull."""
    if np.any(answered < 2):  # a single enterprise shows no spread
        return nan
    variance = float((answered / (answered - 1) * (squares - pulls**2 / answered)).sum())
    return float(np.sqrt(max(variance, 0.0)))


def level_of(mean: Estimate, grade_values: Sequence[float]) -> Level:
    """A mean of grades with its 合理范围."""
    low, high = interval_of(mean, grade_values)
    return Level(mean.value, low, high, mean.ratings or mean.n, effective_of(mean, grade_values))


def part_of(cell: Shown, answered: int = 0) -> Part:
    """A released cell, of `answered` forms in all."""
    return Part(cell.counts, answered, blur=cell.blur)


def loosened(level: Level, loose: int, grade_values: Sequence[float]) -> Level:
    """A level whose range allows for so many ratings that may be of any grade."""
    if not loose:
        return level
    lowest, highest = min(grade_values), max(grade_values)
    room = loose / level.n * (highest - lowest)
    return replace(level, low=max(lowest, level.low - room), high=min(highest, level.high + room))


def plain_level(cell: Shown, grade_values: Sequence[float], answered: int = 0) -> Level:
    """A released cell as answered, of `answered` forms in all."""
    found = level_of(estimate_of([part_of(cell, answered)], grade_values), grade_values)
    return loosened(found, cell.loose, grade_values)


def pooled_level(cell: Shown, grade_values: Sequence[float], forms: int) -> Level:
    """The same of several items together, of which each of `forms` enterprises may have rated many.

    Counts do not tell how much they agree with themselves; taken as wholly, so that the range is rather too wide.
    """
    mean = estimate_of([part_of(cell)], grade_values)
    repeated = max(mean.n / max(forms, 1), 1.0)
    raters = min(mean.n, max(forms, 1))
    wide = replace(mean, se=mean.se * sqrt(repeated), n=raters, df=max(raters - 1, 1))
    return loosened(level_of(wide, grade_values), cell.loose, grade_values)
