"""The picture of a course: lines only where waves may be joined, and names that fit."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from survey.core.figures.cells import TOO_FEW, Banded, Cell, Shown, Withheld
from survey.core.study.course import YARDSTICKS, Moment, follow
from survey.output.study.charts_trend import TICKS, names_of, short_reasons, trend
from survey.output.study.courses import breaks_told, headline, slope_sentence
from tests.conftest import NOW

OWN = YARDSTICKS["own"]
MIXED = Shown((6, 6, 6, 6, 6))


def waves(*cells: Cell, title: str = "第 {} 期") -> list[Moment]:
    return [
        Moment(
            number,
            title.format(number),
            NOW + timedelta(days=31 * number),
            NOW,
            "10-8-6-3-0",
            "总体",
            cell,
            0,
        )
        for number, cell in enumerate(cells)
    ]


def lines(figure: Any) -> list[list[int]]:
    return [list(one.x) for one in figure.data if one.mode == "lines"]


def texts(figure: Any) -> list[str]:
    return [one.text for one in figure.layout.annotations]


def test_a_line_stops_where_the_wording_changed_and_the_place_is_marked() -> None:
    one, two, three, four = waves(*[MIXED] * 4)
    picture = trend(
        follow([one, two, replace(three, wording="别的"), replace(four, wording="别的")], OWN), "税务局"
    )
    assert lines(picture.figure) == [[0, 1], [2, 3]]
    assert "措辞不同" in texts(picture.figure)
    assert picture.title == "相邻两期比较 2 次：2 次看不出变化；1 处不能相接"


def test_nothing_crosses_a_wave_without_a_figure() -> None:
    picture = trend(follow(waves(MIXED, MIXED, Withheld(TOO_FEW), MIXED), OWN), "税务局")
    assert lines(picture.figure) == [[0, 1], [3]]
    assert "不显示" in texts(picture.figure)
    assert "1 期没有数字：样本不足" in picture.note


def test_all_withheld_is_said_and_not_drawn() -> None:
    picture = trend(follow(waves(Withheld(TOO_FEW), Banded(9, 0.85, 1.0)), OWN), "税务局")
    assert picture.figure is None
    assert "1 期没有数字：样本不足" in picture.note
    assert headline(follow(waves(Withheld(TOO_FEW)), OWN), "税务局") == "税务局还没有可以公布的数字。"


@pytest.mark.parametrize("count", [1, 5, 40, 64])
def test_forty_waves_have_no_more_names_than_fit_a_phone_and_the_newest_has_one(count: int) -> None:
    figure: Any = trend(follow(waves(*[MIXED] * count), OWN), "税务局").figure
    places = list(figure.layout.xaxis.tickvals)
    assert len(places) <= TICKS
    assert places[-1] == count - 1
    written = [one for trace in figure.data if trace.text for one in trace.text if one]
    assert len(written) <= 8


def test_names_are_short_titles_or_the_months_or_days_they_opened() -> None:
    assert names_of(waves(MIXED, MIXED)) == ["第 0 期", "第 1 期"]
    long = waves(MIXED, MIXED, title="2026 年一季度企业测评 {}")
    assert names_of(long) == ["2026-03", "2026-04"]
    assert names_of([long[0], replace(long[1], opens_at=NOW + timedelta(days=2))]) == ["26-03-10", "26-03-12"]
    assert names_of([long[0], replace(long[1], opens_at=NOW)]) == ["第 1 期", "第 2 期"]


def test_a_title_is_text_in_the_picture() -> None:
    figure: Any = trend(follow(waves(MIXED, title="<b>x</b>"), OWN), "税务局").figure
    assert figure.layout.xaxis.ticktext == ("&lt;b&gt;x&lt;/b&gt;",)
    hovers = [one for trace in figure.data if trace.hovertext for one in trace.hovertext]
    assert hovers
    assert all("<b>" not in one for one in hovers)


def test_the_first_line_says_no_more_than_the_range_of_the_change_allows() -> None:
    better = Shown((0, 0, 0, 5, 55))
    assert "看不出变化不等于没有变化" in headline(follow(waves(MIXED, MIXED), OWN), "税务局")
    assert "，上升 44.3 分（合理范围" in headline(follow(waves(MIXED, better), OWN), "税务局")
    assert "，下降 44.3 分（合理范围" in headline(follow(waves(better, MIXED), OWN), "税务局")
    assert "只有这一期" in headline(follow(waves(MIXED), OWN), "税务局")
    newest_withheld = headline(follow(waves(MIXED, MIXED, Withheld(TOO_FEW)), OWN), "税务局")
    assert newest_withheld.startswith("第 2 期没有可以公布的数字；第 1 期：税务局满意度得分 54.0 分")


def test_a_break_is_told_by_both_waves_and_its_reason() -> None:
    one, two = waves(MIXED, MIXED)
    course = follow([one, replace(two, formula="rate-with-basic", wording="别的")], OWN)
    [told] = breaks_told(course)
    assert told.startswith("第 0 期 → 第 1 期：前后两期不能直接比较：满意度得分口径不同")
    assert short_reasons(course.steps[1].reasons) == "口径、措辞"
    assert "前后两期不能直接比较" in headline(course, "税务局")


def test_the_slope_is_told_from_three_waves_on() -> None:
    assert slope_sentence(follow(waves(MIXED, MIXED), OWN), "税务局") == ""
    assert "最近可比的 3 期：税务局满意度得分各期之间看不出" in slope_sentence(
        follow(waves(MIXED, MIXED, MIXED), OWN), "税务局"
    )


def test_shares_of_many_ratings_get_a_decimal() -> None:
    many = Shown((60, 60, 60, 60, 661))
    assert follow(waves(MIXED), YARDSTICKS["with_basic"]).unit.digits == 0
    assert "87.2%" not in headline(follow(waves(MIXED), YARDSTICKS["with_basic"]), "税务局")
    thousand = Shown((60, 60, 60, 60, 760))
    assert "88.0%" in headline(follow(waves(thousand), YARDSTICKS["with_basic"]), "税务局")
    assert "87%" in headline(follow(waves(many), YARDSTICKS["with_basic"]), "税务局")


def test_a_slope_that_is_told_is_not_printed_as_nothing() -> None:
    cells = [Shown((0, 0, 0, 300 - number, 700 + number)) for number in range(60)]
    told = slope_sentence(follow(waves(*cells), YARDSTICKS["own"]), "税务局")
    assert "平均每期上升" in told
    assert "0.00 " not in told
