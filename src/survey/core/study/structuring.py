"""From the answers of a closed wave to its `Structure`: once, at the final release. Every study afterwards is made of
releases alone.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import ceil, floor

import numpy as np

from survey.core.figures.cells import TOO_FEW, Banded, Cell, Shown, Withheld
from survey.core.figures.withholding import Counted, stands
from survey.core.statistics.estimates import Floats
from survey.core.statistics.influence import Survey, codes, estimate
from survey.core.study import checkup, pairs
from survey.core.study.levels import Part, estimate_of
from survey.core.study.material import Material
from survey.core.study.model import DriverSet, Measure, Share
from survey.core.study.pair_counts import PairCounts
from survey.core.study.pairs import Grades
from survey.core.study.structure import Linked, Matrix, Structure

FEWEST = 30  # forms or enterprises that anything here is told of
DESIGN_STEP, CORRELATION_STEP, SHARE_STEP = 0.5, 0.1, 0.05
SATISFIED = (Measure.WITH_BASIC, Measure.WITHOUT_BASIC)


def structure_of(material: Material, before: tuple[int, Material] | None) -> Structure:
    """All that is told of how the answers of `material` hang together, and with those of the wave `before` (its id)
    where both know the enterprise by the same mark."""
    if not len(material.answers.matrix):
        return Structure()
    return Structure(
        design_of(material), correlations_of(material),
        {name: coarse_signs(*shares) for name, shares in checkup.sign_shares(material).items()},
        coarse_drivers(checkup.driver_sets(material)), linked_of(material, before) if before else None,
    )  # fmt: skip


def as_final(material: Material, insiders: int) -> Material:
    """The cells as the final release will tell them, as far as that does not hang on noise; and no answer of a cell
    that will not be told exactly, or somebody who knows all others could try which grade makes what hangs on it."""
    matrix = material.answers.matrix.copy()
    cells = {}
    for item in range(material.form.items):
        counts = tuple(int((matrix[:, item] == grade).sum()) for grade in range(1, 6))
        cells[item] = _final(Counted(counts), material.k, insiders)
        if not isinstance(cells[item], Shown):
            matrix[:, item] = 0
    return replace(
        material, cells=cells, sample=replace(material.answers, matrix=matrix), responses=len(matrix),
        closed=True, whole=None,
    )  # fmt: skip


def _final(counted: Counted, k: int, insiders: int) -> Cell:
    if counted.n < k:
        return Withheld(TOO_FEW)
    if stands(counted, k, insiders):
        return Shown(counted.counts)
    return Banded(counted.n, 0.0, 1.0)


def design_of(material: Material) -> float | None:
    """The design effect of all departments together, the largest of the measures, in steps outwards; None from too
    few forms. Raises ValueError while the answers are not there."""
    matrix = material.answers.matrix
    if len(matrix) < FEWEST:
        return None
    effects = []
    for what in Measure:
        values = what.grade_values(material.formula)
        found = estimate(Survey(matrix, clusters=material.clusters), [material.overall], values)[0]
        counts = [int((matrix[:, material.overall] == grade).sum()) for grade in range(1, 6)]
        alone = estimate_of([Part(tuple(counts), 0)], values) if sum(counts) else found
        effects.append((found.se / alone.se) ** 2 if alone.se > 0 else 1.0)
    return max(1.0, outwards(max(effects), DESIGN_STEP))


def correlations_of(material: Material) -> dict[str, Matrix]:
    """By question, of the means of all departments that may be told exactly, as far as enough enterprises rated both;
    of the measures the one that says least, rounded downwards."""
    matrix = material.answers.matrix
    rated = (matrix > 0).astype(np.int64)
    together = rated.T @ rated >= FEWEST
    least = np.min([_shared(material, what) for what in Measure], axis=0)
    step = np.floor(np.round(least / CORRELATION_STEP, 9)) * CORRELATION_STEP
    found = {}
    for number, question in enumerate(material.form.questions):
        items = [material.form.item(place, number) for place in range(len(material.form.departments))]
        exact = np.array([item in material.exact for item in items])
        told = together[np.ix_(items, items)] & exact[:, None] & exact
        part = np.where(told, step[np.ix_(items, items)], 0.0)
        np.fill_diagonal(part, 1.0)
        found[question.id] = np.round(part, 1).tolist()
    return found


def _shared(material: Material, what: Measure) -> Floats:
    found = material.together(what.grade_values(material.formula))
    return np.eye(material.form.items) if found is None else found


def coarse_drivers(found: Mapping[str, DriverSet]) -> dict[str, DriverSet]:
    """Shares and what they explain to 5 %, ranges outwards."""
    return {
        name: replace(
            one,
            shares=tuple(_coarse(share) for share in one.shares),
            r_squared=_near(one.r_squared),
        )
        for name, one in found.items()
    }


def _coarse(share: Share) -> Share:
    low, high = (
        side(round(edge / SHARE_STEP, 9)) * SHARE_STEP
        for side, edge in ((floor, share.low), (ceil, share.high))
    )
    return replace(share, share=_near(share.share), low=round(low, 2), high=round(high, 2))


def _near(share: float) -> float:
    return round(round(share / SHARE_STEP) * SHARE_STEP, 2)


def coarse_signs(straight: float, fast: float, burst: float) -> tuple[float, float, float]:
    """Shares to 5 %."""
    return _near(straight), _near(fast), _near(burst)


def linked_of(material: Material, before: tuple[int, Material]) -> Linked | None:
    """总体满意度 of the same enterprises asked twice, where they are enough and nobody stands alone beside them."""
    wave_id, earlier = before
    if earlier.answers.raters is None or material.answers.raters is None:
        return None
    places = {one.id: earlier.form.item(place) for place, one in enumerate(earlier.form.departments)}
    found: dict[str, dict[Measure, PairCounts]] = {}
    then, now = matched(earlier, material)
    for place, one in enumerate(material.form.departments):
        new, old = material.form.item(place), places.get(one.id)
        if old is None:
            continue
        sides = ((earlier, old), (material, new))
        if not all(item in side.cells and not isinstance(side.cells[item], Withheld) for side, item in sides):
            continue
        for what in SATISFIED:
            counted = pairs.pair_up(then[:, old], now[:, new], what.grade_values(material.formula))
            alone = [int((side.answers.matrix[:, item] > 0).sum()) - counted.n for side, item in sides]
            if counted.n >= FEWEST and not any(0 < rest < material.k for rest in alone):
                found.setdefault(str(new), {})[what] = pairs.blurred(counted)
    return Linked(wave_id, found)


def matched(before: Material, after: Material) -> tuple[Grades, Grades]:
    """The grades of enterprises in both waves, in one order; of several forms of one the first counts."""
    numbers = codes([rater for one in (before, after) for rater in one.answers.raters or ()])
    first, second = np.split(numbers, [len(before.answers.matrix)])
    _, mine, theirs = np.intersect1d(first, second, return_indices=True)
    return before.answers.matrix[mine], after.answers.matrix[theirs]


def outwards(value: float, step: float) -> float:
    """Up to the next step."""
    return ceil(round(value / step, 9)) * step
