"""Results of a study: levels, weighted levels, tiers, all departments together. Pure; run by the job alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from survey.core.figures.cells import Shown, pool
from survey.core.statistics.estimates import Estimate, Estimates, Floats, assembled
from survey.core.statistics.influence import GradeValues, Survey, estimate
from survey.core.statistics.turnout import Turnout, balance
from survey.core.statistics.weights import kish
from survey.core.study.levels import Part, estimate_of, level_of
from survey.core.study.material import Material
from survey.core.study.model import Measure, Result, Results, Standing, StratumTurnout, Weighting
from survey.core.study.ranks import standings


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
        if material.scheme.groups
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
    items = overall_items(material)
    if not told_together(material):
        return {}
    return {what: _overall(material, one, items) for what, one in measured.items()}


def told_together(material: Material) -> bool:
    """Whether all departments together are told by counts and not as a range."""
    return isinstance(pool(material.cells[item] for item in material.overall), Shown)


def overall_items(material: Material) -> list[int]:
    """The shown 总体满意度 items."""
    return [item for item in material.overall if item in material.shown]


def _overall(material: Material, one: Measured, items: Sequence[int]) -> Result:
    plain = pooled_estimate(material, one, items, weighted=False)
    weighted = pooled_estimate(material, one, items, weighted=True) if one.weighted else None
    return Result(level_of(plain, one.values), level_of(weighted, one.values) if weighted else None)


def pooled_estimate(material: Material, one: Measured, items: Sequence[int], *, weighted: bool) -> Estimate:
    """The mean of all ratings of some items. An enterprise rates several departments: it is one cluster."""
    parts = {
        item: material.weighted_parts[item] if weighted else material.plain_parts(item) for item in items
    }
    flat = [part for found in parts.values() for part in found]
    mass = np.array([part.weight * np.asarray(part.counts) for part in flat])
    value = float((mass @ np.asarray(one.values)).sum() / mass.sum())
    ratings = int(sum(sum(material.shown[item].counts) for item in items))
    if material.sample is None:
        # Not known yet who rated what: as sure as if each form were one answer. Cautious.
        answers = max(min(material.responses, ratings), 1)
        alone = estimate_of([_shrunk(flat, answers)], one.values)
        return Estimate(value, alone.se, answers, max(answers - 1, 1), ratings)
    survey = material.survey if weighted else Survey(material.sample.matrix, clusters=material.clusters)
    found = estimate(survey, [list(items)], one.values)[0]
    return Estimate(value, found.se, found.n, found.df, ratings)


def _shrunk(parts: Sequence[Part], answers: int) -> Part:
    """The same grades from fewer answers."""
    counts = np.sum([part.counts for part in parts], axis=0)
    return Part(tuple((counts * answers / counts.sum()).tolist()), answers)


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
    weights = [weight for one, weight in scheme.weights.items() for _ in range(scheme.strata[one].answered)]
    return Weighting(rows, kish(weights)[0], even.r, margins=scheme.margins)
