"""Moments and days as people of a language read them, on China's clocks."""

from datetime import date, datetime, timedelta

from survey.core.clock import CHINA
from survey.core.texts import Texts


def moment(time: datetime, say: Texts) -> str:
    """A moment as people here read it."""
    local = time.astimezone(CHINA)
    return _date_time(say, local, local.hour)


def closing(time: datetime, say: Texts) -> str:
    """When a wave closes. Midnight is the end of the day before: 24:00, not the 00:00 that people miss."""
    local = time.astimezone(CHINA)
    if (local.hour, local.minute) != (0, 0):
        return moment(time, say)
    return _date_time(say, local - timedelta(days=1), 24)


def calendar_day(one: date, say: Texts) -> str:
    """A day with its year."""
    return say.say("page.date", year=one.year, month=_month(say, one.month), day=one.day)


def _date_time(say: Texts, local: datetime, hour: int) -> str:
    return say.say(
        "page.date_time", month=_month(say, local.month), day=local.day, hour=hour, minute=local.minute
    )


def _month(say: Texts, number: int) -> str:
    return say["page.months"].split()[number - 1]
