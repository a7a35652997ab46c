"""Strata under attack: 150 random departments, all their published numbers, and what they give away.

A stratum that holds 1 … k − 1 ratings of an item is *recovered* when the attacker is left with a single number of
raters, or a single number of dissatisfied among them, or knows their mean grade within less than half a grade.
Besides the figures he may know how many forms each stratum sent, as the return lists say; then the number of its
raters may follow, but never what they said. Where the department's own figures say that nobody (or everybody) of
30 and more is dissatisfied, strata have nothing to add.
"""

import random
from collections.abc import Callable, Mapping

import pytest

from survey.core.figures.cells import TOO_FEW, Banded, Cell, Shown, Withheld
from survey.core.figures.withholding import Counted, add, release_cell, suppress
from tests.core.attackers import ALL, BAD, LinearAttacker, Published, worlds

K, TABLES = 5, 150
Parts = dict[str, Counted]
Rule = Callable[[Mapping[str, Counted], int, Mapping[str, Cell] | None], dict[str, Cell]]


def threshold_only(parts: Mapping[str, Counted], k: int, _: object = None) -> dict[str, Cell]:
    """The control: small strata are hidden, and nothing else is."""
    return {name: Shown(one.counts) if one.n >= k else Withheld(TOO_FEW) for name, one in parts.items()}


def exact(parts: Parts) -> Cell:
    return Shown(add(parts.values()).counts)


def guarded(parts: Parts) -> Cell:
    return release_cell(None, Counted(), add(parts.values()), K)


def department(dice: random.Random) -> tuple[dict[str, int], list[Parts]]:
    """Forms by stratum, and the ratings of 总体满意度 and one dimension by stratum."""
    weights = [dice.random() ** dice.choice((1, 3)) + 0.02 for _ in range(5)]
    touched, detailed = dice.uniform(0.2, 1), dice.uniform(0.5, 1)
    forms = {f"s{number}": dice.randint(0, 24) for number in range(dice.randint(2, 7))}
    items: list[dict[str, list[int]]] = [{name: [0] * 5 for name in forms} for _ in range(2)]
    for name, count in forms.items():
        for _ in range(count):
            if dice.random() < touched:
                items[0][name][dice.choices(range(5), weights)[0]] += 1
                if dice.random() < detailed:
                    items[1][name][dice.choices(range(5), weights)[0]] += 1
    return forms, [{name: Counted(tuple(one)) for name, one in item.items()} for item in items]


def publish(
    items: list[Parts], rule: Rule, whole: Callable[[Parts], Cell], forms: dict[str, int] | None
) -> list[Published]:
    overall = rule(items[0], K, None)
    return [Published(whole(one), rule(one, K, overall), forms, K) for one in items]


def attack(seed: int, rule: Rule, whole: Callable[[Parts], Cell], knows_forms: bool) -> tuple[int, int]:
    """(withheld strata below k, how many of them are recovered or nearly so) of one department."""
    forms, items = department(random.Random(seed))
    published = publish(items, rule, whole, forms if knows_forms else None)
    attacker = LinearAttacker(published)
    tried = found = 0
    for number, parts in enumerate(items):
        total = add(parts.values())
        if isinstance(published[number].whole, Shown) and total.bad in (0, total.n):
            continue
        for name, part in parts.items():
            if 0 < part.n < K:
                tried += 1
                found += recovered(attacker, number, name, part, knows_forms)
    return tried, found


def recovered(attacker: LinearAttacker, item: int, name: str, part: Counted, knows_forms: bool) -> bool:
    low, high = attacker.range(item, name, BAD)
    assert low <= part.bad <= high, "the attacker reckons rightly"
    fewest, most = attacker.range(item, name, ALL)
    worst, best = attacker.mean(item, name)
    return low == high or (fewest == most and not knows_forms) or best - worst < 0.5


@pytest.mark.parametrize(("knows_forms", "tables"), [(False, TABLES), (True, TABLES // 5)])
def test_no_small_stratum_is_recovered_from_all_published_numbers(knows_forms: bool, tables: int) -> None:
    results = [attack(seed, suppress, guarded, knows_forms) for seed in range(tables)]
    tried, found = map(sum, zip(*results, strict=True))
    assert tried > tables
    assert found == 0


def test_the_threshold_alone_gives_many_strata_away() -> None:
    results = [attack(seed, threshold_only, exact, knows_forms=False) for seed in range(40)]
    tried, found = map(sum, zip(*results, strict=True))
    assert found > tried / 5


def test_knowing_the_rules_as_well_pins_no_small_stratum() -> None:
    """Every way to fill two hidden strata that would have been published just so is found by trying them all."""
    attacked = 0
    for seed in range(400):
        _, items = department(random.Random(seed))
        parts = items[0]
        cells = suppress(parts, K)
        hidden = [name for name, cell in cells.items() if isinstance(cell, Withheld) and parts[name].n]
        size = 1
        for count in add(parts[name] for name in hidden).counts:
            size *= count + 1
        banded = any(isinstance(cell, Banded) for cell in cells.values())  # then not even the sum is known
        if len(hidden) != 2 or size > 400 or len(cells) == 2 or banded:
            continue
        possible = worlds(parts, hidden, K)
        for name in hidden:
            if parts[name].n < K:
                attacked += 1
                assert len({world[name].bad for world in possible}) > 1
                assert len({world[name].n for world in possible}) > 1
    assert attacked > 20
