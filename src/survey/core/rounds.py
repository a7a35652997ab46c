"""From one 期次 to the next: its name, its dates, and how moments are said."""

import re
from datetime import date, datetime, time, timedelta

from survey.core.clock import CHINA
from survey.core.models import Mode
from survey.core.workdays import next_workday

MODE_NAMES = {Mode.ANONYMOUS: "不记名", Mode.PSEUDONYMOUS: "代号", Mode.NAMED: "实名"}
OPENING_HOUR = time(9)
TITLE_LIMIT = 60
QUARTERS = "一二三四"
YEAR = r"(\d{4})(\s*年\s*)"


def next_title(title: str) -> str:
    """The name of the wave after one called `title`: next quarter, half, month, year or number."""
    if found := re.search(YEAR + "(第?)([一二三四1-4])(\\s*季)", title):
        digits = "1234" if found[4].isdigit() else QUARTERS
        place = digits.index(found[4]) + 1
        return _replaced(title, found, place // 4, f"{found[3]}{digits[place % 4]}{found[5]}")
    if found := re.search(YEAR + "([上下])(半)", title):
        later = found[3] == "下"
        return _replaced(title, found, int(later), f"{'上' if later else '下'}{found[4]}")
    if found := re.search(YEAR + r"(1[0-2]|0?[1-9])(\s*月)", title):
        month = int(found[3]) % 12 + 1
        return _replaced(title, found, int(found[3]) // 12, f"{month}{found[4]}")
    if found := re.search(r"第\s*(\d+)", title):
        return title.replace(found[0], found[0].replace(found[1], str(int(found[1]) + 1)), 1)
    if found := re.search(YEAR, title):
        return _replaced(title, found, 1, "")
    return f"{title[: TITLE_LIMIT - 5]}（新一期）"


def _replaced(title: str, found: re.Match[str], years: int, rest: str) -> str:
    return f"{title[: found.start()]}{int(found[1]) + years}{found[2]}{rest}{title[found.end() :]}"


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
