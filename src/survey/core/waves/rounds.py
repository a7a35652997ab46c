"""From one 期次 to the next: its dates, and how moments are said."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from survey.core.clock import CHINA
from survey.core.waves.titles import TITLE_LIMIT, next_title
from survey.core.workdays import next_workday

__all__ = ["TITLE_LIMIT", "at", "end_of", "last_day", "next_span", "next_title", "said"]

OPENING_HOUR = time(9)


class Severity(StrEnum):
    """STOP: cannot open. CHECK: can, but somebody should look. FINE: nothing to do."""

    STOP = "stop"
    CHECK = "check"
    FINE = "fine"


@dataclass(frozen=True)
class CheckItem:
    """One line of the check list before opening."""

    severity: Severity
    sentence: str


def next_span(opens_at: datetime, closes_at: datetime, today: date) -> tuple[datetime, datetime]:
    """Opening and closing for a new wave as long as the last: from a working day to a working day."""
    days = (closes_at.astimezone(CHINA) - opens_at.astimezone(CHINA)).days
    first = next_workday(today + timedelta(days=1))
    last = next_workday(first + timedelta(days=max(days, 1) - 1))
    return at(first, OPENING_HOUR), end_of(last)


def at(day: date, clock: time) -> datetime:
    """A moment on the clocks of this country."""
    return datetime.combine(day, clock, CHINA)


def end_of(day: date) -> datetime:
    """The end of a day: 24:00."""
    return at(day + timedelta(days=1), time())


def last_day(closes_at: datetime) -> date:
    """The last day on which a form may be sent: a wave that closes at midnight ends the day before."""
    return (closes_at.astimezone(CHINA) - timedelta(microseconds=1)).date()


def said(moment: datetime) -> str:
    """A moment as written in a notice; midnight as the end of a day, 24:00."""
    local = moment.astimezone(CHINA)
    if local.time() == time():
        return f"{last_day(moment):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"
