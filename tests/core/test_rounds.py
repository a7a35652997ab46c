"""The next wave's name and dates, and Chinese working days, against the State Council's notices."""

from datetime import date, datetime, time

import pytest

from survey.core import workdays
from survey.core.clock import CHINA
from survey.core.rounds import at, end_of, last_day, next_span, next_title, said


@pytest.mark.parametrize(
    ("title", "following"),
    [
        ("2026 年一季度测评", "2026 年二季度测评"),
        ("2026年第四季度企业测评", "2027年第一季度企业测评"),
        ("2026 年 4 季度", "2027 年 1 季度"),
        ("2026 年上半年测评（演示数据）", "2026 年下半年测评（演示数据）"),
        ("2026 年下半年测评", "2027 年上半年测评"),
        ("2026 年 12 月测评", "2027 年 1 月测评"),
        ("2026年9月测评", "2026年10月测评"),
        ("第 9 期测评", "第 10 期测评"),
        ("2026 年度测评", "2027 年度测评"),
        ("营商环境测评", "营商环境测评（新一期）"),
    ],
)
def test_the_next_name_is_the_next_period(title: str, following: str) -> None:
    assert next_title(title) == following


def test_a_new_span_is_as_long_as_the_last_and_stands_on_working_days() -> None:
    last = at(date(2026, 6, 1), time(9)), end_of(date(2026, 6, 21))  # 21 days
    opens_at, closes_at = next_span(*last, today=date(2026, 9, 24))
    # 25–27 September 2026 is Mid-Autumn; Monday the 28th is worked. 21 days later is Sunday 18 October.
    assert opens_at == datetime(2026, 9, 28, 9, tzinfo=CHINA)
    assert last_day(closes_at) == date(2026, 10, 19)
    assert said(closes_at) == "2026-10-19 24:00"


def test_moments_are_said_as_notices_write_them() -> None:
    assert said(at(date(2026, 3, 2), time(17, 30))) == "2026-03-02 17:30"
    assert said(end_of(date(2026, 2, 28))) == "2026-02-28 24:00"
    assert last_day(at(date(2026, 3, 2), time(0, 30))) == date(2026, 3, 2)


def test_holidays_and_weekends_worked_in_exchange() -> None:
    assert workdays.why_off(date(2026, 10, 1)) == "国庆节假期"
    assert workdays.why_off(date(2026, 2, 17)) == "春节假期"
    assert workdays.why_off(date(2026, 11, 22)) == "周日"
    assert workdays.is_workday(date(2026, 2, 14))  # a Saturday worked in exchange for Spring Festival
    assert workdays.why_off(date(2026, 11, 23)) == ""
    assert workdays.next_workday(date(2026, 10, 1)) == date(2026, 10, 8)


def test_a_year_without_a_notice_is_known_to_be_unknown() -> None:
    unknown = date(2099, 1, 1)
    assert not workdays.is_known(unknown)
    assert workdays.is_workday(unknown)  # a Thursday: all we can say
    assert workdays.why_off(date(2099, 1, 3)) == "周六"
