"""催填: who has not answered is listed once a day; an enterprise is reminded a few times and then left alone."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import insert
from sqlmodel import Session, select

from survey.actions.accounts.audit import audited
from survey.actions.waves.log import log
from survey.core.accounts.access import Right
from survey.core.clock import china_day
from survey.core.figures import withholding
from survey.core.models import Outstanding, Reminder, Wave, WaveState, WaveStep
from survey.core.refusals import NotAllowed
from survey.core.waves.phase import Phase, phase_of
from survey.storage.waves import monitor


def without_list(db: Session, now: datetime) -> list[int]:
    """Waves that run, opened before today and have no list of today yet: after midnight all of them."""
    going = db.exec(select(Wave).where(Wave.state == WaveState.OPEN))
    return [wave.id for wave in going if _wants_list(wave, monitor.outstanding(db, wave.id), now)]


def _wants_list(wave: Wave, kept: Outstanding | None, now: datetime) -> bool:
    today = china_day(now)
    # Not the same day, rather than an earlier one: a clock that was ahead may have dated the last list.
    running = phase_of(wave, now) is Phase.OPEN
    return running and china_day(wave.opens_at) < today and (kept is None or china_day(kept.at) != today)


def draw_up_list(db: Session, wave_id: int, now: datetime) -> bool:
    """Write down who has not answered, once a day; False if the day has its list."""
    wave, kept = db.get(Wave, wave_id), monitor.outstanding(db, wave_id)
    if wave is None or not _wants_list(wave, kept, now):
        return False
    _draw_up(db, wave, kept, now)
    return True


def _draw_up(db: Session, wave: Wave, kept: Outstanding | None, now: datetime) -> None:
    """The day's list. Fewer than k new answers leave it as it was: two lists must not tell who came.

    What an officer entered is known to officers anyway, and hides nobody else.
    """
    invited = monitor.invited(db, wave.id)
    everyone, known = {one.id for one in invited}, {one.id for one in invited if one.on_behalf}
    before = (everyone & set(kept.enterprises) if kept else everyone) - known
    missing = everyone - monitor.answered(db, wave.id) - known
    if len(before - missing) < withholding.threshold(wave):
        missing = before
    if kept is None:
        kept = Outstanding(wave_id=wave.id, at=now, enterprises=[])
    kept.at, kept.enterprises = now, sorted(missing)
    db.add(kept)


@audited("标记已提醒", Right.ROUNDS)
def mark_reminded(db: Session, wave_id: int, enterprise_ids: Iterable[int], who: str, now: datetime) -> int:
    """Note that enterprises of the day's list were reminded; returns how many. Twice a day counts once."""
    due, day = _due(db, wave_id, now), china_day(now)
    chosen = set(enterprise_ids)
    if strangers := chosen - due.keys():
        raise NotAllowed(f"有 {len(strangers)} 家不在今天的名单上，请刷新页面后重新选择。")
    new = [one for one in sorted(chosen) if not due[one]]
    if new:
        rows = [{"wave_id": wave_id, "enterprise_id": one, "day": day, "who": who} for one in new]
        db.execute(insert(Reminder), rows)
    return len(new)


def _due(db: Session, wave_id: int, now: datetime) -> dict[int, bool]:
    """Enterprises on the day's list, and whether they are marked already."""
    # Two officers marking wait for each other; enterprises that are sending forms do not.
    wave = db.get(Wave, wave_id, with_for_update={"key_share": True})
    listed = monitor.day_list(db, wave, now) if wave else None
    if listed is None:
        raise NotAllowed("今天没有催填名单：期次已截止，或者名单还没有做好。")
    return {one.enterprise.id: bool(one.today) for one in listed.due}


@audited("取消已提醒", Right.ROUNDS)
def unmark(db: Session, wave_id: int, enterprise_ids: Iterable[int], who: str, day: date) -> int:
    """Take back what someone marked on a day; returns how many marks."""
    query = select(Reminder).where(Reminder.wave_id == wave_id, Reminder.who == who, Reminder.day == day)
    chosen = set(enterprise_ids)
    marks = [one for one in db.exec(query) if one.enterprise_id in chosen]
    for one in marks:
        db.delete(one)
    return len(marks)


@audited("下载催填名单", Right.ROUNDS)
def note_download(db: Session, wave_id: int, count: int, who: str, now: datetime) -> None:
    """Write into the wave's log that somebody took a list with names and phone numbers."""
    log(db, wave_id, now, who, WaveStep.REMINDERS, f"下载催填名单，{count} 家")
