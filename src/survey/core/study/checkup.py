"""体检 and 关联 of a closed wave's departments, for the study. Pure; run by the job alone."""

from collections.abc import Mapping

import numpy as np

from survey.core.answers.response_quality import straight_lined
from survey.core.answers.signs import Sign
from survey.core.figures.cells import Shown
from survey.core.statistics.influence import Codes
from survey.core.statistics.turnout import Balance, Shift, Turnout, balance, together
from survey.core.study import drivers
from survey.core.study.material import Material
from survey.core.study.model import DriverSet, Trust
from survey.core.study.ranks import FEWEST_RATERS
from survey.core.study.results import Measured
from survey.core.study.trust import Evidence, examine

MOST_ROWS = 200_000  # answers that shares of 关联 are computed from; more would change no printed digit
NOTHING = (0, 0, 0, 0, 0)
Shares = tuple[float, float, float]


def trusts(
    material: Material, satisfied: Measured, others: Mapping[int, tuple[int, ...]]
) -> dict[str, Trust]:
    """体检 by department id. `satisfied`: 满意率 of this wave; `others`: released counts of the open source by item."""
    rows = [Turnout(one.name, one.invited, one.answered) for one in material.scheme.strata.values()]
    turnout, even = (together(rows), balance(rows)) if rows and material.closed else (None, None)
    signs = _released_signs(material)
    found = {}
    for place, department in enumerate(material.form.departments):
        item = material.form.item(place)
        shares = signs.get(department.id, (0.0, 0.0, 0.0))
        evidence = _evidence(material, satisfied, item, shares, others.get(item, NOTHING), turnout, even)
        verdict = examine(evidence)
        reasons = tuple(one.why for one in verdict.findings)
        if item in material.shown:
            found[department.id] = Trust(int(verdict.verdict), reasons)
    return found


def _released_signs(material: Material) -> Mapping[str, Shares]:
    if material.sample is not None:
        return sign_shares(material)
    return material.structure.signs if material.structure else {}


def sign_shares(material: Material) -> dict[str, Shares]:
    """By department id, of its raters: all of one grade, too fast, in a burst. Not of few."""
    sample = material.answers
    signs = np.array(
        [straight_lined(sample.matrix), sample.flags & Sign.TOO_FAST > 0, sample.flags & Sign.BURST > 0],
        np.bool_,
    )
    found = {}
    for place, department in enumerate(material.form.departments):
        rated = sample.matrix[:, material.form.item(place)] > 0
        if rated.sum() >= FEWEST_RATERS:
            straight, fast, burst = signs[:, rated].mean(axis=1).tolist()
            found[department.id] = (straight, fast, burst)
    return found


def _evidence(
    material: Material, satisfied: Measured, item: int, signs: Shares, others: tuple[int, ...],
    turnout: Turnout | None, even: Balance | None,
) -> Evidence:  # fmt: skip
    cell = material.shown.get(item, Shown(NOTHING))
    straight, fast, burst = (round(cell.n * share) for share in signs)
    shift = None
    if item in satisfied.weighted:
        shift = Shift(100 * satisfied.plain[item].value, 100 * satisfied.weighted[item].value)
    return Evidence(
        cell.counts, straight, fast, burst, others, turnout, even, shift, exact=not cell.approximate
    )  # fmt: skip


def driver_sets(material: Material) -> dict[str, DriverSet]:
    """关联 of the dimensions by department id, and of all departments under ""."""
    if len(material.form.questions) < 3:  # one dimension alone is always the strongest
        return {}
    chosen = _chosen(len(material.answers.matrix))
    rows = material.answers.matrix[chosen]
    clusters = None if material.clusters is None else material.clusters[chosen]
    names = [one.id for one in material.form.questions[1:]]
    found = {}
    for place, department in enumerate(material.form.departments):
        first = material.form.item(place)
        columns = range(first, first + len(material.form.questions))
        if all(item in material.exact for item in columns):
            found[department.id] = drivers.drivers(rows[:, columns], names, clusters=clusters)
    stacked, own = drivers.pooled(rows, len(material.form.departments), clusters)
    rated = np.flatnonzero(np.all(stacked > 0, axis=1))
    rated = rated[_chosen(len(rated))]
    found[""] = drivers.drivers(stacked[rated], names, clusters=own[rated])
    return found


def _chosen(rows: int) -> Codes:
    """All rows, or of very many a random part, the same each time."""
    if rows <= MOST_ROWS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
