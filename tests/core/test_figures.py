"""Cells taken together, and cells as they are stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.figures.cells import Banded, Cell, Row, Shown, Withheld, dump_cell, load_cell, pool
from survey.core.figures.formulas import FORMULAS

COUNTS = st.lists(st.integers(0, 40), min_size=5, max_size=5).map(tuple).filter(sum)


def test_pooling_leaves_out_what_is_withheld() -> None:
    cells = [Shown((1, 0, 0, 0, 5)), Withheld("少"), Shown((0, 0, 0, 0, 7))]
    assert pool(cells) == Shown((1, 0, 0, 0, 12))
    assert isinstance(pool([Withheld("少")]), Withheld)


def test_a_few_banded_raters_may_be_left_out_of_a_total() -> None:
    assert pool([Shown((5, 0, 0, 0, 55)), Banded(6, 0.8, 1)]) == Shown((5, 0, 0, 0, 55))


def test_many_banded_raters_make_the_total_a_range_that_holds_for_all() -> None:
    # 8 of 20 dissatisfied in one department, at most 1 of 20 in each of two others: 52 … 54 of 60 hold for
    # 5 % of 20; the total of those shown alone would say 60 %.
    assert pool([Shown((8, 0, 0, 0, 12)), Banded(20, 0.95, 1), Banded(20, 0.95, 1)]) == Banded(60, 0.83, 0.87)


@given(COUNTS, st.lists(st.integers(5, 29), max_size=4))
def test_a_total_is_never_stated_outside_what_its_departments_allow(
    counts: tuple[int, ...], few: list[int]
) -> None:
    total = pool([Shown(counts), *(Banded(n, 20 * (n - 1) // n / 20, 1.0) for n in few)])
    if isinstance(total, Banded):
        for lone in (0, 1):
            satisfied = sum(counts[2:]) + sum(n - lone for n in few)
            assert total.low <= satisfied / total.n <= total.high


@given(
    st.one_of(
        st.builds(Shown, COUNTS, st.lists(st.integers(0, 9), max_size=4).map(tuple), st.integers(0, 9)),
        st.builds(Banded, st.integers(5, 99), st.just(0.95), st.just(1.0)),
        st.builds(Withheld, st.text()),
    )
)
def test_a_cell_is_stored_and_found_again(cell: Cell) -> None:
    assert load_cell(dump_cell(cell)) == cell


def test_an_older_release_had_reasons_of_all_bad_ratings() -> None:
    assert load_cell([[2, 3, 0, 0, 9], [3, 2]]) == Shown((2, 3, 0, 0, 9), (3, 2), 5)
    assert load_cell([[2, 2, 0, 0, 9], []]) == Shown((2, 2, 0, 0, 9))


@pytest.mark.parametrize(("cell", "n"), [(Banded(12, 0.9, 1), 12), (Withheld("少"), None)])
def test_a_record_without_counts_has_no_figure_but_n(cell: Cell, n: int | None) -> None:
    record = Row("tax", "税务局", "经济管理", "overall", "总体满意度", True, cell).record(
        FORMULAS["10-8-6-3-0"]
    )
    figures = {
        name
        for name, value in record.items()
        if isinstance(value, int | float) and name not in ("n", "overall")
    }
    assert (figures, record["n"]) == (set(), n)
    assert record["withheld"]
