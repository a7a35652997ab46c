"""The next wave's name and dates, and Chinese working days, against the State Council's notices."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core import workdays
from survey.core.clock import CHINA
from survey.core.waves import titles
from survey.core.waves.rounds import at, end_of, last_day, next_span, next_title, said


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
        ("营商环境测评（新一期）", "营商环境测评（新二期）"),
        ("2026Q4", "2027Q1"),
        ("2026Q3 测评", "2026Q4 测评"),
        ("2026-Q4", "2027-Q1"),
        ("2026年Q2", "2026年Q3"),
        ("Q4 2026", "Q1 2027"),
        ("2026H1", "2026H2"),
        ("2026 H2", "2027 H1"),
        ("2026年第4季度", "2027年第1季度"),
        ("2026年度第四季度", "2027年度第一季度"),
        ("2026第三季度", "2026第四季度"),
        ("第四季度测评", "第一季度测评"),
        ("二季度", "三季度"),
        ("2026上半年", "2026下半年"),
        ("2026下半年", "2027上半年"),
        ("下半年测评", "上半年测评"),
        ("2026-12", "2027-01"),
        ("2026-09", "2026-10"),
        ("2026/1", "2026/2"),
        ("2026.12 测评", "2027.01 测评"),
        ("202612", "202701"),
        ("202609期", "202610期"),
        ("2026年12月份测评", "2027年1月份测评"),
        ("2026年09月", "2026年10月"),
        ("2026年01月", "2026年02月"),
        ("2026年十二月", "2027年一月"),
        ("十二月测评", "一月测评"),
        ("十月测评", "十一月测评"),
        ("9月满意度", "10月满意度"),
        ("2026年1-6月", "2026年7-12月"),
        ("2026年7-12月", "2027年1-6月"),
        ("2026 年 1—3 月测评", "2026 年 4—6 月测评"),
        ("2026年10月至12月", "2027年1月至3月"),
        ("2026年一至六月", "2026年七至十二月"),
        ("2026年5-10月", "2026年11月-2027年4月"),
        ("2026年11-2月", "2027年3-6月"),
        ("第三期", "第四期"),
        ("第九次测评", "第十次测评"),
        ("第十期", "第十一期"),
        ("第十九轮", "第二十轮"),
        ("第二十一期", "第二十二期"),
        ("第九十九期", "第一百期"),
        ("第一百零九期", "第一百一十期"),
        ("2026年第3期", "2026年第4期"),
        ("第 09 期", "第 10 期"),
        ("第三方测评", "第三方测评（新一期）"),
        ("2026年第三方测评", "2027年第三方测评"),
        ("2026测评", "2027测评"),
        ("营商环境测评2026", "营商环境测评2027"),
        ("2025-2026年度", "2026-2027年度"),
        ("2024—2026年", "2026—2028年"),
        ("二〇二六年度测评", "二〇二七年度测评"),
        ("二零二九年四季度", "二零三零年一季度"),
        ("2026-12-05 测评", "2026-12-05 测评（新一期）"),
        ("138 号文测评", "138 号文测评（新一期）"),
    ],
)
def test_the_next_name_is_the_next_period(title: str, following: str) -> None:
    assert next_title(title) == following


@given(st.text("2026年第四季度上下半Qq-/.月期一十百〇 Hh至新", max_size=30))
def test_any_title_has_a_next_one(title: str) -> None:
    assert next_title(title) != title


def test_numbers_are_read_as_they_are_written() -> None:
    assert all(titles.read_number(titles.chinese(n)) == n for n in range(1, 1000))


def test_a_year_of_rounds_comes_round() -> None:
    """Four quarters, two halves, twelve months on, and only the year has changed."""
    for title, steps in (
        ("2026年第二季度", 4),
        ("2026Q2", 4),
        ("2026上半年", 2),
        ("2026-02", 12),
        ("2026年二月", 12),
    ):
        following = title
        for _ in range(steps):
            following = next_title(following)
        assert following == title.replace("2026", "2027")


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
