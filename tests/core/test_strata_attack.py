"""Final releases under attack: 500 random departments, all that is told of them, and what it gives away.

The attacker knows the rules, every published number, and who rated what. A department falls where it is certain of
somebody that they are satisfied, or that they are not. Where he is one of the raters, he knows his own answer too.
"""

import random
from collections.abc import Callable, Mapping, Sequence

import pytest

from survey.core.figures.by_stratum import stratum_parts
from survey.core.figures.cells import Cell, Shown, load_cell, pool
from survey.core.figures.noise import Noise
from survey.core.figures.withholding import Counted, add, final_cell, stands
from tests.core.attackers import Known, LinearAttacker, settled

K, TABLES, TOWN = 5, 500, 5
Parts = dict[str, Counted]
Rule = Callable[[Parts], Known]


def sizes(parts: Mapping[str, Counted]) -> dict[str, int]:
    return {name: one.n for name, one in parts.items()}


def released(parts: Parts) -> Known:
    """The rule: exact or a range, and strata with noise, some of them together."""
    cell = load_cell(final_cell(add(parts.values()), K, Noise.OVERALL, insiders=1))
    numbers = dict(enumerate(parts.values()))
    names = list(parts)
    strata: dict[str, Cell] = {}
    for group, n, counts, level in stratum_parts(numbers, {}, K, Noise.OVERALL):
        told = load_cell({"n": n, "counts": counts, "noise": level})
        assert isinstance(told, Shown)
        assert told.approximate
        strata |= {names[one]: told for one in group if len(group) == 1}
    return Known(cell, sizes(parts), strata)


def without_ranges(parts: Parts) -> Known:
    """A control: exact counts of all departments of k raters."""
    return Known(Shown(add(parts.values()).counts), sizes(parts))


def with_exact_strata(parts: Parts) -> Known:
    """A control: strata of k raters are told exactly beside the department."""
    strata = {name: Shown(one.counts) for name, one in parts.items() if one.n >= K}
    return Known(released(parts).whole, sizes(parts), strata)


def department(dice: random.Random) -> Parts:
    """Ratings of 总体满意度 by stratum; in some departments nearly all agree."""
    bad = dice.choice((0.02, 0.1, 0.3, 0.5, 0.9, 0.98))
    found = {}
    for name in range(dice.randint(2, 6)):
        n = dice.choice((1, 2, 3, 5, 8, 13, 21))
        counts = [0] * 5
        for _ in range(n):
            counts[dice.choice((0, 1)) if dice.random() < bad else dice.choice((2, 3, 4))] += 1
        found[f"s{name}"] = Counted(tuple(counts))
    return found


def departments(tables: int) -> list[Parts]:
    drawn = (department(random.Random(seed)) for seed in range(2 * tables))
    return [one for one in drawn if add(one.values()).n >= K][:tables]


def bounds(
    attacker: LinearAttacker, every: Sequence[Known], step: int = 1
) -> list[dict[tuple[str, ...], tuple[int, int]]]:
    """By department, how many are bad in each of its strata and in all. Every `step`-th hangs together with no other."""
    found: list[dict[tuple[str, ...], tuple[int, int]]] = [{} for _ in every]
    groups = [[*((name,) for name, n in one.sizes.items() if n), tuple(one.sizes)] for one in every]
    for first in range(step):
        for place in range(max(map(len, groups))):
            numbers = [n for n in range(first, len(every), step) if place < len(groups[n])]
            ends = attacker.bad([(n, groups[n][place]) for n in numbers])
            for n, end in zip(numbers, ends, strict=True):
                found[n][groups[n][place]] = end
    return found


def is_certain(known: Known, ends: Mapping[tuple[str, ...], tuple[int, int]], own: tuple[int, int]) -> bool:
    return any(settled(end, sum(known.sizes[one] for one in names), own) for names, end in ends.items())


def fallen(rule: Rule, tables: int, *, insider: bool = False) -> int:
    """In how many of so many departments somebody's answer is certain: to anybody, or to one of those who rated."""
    every = departments(tables)
    known = [rule(parts) for parts in every]
    found = 0
    for parts, one, ends in zip(every, known, bounds(LinearAttacker(known), known), strict=True):
        total = add(parts.values())
        owns = (
            [own for own, of in (((1, 0), total.bad), ((0, 1), total.n - total.bad)) if of]
            if insider
            else [(0, 0)]
        )
        found += any(is_certain(one, ends, own) for own in owns)
        low, high = ends[tuple(parts)]
        assert low <= total.bad <= high, "the attacker reckons rightly"
    return found


@pytest.mark.parametrize("insider", [False, True])
def test_a_final_release_makes_nobodys_answer_certain(insider: bool) -> None:
    assert fallen(released, TABLES, insider=insider) == 0


@pytest.mark.parametrize("control", [without_ranges, with_exact_strata])
def test_the_controls_fall(control: Rule) -> None:
    assert fallen(control, 200) > 10


def test_one_insider_needs_the_wider_range() -> None:
    """A control: ranges that allow for one who stands out, and not for one who knows it."""

    def narrow(parts: Parts) -> Known:
        total = add(parts.values())
        return Known(load_cell(final_cell(total, K, Noise.OVERALL, insiders=0)), sizes(parts))

    assert fallen(narrow, 100) == 0
    assert fallen(narrow, 100, insider=True) > 3


# --- a town: all departments and their sum ------------------------------------------------------------


def towns() -> tuple[list[Parts], list[Known], list[list[int]]]:
    parts = departments(TABLES)
    return parts, [released(one) for one in parts], [list(range(n, n + TOWN)) for n in range(0, TABLES, TOWN)]


def test_the_total_beside_its_departments_adds_nothing() -> None:
    """It is the sum of what is told: less all but one department it says of that one what the release says."""
    _, known, every = towns()
    totals = [(town, pool(known[n].whole for n in town)) for town in every]
    exact = [one for one in totals if isinstance(one[1], Shown) and not one[1].approximate]
    assert all(isinstance(known[n].whole, Shown) for town, _ in exact for n in town)
    beside, alone = bounds(LinearAttacker(known, totals), known, TOWN), bounds(LinearAttacker(known), known)
    assert beside == alone


def test_an_exact_total_beside_ranges_would_tell() -> None:
    """A control: with the true sum of a town, the one department that has a range only is told exactly."""
    parts, known, every = towns()
    totals: list[tuple[list[int], Cell]] = [
        (town, Shown(add(add(parts[n].values()) for n in town).counts)) for town in every
    ]
    beside = bounds(LinearAttacker(known, totals), known, TOWN)
    assert sum(is_certain(one, ends, (0, 0)) for one, ends in zip(known, beside, strict=True)) > 3


def test_no_counts_within_a_range_can_be_told_apart_by_what_is_published() -> None:
    """Knowing the rule as well: whatever one of the few in a range has answered, the same is published of all."""
    for parts in departments(60):
        total = add(parts.values())
        if stands(total, K, 1):
            continue
        n, bad = total.n, total.bad
        worlds = [
            final_cell(Counted((one, 0, 0, 0, n - one)), K, Noise.OVERALL, insiders=1)
            for one in (range(3) if bad <= 2 else range(n - 2, n + 1))
        ]
        seen = {(one["n"], one.get("low"), one.get("high"), one.get("noise")) for one in worlds}
        assert len(seen) == 1
