"""加权: answers stand for those who were invited but did not answer. Every weight is computed from frozen strata."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from survey.core.statistics.estimates import Floats
from survey.core.statistics.influence import Codes

K = TypeVar("K", bound=Hashable)
FEWEST_ANSWERS = 5  # answers in a stratum: with fewer, single enterprises would speak for dozens
CAP = 5.0  # times the median weight: one enterprise must not decide a figure
TOLERANCE = 1e-12
ROUNDS = 10_000
TRIMS = 50


class WeightingError(ValueError):
    """Weights that cannot be had; the text is a Chinese sentence with the cure."""


def collapse(invited: Mapping[K, int], answered: Mapping[K, int], least: int = FEWEST_ANSWERS) -> dict[K, K]:
    """Stratum → the stratum it is weighted with: those with fewer than `least` answers join the next smallest."""
    groups: list[tuple[int, list[K]]] = [(answered.get(one, 0), [one]) for one in invited]
    while len(groups) > 1:
        groups.sort(key=lambda group: (group[0], str(group[1][0])))
        (few, first), (more, second) = groups[:2]
        if few >= least:
            break
        groups[:2] = [(few + more, second + first)]
    return {one: members[0] for _, members in groups for one in members}


def merged(counts: Mapping[K, int], into: Mapping[K, K]) -> dict[K, int]:
    """Counts by stratum after `collapse`."""
    total: Counter[K] = Counter()
    for stratum, count in counts.items():
        total[into[stratum]] += count
    return dict(total)


def post_strata(invited: Mapping[K, int], answered: Mapping[K, int]) -> dict[K, float]:
    """Weight N/n of each stratum. Raises WeightingError for a stratum that did not answer or was not invited."""
    for stratum in invited:
        if invited[stratum] and not answered.get(stratum):
            raise WeightingError(f"分层「{stratum}」没有收到答卷，不能加权；请先与相近的分层合并")
    for stratum in answered:
        if answered[stratum] > invited.get(stratum, 0):
            raise WeightingError(f"分层「{stratum}」收到的答卷多于邀请的企业，不能加权；请核对企业名录")
    return {stratum: count / answered[stratum] for stratum, count in invited.items() if count}


def rake(
    margins: Sequence[Codes], targets: Sequence[Mapping[int, float]], start: Floats | None = None
) -> Floats:
    """Weights `[n]` whose sums meet every target: `margins` say by response which target counts it."""
    totals = [_target(margin, target) for margin, target in zip(margins, targets, strict=True)]
    if not np.allclose([total.sum() for total in totals], totals[0].sum(), rtol=1e-9):
        raise WeightingError("各边际的企业总数不一致，不能加权；请核对名录的行业、规模和镇街是否齐全")
    weights = np.ones(len(margins[0])) if start is None else start.copy()
    for _ in range(ROUNDS):
        worst = 0.0
        for margin, total in zip(margins, totals, strict=True):
            factor = total / np.bincount(margin, weights, len(total))
            worst = max(worst, float(np.max(np.abs(factor - 1))))
            weights *= factor[margin]
        if worst < TOLERANCE:
            return weights
    raise WeightingError("按边际加权不收敛；请合并企业很少的类别后重试")


def _target(margin: Codes, target: Mapping[int, float]) -> Floats:
    """Targets by code. Raises WeightingError where a target has nobody, or somebody has no target."""
    present = set(np.unique(margin).tolist())
    if empty := sorted(code for code, total in target.items() if total and code not in present):
        raise WeightingError(f"第 {empty[0] + 1} 类没有收到答卷，不能加权；请先与相近的类别合并")
    if present - target.keys() or set(range(max(present) + 1)) - present:
        raise WeightingError("有的答卷不属于任何一类，不能加权；请核对企业名录")
    return np.array([target[code] for code in sorted(present)], np.float64)


def rake_capped(margins: Sequence[Codes], targets: Sequence[Mapping[int, float]], cap: float = CAP) -> Floats:
    """Raked weights none of which is above `cap` × their median: cut, raked again, until both hold."""
    weights = rake(margins, targets)
    for _ in range(TRIMS):
        limit = cap * float(np.median(weights))
        if weights.max() <= limit * (1 + 1e-6):
            return weights
        weights = rake(margins, targets, np.minimum(weights, limit))
    raise WeightingError(f"权重压不到中位数的 {cap:g} 倍以内；请合并企业很少的类别后重试")


def kish(weights: Iterable[float]) -> tuple[float, float]:
    """What unequal weights cost: `(deff, effective n)`."""
    own = np.asarray(list(weights), np.float64)
    effective = own.sum() ** 2 / (own**2).sum()
    return float(len(own) / effective), float(effective)
