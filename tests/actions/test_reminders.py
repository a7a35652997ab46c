"""The day's list stands still, never tells who came, and leaves an enterprise alone when it was asked enough."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from survey.actions.answers.on_behalf import enter_on_behalf
from survey.actions.waves.reminders import draw_up_list, mark_reminded, unmark, without_list
from survey.core.answers.answers import Answers
from survey.core.answers.receipts import digest
from survey.core.clock import CHINA, china_day
from survey.core.models import Enterprise, Invitation, Mode, Wave
from survey.core.refusals import NotAllowed
from survey.core.waves.returns import NOBODY
from survey.running.jobs import run_once
from survey.storage.database import reading, writing
from survey.storage.waves import monitor
from tests.conftest import NOW
from tests.factories import MadeWave, close, make_wave, submit

pytestmark = pytest.mark.usefixtures("database")


def midnight(days: int) -> datetime:
    """The first moment in China of the day so many days after the wave opened."""
    start = datetime.combine(china_day(NOW), datetime.min.time(), CHINA)
    return (start + timedelta(days=days, seconds=1)).astimezone(UTC)


def draw_up(moment: datetime) -> int:
    with writing() as db:
        return sum(draw_up_list(db, wave_id, moment) for wave_id in without_list(db, moment))


def due(wave: MadeWave, moment: datetime) -> set[int]:
    with reading() as db:
        found = db.get(Wave, wave.id)
        assert found
        listed = monitor.day_list(db, found, moment)
        return {one.enterprise.id for one in listed.due} if listed else set()


def ids(codes: list[str]) -> set[int]:
    with reading() as db:
        query = select(Invitation.enterprise_id).where(Invitation.code_hash.in_(map(digest, codes)))  # type: ignore[attr-defined]
        return {one for one in db.exec(query) if one}


def mark(wave: MadeWave, enterprises: set[int], moment: datetime) -> int:
    with writing() as db:
        return mark_reminded(db, wave.id, enterprises, "演示专班", moment)


def test_there_is_no_list_on_the_day_of_opening_and_one_from_the_next_midnight() -> None:
    wave = make_wave(enterprises=12)
    for code in wave.codes[:5]:
        submit(wave, code=code)
    assert draw_up(NOW + timedelta(hours=1)) == 0
    assert due(wave, NOW) == set()
    run_once(midnight(1))
    assert due(wave, midnight(1)) == ids(wave.codes[5:])


def test_the_list_does_not_move_during_the_day() -> None:
    wave = make_wave(enterprises=20)
    draw_up(midnight(1))
    for code in wave.codes[:10]:
        submit(wave, code=code, now=midnight(1))
    assert draw_up(midnight(1) + timedelta(hours=20)) == 0
    assert len(due(wave, midnight(1))) == 20
    draw_up(midnight(2))
    assert due(wave, midnight(2)) == ids(wave.codes[10:])


def test_two_lists_never_differ_by_fewer_than_five_enterprises() -> None:
    wave = make_wave(enterprises=20)
    draw_up(midnight(1))
    for day, code in enumerate(wave.codes[:4], 2):
        submit(wave, code=code, now=midnight(1))
        draw_up(midnight(day))
        assert len(due(wave, midnight(day))) == 20
    submit(wave, code=wave.codes[4], now=midnight(5))
    draw_up(midnight(6))
    assert due(wave, midnight(6)) == ids(wave.codes[5:])


def test_a_named_wave_has_nothing_to_hide_and_lists_exactly_who_is_missing() -> None:
    wave = make_wave(enterprises=12, mode=Mode.NAMED)
    submit(wave, code=wave.codes[0])
    draw_up(midnight(1))
    assert due(wave, midnight(1)) == ids(wave.codes[1:])


def test_what_an_officer_entered_leaves_the_list_at_once_and_hides_nobody_else() -> None:
    wave = make_wave(enterprises=12)
    draw_up(midnight(1))
    [entered] = ids(wave.codes[:1])
    with writing() as db:
        nothing = Answers(bytes(wave.form.items), len(wave.form.questions))
        enter_on_behalf(db, wave.id, entered, nothing, "visit", "演示专班", midnight(1))
    assert due(wave, midnight(1)) == ids(wave.codes[1:])
    for code in wave.codes[1:5]:
        submit(wave, code=code, now=midnight(1))
    draw_up(midnight(2))  # five came, but only four of them unknown to the officer
    assert due(wave, midnight(2)) == ids(wave.codes[1:])


def test_an_enterprise_is_reminded_twice_and_then_left_alone() -> None:
    wave = make_wave(enterprises=12)
    chosen = ids(wave.codes[:3])
    for day in (1, 2):
        draw_up(midnight(day))
        assert mark(wave, chosen, midnight(day)) == 3
        assert mark(wave, chosen, midnight(day)) == 0  # the same day counts once
        assert chosen <= due(wave, midnight(day))  # marked, but still on the day's list
    draw_up(midnight(3))
    assert due(wave, midnight(3)) == ids(wave.codes[3:])
    with pytest.raises(NotAllowed, match="3 家不在今天的名单上"):
        mark(wave, chosen, midnight(3))


def test_todays_marks_can_be_taken_back() -> None:
    wave = make_wave(enterprises=12)
    draw_up(midnight(1))
    day = china_day(midnight(1))
    mark(wave, ids(wave.codes[:3]), midnight(1))
    with writing() as db:
        assert unmark(db, wave.id, ids(wave.codes), "别人", day) == 0
        assert unmark(db, wave.id, ids(wave.codes), "演示专班", day) == 3
    assert mark(wave, ids(wave.codes[:3]), midnight(1)) == 3


def test_archived_enterprises_void_codes_and_closed_waves_are_not_reminded() -> None:
    wave = make_wave(enterprises=12)
    gone, lost = ids(wave.codes[:1]), wave.codes[1]
    draw_up(midnight(1))
    with writing() as db:
        enterprise = db.get(Enterprise, gone.pop())
        code = db.exec(select(Invitation).where(Invitation.code_hash == digest(lost))).one()
        assert enterprise
        enterprise.archived, code.void = True, True
        db.add_all([enterprise, code])
    assert due(wave, midnight(1)) == ids(wave.codes[2:])
    close(wave, midnight(1))
    assert due(wave, midnight(1)) == set()
    with pytest.raises(NotAllowed, match="已截止"):
        mark(wave, ids(wave.codes[2:]), midnight(1))


def test_rates_by_stratum_and_officer_stand_still_too_and_are_final_after_closing() -> None:
    wave = make_wave(enterprises=24)
    with writing() as db:
        for one in db.exec(select(Enterprise)):
            one.officer = "李四" if one.industry == "制造业" else ""
            db.add(one)
    draw_up(midnight(1))

    def rates() -> dict[str, tuple[int, int]]:
        with reading() as db:
            found = db.get(Wave, wave.id)
            assert found
            seen = monitor.returns(db, found)
            assert {(one.invited, one.answered) for one in seen.strata} == {
                (one.invited, one.answered) for one in seen.officers
            }
            return {one.name: (one.answered, one.invited) for one in seen.officers}

    # The second, fourth … enterprise is 制造业 and 李四's: 6 of his answer, and 1 of the others'.
    for code in [*wave.codes[1:12:2], wave.codes[0]]:
        submit(wave, code=code, now=midnight(1))
    assert rates() == {"李四": (0, 12), NOBODY: (0, 12)}
    draw_up(midnight(2))
    assert rates() == {"李四": (6, 12), NOBODY: (1, 12)}
    for code in wave.codes[2:10:2]:  # with fewer than 5 the two strata would be one by then
        submit(wave, code=code, now=midnight(2))
    close(wave, midnight(2))
    assert rates() == {"李四": (6, 12), NOBODY: (5, 12)}
