"""Every table of five grades that 5 … 14 raters can give, as a closed wave tells of it: nobody's good or bad follows,
neither for an outsider nor for an insider who knows what he said himself.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import combinations, combinations_with_replacement, pairwise
from math import comb
from typing import Any

import pytest

from survey.core.figures.noise import Noise
from survey.core.figures.withholding import Counted
from tests.leaks.watching import THRESHOLD_ONLY, Final, real, seeded, shape

SMALLEST, LARGEST = 5, 14
Table = tuple[int, ...]
FOR_NONE, FOR_ONE, FOR_TWO = (real(insiders).final for insiders in range(3))


def tables() -> Iterator[Table]:
    """All ways to share n raters among five grades."""
    for n in range(SMALLEST, LARGEST + 1):
        for bars in combinations(range(n + 4), 4):
            edges = (-1, *bars, n + 4)
            yield tuple(after - before - 1 for before, after in pairwise(edges))


@cache
def told_apart(final: Final) -> dict[Any, list[Table]]:
    """Tables of which the very same may be told."""
    found: dict[Any, list[Table]] = defaultdict(list)
    with seeded(1):
        for table in tables():
            found[shape(final(Counted(table), Noise.OVERALL))].append(table)
    return found


def fallen(final: Final, insiders: int) -> int:
    """Of how many tables so many raters, of some grades, learn what somebody else said, good or bad."""
    groups, found = told_apart(final), set()
    for who in combinations_with_replacement(range(5), insiders):
        mine = [who.count(grade) for grade in range(5)]
        for group in groups.values():
            possible = [one for one in group if all(has >= need for has, need in zip(one, mine, strict=True))]
            others = [(sum(one[:2]) - sum(mine[:2]), sum(one) - insiders) for one in possible]
            if all(bad == 0 for bad, _ in others) or all(bad == n for bad, n in others):
                found.update(possible)
    return len(found)


def test_the_tables_are_all_there_are() -> None:
    number = sum(comb(n + 4, 4) for n in range(SMALLEST, LARGEST + 1))
    assert len(set(tables())) == number == 11_502


@pytest.mark.parametrize("insiders", [0, 1])
def test_no_table_gives_anybody_away_to_an_outsider_or_to_one_insider(insiders: int) -> None:
    assert fallen(FOR_ONE, insiders) == 0


def test_where_two_insiders_are_feared_neither_do_two_learn_anything() -> None:
    assert fallen(FOR_TWO, 2) == 0


def test_the_threshold_alone_gives_many_tables_away() -> None:
    assert fallen(THRESHOLD_ONLY.final, 0) > 500
    assert fallen(THRESHOLD_ONLY.final, 1) > 2000


def test_a_range_that_allows_for_one_rater_falls_to_an_insider() -> None:
    assert fallen(FOR_NONE, 0) == 0
    assert fallen(FOR_NONE, 1) > 100


def test_a_range_that_allows_for_two_raters_falls_to_two_insiders() -> None:
    assert fallen(FOR_ONE, 2) > 100
