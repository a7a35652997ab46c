"""Where a 期次 stands at a moment. Pages, files, phones and jobs ask here and nowhere else (docs/decisions/0035)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from survey.core.clock import CHINA, china_day
from survey.core.models import WaveState
from survey.settings import get_settings


class Phase(StrEnum):
    """From drafting to sealing; the value is its name on screens and in files."""

    DRAFT = "筹备中"
    WAITING = "未到时间"
    OPEN = "进行中"
    WINDING_UP = "收尾中"
    CLOSED = "已截止"
    SEALED = "已封存"

    @property
    def inviting(self) -> bool:
        """Whether enterprises may still be invited or reminded: what is sent names a closing that is to come."""
        return self in (Phase.DRAFT, Phase.WAITING, Phase.OPEN)

    @property
    def taking(self) -> bool:
        """Whether a code opens the form and a form is taken."""
        return self in (Phase.OPEN, Phase.WINDING_UP)

    @property
    def started(self) -> bool:
        return self not in (Phase.DRAFT, Phase.WAITING)

    @property
    def over(self) -> bool:
        """Whether no more forms come."""
        return self in (Phase.CLOSED, Phase.SEALED)


class Timetable(Protocol):
    """What of a wave its phase hangs on."""

    @property
    def state(self) -> str: ...
    @property
    def opens_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def timed(self) -> bool: ...
    @property
    def fingerprint(self) -> str: ...


def last_moment(wave: Timetable) -> datetime:
    """The last moment at which a form is taken: closing and the grace for those still filling in."""
    return wave.closes_at + timedelta(minutes=get_settings().grace_minutes)


def phase_of(wave: Timetable, now: datetime) -> Phase:
    """The phase at a moment. Closing itself is winding up already; the last moment of the grace still is."""
    if wave.fingerprint:
        return Phase.SEALED
    if wave.state == WaveState.DRAFT:
        return Phase.WAITING if wave.timed else Phase.DRAFT
    if wave.state == WaveState.CLOSED or now > last_moment(wave):
        return Phase.CLOSED  # in the state OPEN too, until the job has come by
    if now >= wave.closes_at:
        return Phase.WINDING_UP
    return Phase.OPEN if now >= wave.opens_at else Phase.WAITING


def phase_told(wave: Timetable, now: datetime) -> str:
    """The phase as a mark: 「收尾中（04:15 前仍可提交）」."""
    found = phase_of(wave, now)
    return f"{found}（{until_told(wave, now)}前仍可提交）" if found is Phase.WINDING_UP else found


def until_told(wave: Timetable, now: datetime) -> str:
    """When the grace ends, with its day if that is another."""
    end = last_moment(wave).astimezone(CHINA)
    day = "" if end.date() == china_day(now) else f"{end.month} 月 {end.day} 日 "
    return f"{day}{end:%H:%M} "
