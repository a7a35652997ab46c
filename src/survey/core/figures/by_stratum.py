"""By stratum, once all answers are in: strata stand together until there are enough of them, each group with noise of
its own, so that nothing is left to subtract.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from survey.core.figures.cells import FEW, Cell, Withheld, blurred, load_cell
from survey.core.figures.noise import Noise, noised
from survey.core.figures.view import View
from survey.core.figures.withholding import COUNTS_ONLY, Counted, add, tells_live
from survey.core.models import Wave, WaveState

FEWEST_IN_STRATA = {Noise.OVERALL: FEW, Noise.DIMENSION: 2 * FEW}  # from fewer a rate with noise is a guess
COVERED = "评价的企业少，与相近的分层合在一起计算，不单独公布"
AFTER_CLOSING = "分层结果在收齐答卷后公布"
NOT_YET = "评价企业还不足以公布"


def stratum_groups(sizes: Mapping[int, int], weights: Mapping[int, float], k: int) -> list[list[int]]:
    """Strata put together until each group has `k` raters: the smallest with the one of nearest weight. By numbers of
    raters and invited alone, never by grades."""
    groups = [[one] for one in sorted(sizes) if sizes[one]]

    def size(group: Sequence[int]) -> int:
        return sum(sizes[one] for one in group)

    def weight(group: Sequence[int]) -> float:
        return sum(weights.get(one, 1.0) * sizes[one] for one in group) / size(group)

    while len(groups) > 1 and size(small := min(groups, key=lambda one: (size(one), one))) < k:
        groups.remove(small)
        near = min(groups, key=lambda one: (abs(weight(one) - weight(small)), size(one), one))
        near.extend(small)
        near.sort()
    return sorted(groups)


def stratum_parts(
    parts: Mapping[int, Counted], weights: Mapping[int, float], k: int, level: Noise
) -> list[list[Any]]:
    """An item's counts by group of strata as a release stores them: ids, raters, counts, each with noise of its own.

    Groups are so large that the noise does not drown what sets them apart; one alone would say what the cell says.
    """
    least = 1 if k == 1 else max(k, FEWEST_IN_STRATA[level])
    groups = stratum_groups({one: part.n for one, part in parts.items()}, weights, least)
    found = [(group, add(parts[one] for one in group)) for group in groups]
    if sum(one.n for _, one in found) < k or (k > 1 and len(found) < 2):
        return []
    level = Noise.NONE if k == 1 else level
    return [[group, one.n, list(noised(one.counts, level)), int(level)] for group, one in found]


def seen_by_stratum(stored: Mapping[str, Any], item: str) -> dict[str, Cell]:
    """An item's cells by stratum after closing; strata that stand together have none of their own."""
    return {
        str(group[0]): blurred(n, counts, Noise(level))
        for group, n, counts, level in stored.get("strata", {}).get(item, [])
        if len(group) == 1
    }


def released_cell(stored: Mapping[str, Any], item: str, view: View, wave: Wave) -> Cell:
    """What a release tells of an item under a view."""
    if view.stratum_id is not None:
        if wave.state != WaveState.CLOSED or "strata" not in stored:
            return Withheld(AFTER_CLOSING)
        return seen_by_stratum(stored, item).get(str(view.stratum_id), Withheld(COVERED))
    cells = stored.get("cells", {})
    if wave.state == WaveState.OPEN and not tells_live(wave):
        return Withheld(COUNTS_ONLY)
    return load_cell(cells[item]) if item in cells else Withheld(NOT_YET)
