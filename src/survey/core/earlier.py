"""A wave against the one before it: changes with their ranges, the same enterprises asked twice, net gains. Pure; run
by the job alone. Values come from released counts, how the waves hang together from the answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.linalg import block_diag
from scipy.stats import norm

from survey.core.estimates import LEVEL, Estimate, Estimates, Floats, assembled, contrast
from survey.core.gain import Peers, net_gain
from survey.core.influence import Codes, GradeValues, Survey, codes, each, estimate, stack
from survey.core.intervals import difference_interval
from survey.core.material import Material, correlations
from survey.core.pairs import pair_up
from survey.core.ranks import FEWEST_RATERS, adjusted
from survey.core.results import Measured, overall_items, pooled_estimate, told_together
from survey.core.study import Earlier, Measure, Move, NetGain, PairCounts
from survey.core.trends import Terms, breaks
from survey.core.vectors import Matrix

PEERS = 4  # departments: from fewer nobody can say how much departments differ
SHARES = (Measure.WITH_BASIC, Measure.WITHOUT_BASIC)


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
        shared = self.correlations(self.after.measured[what].values, columns, each(2 * len(self.items)))
        return assembled(found, shared, self.after.measured[what].values)

    def correlations(
        self, values: GradeValues, columns: Sequence[Sequence[int]], domains: Sequence[Sequence[int]]
    ) -> Floats:
        """Of means over `domains` of the chosen columns of both waves, those of the first wave first."""
        if None in (self.before.material.sample, self.after.material.sample):
            return np.eye(len(domains))  # a wave that is still open: taken for unrelated, which is cautious
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

    def _named(self, surveys: Sequence[Survey]) -> list[Survey]:
        """Strata and enterprises by marks that are the same in both waves."""
        if not self.weighted:
            return [Survey(one.matrix, clusters=own) for one, own in zip(surveys, self.raters, strict=True)]
        return [
            Survey(one.matrix, one.weights, labels, own)
            for one, labels, own in zip(surveys, self.strata, self.raters, strict=True)
        ]


def compare(pair: Pair) -> Earlier:
    """Everything that can be said of the two."""
    reasons = {what: tuple(breaks(pair.before.terms(what), pair.after.terms(what))) for what in Measure}
    able = [what for what in Measure if not reasons[what]]
    found = {what: pair.estimates(what) for what in able} if pair.items else {}
    pairs = _pairs(pair)
    return Earlier(
        pair.before.wave_id, pair.before.title, {what: why for what, why in reasons.items() if why},
        _moves(pair, found, pairs), _overall(pair, able), pairs, _gains(pair, found),
    )  # fmt: skip


def _moves(
    pair: Pair, found: dict[Measure, Estimates], pairs: dict[str, dict[Measure, PairCounts]]
) -> dict[str, dict[Measure, Move]]:
    both = {item: counts[Measure.WITH_BASIC].n for item, counts in pairs.items()}
    sure = {what: _sure(pair, one) for what, one in found.items()}
    return {
        str(new): {
            what: replace(_move(one, place, pair.weighted, both.get(str(new), 0)), sure=place in sure[what])
            for what, one in found.items()
        }
        for place, (_, new) in enumerate(pair.items)
        if found
    }


def _sure(pair: Pair, found: Estimates) -> set[int]:
    """Places of the departments whose 总体满意度 has moved, although all of them were looked at."""
    moves = [contrast(found, _change([place], len(pair.items))) for place in pair.overall]
    z = np.array([one.value / one.se if one.se > 0 else 0.0 for one in moves])
    chances = adjusted(2 * norm.sf(np.abs(z)))
    return {place for place, chance in zip(pair.overall, chances, strict=True) if chance <= 1 - LEVEL}


def _move(found: Estimates, place: int, weighted: bool, paired: int = 0) -> Move:
    """Mean `place` of the second half less that of the first; `paired` enterprises stand behind both."""
    after = place + len(found.values) // 2
    low, high = difference_interval(found, after, place)
    numbers = int(found.raters[place]), int(found.raters[after])
    return Move(float(found.values[place]), float(found.values[after]), low, high, *numbers, weighted, paired)


def _overall(pair: Pair, able: Sequence[Measure]) -> dict[Measure, Move]:
    """All departments that both waves show, together; nothing where a wave tells them as a range."""
    common = [pair.items[place] for place in pair.overall]
    columns = [[old for old, _ in common], [new for _, new in common]]
    if not common or not all(told_together(side.material) for side in (pair.before, pair.after)):
        return {}
    width = len(common)
    domains = [list(range(width)), list(range(width, 2 * width))]
    moves = {}
    for what in able:
        found = [
            pooled_estimate(side.material, side.measured[what], items, weighted=pair.weighted)
            for side, items in zip((pair.before, pair.after), columns, strict=True)
        ]
        values = pair.after.measured[what].values
        moves[what] = _move(
            assembled(found, pair.correlations(values, columns, domains), values), 0, pair.weighted
        )
    return moves


def _pairs(pair: Pair) -> dict[str, dict[Measure, PairCounts]]:
    """总体满意度 of the same enterprises, department by department; not of so few that they could be told apart."""
    if not pair.linked:
        return {}
    before, after = _matched(pair)
    hides = max(side.material.k for side in (pair.before, pair.after)) > 1
    found: dict[str, dict[Measure, PairCounts]] = {}
    for old, new in (pair.items[place] for place in pair.overall):
        for what in SHARES:
            one = pair_up(before[:, old], after[:, new], what.grade_values(pair.after.material.formula))
            if one.n >= (FEWEST_RATERS if hides else 1):
                found.setdefault(str(new), {})[what] = PairCounts(
                    one.up, one.same, one.down, one.won, one.lost
                )
    return found


def _matched(pair: Pair) -> tuple[Matrix, Matrix]:
    """The grades of enterprises in both waves, in one order; of several forms of one the first counts."""
    before, after = pair.raters
    _, mine, theirs = np.intersect1d(before, after, return_indices=True)
    return pair.before.material.answers.matrix[mine], pair.after.material.answers.matrix[theirs]


def _gains(pair: Pair, found: dict[Measure, Estimates]) -> dict[str, dict[Measure, NetGain]]:
    """Of each department's 总体满意度, where there are enough departments to judge by."""
    gains: dict[str, dict[Measure, NetGain]] = {}
    for what in SHARES:
        if what not in found:
            continue
        half = len(pair.items)
        able = [
            place for place in pair.overall if min(found[what].raters[[place, half + place]]) >= FEWEST_RATERS
        ]
        if len(able) < PEERS:
            continue
        for place in able:
            gains.setdefault(str(pair.items[place][1]), {})[what] = _gain(found[what], able, place)
    return gains


def _gain(found: Estimates, places: Sequence[int], own: int) -> NetGain:
    half = len(found.values) // 2
    others = [place for place in places if place != own]
    drift = contrast(found, _change(others, half))
    variances = found.covariance.diagonal()
    gain = net_gain(
        float(found.values[own]), float(found.values[half + own]),
        (float(variances[own]), float(variances[half + own])), float(found.covariance[own, half + own]),
        Peers.of(found.values[list(places)], variances[list(places)]), drift.value, drift.se**2,
    )  # fmt: skip
    return NetGain(gain.net, *gain.interval(), drift.value, gain.pull)


def _change(places: Sequence[int], half: int) -> Floats:
    """The mean change of some places, as factors of all means."""
    factors = np.zeros(2 * half)
    factors[list(places)], factors[[half + one for one in places]] = -1 / len(places), 1 / len(places)
    return factors


def _part(material: Material, columns: Sequence[int], weighted: bool) -> Survey:
    matrix = material.answers.matrix[:, list(columns)]
    if not weighted:
        return Survey(matrix, clusters=material.clusters)
    whole = material.survey
    return Survey(matrix, whole.weights, whole.strata, whole.clusters)
