"""Two waves side by side: the items that both show, and how their answers hang together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from scipy.linalg import block_diag

from survey.core.statistics.estimates import Estimate, Estimates, Floats, assembled
from survey.core.statistics.influence import Codes, GradeValues, Survey, codes, each, estimate, stack
from survey.core.study.material import Material, correlations
from survey.core.study.model import Measure
from survey.core.study.pair_counts import PairCounts
from survey.core.study.pairs import correlation, pair_up
from survey.core.study.results import Measured, overall_items
from survey.core.study.structure import usable
from survey.core.study.trends import Terms


@dataclass(frozen=True)
class Side:
    """One of the two waves."""

    wave_id: int
    title: str
    material: Material
    measured: dict[Measure, Measured]

    def terms(self, what: Measure) -> Terms:
        """What its figures were made under. Weights are left off where both waves do not share them."""
        form, formula = self.material.form, self.material.formula
        words = [form.questions[0].name.zh, *(one.zh for _, one in sorted(form.questionnaire.grades.items()))]
        return Terms(formula.id if what is Measure.SCORE else what, "\n".join(words), "")

    def items(self) -> dict[tuple[str, str, str], int]:
        """(department, question, its wording) → shown item."""
        form = self.material.form
        names = {
            form.item(place, number): (department.id, question.id, question.name.zh)
            for place, department in enumerate(form.departments)
            for number, question in enumerate(form.questions)
        }
        return {names[item]: item for item in self.material.shown}


@dataclass(frozen=True)
class Pair:
    """Two waves, and the items both of them show. `linked`: the same enterprise bears the same mark in both."""

    before: Side
    after: Side
    linked: bool

    @cached_property
    def items(self) -> list[tuple[int, int]]:
        old, new = self.before.items(), self.after.items()
        return [(old[key], new[key]) for key in new if key in old]

    @cached_property
    def overall(self) -> list[int]:
        """Places among `items` of the 总体满意度 of departments."""
        shown = set(overall_items(self.after.material))
        return [place for place, (_, new) in enumerate(self.items) if new in shown]

    @cached_property
    def raters(self) -> list[Codes]:
        """The enterprise of each answer, before and after; the same one has the same number."""
        samples = [side.material.answers for side in (self.before, self.after)]
        numbers = codes([rater for one in samples for rater in one.raters or ()])
        return np.split(numbers, [len(samples[0].matrix)])

    @cached_property
    def strata(self) -> list[Codes]:
        """The stratum of each answer, before and after, the same for like strata."""
        sides = [side.material for side in (self.before, self.after)]
        keys = [{number: one.key for number, one in side.scheme.strata.items()} for side in sides]
        alike = [
            own[one] for own, side in zip(keys, sides, strict=True) for one in side.answers.strata.tolist()
        ]
        return np.split(codes(alike), [len(sides[0].answers.matrix)])

    @cached_property
    def weighted(self) -> bool:
        """Whether both are weighted by the same strata; otherwise neither is, or composition would be a change."""
        schemes = [side.material.scheme for side in (self.before, self.after)]
        alike = [sorted(one.key for one in scheme.strata.values()) for scheme in schemes]
        return all(scheme.groups for scheme in schemes) and alike[0] == alike[1]

    def estimate_of(self, side: Side, what: Measure, item: int) -> Estimate:
        measured = side.measured[what]
        return (measured.weighted if self.weighted else measured.plain)[item]

    def estimates(self, what: Measure) -> Estimates:
        """All common items before, then after."""
        found = [self.estimate_of(self.before, what, old) for old, _ in self.items]
        found += [self.estimate_of(self.after, what, new) for _, new in self.items]
        columns = [[old for old, _ in self.items], [new for _, new in self.items]]
        shared = (
            self.correlations(self.after.measured[what].values, columns, each(2 * len(self.items)))
            if self.open
            else self.released_correlations(what)
        )
        return assembled(found, shared, self.after.measured[what].values)

    def correlations(
        self, values: GradeValues, columns: Sequence[Sequence[int]], domains: Sequence[Sequence[int]]
    ) -> Floats:
        """Of means over `domains` of the chosen columns of both waves, those of the first wave first; from the answers
        of waves that hide nothing."""
        surveys = [
            _part(side.material, columns[n], self.weighted)
            for n, side in enumerate((self.before, self.after))
        ]
        width = len(columns[0])
        if self.linked:
            return correlations(estimate(stack(*self._named(surveys)), domains, values))
        own: list[Sequence[Sequence[int]]] = [
            [one for one in domains if one[0] < width],
            [[c - width for c in one] for one in domains if one[0] >= width],
        ]
        blocks = [correlations(estimate(one, part, values)) for one, part in zip(surveys, own, strict=True)]
        return np.asarray(block_diag(*blocks), np.float64)

    @cached_property
    def open(self) -> bool:
        """Whether both waves hide nothing, so that their answers may be looked at."""
        return None not in (self.before.material.sample, self.after.material.sample)

    def released_correlations(self, what: Measure) -> Floats:
        """Of all common items' means, before then after: within each wave as it was released, between the waves as the
        pairs of the same enterprises say."""
        half = len(self.items)
        found = np.eye(2 * half)
        for side, place in ((self.before, 0), (self.after, 1)):
            items = [one[place] for one in self.items]
            shared = side.material.together(what.grade_values(side.material.formula))
            if shared is not None:
                at = slice(place * half, (place + 1) * half)
                found[at, at] = shared[np.ix_(items, items)]
        for place, shared_mean in self._between(what).items():
            found[place, half + place] = found[half + place, place] = shared_mean
        return usable(found)

    def _between(self, what: Measure) -> dict[int, float]:
        """Place → correlation of the department's two means: φ of the pairs, times how much both waves overlap."""
        found = {}
        for place, (old, new) in enumerate(self.items):
            if counted := self.pairs.get(str(new), {}).get(what):
                sizes = self.before.material.shown[old].n, self.after.material.shown[new].n
                found[place] = correlation(counted) * min(counted.n / sqrt(sizes[0] * sizes[1]), 1.0)
        return found

    @cached_property
    def pairs(self) -> dict[str, dict[Measure, PairCounts]]:
        """总体满意度 of the same enterprises as this wave's release holds it; of waves that hide nothing, counted."""
        structure = self.after.material.structure
        linked = structure.linked if structure else None
        if linked and linked.wave_id == self.before.wave_id:
            return linked.pairs
        return self._counted_pairs() if self.open and self.linked else {}

    def _counted_pairs(self) -> dict[str, dict[Measure, PairCounts]]:
        before, after = (
            side.material.answers.matrix[rows]
            for side, rows in zip((self.before, self.after), self._both, strict=True)
        )
        formula = self.after.material.formula
        return {
            str(new): {
                what: pair_up(before[:, old], after[:, new], what.grade_values(formula))
                for what in (Measure.WITH_BASIC, Measure.WITHOUT_BASIC)
            }
            for old, new in (self.items[place] for place in self.overall)
        }

    @cached_property
    def _both(self) -> tuple[Codes, Codes]:
        """Rows of enterprises in both waves, in one order; of several forms of one the first counts."""
        _, mine, theirs = np.intersect1d(self.raters[0], self.raters[1], return_indices=True)
        return mine, theirs

    def _named(self, surveys: Sequence[Survey]) -> list[Survey]:
        """Strata and enterprises by marks that are the same in both waves."""
        if not self.weighted:
            return [Survey(one.matrix, clusters=own) for one, own in zip(surveys, self.raters, strict=True)]
        return [
            Survey(one.matrix, one.weights, labels, own)
            for one, labels, own in zip(surveys, self.strata, self.raters, strict=True)
        ]


def _part(material: Material, columns: Sequence[int], weighted: bool) -> Survey:
    matrix = material.answers.matrix[:, list(columns)]
    if not weighted:
        return Survey(matrix, clusters=material.clusters)
    whole = material.survey
    return Survey(matrix, whole.weights, whole.strata, whole.clusters)
