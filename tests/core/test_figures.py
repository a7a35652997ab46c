"""What may be seen: nothing below k, nothing by subtraction."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from survey.core.figures import Cell, Counted, Shown, Withheld, pool, pool_few, release_cell, suppress
from survey.core.models import Respondent

K = 5


def counted(*counts: int) -> Counted:
    return Counted(counts)


def test_fewer_than_k_raters_are_withheld() -> None:
    assert isinstance(release_cell(None, (0, 0, 0, 0, 4), (), K), Withheld)
    assert release_cell(None, (0, 0, 0, 1, 4), (), K) == Shown((0, 0, 0, 1, 4))


@given(st.lists(st.integers(1, 5), max_size=60))
def test_no_two_releases_differ_by_fewer_than_k_raters(grades: list[int]) -> None:
    cell: Cell | None = None
    seen: list[Shown] = []
    counts = [0] * 5
    for grade in grades:
        counts[grade - 1] += 1
        cell = release_cell(cell, counts, (), K)
        if isinstance(cell, Shown) and (not seen or seen[-1] != cell):
            seen.append(cell)
    assert all(one.n >= K for one in seen)
    assert all(later.n - earlier.n >= K for earlier, later in pairwise(seen))


def test_reasons_need_k_bad_ratings() -> None:
    assert release_cell(None, (2, 2, 0, 0, 9), (3, 1), K) == Shown((2, 2, 0, 0, 9))
    assert release_cell(None, (2, 3, 0, 0, 9), (3, 2), K) == Shown((2, 3, 0, 0, 9), (3, 2))


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 12), max_size=8))
def test_what_a_breakdown_withholds_is_not_found_by_subtraction(sizes: dict[str, int]) -> None:
    cells = suppress({name: counted(0, 0, 0, 0, size) for name, size in sizes.items()}, K)
    hidden = [sizes[name] for name, cell in cells.items() if isinstance(cell, Withheld) and sizes[name]]
    shown = [cell for cell in cells.values() if isinstance(cell, Shown)]
    assert all(cell.n >= K for cell in shown)
    if hidden and shown:
        assert len(hidden) > 1
        assert sum(hidden) >= K


@given(st.dictionaries(st.sampled_from(list(Respondent)), st.integers(0, 12)))
def test_small_kinds_are_told_only_together(counts: dict[Respondent, int]) -> None:
    told, together = pool_few(counts, K)
    assert sum(told.values()) + together == sum(counts.values())
    assert all(told[one] == counts[one] >= K for one in told)
    pooled = [one for one, n in counts.items() if n and one not in told]
    assert len(pooled) != 1 or len(told) == 0
    assert not told or not pooled or together >= K


def test_pooling_leaves_out_what_is_withheld() -> None:
    cells = [Shown((1, 0, 0, 0, 5)), Withheld("少"), Shown((0, 0, 0, 0, 7))]
    assert pool(cells) == Shown((1, 0, 0, 0, 12))
    assert isinstance(pool([Withheld("少")]), Withheld)
