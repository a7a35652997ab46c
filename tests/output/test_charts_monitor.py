"""The monitor's pictures say what their numbers say."""

from datetime import date, timedelta

from survey.core.waves.phase import Phase
from survey.core.waves.returns import DailyReturns, Group, Returns
from survey.output.waves import charts_monitor
from survey.output.waves.reminders import headline

OPENS = date(2026, 3, 1)
GROUPS = (Group("东园规下<b>商贸", 40, 12), Group("西园", 60, 48))


def course(*by_day: int, days: int = 14) -> DailyReturns:
    sums = [sum(by_day[: place + 1]) for place in range(len(by_day))]
    return DailyReturns(
        tuple(OPENS + timedelta(days=one) for one in range(len(by_day))), tuple(sums), 100, OPENS,
        OPENS + timedelta(days=days),
    )  # fmt: skip


def test_the_pace_is_that_of_the_last_three_whole_days() -> None:
    came = course(20, 10, 9, 3, 6, 1)  # the sixth day is today, and not over
    title = charts_monitor.curve_title(came, OPENS + timedelta(days=5), Phase.OPEN)
    assert title == "最近 3 天平均每天 6 家，还有 51 家未答"  # (9 + 3 + 6) / 3


def test_days_without_answers_slow_the_pace_down() -> None:
    title = charts_monitor.curve_title(course(30, 6), OPENS + timedelta(days=4), Phase.OPEN)
    assert title == "最近 3 天平均每天 2 家，还有 64 家未答"  # 6 + 0 + 0


def test_the_curve_ends_at_what_was_reached_and_the_axis_at_closing() -> None:
    picture = charts_monitor.curve(course(20, 10), OPENS + timedelta(days=4), Phase.OPEN)
    assert picture.figure is not None
    line = picture.figure.data[0]
    assert list(line.y) == [0.0, 0.2, 0.3, 0.3]
    assert line.x[-1] == "2026-03-05"
    assert picture.figure.layout.xaxis.range[1] == "2026-03-16"


def test_rates_are_drawn_lowest_first_and_names_are_text() -> None:
    picture = charts_monitor.rates(GROUPS, "分层", "3 月 4 日 00:00 的情况")
    assert picture.title == "东园规下<b>商贸最低（30%），西园最高（80%）"
    assert picture.figure is not None
    assert list(picture.figure.data[1].x) == [0.3, 0.8]
    assert "东园规下&lt;b&gt;商贸" in [one.text for one in picture.figure.layout.annotations]


def test_the_headline_names_a_group_only_where_it_lags() -> None:
    lagging = Returns(None, GROUPS)
    alike = Returns(None, (Group("东园", 50, 29), Group("西园", 50, 31)))
    assert (
        headline(60, 100, lagging, Phase.OPEN) == "已答 60 家，60%；东园规下<b>商贸只有 30%，请先提醒这里。"
    )
    assert headline(60, 100, alike, Phase.OPEN) == "已答 60 家，60%；还有 40 家未答。"
    assert (
        headline(100, 100, Returns(None, (Group("东园", 100, 100),)), Phase.OPEN) == "邀请的 100 家都已作答。"
    )
