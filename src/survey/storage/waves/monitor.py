"""Who answered, never what. Who has not is told as of the day's start only; see `actions.waves.reminders`."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select

from survey.core.accounts.access import Right, actor, may, needs
from survey.core.clock import china_day
from survey.core.models import (
    Arrival,
    Channel,
    Enterprise,
    Invitation,
    OnBehalf,
    Outstanding,
    Participation,
    Reminder,
    Reply,
    Stratum,
    Table,
    Wave,
    WaveState,
)
from survey.core.waves.phase import Phase, phase_of
from survey.core.waves.returns import NOBODY, DailyReturns, DayList, Due, Entered, Group, Invited, Returns
from survey.settings import get_settings

tables = Table.metadata.tables
BY_OWN_CODE = (Channel.CODE, Channel.OFFICER)


def invited(db: Session, wave_id: int) -> list[Invited]:
    """Every enterprise with a good code of the wave, by 服务专员 and name."""
    code, one = tables["invitation"].c, tables["enterprise"].c
    query = (
        sa.select(
            one.id, one.name, one.officer, one.contact, one.phone, code.stratum_id, one.archived,
            code.on_behalf, one.uscc,
        )
        .join_from(tables["invitation"], tables["enterprise"])
        .where(code.wave_id == wave_id, ~code.void, ~code.trial)
    )  # fmt: skip
    found = [Invited(*row) for row in db.connection().execute(query)]
    return sorted(found, key=lambda one: (not one.officer, one.officer, one.name))


def answered(db: Session, wave_id: int) -> set[int]:
    """Enterprises whose code was used, as of now. Not for screens while a wave is open."""
    used = select(Invitation.enterprise_id).join(
        Participation, col(Participation.key) == col(Invitation.code_hash)
    )
    rows = db.exec(used.where(Invitation.wave_id == wave_id, col(Invitation.enterprise_id).is_not(None)))
    return {one for one in rows if one is not None}


def outstanding(db: Session, wave_id: int) -> Outstanding | None:
    """The list that was drawn up when the day began."""
    return db.get(Outstanding, wave_id)


@needs(Right.FIGURES)
def returns(db: Session, wave: Wave) -> Returns:
    """Who answered by group: at the start of the day while a wave is open, in the end once it is closed."""
    everyone, final = invited(db, wave.id), wave.state == WaveState.CLOSED
    if final:
        at, done = wave.closes_at, answered(db, wave.id)
    elif kept := outstanding(db, wave.id):
        at, done = kept.at, {one.id for one in everyone} - set(kept.enterprises)
    else:
        return Returns(None)
    strata = {str(one.id): one.name for one in db.exec(select(Stratum).where(Stratum.wave_id == wave.id))}
    officers = {one.officer: one.officer for one in everyone if one.officer}
    return Returns(
        at,
        _groups(everyone, done, lambda one: str(one.stratum_id), strata, "未分层"),
        _groups(everyone, done, lambda one: one.officer, officers, NOBODY),
        final,
    )


def _groups(
    everyone: Iterable[Invited], done: set[int], key: Callable[[Invited], str], names: Mapping[str, str],
    without: str,
) -> tuple[Group, ...]:  # fmt: skip
    """Rates by key, the lowest first; `without`: the name of those whose key has none."""
    whole: Counter[str] = Counter()
    some: Counter[str] = Counter()
    for one in everyone:
        whole[key(one)] += 1
        some[key(one)] += one.id in done
    groups = (Group(names.get(one, without), count, some[one], one) for one, count in whole.items())
    return tuple(sorted(groups, key=lambda one: (one.share, -one.invited, one.name)))


@needs(Right.ROUNDS)
def day_list(db: Session, wave: Wave, now: datetime) -> DayList | None:
    """Today's list: not answered when the day began, not archived, not entered since, under the cap.

    None from closing on: who is reminded then reads of an hour that is past.
    """
    kept, today = outstanding(db, wave.id), china_day(now)
    if phase_of(wave, now) is not Phase.OPEN or kept is None or china_day(kept.at) != today:
        return None
    wanted = [one for one in _still_missing(db, wave.id, kept) if not one.on_behalf]
    due, times, cap = [], reminders(db, wave.id), get_settings().reminders
    for one in wanted:
        marks = times.get(one.id, {})
        before = sum(day < today for day in marks)
        if before < cap:
            due.append(Due(one, before, marks.get(today, "")))
    return DayList(kept.at, tuple(due), len(wanted) - len(due))


def _still_missing(db: Session, wave_id: int, kept: Outstanding | None) -> list[Invited]:
    """Everyone in the registry still who is on the day's list, or everyone before there is one."""
    listed = invited(db, wave_id)
    missing = {one.id for one in listed} if kept is None else set(kept.enterprises)
    return [one for one in listed if one.id in missing and not one.archived]


@needs(Right.ROUNDS)
def may_be_entered(db: Session, wave_id: int) -> list[Invited]:
    """Whom an officer may enter a form for, as far as the day's list tells: choosing reveals no arrival."""
    missing = _still_missing(db, wave_id, outstanding(db, wave_id))
    return [one for one in missing if not one.on_behalf]


@needs(Right.ROUNDS)
def enterprise_name(db: Session, enterprise_id: int) -> str:
    """What an enterprise is called."""
    found = db.get(Enterprise, enterprise_id)
    return found.name if found else ""


@needs(Right.ROUNDS)
def reminders(db: Session, wave_id: int) -> dict[int, dict[date, str]]:
    """Enterprise id → days on which it was reminded of the wave, and by whom."""
    days: dict[int, dict[date, str]] = {}
    for one in db.exec(select(Reminder).where(Reminder.wave_id == wave_id)):
        days.setdefault(one.enterprise_id, {})[one.day] = one.who
    return days


@needs(Right.FIGURES)
def course(db: Session, wave: Wave) -> DailyReturns:
    """Answers by enterprises' own codes, added up by day."""
    by_day: Counter[date] = Counter()
    for one in db.exec(select(Arrival).where(Arrival.wave_id == wave.id)):
        by_day[one.day] += one.count if one.channel in BY_OWN_CODE else 0
    query = select(func.count()).select_from(Invitation).where(Invitation.wave_id == wave.id)
    own = col(Invitation.enterprise_id).is_not(None)
    everyone = db.exec(query.where(own, ~col(Invitation.void), ~col(Invitation.trial))).one()
    total, days, sums = 0, sorted(by_day), []
    for day in days:
        total += by_day[day]
        sums.append(total)
    closes = china_day(wave.closes_at - timedelta(seconds=1))  # midnight belongs to the day that ends
    return DailyReturns(tuple(days), tuple(sums), everyone, china_day(wave.opens_at), closes)


@needs(Right.FIGURES)
def entered(db: Session, wave_id: int) -> Entered:
    """What officers entered for enterprises of the wave."""
    query = (
        select(Invitation.on_behalf, Invitation.confirmed, func.count())
        .where(Invitation.wave_id == wave_id, col(Invitation.on_behalf) != "")
        .group_by(col(Invitation.on_behalf), col(Invitation.confirmed))
    )
    by_source: Counter[str] = Counter()
    by_word: Counter[str] = Counter()
    for source, word, count in db.exec(query):
        by_source[source] += count
        by_word[word] += count
    return Entered(
        by_source[OnBehalf.PHONE],
        by_source[OnBehalf.VISIT],
        by_word[Reply.CONFIRMED],
        tuple(_disputed(db, wave_id)),
    )


def _disputed(db: Session, wave_id: int) -> list[str]:
    if not may(actor(), Right.ROUNDS):
        return []  # names are for officers
    query = select(Enterprise.name).join(Invitation).where(Invitation.wave_id == wave_id)
    return sorted(db.exec(query.where(Invitation.confirmed == Reply.DISPUTED)))
