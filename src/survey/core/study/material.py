"""What a study is made of: a release's counts, who was invited, and after closing the answers themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from survey.core.answers.form import Form
from survey.core.figures.cells import Cell, Shown
from survey.core.figures.formulas import Formula
from survey.core.figures.withholding import Counted, suppress
from survey.core.statistics.estimates import Estimates, Floats
from survey.core.statistics.influence import Codes, GradeValues, Survey, codes, each, estimate
from survey.core.study.levels import Part
from survey.core.study.scheme import FrozenStratum, Sample, Scheme


@dataclass(frozen=True)
class Material:
    """One source of one wave. Items by number; `asked` forms there were when a cell last moved; `counts` of that
    moment by stratum id. `sample` None: before closing."""

    form: Form
    formula: Formula
    k: int
    cells: Mapping[int, Cell]
    asked: Mapping[int, int] = field(default_factory=dict)
    counts: Mapping[int, Mapping[int, Counted]] = field(default_factory=dict)
    responses: int = 0
    strata: Mapping[int, FrozenStratum] = field(default_factory=dict)
    sample: Sample | None = None

    @cached_property
    def shown(self) -> dict[int, Shown]:
        """The cells that have counts, and raters."""
        return {item: cell for item, cell in self.cells.items() if isinstance(cell, Shown) and cell.n}

    @cached_property
    def scheme(self) -> Scheme:
        """How answers are weighted."""
        return Scheme.of(self.strata, self.sample)

    @cached_property
    def overall(self) -> list[int]:
        """The 总体满意度 items of the departments, shown or not."""
        return [item for item in self.cells if item % len(self.form.questions) == 0]

    def plain_parts(self, item: int) -> list[Part]:
        return [Part(self.shown[item].counts, self.asked.get(item, self.responses))]

    @cached_property
    def weighted_parts(self) -> dict[int, list[Part]]:
        """`_weighted_parts` of every shown item: each measure wants the same."""
        return {item: self._weighted_parts(item) for item in self.shown}

    def _weighted_parts(self, item: int) -> list[Part]:
        """By group of strata: those that a breakdown may show each by itself, the rest, known from the total, as one.

        A weighted figure then is made of released counts, and tells nothing that they do not.
        """
        parts, first = self._by_stratum(item), self._by_stratum(item - item % len(self.form.questions))
        told = suppress(parts, self.k, suppress(first, self.k) if item % len(self.form.questions) else None)
        hidden = {int(one) for one, cell in told.items() if parts[one].n and not isinstance(cell, Shown)}
        open_groups, rest = self.scheme.split(hidden)
        found = [self._part(item, group) for group in open_groups]
        if rest:
            known = np.sum([part.counts for part in found], axis=0) if found else 0
            left = np.asarray(self.shown[item].counts) - known
            stands_for, answered = self.scheme.size(rest)
            found.append(Part(tuple(left.tolist()), answered, stands_for / answered))
        return found

    def _by_stratum(self, item: int) -> dict[str, Counted]:
        return {str(one): part for one, part in self.counts.get(item, {}).items()}

    def _part(self, item: int, group: frozenset[int]) -> Part:
        counts = [self.counts.get(item, {}).get(one, Counted()).counts for one in group]
        stands_for, answered = self.scheme.size(group)
        together = tuple(map(sum, zip(*counts, strict=True)))
        return Part(together, answered, stands_for / answered, self.scheme.spread[min(group)])

    @cached_property
    def clusters(self) -> Codes | None:
        if self.sample is None or self.sample.raters is None:
            return None
        return codes(self.sample.raters)

    @property
    def answers(self) -> Sample:
        """The answers; raises ValueError before closing."""
        if self.sample is None:
            raise ValueError("the wave is still open")
        return self.sample

    @cached_property
    def survey(self) -> Survey:
        """The answers with their weights and groups; raises ValueError before closing."""
        weights, groups = self.scheme.by_response(self.answers.strata)
        return Survey(self.answers.matrix, weights, groups, self.clusters)

    def together(self, values: GradeValues) -> Floats | None:
        """`[items, items]` correlations of all items' means; None before closing: taken for unrelated, which is
        cautious, since an enterprise that rates one department well tends to rate others well."""
        if self.sample is None or not len(self.sample.matrix):
            return None
        return correlations(estimate(self.survey, each(self.form.items), values))


def correlations(found: Estimates) -> Floats:
    """`[k, k]` correlations of means; 0 where one has no spread."""
    se = np.where(found.se > 0, found.se, np.inf)
    shared = np.nan_to_num(found.covariance / np.outer(se, se))
    np.fill_diagonal(shared, 1.0)
    return np.asarray(np.clip(shared, -1, 1), np.float64)
