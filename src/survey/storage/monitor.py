"""回收: that enterprises answered, never what. Who has not is told as of the day's start only."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from survey.core.clock import china_day
from survey.core.models import (
    Enterprise,
    Invitation,
    Outstanding,
    Participation,
    Reminder,
    Stratum,
    Wave,
    WaveState,
)
from survey.settings import get_settings

NOBODY = "未指定服务专员"


@dataclass(frozen=True)
class Invited:
    """An invited enterprise, as those who remind it know it."""

    id: int
    name: str
    officer: str
    contact: str
    phone: str
    stratum_id: int
    archived: bool
    on_behalf: str
    confirmed: str
    uscc: str


@dataclass(frozen=True)
class Group:
    """Some of the invited, and how many of them answered."""

    name: str
    invited: int
    answered: int

    @property
    def share(self) -> float:
        return self.answered / self.invited


@dataclass(frozen=True)
class Returns:
    """Rates by stratum and 服务专员 at one moment; no groups before the first day has passed."""

    at: datetime | None
    strata: tuple[Group, ...] = ()
    officers: tuple[Group, ...] = ()

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self.strata)

    @property
    def invited(self) -> int:
        return sum(one.invited for one in self.strata)


@dataclass(frozen=True)
class Due:
    """An enterprise on today's list."""

    enterprise: Invited
    reminded: int  # before today
    today: bool  # marked as reminded today


@dataclass(frozen=True)
class DayList:
    """今天的催填名单: the same all day. `spared`: not on it, since reminded often enough."""

    at: datetime
    due: tuple[Due, ...]
    spared: int


def invited(db: Session, wave_id: int) -> list[Invited]:
    """Every enterprise with a good code of the wave, by 服务专员 and name."""
    query = select(Invitation, Enterprise).join(Enterprise).where(Invitation.wave_id == wave_id)
    rows = db.exec(query.where(~col(Invitation.void), ~col(Invitation.trial)))
    found = [
        Invited(
            one.id, one.name, one.officer, one.contact, one.phone, code.stratum_id, one.archived,
            code.on_behalf, code.confirmed, one.uscc or "",
        )
        for code, one in rows
    ]  # fmt: skip
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


def returns(db: Session, wave: Wave) -> Returns:
    """Who answered by group: at the start of the day while a wave is open, in the end once it is closed."""
    everyone = invited(db, wave.id)
    if wave.state == WaveState.CLOSED:
        at, done = wave.closes_at, answered(db, wave.id)
    elif kept := outstanding(db, wave.id):
        at, done = kept.at, {one.id for one in everyone} - set(kept.enterprises)
    else:
        return Returns(None)
    names = dict(db.exec(select(Stratum.id, Stratum.name).where(Stratum.wave_id == wave.id)).all())
    return Returns(
        at,
        _groups(everyone, done, lambda one: names.get(one.stratum_id, "未分层")),
        _groups(everyone, done, lambda one: one.officer or NOBODY),
    )


def _groups(everyone: Iterable[Invited], done: set[int], name: Callable[[Invited], str]) -> tuple[Group, ...]:
    """Rates by name, the lowest first."""
    whole: Counter[str] = Counter()
    some: Counter[str] = Counter()
    for one in everyone:
        whole[name(one)] += 1
        some[name(one)] += one.id in done
    groups = (Group(one, count, some[one]) for one, count in whole.items())
    return tuple(sorted(groups, key=lambda one: (one.share, -one.invited, one.name)))


def day_list(db: Session, wave: Wave, today: date) -> DayList | None:
    """Today's list: not answered when the day began, not archived, not entered since, under the cap."""
    kept = outstanding(db, wave.id)
    if wave.state != WaveState.OPEN or kept is None or china_day(kept.at) != today:
        return None
    missing, times = set(kept.enterprises), reminders(db, wave.id)
    wanted = [
        one for one in invited(db, wave.id) if one.id in missing and not one.archived and not one.on_behalf
    ]
    due, cap = [], get_settings().reminders
    for one in wanted:
        days = times.get(one.id, [])
        before = sum(day < today for day in days)
        if before < cap:
            due.append(Due(one, before, today in days))
    return DayList(kept.at, tuple(due), len(wanted) - len(due))


def reminders(db: Session, wave_id: int) -> dict[int, list[date]]:
    """Enterprise id → days on which it was reminded of the wave."""
    days: dict[int, list[date]] = {}
    for enterprise, day in db.exec(
        select(Reminder.enterprise_id, Reminder.day).where(Reminder.wave_id == wave_id)
    ):
        days.setdefault(enterprise, []).append(day)
    return days


@dataclass(frozen=True)
class Entered:
    """代填: how many forms officers entered, and what the enterprises said to that."""

    phone: int = 0
    visit: int = 0
    confirmed: int = 0
    disputed: tuple[str, ...] = ()  # names of the enterprises

    @property
    def total(self) -> int:
        return self.phone + self.visit


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
        by_source["phone"], by_source["visit"], by_word["confirmed"], tuple(_disputed(db, wave_id))
    )


def _disputed(db: Session, wave_id: int) -> list[str]:
    query = select(Enterprise.name).join(Invitation).where(Invitation.wave_id == wave_id)
    return sorted(db.exec(query.where(Invitation.confirmed == "disputed")))
