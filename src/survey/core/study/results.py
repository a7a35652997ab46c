"""Results of a study: levels, weighted levels, tiers, all departments together. Pure; run by the job alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from survey.core.figures.cells import Shown, pool
from survey.core.statistics.estimates import Estimate, Estimates, Floats, assembled
from survey.core.statistics.influence import GradeValues, Survey, estimate
from survey.core.statistics.turnout import Turnout, balance
from survey.core.statistics.weights import kish
from survey.core.study.levels import estimate_of, level_of, loosened, part_of
from survey.core.study.material import Material
from survey.core.study.model import Measure, Result, Results, Standing, StratumTurnout, Weighting
from survey.core.study.ranks import standings

UNDIVIDED = "各部门的评价都少，分到各类企业就只剩随机数，不加权"


@dataclass(frozen=True)
class Measured:
    """One measure of every shown item: as answered, weighted, and how all items hang together."""

    values: GradeValues
    plain: Mapping[int, Estimate]
    weighted: Mapping[int, Estimate]
    together: Floats | None

    @property
    def best(self) -> Mapping[int, Estimate]:
        return self.weighted or self.plain

    def estimates(self, items: Sequence[int]) -> Estimates:
        """Of some shown items, with their covariance: spread from the released counts, correlation from the answers."""
        shared = np.eye(len(items)) if self.together is None else self.together[np.ix_(items, items)]
        return assembled([self.best[item] for item in items], shared, self.values)


def measure(material: Material, what: Measure) -> Measured:
    """One measure of all that is shown."""
    values = what.grade_values(material.formula)
    plain = {item: estimate_of(material.plain_parts(item), values) for item in material.shown}
    weighted = (
        {item: estimate_of(material.weighted_parts[item], values) for item in material.shown}
        if material.scheme.groups and material.groups
        else {}
    )
    return Measured(values, plain, weighted, material.together(values))


def results(material: Material, measured: Mapping[Measure, Measured]) -> dict[str, Results]:
    """Item → measure → result, of all that is shown."""
    places = {what: _places(material, one) for what, one in measured.items()}
    return {
        str(item): {what: _result(one, item, places[what][item]) for what, one in measured.items()}
        for item in material.shown
    }


def _result(one: Measured, item: int, place: Standing) -> Result:
    weighted = level_of(one.weighted[item], one.values) if item in one.weighted else None
    return Result(level_of(one.plain[item], one.values), weighted, place)


def _places(material: Material, one: Measured) -> dict[int, Standing]:
    """Within its class, question by question."""
    found: dict[int, Standing] = {}
    for question in range(len(material.form.questions)):
        items = [item for item in material.shown if item % len(material.form.questions) == question]
        if items:
            ranked = standings(one.estimates(items), _classes(material, items))
            found |= {items[place]: standing for place, standing in ranked.items()}
    return found


def _classes(material: Material, items: Sequence[int]) -> dict[str, list[int]]:
    """Class → places among `items`."""
    classes: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        department = material.form.departments[item // len(material.form.questions)]
        classes.setdefault(department.category, []).append(place)
    return classes


# --- all departments together ------------------------------------------------------------------------


def overall(material: Material, measured: Mapping[Measure, Measured]) -> Results:
    """总体满意度 of all departments; nothing where they are told as a range."""
    cell = told_together(material)
    return {what: _overall(material, one, cell) for what, one in measured.items()} if cell else {}


def told_together(material: Material) -> Shown | None:
    """All departments together, where they are told by counts and not as a range."""
    found = material.whole or pool(material.cells[item] for item in material.overall)
    return found if isinstance(found, Shown) and found.n else None


def overall_items(material: Material) -> list[int]:
    """The shown 总体满意度 items."""
    return [item for item in material.overall if item in material.shown]


def _overall(material: Material, one: Measured, cell: Shown) -> Result:
    plain = pooled_estimate(material, one, cell, weighted=False)
    weighted = pooled_estimate(material, one, cell, weighted=True) if one.weighted else None
    levels = [
        loosened(level_of(found, one.values), cell.loose, one.values) if found else None
        for found in (plain, weighted)
    ]
    assert levels[0]
    return Result(levels[0], levels[1])


def pooled_estimate(
    material: Material, one: Measured, cell: Shown, *, weighted: bool, items: Sequence[int] | None = None
) -> Estimate:
    """The mean of all ratings of some items (None: all departments'). An enterprise rates several departments: it is one
    cluster, and they are as sure together as the design effect says; where that is not told, as so many forms."""
    chosen = overall_items(material) if items is None else items
    if material.sample is not None and len(material.sample.matrix):
        survey = material.survey if weighted else Survey(material.sample.matrix, clusters=material.clusters)
        return estimate(survey, [list(chosen)], one.values)[0]
    parts = (
        [
            part
            for item in material.overall
            for part in material.weighted_parts.get(item, [])
            if items is None or item in items
        ]
        if weighted
        else [part_of(cell)]
    )
    alone = estimate_of(parts, one.values)
    forms = max(min(material.responses, cell.n), 1)
    design = (material.structure.design if material.structure else None) or max(cell.n / forms, 1.0)
    sure = replace(alone, n=forms, df=max(forms - 1, 1), ratings=cell.n)
    return replace(sure, se=sqrt(design) * alone.se)


# --- weighting ---------------------------------------------------------------------------------------


def weighting(material: Material) -> Weighting:
    """Who was invited and answered, and how that was weighted."""
    scheme = material.scheme
    rows = tuple(
        StratumTurnout(one.name, one.invited, one.answered, str(number))
        for number, one in scheme.strata.items()
    )
    if not rows:
        return Weighting()
    even = balance([Turnout(one.name, one.invited, one.answered) for one in rows])
    if not scheme.groups:
        return Weighting(rows, r_indicator=even.r, problem=scheme.problem)
    if not material.groups:
        return Weighting(rows, r_indicator=even.r, problem=UNDIVIDED)
    weights = [weight for one, weight in scheme.weights.items() for _ in range(scheme.strata[one].answered)]
    return Weighting(rows, kish(weights)[0], even.r, margins=scheme.margins)
