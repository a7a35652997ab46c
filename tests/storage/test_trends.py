"""What a course is drawn from: the right cell of each wave and its own part of the study."""

from datetime import timedelta

import pytest

from survey.core.accounts.access import Actor, acting
from survey.core.figures.by_stratum import NOT_YET
from survey.core.figures.cells import TOO_FEW, Shown, Withheld
from survey.core.models import Mode, Role, Source, User
from survey.core.study.course import Moment
from survey.core.study.model import Earlier, Level, Measure, Move, Result, Study
from survey.storage.database import reading, writing
from survey.storage.study import studies, trends
from survey.storage.waves import published
from tests.conftest import NOW
from tests.factories import MadeWave, make_wave, release, submit

GRADES = (1, 2, 3, 4, 5, 5)


def rated(number: int, departments: tuple[str, ...]) -> MadeWave:
    opened = NOW + timedelta(days=30 * number)
    wave = make_wave(departments=departments, now=opened, mode=Mode.NAMED)
    for grade in GRADES:
        given = {departments[0]: grade, f"{departments[0]}.efficiency": 6 - grade}
        submit(wave, given | {departments[1]: 2 + 2 * (grade > 3)}, now=opened)
    release(wave)
    return wave


def moments(department: str | None, question: str = "overall", source: Source | None = None) -> list[Moment]:
    with reading() as db:
        line = sorted(published.waves(db), key=lambda one: (one.opens_at, one.id))
        return trends.moments(db, line, department, question, source)


def counts(found: list[Moment]) -> list[tuple[int, ...] | str]:
    return [one.cell.counts if isinstance(one.cell, Shown) else one.cell.why for one in found]


@pytest.mark.usefixtures("database")
def test_a_department_is_found_wherever_it_stands_in_a_wave() -> None:
    first = rated(1, ("tax", "market"))
    second = rated(2, ("construction", "tax"))
    third = rated(3, ("market", "construction"))
    assert [one.form.position.get("tax") for one in (first, second, third)] == [1, 0, None]
    assert counts(moments("tax")) == [(1, 1, 1, 1, 2), (0, 3, 0, 3, 0), trends.NOT_RATED]
    assert counts(moments("tax", "efficiency")) == [(2, 1, 1, 1, 1), TOO_FEW, trends.NOT_RATED]
    assert counts(moments("tax", "no-such-question")) == [trends.NOT_ASKED] * 3
    together = moments(None)
    assert counts(together) == [(1, 4, 1, 4, 2)] * 3
    assert {(one.pooled, one.forms) for one in together} == {(True, 6)}
    assert counts(moments("tax", source=Source.OPEN))[:2] == [NOT_YET] * 2


@pytest.mark.usefixtures("database")
def test_of_a_study_only_the_own_part_is_read_and_only_of_the_newest_release() -> None:
    wave = rated(1, ("tax", "market"))
    tax, market = (str(wave.form.item(wave.form.position[one])) for one in ("tax", "market"))
    level = Level(70.0, 60.0, 80.0, 6, 5.0)
    result, move = {Measure.SCORE: Result(level)}, {Measure.SCORE: Move(60, 70, -5, 25, 6, 6)}
    other = {Measure.SCORE: Result(Level(10.0, 5.0, 15.0, 6, 5.0))}
    found = Study(
        1, True, {tax: result, market: other}, other, earlier=Earlier(99, "上期", {}, {tax: move}, {})
    )
    with writing() as db:
        studies.keep(db, wave.id, Source.VERIFIED, found, NOW)
    [one] = moments("tax")
    assert (one.results, one.earlier, one.moves) == (result, 99, move)
    assert moments("market")[0].moves == {}
    assert moments(None)[0].results == other
    assert moments(None, "efficiency")[0].results == {}
    for grade in GRADES:
        submit(wave, {"tax": grade}, now=NOW + timedelta(days=30))
    release(wave)
    assert moments("tax")[0].results == {}


@pytest.mark.usefixtures("sqlite_database")
def test_a_handler_gets_the_own_department_whatever_is_asked() -> None:
    rated(1, ("tax", "market"))
    with acting(Actor.of(User(name="x", role=Role.HANDLER, password_hash="", department_id="tax"))):
        for asked in (None, "market", "tax"):
            assert counts(moments(asked)) == [(1, 1, 1, 1, 2)]
    with acting(Actor.of(User(name="x", role=Role.HANDLER, password_hash="", department_id=None))):
        assert all(isinstance(one.cell, Withheld) for one in moments(None))
