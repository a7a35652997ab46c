"""Working days between two days, by the state's own calendar."""

from datetime import date

import pytest

from survey.core.workdays import workdays_since


@pytest.mark.parametrize(
    ("day", "today", "count"),
    [
        (date(2025, 11, 21), date(2025, 11, 26), 3),  # Friday to Wednesday
        (date(2025, 11, 21), date(2025, 11, 23), 0),  # over a weekend
        (date(2025, 11, 21), date(2025, 11, 21), 0),
        (
            date(2025, 9, 30),
            date(2025, 10, 11),
            3,
        ),  # 国庆: at work again on the 9th, the 10th and Saturday the 11th
    ],
)
def test_weekends_and_holidays_do_not_count(day: date, today: date, count: int) -> None:
    assert workdays_since(day, today) == count
