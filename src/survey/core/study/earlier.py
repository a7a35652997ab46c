"""A wave against the one before it: changes with their ranges, the same enterprises asked twice, net gains. Pure; run
by the job alone. Values come from released counts, how the waves hang together from the answers.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.stats import norm

from survey.core.figures.cells import Shown, pool
from survey.core.statistics.estimates import LEVEL, Estimates, Floats, assembled, contrast
from survey.core.statistics.gain import Peers, net_gain
from survey.core.statistics.intervals import difference_interval
from survey.core.study.model import Earlier, Measure, Move, NetGain
from survey.core.study.ranks import FEWEST_RATERS, adjusted, least_variance
from survey.core.study.results import pooled_estimate, told_together
from survey.core.study.side_by_side import Pair, Side
from survey.core.study.trends import breaks

PEERS = 4  # departments: from fewer nobody can say how much departments differ
SHARES = (Measure.WITH_BASIC, Measure.WITHOUT_BASIC)


def compare(pair: Pair) -> Earlier:
    """Everything that can be said of the two."""
    reasons = {what: tuple(breaks(pair.before.terms(what), pair.after.terms(what))) for what in Measure}
    able = [what for what in Measure if not reasons[what]]
    found = {what: pair.estimates(what) for what in able} if pair.items else {}
    return Earlier(
        pair.before.wave_id, pair.before.title, {what: why for what, why in reasons.items() if why},
        _moves(pair, found), _overall(pair, able), pair.pairs, _gains(pair, found),
    )  # fmt: skip


def _moves(pair: Pair, found: dict[Measure, Estimates]) -> dict[str, dict[Measure, Move]]:
    both = {item: max(one.n for one in counts.values()) for item, counts in pair.pairs.items()}
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
    sides = pair.before, pair.after
    cells = [_together(side, items) for side, items in zip(sides, columns, strict=True)]
    if not common or None in cells:
        return {}
    width = len(common)
    domains = [list(range(width)), list(range(width, 2 * width))]
    moves = {}
    for what in able:
        found = [
            pooled_estimate(side.material, side.measured[what], cell, weighted=pair.weighted, items=items)
            for side, items, cell in zip(sides, columns, cells, strict=True)
            if cell
        ]
        values = pair.after.measured[what].values
        shared = pair.correlations(values, columns, domains) if pair.open else np.eye(2)
        moves[what] = _move(assembled(found, shared, values), 0, pair.weighted)
    return moves


def _together(side: Side, items: Sequence[int]) -> Shown | None:
    whole = told_together(side.material)
    cell = (
        whole
        if whole and set(items) == set(side.material.overall)
        else pool(side.material.shown[one] for one in items)
    )
    return cell if whole and isinstance(cell, Shown) else None


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
    peers = np.maximum(variances, least_variance(found))[
        list(places)
    ]  # nobody is without error, even if all agree
    gain = net_gain(
        float(found.values[own]), float(found.values[half + own]),
        (float(variances[own]), float(variances[half + own])), float(found.covariance[own, half + own]),
        Peers.of(found.values[list(places)], peers), drift.value, drift.se**2,
    )  # fmt: skip
    return NetGain(gain.net, *gain.interval(), drift.value, gain.pull)


def _change(places: Sequence[int], half: int) -> Floats:
    """The mean change of some places, as factors of all means."""
    factors = np.zeros(2 * half)
    factors[list(places)], factors[[half + one for one in places]] = -1 / len(places), 1 / len(places)
    return factors
