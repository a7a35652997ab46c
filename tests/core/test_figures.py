"""Cells taken together, and cells as they are stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.figures.cells import Banded, Cell, Row, Shown, Withheld, dump_cell, load_cell, pool
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.noise import Noise

COUNTS = st.lists(st.integers(0, 40), min_size=5, max_size=5).map(tuple).filter(sum)


def test_pooling_leaves_out_what_is_withheld() -> None:
    cells = [Shown((1, 0, 0, 0, 5)), Withheld("少"), Shown((0, 0, 0, 0, 7))]
    assert pool(cells) == Shown((1, 0, 0, 0, 12))
    assert isinstance(pool([Withheld("少")]), Withheld)


def test_a_few_banded_raters_are_in_a_total_with_what_is_known_about_them() -> None:
    about = Banded(60, 58 / 60, 1.0, (0, 1, 9, 20, 30))
    assert pool([Shown((5, 0, 0, 0, 55)), about]) == Shown((5, 1, 9, 20, 85), loose=2)


def test_a_range_without_about_numbers_makes_the_total_a_range() -> None:
    assert pool([Shown((5, 0, 0, 0, 55)), Banded(6, 0.8, 1)]) == Banded(66, 0.9, 0.93)


def test_many_banded_raters_make_the_total_a_range_that_holds_for_all() -> None:
    few = Banded(10, 0.8, 1.0, (0, 1, 2, 3, 4))
    assert pool([Shown((8, 0, 0, 0, 12)), few, few, few]) == Banded(50, 0.72, 0.84)


def test_the_noise_of_what_is_added_adds_up() -> None:
    parts = [Shown((5, 0, 0, 0, 55), blur=2.0), Shown((1, 2, 3, 4, 5)), Shown((3, 3, 3, 3, 3), blur=1.5)]
    assert pool(parts) == Shown((9, 5, 6, 7, 63), blur=3.5)
    assert pool(parts).approximate  # type: ignore[union-attr]


@given(COUNTS, st.lists(st.integers(5, 60), max_size=6))
def test_a_total_is_never_stated_outside_what_its_departments_allow(
    counts: tuple[int, ...], few: list[int]
) -> None:
    lone = 2
    bands = [Banded(n, 1 - lone / n, 1.0, (0, 1, 0, 0, n - 1)) for n in few]
    total = pool([Shown(counts), *bands])
    for bad in (0, lone):
        satisfied = sum(counts[2:]) + sum(n - bad for n in few)
        if isinstance(total, Banded):
            assert total.low <= satisfied / total.n <= total.high
        else:
            assert isinstance(total, Shown)
            assert abs(satisfied - total.satisfied) <= total.loose


@pytest.mark.parametrize("level", [Noise.OVERALL, Noise.DIMENSION, Noise.TOGETHER])
def test_about_numbers_are_stored_as_drawn_and_shown_as_counts(level: Noise) -> None:
    cell = load_cell({"n": 30, "counts": [-3, 4, 0, 9, 31], "noise": int(level)})
    assert isinstance(cell, Shown)
    assert (cell.n, cell.blur, cell.approximate) == (30, level.variance, True)
    assert min(cell.counts) >= 0
    assert not Shown((1, 2, 3, 4, 5)).approximate
    assert Shown((1, 2, 3, 4, 5), loose=1).approximate


@given(
    st.one_of(
        st.builds(Shown, COUNTS, st.lists(st.integers(0, 9), max_size=4).map(tuple), st.integers(0, 9)),
        st.builds(Banded, st.integers(5, 99), st.just(0.95), st.just(1.0)),
        st.builds(Banded, st.integers(5, 99), st.just(0.0), st.just(0.4), COUNTS),
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
