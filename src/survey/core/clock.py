"""Times are kept in UTC; days and deadlines are China's."""

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""A fixed offset: China has had no summer time since 1991, and Windows brings no time-zone data."""


def china_day(moment: datetime) -> date:
    """The day of an aware moment in China."""
    return moment.astimezone(CHINA).date()
