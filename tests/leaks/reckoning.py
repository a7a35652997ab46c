"""What each rater most likely said, reckoned exactly from all that was published of a cell (Rabiner 1989: forward and
backward sums), over how many of those who had come were dissatisfied.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from survey.core.figures.noise import Noise
from tests.leaks.watching import Final, Seen, is_about, shape, shapes

Floats = NDArray[np.float64]
Look = Callable[[Seen, Floats], Floats]
"""How likely each number of dissatisfied makes the draw of a state."""
SURE, REACH = 1e-12, 200


@dataclass(frozen=True)
class Leak:
    """What an attacker got of one cell: whether anybody's answer for sure; how far from the share known beforehand his
    reckoning of each is, on average and at most."""

    certain: bool
    mean: float
    largest: float


def pmf(level: Noise, found: int, counts: Floats) -> Floats:
    """How likely noise makes each of `counts` into what was found."""
    ratio = float(level.ratio)
    return np.asarray((1 - ratio) / (1 + ratio) * ratio ** np.abs(found - counts))


@lru_cache
def _summed(level: Noise, draws: int) -> Floats:
    """How likely each sum −200 … 200 of so many draws."""
    one = pmf(level, 0, np.arange(-REACH, REACH + 1.0))
    found = one
    for _ in range(draws - 1):
        found = np.convolve(found, one, "same")
    return found


def by_grade(seen: Seen, bad: Floats) -> Floats:
    """Knows which grade each would give if satisfied, and if not: all sway of a draw is in two counts."""
    return pmf(seen.level, seen.drawn[1], bad) * pmf(seen.level, seen.drawn[4], seen.n - bad)


def by_sums(seen: Seen, bad: Floats) -> Floats:
    """Looks at 差评 and 满意."""
    poor, well = bad - sum(seen.drawn[:2]), seen.n - bad - sum(seen.drawn[2:])
    return np.asarray(
        _summed(seen.level, 2)[poor.astype(int) + REACH] * _summed(seen.level, 3)[well.astype(int) + REACH]
    )


def likelihood(seen: Seen, final: Final | None, look: Look) -> Floats:
    """Of 0, 1, … n dissatisfied, how likely each would have led to this. Of a final cell the draw is looked at too."""
    bad = np.arange(seen.n + 1.0)
    if final:
        told = np.array([one == shape(seen.stored) for one in shapes(final, seen.n)], np.float64)
    elif isinstance(seen.stored, list):
        told = (bad == seen.stored[0][1]).astype(np.float64)
    else:
        told = np.ones(seen.n + 1)
    if not is_about(seen.stored):
        return told
    return told * look(seen, bad)


def likelihoods(
    items: Sequence[Sequence[Seen]], final: Final | None, look: Look = by_grade
) -> dict[int, Floats]:
    """By number of raters: items that everybody grades alike, each published by itself; `final` if also in the end."""
    found: dict[int, Floats] = {}
    for states in items:
        for one in states:
            told = likelihood(one, final if one is states[-1] else None, look)
            found[one.n] = found.get(one.n, 1.0) * told
    return found


@lru_cache(maxsize=10_000)
def _step(before: int, new: int, known: int, knows: int, share: float) -> Floats:
    """How likely `new` raters turn 0 … `before` dissatisfied into as many as they do, `known` of them known."""
    more = np.arange(before + new + 1)[None, :] - np.arange(before + 1)[:, None] - known
    return np.asarray(binom.pmf(more, new - knows, share))


@dataclass(frozen=True)
class Chain:
    """Raters in order of coming, grouped by the published states they came between."""

    told: Mapping[int, Floats]
    share: float
    known: Mapping[int, bool]

    @cached_property
    def groups(self) -> list[range]:
        ends = sorted(self.told)
        return [range(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]

    @cached_property
    def steps(self) -> list[Floats]:
        """By group, how likely it turns 0, 1, … dissatisfied before it into as many after it."""
        return [
            _step(one.start, len(one), self.bad(one), len(self.insiders(one)), self.share)
            for one in self.groups
        ]

    @cached_property
    def forward(self) -> list[Floats]:
        """How likely 0, 1, … are dissatisfied before each group and after the last, by what was told until then."""
        found = [np.ones(1)]
        for group, step in zip(self.groups, self.steps, strict=True):
            here = (found[-1] @ step) * self.told[group.stop]
            found.append(here / here.sum())
        return found

    def insiders(self, group: range) -> list[int]:
        return [at for at in group if at in self.known]

    def others(self, group: range) -> list[int]:
        return [at for at in group if at not in self.known]

    def bad(self, group: range) -> int:
        return sum(self.known[at] for at in self.insiders(group))


def posterior(told: Mapping[int, Floats], share: float, known: Mapping[int, bool]) -> Floats:
    """Of each rater in order of coming, how likely dissatisfied; those in `known` are."""
    chain = Chain(told, share, known)
    found = np.array([float(known.get(at, False)) for at in range(max(told))])
    backward = np.ones(max(told) + 1)
    for group, step, before in reversed(list(zip(chain.groups, chain.steps, chain.forward, strict=False))):
        after = backward * told[group.stop]
        if others := chain.others(group):
            joint = before[:, None] * step * after[None, :]
            found[others] = _dissatisfied(joint, chain.bad(group)) / len(others)
        backward = step @ after
        backward /= backward.max()
    return found


def sampled(chain: Chain, size: int, chance: np.random.Generator) -> NDArray[np.bool_]:
    """`[size, raters]` draws of who was dissatisfied, given all that was told."""
    found = np.zeros((size, max(chain.told)), np.bool_)
    after = chance.choice(len(chain.forward[-1]), size, p=chain.forward[-1])
    for place in reversed(range(len(chain.groups))):
        group = chain.groups[place]
        weights = (chain.forward[place][:, None] * chain.steps[place])[:, after].T.cumsum(axis=1)
        before = (weights < chance.random((size, 1)) * weights[:, -1:]).sum(axis=1)
        others = chain.others(group)
        order = chance.random((size, len(others))).argsort(axis=1)
        found[:, others] = order < (after - before - chain.bad(group))[:, None]
        found[:, chain.insiders(group)] = [chain.known[at] for at in chain.insiders(group)]
        after = before
    return found


def _dissatisfied(joint: Floats, known: int) -> float:
    more = np.arange(joint.shape[1])[None, :] - np.arange(joint.shape[0])[:, None] - known
    return float((joint * more).sum() / joint.sum())


def leak(told: Mapping[int, Floats], share: float, known: Mapping[int, bool]) -> Leak:
    """What all that was told gives away of those who are not known. Certain is what holds however unlikely the rest."""
    possible = {n: (one > 0).astype(np.float64) for n, one in told.items()}
    left = np.delete(posterior(possible, 0.5, known), list(known))
    others = np.delete(posterior(told, share, known), list(known))
    gain = np.abs(others - share)
    return Leak(bool(((left < SURE) | (left > 1 - SURE)).any()), float(gain.mean()), float(gain.max()))


def sure_of(bad: Sequence[bool], insiders: Sequence[int]) -> dict[int, bool]:
    """What insiders know."""
    return {at: bool(bad[at]) for at in insiders}


def column(found: Sequence[Leak]) -> tuple[float, float, float, float]:
    """Percent of cells with somebody certain, mean gain, 95th percentile of the largest gain, and the largest."""
    largest: Any = [one.largest for one in found]
    return (
        100 * float(np.mean([one.certain for one in found])),
        float(np.mean([one.mean for one in found])),
        float(np.quantile(largest, 0.95)),
        float(np.max(largest)),
    )
