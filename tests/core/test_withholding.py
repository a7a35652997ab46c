"""The rule: noise while answers come in, exact counts or a range once at the end, and never by what was graded."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.figures.by_stratum import (
    AFTER_CLOSING,
    COVERED,
    FEWEST_IN_STRATA,
    NOT_YET,
    released_cell,
    seen_by_stratum,
    stratum_groups,
    stratum_parts,
)
from survey.core.figures.cells import TOO_FEW, Banded, Shown, Withheld, load_cell
from survey.core.figures.noise import Noise
from survey.core.figures.view import View
from survey.core.figures.withholding import (
    Counted,
    add,
    final_cell,
    first,
    live_cell,
    moves,
    pool_few,
    raters_of,
    stands,
    together,
    within,
)
from survey.core.models import Respondent, Wave, WaveState

K, LONE = 5, 2
GRADES = st.lists(st.integers(0, 9), min_size=5, max_size=5).map(tuple)
NOISED = st.lists(st.integers(-9, 40), min_size=5, max_size=5).map(tuple)
LEVELS = st.sampled_from([Noise.OVERALL, Noise.DIMENSION, Noise.TOGETHER])
SIZES = st.dictionaries(st.integers(1, 12), st.integers(0, 30), max_size=9)
ALL_BAD, ALL_GOOD = (1, 0, 0, 0, 0), (0, 0, 0, 0, 1)


def of(n: int, grades: tuple[int, ...] = ALL_GOOD) -> Counted:
    """So many who rate alike."""
    return Counted(tuple(n * one for one in grades))


def final(*counts: int, reasons: tuple[int, ...] = (), k: int = K, insiders: int = 1) -> Any:
    return load_cell(final_cell(Counted(counts, reasons), k, Noise.OVERALL, insiders))


# --- while answers come in ----------------------------------------------------------------------------


def told_at(grades: list[int], level: Noise, k: int = K) -> list[int]:
    """After which arrivals the cell is told anew."""
    stored: Any = None
    counts, moved = [0] * 5, []
    for n, grade in enumerate(grades, 1):
        counts[grade] += 1
        before, stored = stored, live_cell(stored, Counted(tuple(counts)), k, level)
        if stored is not before and stored != TOO_FEW:
            moved.append(n)
    return moved


@given(st.lists(st.integers(0, 4), max_size=40), LEVELS)
def test_when_a_figure_moves_hangs_on_numbers_alone(grades: list[int], level: Noise) -> None:
    assert told_at(grades, level) == list(range(2 * K, len(grades) + 1, K))


def test_where_nothing_is_hidden_every_answer_is_told_at_once_and_exactly() -> None:
    assert told_at([4, 0, 2], Noise.OVERALL, k=1) == [1, 2, 3]
    assert live_cell(None, Counted((1, 0, 0, 0, 2), (1,)), 1, Noise.OVERALL) == [[1, 0, 0, 0, 2], [1], 1]


@given(st.integers(0, 60), st.integers(0, 60), st.integers(2, 9))
def test_a_figure_waits_for_twice_k_and_moves_for_k_more(before: int, now: int, k: int) -> None:
    assert moves(before, now, k) == (now >= 2 * k and now - before >= k)
    assert first(k) == 2 * k


def test_moving_again_at_the_same_number_draws_nothing() -> None:
    """A second draw of the same counts would bring their mean to light."""
    stored = live_cell(None, of(12), K, Noise.TOGETHER)
    for n in range(12, 17):
        assert all(live_cell(stored, of(n), K, Noise.TOGETHER) is stored for _ in range(20))
    assert live_cell(stored, of(17), K, Noise.TOGETHER)["n"] == 17


@given(GRADES, LEVELS)
def test_a_live_figure_is_never_exact_and_holds_nothing_but_noised_counts(
    counts: tuple[int, ...], level: Noise
) -> None:
    stored = live_cell(None, Counted(counts, (3, 3)), K, level)
    if sum(counts) < first(K):
        assert stored == TOO_FEW
        return
    assert stored.keys() == {"n", "counts", "noise"}
    cell = load_cell(stored)
    assert isinstance(cell, Shown)
    assert cell.approximate
    assert (cell.n, cell.blur, cell.reasons) == (sum(counts), level.variance, ())
    assert min(cell.counts) >= 0
    assert raters_of(stored) == sum(counts)


def test_live_counts_are_drawn_about_the_true_ones() -> None:
    counts = (12, 0, 9, 0, 30)
    drawn = [live_cell(None, Counted(counts), K, Noise.OVERALL)["counts"] for _ in range(2000)]
    for place, count in enumerate(counts):
        mean = sum(one[place] for one in drawn) / len(drawn)
        assert abs(mean - count) < 6 * (Noise.OVERALL.variance / len(drawn)) ** 0.5
    assert min(one[1] for one in drawn) < 0, "negative ones are kept: sums need them"


# --- once all answers are in --------------------------------------------------------------------------


def test_fewer_than_k_raters_are_withheld() -> None:
    assert final(0, 2, 0, 0, 2) == Withheld(TOO_FEW)


def test_k_raters_of_whom_either_side_may_be_few_are_about_numbers() -> None:
    cell = final(0, 3, 0, 0, 3, insiders=2)
    assert isinstance(cell, Shown)
    assert (cell.n, cell.blur) == (6, Noise.OVERALL.variance)


@given(GRADES)
def test_exact_counts_have_k_raters_and_more_than_two_on_either_side(counts: tuple[int, ...]) -> None:
    cell, bad = final(*counts), sum(counts[:2])
    exact = isinstance(cell, Shown) and not cell.approximate
    assert exact == (sum(counts) >= K and min(bad, sum(counts) - bad) > LONE) == stands(Counted(counts), K, 1)
    assert not exact or cell == Shown(counts, (), bad if bad >= K else 0)


@given(GRADES, st.integers(0, 60), st.sampled_from([1, 2]))
def test_a_range_holds_the_truth_and_says_the_same_of_every_count_within_it(
    counts: tuple[int, ...], more: int, insiders: int
) -> None:
    counts = (*counts[:4], counts[4] + more)
    n, bad, lone = sum(counts), sum(counts[:2]), insiders + 1
    cell = final(*counts, insiders=insiders)
    if not isinstance(cell, Banded):
        return
    assert min(bad, n - bad) <= lone
    assert cell.low <= (n - bad) / n <= cell.high
    for one in range(lone + 1):  # whoever they are, and however many
        other = final(one, 0, 0, 0, n - one, insiders=insiders) if bad <= lone else final(
            n - one, 0, 0, 0, one, insiders=insiders
        )  # fmt: skip
        assert isinstance(other, Banded)
        assert (other.n, other.low, other.high) == (n, cell.low, cell.high)
    assert cell.loose == lone
    told = sum(cell.about[:2]) if bad <= lone else sum(cell.about[2:])
    assert told <= lone
    assert sum(cell.about) == n


def test_many_who_nearly_all_rate_alike_are_a_range_too() -> None:
    cell = final(0, 2, 0, 0, 400)
    assert isinstance(cell, Banded)
    assert (cell.low, cell.high) == (1 - 2 / 402, 1)
    assert final(0, 3, 0, 0, 400) == Shown((0, 3, 0, 0, 400))


@given(st.integers(K, 40), st.integers(0, 40))
def test_insiders_who_know_their_own_answers_cannot_tell_the_last_one(n: int, bad: int) -> None:
    """Take away one who knows their own answer: of the others, never all are on one side for certain."""
    bad = min(bad, n)
    if not stands(Counted((bad, 0, 0, 0, n - bad)), K, 1):
        return
    for own in (0, 1):
        assert 0 < bad - own < n - 1


def test_a_wave_that_hides_nothing_is_told_exactly() -> None:
    assert final(0, 0, 0, 0, 1, reasons=(0,), k=1) == Shown((0, 0, 0, 0, 1), (0,), 0)
    assert final(0, 0, 0, 0, 0, k=1) == Withheld(TOO_FEW)


def test_reasons_need_exact_counts_and_k_bad_ratings() -> None:
    assert final(2, 3, 0, 0, 9, reasons=(3, 2)) == Shown((2, 3, 0, 0, 9), (3, 2), 5)
    assert final(2, 2, 0, 0, 9, reasons=(3, 1)) == Shown((2, 2, 0, 0, 9))
    assert isinstance(final(9, 3, 0, 0, 1, reasons=(3, 1)), Banded)


@given(NOISED.filter(lambda one: min(one) >= 0), st.integers(1, 3), st.booleans())
def test_about_numbers_are_brought_within_their_range_and_keep_their_sum(
    counts: tuple[int, ...], lone: int, good: bool
) -> None:
    found = within(counts, lone, good)
    few = found[:2] if good else found[2:]
    assert sum(found) == sum(counts)
    assert min(found) >= 0
    assert sum(few) <= max(lone, 0)
    assert within(found, lone, good) == found
    assert sum(counts[:2] if good else counts[2:]) > lone or found == counts


# --- by stratum ---------------------------------------------------------------------------------------


@given(SIZES, st.dictionaries(st.integers(1, 12), st.floats(0.5, 9)), st.data())
def test_strata_are_put_together_by_numbers_and_weights_alone(
    sizes: dict[int, int], weights: dict[int, float], data: st.DataObject
) -> None:
    groups = stratum_groups(sizes, weights, K)
    assert sorted(one for group in groups for one in group) == sorted(one for one, n in sizes.items() if n)
    assert len(groups) < 2 or all(sum(sizes[one] for one in group) >= K for group in groups)
    parts = {
        one: Counted(data.draw(st.sampled_from([of(n).counts, of(n, ALL_BAD).counts])))
        for one, n in sizes.items()
    }
    told = stratum_parts(parts, weights, K, Noise.DIMENSION)
    large = stratum_groups(sizes, weights, FEWEST_IN_STRATA[Noise.DIMENSION])
    assert [[group, n, level] for group, n, _, level in told] == (
        [[group, sum(sizes[one] for one in group), 3] for group in large] if len(large) > 1 else []
    )


def test_a_small_stratum_joins_the_one_of_nearest_weight() -> None:
    sizes, weights = {1: 20, 2: 3, 3: 20, 4: 20}, {1: 1.0, 2: 5.0, 3: 4.0, 4: 9.0}
    assert stratum_groups(sizes, weights, K) == [[1], [2, 3], [4]]
    assert stratum_groups({1: 2, 2: 2}, {}, K) == [[1, 2]]


def test_the_order_of_strata_changes_nothing() -> None:
    sizes = {1: 3, 2: 3, 3: 3, 4: 11}
    weights = {1: 2.0, 2: 2.0, 3: 2.0, 4: 2.0}
    turned = dict(reversed(sizes.items()))
    assert stratum_groups(sizes, weights, K) == stratum_groups(turned, weights, K)


def test_strata_are_noised_each_by_itself_and_only_where_something_is_hidden() -> None:
    parts = {1: of(30), 2: of(40)}
    drawn = [stratum_parts(parts, {}, K, Noise.OVERALL) for _ in range(300)]
    assert Counter(n for one in drawn for _, n, _, _ in one) == {30: 300, 40: 300}
    assert {sum(counts) - n for one in drawn for _, n, counts, _ in one} != {0}
    assert any(one[1][2][4] - one[0][2][4] != 10 for one in drawn), "no draw is shared"
    assert stratum_parts(parts, {}, 1, Noise.OVERALL) == [
        [[1], 30, [0, 0, 0, 0, 30], 0], [[2], 40, [0, 0, 0, 0, 40], 0],
    ]  # fmt: skip


def test_one_group_alone_would_say_what_the_cell_says() -> None:
    assert stratum_parts({1: of(29), 2: of(29)}, {}, K, Noise.OVERALL) == []
    assert stratum_parts({1: of(29), 2: of(29)}, {}, 1, Noise.OVERALL) != []


def test_a_stratum_by_itself_is_seen_and_one_of_a_group_is_not() -> None:
    stored = {"strata": {"0": stratum_parts({1: of(50), 2: of(13), 3: of(29)}, {}, K, Noise.OVERALL)}}
    seen = seen_by_stratum(stored, "0")
    assert seen.keys() == {"1"}
    cell = seen["1"]
    assert isinstance(cell, Shown)
    assert (cell.n, cell.blur) == (50, Noise.OVERALL.variance)
    assert seen_by_stratum(stored, "1") == {}


# --- what of a release is seen ------------------------------------------------------------------------


def test_a_view_of_a_stratum_waits_for_the_end_and_says_why_it_has_nothing() -> None:
    stored = {"cells": {"0": [[3, 0, 0, 0, 9], [], 0]}, "strata": {"0": [[[1], 9, [0, 0, 0, 0, 9], 1]]}}
    going, closed = (Wave(state=one, departments=[]) for one in (WaveState.OPEN, WaveState.CLOSED))
    assert released_cell(stored, "0", View(), going) == Shown((3, 0, 0, 0, 9))
    assert released_cell(stored, "1", View(), going) == Withheld(NOT_YET)
    assert released_cell(stored, "0", View(stratum_id=1), going) == Withheld(AFTER_CLOSING)
    assert released_cell({"cells": {}}, "0", View(stratum_id=1), closed) == Withheld(AFTER_CLOSING)
    assert isinstance(released_cell(stored, "0", View(stratum_id=1), closed), Shown)
    assert released_cell(stored, "0", View(stratum_id=2), closed) == Withheld(COVERED)


def test_all_departments_at_once_are_told_only_where_they_were_released_so() -> None:
    counts = {"n": 40, "counts": [1, -2, 3, 4, 30], "noise": 4, "raters": 20}
    found = together({"together": {"": counts}})
    assert isinstance(found, Shown)
    assert (found.n, found.blur) == (40, Noise.TOGETHER.variance)
    assert together({"together": {"": counts}}, "监管执法") is None
    assert together({}) is None


@given(st.lists(GRADES, min_size=1, max_size=4))
def test_parts_add_up(parts: list[tuple[int, ...]]) -> None:
    whole = add(Counted(one) for one in parts)
    assert whole.n == sum(map(sum, parts))
    assert whole.since(parts[0]).counts == add(Counted(one) for one in parts[1:]).counts


@pytest.mark.parametrize("k", [1, K])
@given(counts=st.dictionaries(st.sampled_from(list(Respondent)), st.integers(0, 12)))
def test_small_kinds_are_told_only_together(k: int, counts: dict[Respondent, int]) -> None:
    told, pooled = pool_few(counts, k)
    assert sum(told.values()) + pooled == sum(counts.values())
    assert all(told[one] == counts[one] >= k for one in told)
    hidden = [one for one, n in counts.items() if n and one not in told]
    assert len(hidden) != 1 or len(told) == 0
    assert not told or not hidden or pooled >= k
