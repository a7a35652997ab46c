"""Tables of ratings with known figures: what is imported is what pandas counts in the file, and what is said of it holds."""

from pathlib import Path

import pandas as pd
import pytest

from survey.actions.intake.plan import ImportPlan, ImportResult
from survey.actions.intake.ratings import import_ratings
from survey.core.figures.cells import Shown
from survey.core.study.judged import Judged
from survey.core.study.model import Measure, Study, Tier
from survey.storage.database import reading
from survey.storage.study import studies
from survey.storage.waves import published
from tests.conftest import NOW

CASES = Path(__file__).resolve().parents[1] / "data/cases/ratings"
NAMES = ("A_replaced", "C_repeat", "b", "m100", "same", "simp")
RATE = Measure.WITH_BASIC
pytestmark = pytest.mark.usefixtures("sqlite_database")


def raw(name: str) -> pd.DataFrame:
    table = pd.read_csv(CASES / f"{name}.csv")
    return table if "wave" in table else table.assign(wave="")


def brought_in(name: str) -> ImportResult:
    wave = "wave" if raw(name)["wave"].any() else None
    frame, by = (CASES / "b_frame.csv", ("kind",)) if name == "b" else (None, ())
    plan = ImportPlan(CASES / f"{name}.csv", "who", "dept", "grade", wave=wave, frame=frame, by=by)
    return import_ratings(plan, now=NOW, progress=lambda *_: None)


def waves_of(name: str) -> list[Judged]:
    """What pages read of each wave, the earliest first."""
    with reading() as db:
        found = [published.wave(db, number) for number, _, _ in brought_in(name).waves]
        return [studies.judged_figures(db, wave) for wave in found if wave]


def studied(figures: Judged) -> Study:
    assert figures.study is not None
    assert not figures.study.failed
    return figures.study


@pytest.mark.parametrize("name", NAMES)
def test_every_rating_of_the_file_is_counted_and_studied(name: str) -> None:
    table = raw(name)
    found = waves_of(name)
    assert len(found) == table["wave"].nunique()
    for figures, (_, part) in zip(found, table.groupby("wave"), strict=True):
        counted = part.groupby("dept")["grade"].value_counts().unstack(fill_value=0)
        counted = counted.reindex(columns=range(1, 6), fill_value=0)
        shown = {row.department: row.cell.counts for row in figures if isinstance(row.cell, Shown)}
        assert shown == {
            str(dept): tuple(row)
            for dept, row in zip(counted.index, counted.to_numpy().tolist(), strict=True)
        }
        assert studied(figures).results


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"C_repeat"}))
def test_an_enterprise_is_one_response_of_its_wave(name: str) -> None:
    by_wave = raw(name).groupby("wave")["who"].nunique()
    assert [responses for _, _, responses in brought_in(name).waves] == by_wave.tolist()


def test_a_department_without_bad_grades_does_not_keep_the_second_wave_from_being_studied() -> None:
    first, second = map(studied, waves_of("m100"))
    assert first.earlier is None
    assert second.earlier is not None
    assert second.overall.keys() == first.overall.keys() == set(Measure)
    assert {one[RATE].before for one in second.earlier.moves.values()} == {1.0, 0.75, 0.7}
    assert all(one[RATE].after == one[RATE].before for one in second.earlier.moves.values())
    assert all(one[RATE].place.tier for one in second.results.values())
    assert second.trust.keys() == first.trust.keys()
    assert [one[RATE].net for one in second.earlier.gains.values()] == pytest.approx([0] * 4), (
        "nothing changed"
    )


def test_departments_that_are_alike_in_every_grade_stand_alike() -> None:
    [figures] = waves_of("same")
    assert {figures.of(row).standing.tier for row in figures} == {Tier.SAME}


def test_who_met_whom_is_no_rise_of_a_department() -> None:
    _, second = waves_of("simp")
    earlier = studied(second).earlier
    assert earlier is not None
    moves = [one[RATE] for one in earlier.moves.values()]
    assert [(round(one.before, 3), round(one.after, 3)) for one in moves] == [(0.9, 0.9), (0.5, 0.5)]
    assert all(one.low < 0 < one.high for one in moves)


def test_the_change_of_all_together_is_that_of_the_departments_in_both_waves() -> None:
    first, second = waves_of("A_replaced")
    assert [row.department for row in first] != [row.department for row in second]
    earlier = studied(second).earlier
    assert earlier is not None
    move = earlier.overall[RATE]
    table = raw("A_replaced").query("dept in ['甲局', '乙局']")
    rates = (table["grade"] >= 3).groupby(table["wave"]).mean().tolist()
    assert [move.before, move.after] == pytest.approx(rates)
    assert move.low < 0 < move.high


def test_ratings_of_the_same_few_enterprises_are_not_as_sure_as_of_many() -> None:
    [figures] = waves_of("C_repeat")
    overall = studied(figures).overall[RATE].plain
    assert overall.n == len(raw("C_repeat"))
    assert overall.effective < raw("C_repeat")["who"].nunique()


def test_half_who_are_silent_may_think_anything() -> None:
    [figures] = waves_of("b")
    invited = len(pd.read_csv(CASES / "b_frame.csv"))
    satisfied = int((raw("b")["grade"] >= 3).sum())
    assert studied(figures).bounds == pytest.approx(
        (satisfied / invited, (satisfied + invited - 50) / invited)
    )
