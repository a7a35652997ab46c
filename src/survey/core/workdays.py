"""Chinese working days, with public holidays and the weekends worked in exchange (调休)."""

from datetime import date, timedelta

import chinese_calendar

WEEKDAYS = "一二三四五六日"
HAND_OVER = 3  # working days within which what an enterprise asked for is handed to its department
HOLIDAYS = {
    "New Year's Day": "元旦", "Spring Festival": "春节", "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节", "Dragon Boat Festival": "端午节", "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节", "Anti-Fascist 70th Day": "抗战胜利纪念日",
}  # fmt: skip


def is_known(day: date) -> bool:
    """Whether the State Council's holiday notice for the year of `day` is in our data."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def is_workday(day: date) -> bool:
    """Whether people work on `day`; in a year without a holiday notice, Monday to Friday."""
    return chinese_calendar.is_workday(day) if is_known(day) else day.weekday() < 5


def workdays_since(day: date, today: date) -> int:
    """Working days after `day` up to and with `today`."""
    return sum(is_workday(day + timedelta(days=one)) for one in range(1, (today - day).days + 1))


def next_workday(day: date) -> date:
    """`day` itself or the first working day after it."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def weekday(day: date) -> str:
    """周一 … 周日."""
    return f"周{WEEKDAYS[day.weekday()]}"


def why_off(day: date) -> str:
    """Why nobody works on `day`: 国庆节假期, 周日; empty for a working day."""
    if is_workday(day):
        return ""
    if is_known(day) and (name := chinese_calendar.get_holiday_detail(day)[1]):
        return f"{HOLIDAYS.get(name, '法定')}假期"
    return weekday(day)
