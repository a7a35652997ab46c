"""Releases under attack: 1,000 random waves, whose every release is kept and compared with every other.

A newcomer is *recovered* when the raters that came between two published states of a cell are fewer than k, when
it is certain that all of them are dissatisfied (fewer than 30), or when the reasons given between two states come
from fewer than k dissatisfied.
"""

import random
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from survey.actions.figures import release
from survey.actions.figures.release import Parts
from survey.core.figures import withholding
from survey.core.figures.cells import Banded, Cell, Shown, Withheld, dump_cell, load_cell
from survey.core.figures.withholding import FEW, Counted, add, release_cell, suppress
from survey.core.models import Channel, Source

K, WAVES = 5, 1000
Rule = Callable[[Cell | None, Counted, Counted, int], Cell]
CHANNELS = {Source.VERIFIED: (Channel.CODE, Channel.OFFICER), Source.OPEN: (Channel.OPEN, Channel.TABLET)}


def threshold_only(_before: Cell | None, _then: Counted, now: Counted, k: int) -> Cell:
    """The control: five counts as soon as there are k raters, and anew whenever one more has come."""
    return Shown(now.counts, now.reasons, now.bad) if now.n >= k else Withheld("少")


def published(seed: int, rule: Rule, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[Source, str], list[Cell]]:
    """All that is ever seen of one department's two items in a random wave, by source and item."""
    monkeypatch.setattr(release, "release_cell", rule)
    dice = random.Random(seed)
    weights = [dice.random() ** dice.choice((1, 3)) + 0.02 for _ in range(5)]
    pace = dice.randint(1, 9)
    items: dict[Source, list[dict[tuple[int, str], list[list[int]]]]] = {
        source: [{}, {}] for source in Source
    }
    bodies: dict[Source, Any] = {source: {} for source in Source}
    forms = dict.fromkeys(Source, 0)
    seen: dict[tuple[Source, str], list[Cell]] = {}
    for _ in range(dice.randint(5, 120)):
        source = dice.choice(list(Source))
        forms[source] += 1
        for item in items[source]:
            if dice.random() < 0.8:
                key = (dice.randint(1, 3), dice.choice(CHANNELS[source]))
                counts, reasons = item.setdefault(key, [[0] * 5, [0] * 3])
                grade = dice.choices(range(5), weights)[0]
                counts[grade] += 1
                if grade < 2:
                    reasons[dice.randrange(3)] += 1
        if dice.randrange(pace) == 0:
            tally: list[Parts] = [
                {key: Counted(tuple(counts), tuple(reasons)) for key, (counts, reasons) in item.items()}
                for item in items[source]
            ]
            bodies[source] = release._move(bodies[source], tally, forms[source], K)
            for name, stored in bodies[source]["cells"].items():
                cells = seen.setdefault((source, name), [])
                if not cells or cells[-1] != load_cell(stored):
                    cells.append(load_cell(stored))
    return seen


def recovered(earlier: Cell, later: Cell) -> bool:
    """Whether a look at both tells what a newcomer said."""
    if isinstance(earlier, Withheld) or isinstance(later, Withheld):
        return False
    new = later.n - earlier.n
    surely_bad = bad(later)[0] - bad(earlier)[1]
    told = [one.reasoned if isinstance(one, Shown) else 0 for one in (earlier, later)]
    few_reasons = told[0] > 0 and 0 < told[1] - told[0] < K
    return 0 < new < K or (0 < new < FEW and surely_bad == new) or few_reasons


def bad(cell: Shown | Banded) -> tuple[int, int]:
    """At least and at most how many are dissatisfied, to someone who knows the rules."""
    if isinstance(cell, Shown):
        return sum(cell.counts[:2]), sum(cell.counts[:2])
    return (0, 1) if cell.high == 1 else (cell.n - 1, cell.n)


def count_recovered(waves: range, rule: Rule, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """(pairs of published states, how many of them give a newcomer away)."""
    pairs = [
        pair
        for seed in waves
        for cells in published(seed, rule, monkeypatch).values()
        for pair in combinations(cells, 2)
    ]
    return len(pairs), sum(recovered(*pair) for pair in pairs)


def test_no_two_releases_give_a_newcomer_away(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, found = count_recovered(range(WAVES), release_cell, monkeypatch)
    assert pairs > WAVES
    assert found == 0


def test_the_threshold_alone_gives_many_newcomers_away(monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = count_recovered(range(50), threshold_only, monkeypatch)
    assert found > 500


def test_without_the_wait_for_others_a_batch_of_dissatisfied_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withholding, "_nearly_all_bad", lambda _new: False)
    _, found = count_recovered(range(200), release_cell, monkeypatch)
    assert found > 0


@pytest.mark.parametrize("source", list(Source))
def test_a_cell_and_its_strata_are_of_the_same_moment(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strata are counted when their cell moves: newer ones would tell of newcomers by their sum."""
    body: Any = {}
    channel = CHANNELS[source][0]
    for n in (6, 8, 11):
        parts = {(1, channel): Counted((0, 3, 0, 0, n - 3)), (2, channel): Counted((3, 0, 0, 0, n))}
        body = release._move(body, [parts], 2 * n, K)
        whole = load_cell(body["cells"]["0"])
        kept = add(Counted(tuple(counts)) for counts, _ in body["strata"]["0"].values())
        assert isinstance(whole, Shown)
        assert kept.counts == whole.counts
        told = suppress(
            {name: Counted(tuple(counts)) for name, (counts, _) in body["strata"]["0"].items()}, K
        )
        assert sum(one.n for one in told.values() if isinstance(one, Shown)) <= whole.n


def test_what_is_dumped_is_what_was_decided() -> None:
    body = release._move({}, [{(1, "code"): Counted((0, 0, 0, 1, 7))}], 9, K)
    assert body["cells"] == {"0": dump_cell(Banded(8, 0.85, 1.0))}
