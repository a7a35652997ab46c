"""What a study is made of: a wave's release, and who was invited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from survey.core.answers.form import Form
from survey.core.figures.cells import Cell, Shown
from survey.core.figures.formulas import Formula
from survey.core.figures.noise import Noise
from survey.core.statistics.estimates import Estimates, Floats
from survey.core.statistics.influence import Codes, GradeValues, Survey, codes, each, estimate
from survey.core.study.levels import Part, part_of
from survey.core.study.scheme import FrozenStratum, Sample, Scheme
from survey.core.study.structure import Structure, usable


@dataclass(frozen=True)
class StrataGroup:
    """Strata whose ratings of an item were released together: `n` and five counts with noise, which may be negative."""

    strata: frozenset[int]
    n: int
    counts: Sequence[float]
    noise: Noise

    @property
    def unbiased(self) -> tuple[float, ...]:
        """The counts brought to their known sum, none cut off: a sum of cut ones would lean."""
        spare = (self.n - sum(self.counts)) / len(self.counts)
        return tuple(count + spare for count in self.counts)


@dataclass(frozen=True)
class Material:
    """One source of one wave as released. Items by number; `asked` forms there were when a cell last moved.

    `closed`: of the final release, which holds `groups` of strata and the `structure` of the answers. `sample`: the
    answers themselves, of waves that hide nothing.
    """

    form: Form
    formula: Formula
    k: int
    cells: Mapping[int, Cell]
    asked: Mapping[int, int] = field(default_factory=dict)
    responses: int = 0
    closed: bool = False
    whole: Cell | None = None  # all departments, where they are released at once
    groups: Mapping[int, Sequence[StrataGroup]] = field(default_factory=dict)
    strata: Mapping[int, FrozenStratum] = field(default_factory=dict)
    structure: Structure | None = None
    sample: Sample | None = None

    @cached_property
    def shown(self) -> dict[int, Shown]:
        """The cells that have counts, and raters."""
        return {item: cell for item, cell in self.cells.items() if isinstance(cell, Shown) and cell.n}

    @cached_property
    def exact(self) -> set[int]:
        """The items whose counts are told exactly."""
        return {item for item, cell in self.shown.items() if not cell.approximate}

    @cached_property
    def scheme(self) -> Scheme:
        """How answers are weighted."""
        return Scheme.of(self.strata) if self.closed else Scheme()

    @cached_property
    def overall(self) -> list[int]:
        """The 总体满意度 items of the departments, shown or not."""
        return [item for item in self.cells if item % len(self.form.questions) == 0]

    def plain_parts(self, item: int) -> list[Part]:
        return [part_of(self.shown[item], self.asked.get(item, self.responses))]

    @cached_property
    def weighted_parts(self) -> dict[int, list[Part]]:
        """Every shown item's ratings by group of strata, each with its weight: each measure wants the same. As answered
        where too few rated it to be divided."""
        return {
            item: self._grouped(item, groups) if (groups := self.groups.get(item)) else self.plain_parts(item)
            for item in self.shown
        }

    def _grouped(self, item: int, groups: Sequence[StrataGroup]) -> list[Part]:
        """Where the whole is exact the groups are brought to it: what noise added in all is known, and taken off."""
        exact = item in self.exact
        told = self.shown[item].counts
        spare = [
            (sum(one.counts[grade] for one in groups) - whole) / len(groups) if exact else 0.0
            for grade, whole in enumerate(told)
        ]
        return [self._part(one, spare, exact) for one in groups]

    def _part(self, group: StrataGroup, spare: Sequence[float], exact: bool) -> Part:
        stands_for, answered = self.scheme.size(group.strata)
        spread = self.scheme.spread[min(group.strata)] if len(group.strata) == 1 else -1
        counts = replace(group, counts=[a - b for a, b in zip(group.counts, spare, strict=True)]).unbiased
        return Part(counts, answered, stands_for / answered, spread, group.noise.variance, exact)

    @cached_property
    def clusters(self) -> Codes | None:
        if self.sample is None or self.sample.raters is None:
            return None
        return codes(self.sample.raters)

    @property
    def answers(self) -> Sample:
        """The answers; raises ValueError where a study is made without."""
        if self.sample is None:
            raise ValueError("the answers are not looked at")
        return self.sample

    @cached_property
    def survey(self) -> Survey:
        """The answers with their weights and groups; raises ValueError where a study is made without."""
        weights, groups = self.scheme.by_response(self.answers.strata)
        return Survey(self.answers.matrix, weights, groups, self.clusters)

    def together(self, values: GradeValues) -> Floats | None:
        """`[items, items]` correlations of all items' means. None where they are not told: taken for unrelated, which
        is cautious, since an enterprise that rates one department well tends to rate others well."""
        if self.sample is not None and len(self.sample.matrix):
            return correlations(estimate(self.survey, each(self.form.items), values))
        return self._released_together() if self.structure else None

    def _released_together(self) -> Floats:
        """Questions by themselves; between two questions nothing is told."""
        assert self.structure
        found = np.eye(self.form.items)
        for number, question in enumerate(self.form.questions):
            items = [self.form.item(place, number) for place in range(len(self.form.departments))]
            if stored := self.structure.correlations.get(question.id):
                found[np.ix_(items, items)] = usable(stored)
        return found


def correlations(found: Estimates) -> Floats:
    """`[k, k]` correlations of means; 0 where one has no spread."""
    se = np.where(found.se > 0, found.se, np.inf)
    shared = np.nan_to_num(found.covariance / np.outer(se, se))
    np.fill_diagonal(shared, 1.0)
    return np.asarray(np.clip(shared, -1, 1), np.float64)
