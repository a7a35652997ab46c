"""How a source's answers stand for those who were invited: its strata, and the weight of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from survey.core.models import NO_STRATUM
from survey.core.statistics.estimates import Floats
from survey.core.statistics.influence import Codes
from survey.core.statistics.vectors import Matrix
from survey.core.statistics.weights import (
    FEWEST_ANSWERS,
    WeightingError,
    collapse,
    merged,
    post_strata,
    rake_capped,
)
from survey.core.waves.strata import MadeOf, key_of

UNPLACED = "有的答卷不属于任何分层，不能加权；请核对企业名录"


@dataclass(frozen=True)
class Sample:
    """A source's answers: `[responses, items]`, and by response its stratum, signs, and enterprise if that is kept."""

    matrix: Matrix
    strata: Codes
    flags: Codes
    raters: Sequence[object] | None = None


@dataclass(frozen=True)
class FrozenStratum:
    """A frozen stratum with how many of it were invited and answered, and the values it is made of by attribute."""

    name: str
    invited: int
    answered: int
    made_of: MadeOf = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same for like strata of other waves."""
        return key_of(self.made_of, self.name)


@dataclass(frozen=True)
class Scheme:
    """How answers stand for those invited: the weight of each stratum that answered, the groups of strata with one
    weight, and for each stratum the group it varies with. `margins`: raked to so many; 0: by the strata themselves.
    `problem` says why there is no weighting. Without either, nobody was invited by name.
    """

    strata: Mapping[int, FrozenStratum] = field(default_factory=dict)
    weights: Mapping[int, float] = field(default_factory=dict)
    groups: tuple[frozenset[int], ...] = ()
    spread: Mapping[int, int] = field(default_factory=dict)
    margins: int = 0
    problem: str = ""

    @classmethod
    def of(cls, strata: Mapping[int, FrozenStratum]) -> "Scheme":
        """Strata with few answers are raked by what they are made of, or weighted with others where that is not
        known; one that nobody stands for is a loud failure."""
        if not strata:
            return cls()
        try:
            if NO_STRATUM in strata:
                raise WeightingError(UNPLACED)
            margins = margins_of(strata)
            thin = min(one.answered for one in strata.values()) < FEWEST_ANSWERS
            return cls._raked(strata, margins) if thin and margins else cls._post_stratified(strata)
        except WeightingError as error:
            return cls(strata, problem=str(error))

    @classmethod
    def _post_stratified(cls, strata: Mapping[int, FrozenStratum]) -> "Scheme":
        """N/n by stratum; those with few answers share one weight."""
        names = _names(strata)
        invited = {name: strata[number].invited for name, number in names.items()}
        answered = {name: n for name, number in names.items() if (n := strata[number].answered)}
        post_strata(invited, answered)
        into = collapse(invited, answered)
        weights = post_strata(merged(invited, into), merged(answered, into))
        groups: dict[str, set[int]] = {}
        for name, first in into.items():
            groups.setdefault(first, set()).add(names[name])
        return cls(
            strata, {names[name]: weights[first] for name, first in into.items()},
            tuple(frozenset(group) for group in groups.values()),
            {one: place for place, group in enumerate(groups.values()) for one in group},
        )  # fmt: skip

    @classmethod
    def _raked(cls, strata: Mapping[int, FrozenStratum], margins: Sequence[Mapping[int, int]]) -> "Scheme":
        """Weights that meet the invited of every margin (industry, size, park), each stratum with its own."""
        told = [number for number, one in strata.items() if one.answered]
        answered = [strata[number].answered for number in told]
        targets = [
            {
                code: float(sum(strata[n].invited for n, own in margin.items() if own == code))
                for code in margin.values()
            }
            for margin in margins
        ]
        codes_of = [np.repeat([margin[number] for number in told], answered) for margin in margins]
        found = rake_capped(codes_of, targets)[np.cumsum([0, *answered[:-1]])]
        names = {number: f"{strata[number].name}（{number}）" for number in told}
        into = collapse(
            {names[n]: strata[n].invited for n in told}, {names[n]: strata[n].answered for n in told}
        )
        places = {first: place for place, first in enumerate(dict.fromkeys(into.values()))}
        return cls(
            strata, dict(zip(told, found.tolist(), strict=True)), tuple(frozenset([one]) for one in told),
            {one: places[into[names[one]]] for one in told}, len(margins),
        )  # fmt: skip

    def size(self, group: frozenset[int]) -> tuple[float, int]:
        """How many enterprises a group stands for, and how many of it answered."""
        answered = {one: self.strata[one].answered for one in group}
        return sum(self.weights[one] * n for one, n in answered.items()), sum(answered.values())

    def by_response(self, strata: Codes) -> tuple[Floats | None, Codes | None]:
        """Weight and group of each response; nothing where there is no weighting."""
        if not self.groups:
            return None, None
        labels, place = np.unique(strata, return_inverse=True)
        weights = np.array([self.weights[one] for one in labels.tolist()])
        spread = np.array([self.spread[one] for one in labels.tolist()])
        return weights[place], spread[place]


def margins_of(strata: Mapping[int, FrozenStratum]) -> list[dict[int, int]]:
    """Stratum → category, for every attribute that is told; none where strata stand for several values of one, or
    only one attribute is told."""
    told = dict.fromkeys(name for one in strata.values() for name, values in one.made_of.items() if values)
    columns = [{number: one.made_of.get(name, ()) for number, one in strata.items()} for name in told]
    if len(columns) < 2 or any(len(values) != 1 for column in columns for values in column.values()):
        return []
    ordered = [sorted({values[0] for values in column.values()}) for column in columns]
    return [
        {number: order.index(values[0]) for number, values in column.items()}
        for column, order in zip(columns, ordered, strict=True)
    ]


def _names(strata: Mapping[int, FrozenStratum]) -> dict[str, int]:
    """Strata by the name that a sentence may print, each with its number where names are alike."""
    alike = len({one.name for one in strata.values()}) < len(strata)
    return {f"{one.name}（{n}）" if alike else one.name: n for n, one in strata.items()}
