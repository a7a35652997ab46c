"""The rules: nothing below k, a band where nearly all rate alike, nothing by subtraction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.figures.cells import Banded, Shown, Withheld
from survey.core.figures.withholding import FEW, Counted, band, pool_few, release_cell, suppress
from survey.core.models import Respondent

K = 5
NOBODY = Counted()
GRADES = st.lists(st.integers(0, 9), min_size=5, max_size=5).map(tuple)


def first(*counts: int, reasons: tuple[int, ...] = (), k: int = K) -> object:
    return release_cell(None, NOBODY, Counted(counts, reasons), k)


def test_fewer_than_k_raters_are_withheld() -> None:
    assert isinstance(first(0, 2, 0, 0, 2), Withheld)
    assert first(0, 2, 0, 0, 3) == Shown((0, 2, 0, 0, 3))


@pytest.mark.parametrize("counts", [(0, 0, 0, 0, 12), (0, 0, 4, 4, 4), (0, 1, 3, 4, 4)])
def test_where_at_most_one_of_a_few_is_dissatisfied_only_a_band_is_told(counts: tuple[int, ...]) -> None:
    assert first(*counts) == Banded(12, 0.9, 1)


@pytest.mark.parametrize("counts", [(12, 0, 0, 0, 0), (6, 6, 0, 0, 0), (6, 5, 1, 0, 0)])
def test_where_at_most_one_of_a_few_is_satisfied_only_a_band_is_told(counts: tuple[int, ...]) -> None:
    assert first(*counts) == Banded(12, 0, 0.1)


def test_one_grade_by_all_but_one_is_a_band_however_many_they_are() -> None:
    assert first(0, 0, 0, 1, 400) == Banded(401, 0.95, 1)
    assert first(0, 0, 0, 2, 400) == Shown((0, 0, 0, 2, 400))


def test_a_wave_that_hides_nothing_has_no_bands() -> None:
    assert first(0, 0, 0, 0, 1, k=1) == Shown((0, 0, 0, 0, 1))


@given(GRADES)
def test_a_band_never_tells_whether_somebody_stood_out(counts: tuple[int, ...]) -> None:
    n, bad = sum(counts), sum(counts[:2])
    if n >= K and (told := band(counts)):
        few = range(2) if told.high == 1 else range(n - 1, n + 1)
        assert bad in few
        assert all(told.low <= (n - one) / n <= told.high for one in few)
    elif n >= K:
        assert n - max(counts) > 1
        assert n >= FEW or 1 < bad < n - 1


def test_newcomers_who_are_nearly_all_dissatisfied_wait_for_others() -> None:
    then = Counted((2, 0, 0, 0, 8))
    before = Shown(then.counts)
    assert release_cell(before, then, Counted((6, 0, 0, 0, 9)), K) == before
    assert release_cell(before, then, Counted((6, 0, 0, 0, 10)), K) == Shown((6, 0, 0, 0, 10), (), 6)
    many = Counted((2 + FEW, 0, 0, 0, 8))
    assert release_cell(before, then, many, K) == Shown(many.counts, (), many.bad)


def test_reasons_need_k_bad_ratings_and_k_more_to_change() -> None:
    assert first(2, 2, 0, 0, 9, reasons=(3, 1)) == Shown((2, 2, 0, 0, 9))
    then = Counted((2, 3, 0, 0, 9), (3, 2))
    before = first(*then.counts, reasons=then.reasons)
    assert before == Shown((2, 3, 0, 0, 9), (3, 2), 5)
    assert isinstance(before, Shown)
    one_more_bad = Counted((3, 3, 0, 0, 13), (4, 2))
    after = release_cell(before, then, one_more_bad, K)
    assert after == Shown((3, 3, 0, 0, 13), (3, 2), 5), "the one newcomer's reason would show"
    assert release_cell(after, one_more_bad, Counted((7, 3, 0, 0, 15), (8, 2)), K) == Shown(
        (7, 3, 0, 0, 15), (8, 2), 10
    )


@given(st.dictionaries(st.text(max_size=3), GRADES, max_size=8))
def test_a_breakdown_hides_two_parts_with_k_raters_or_none_or_all(parts: dict[str, tuple[int, ...]]) -> None:
    cells = suppress({name: Counted(counts) for name, counts in parts.items()}, K)
    hidden = [
        sum(parts[name]) for name, cell in cells.items() if isinstance(cell, Withheld) and sum(parts[name])
    ]
    told = [name for name, cell in cells.items() if not isinstance(cell, Withheld)]
    assert all(sum(parts[name]) >= K for name in told)
    assert not hidden or not told or (len(hidden) > 1 and sum(hidden) >= K)


@given(st.dictionaries(st.text(max_size=3), GRADES, max_size=8))
def test_a_breakdown_says_the_same_of_an_empty_part_as_of_a_small_one(
    parts: dict[str, tuple[int, ...]],
) -> None:
    counted = {name: Counted(counts) for name, counts in parts.items()}
    cells = suppress({**counted, "nobody": NOBODY, "one": Counted((0, 0, 0, 0, 1))}, K)
    assert cells["nobody"] == cells["one"]


@given(st.dictionaries(st.sampled_from(list(Respondent)), st.integers(0, 12)))
def test_small_kinds_are_told_only_together(counts: dict[Respondent, int]) -> None:
    told, together = pool_few(counts, K)
    assert sum(told.values()) + together == sum(counts.values())
    assert all(told[one] == counts[one] >= K for one in told)
    pooled = [one for one, n in counts.items() if n and one not in told]
    assert len(pooled) != 1 or len(told) == 0
    assert not told or not pooled or together >= K
