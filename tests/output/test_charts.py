"""Pictures say their finding, keep zero where it belongs, and draw what is withheld as withheld."""

import io
from datetime import date
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from survey.core.figures.cells import TOO_FEW, Banded, Cell, Row, Shown, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.models import Channel
from survey.core.study.judged import Judged
from survey.core.study.model import Level, Measure, Result, Standing, Tier
from survey.output import look
from survey.output.figures import (
    charts,
    charts_arrivals,
    charts_heat,
    charts_reasons,
    findings,
    findings_department,
    pictures,
    rows,
)
from survey.output.figures.picture import Picture

WEAK, FAIR, FINE = (20, 20, 20, 20, 20), (1, 4, 15, 40, 40), (0, 0, 10, 40, 50)


def figures(**cells: Any) -> Judged:
    """One class of departments; a value is five counts or a reason not to show."""
    rows = []
    for name, value in cells.items():
        cell: Cell = Withheld(value) if isinstance(value, str) else Shown(value, (3, 0, 5))
        rows.append(Row(name, f"{name}局", "监管执法", "overall", "总体满意度", True, cell))
        rows.append(Row(name, f"{name}局", "监管执法", "speed", "办事效率", False, cell))
    return Judged(tuple(rows), FORMULAS["10-8-6-3-0"])


def bars(picture: Picture) -> dict[str, Any]:
    assert picture.figure is not None
    return {trace.name: trace for trace in picture.figure.data}


def words(picture: Picture) -> list[str]:
    """All texts in a chart."""
    assert picture.figure is not None
    inside = (
        text for trace in picture.figure.data if trace.type == "heatmap" for row in trace.text for text in row
    )
    return [*(one.text for one in picture.figure.layout.annotations), *inside]


def test_zero_stands_between_the_bad_grades_and_basically_satisfied() -> None:
    drawn = bars(charts.grades(figures(甲=WEAK)))
    ends = {name: (trace.base[0], trace.base[0] + trace.x[0]) for name, trace in drawn.items()}
    assert ends["非常不满意"] == pytest.approx((-0.4, -0.2))
    assert ends["不满意"] == pytest.approx((-0.2, 0))
    assert ends["基本满意"] == pytest.approx((0, 0.2))
    assert ends["非常满意"] == pytest.approx((0.4, 0.6))


def test_the_two_reds_are_hatched_and_no_other() -> None:
    drawn = bars(charts.grades(figures(甲=WEAK)))
    assert [name for name, trace in drawn.items() if trace.marker.pattern.shape] == ["非常不满意", "不满意"]


def test_a_withheld_department_is_drawn_as_not_shown() -> None:
    picture = charts.grades(figures(甲=FAIR, 乙=TOO_FEW))
    assert "乙局" in words(picture)
    assert TOO_FEW in words(picture)
    assert all(len(trace.x) == 1 for trace in bars(picture).values())
    assert f"1 个部门未显示：{TOO_FEW}" in picture.note


def test_a_withheld_cell_of_the_heat_map_has_no_number() -> None:
    picture = charts_heat.heat(figures(甲=FAIR, 乙=TOO_FEW))
    assert picture.figure is not None
    grid = picture.figure.data[0].z
    assert list(grid[1]) == [None, None]
    assert words(picture).count("不显示") == 2


@pytest.mark.parametrize("draw", [charts.rates, charts.grades, charts_heat.heat])
def test_without_any_figure_there_is_no_empty_axis(draw: Any) -> None:
    picture = draw(figures(甲=TOO_FEW, 乙=TOO_FEW))
    assert picture.figure is None
    assert TOO_FEW in picture.note


def test_titles_state_the_finding() -> None:
    some = figures(甲=WEAK, 乙=FINE, 丙=FINE)
    assert charts.rates(some).title == "1 个部门明显低于同类平均，2 个明显高于"
    assert charts.grades(some).title == "差评占 13%，其中过半集中在甲局"  # 40 of 300
    assert charts_heat.heat(some).title == "「办事效率」是得分最低的维度：76.7 分"  # (54 + 88 + 88) / 3


def test_every_picture_names_n_and_the_formula() -> None:
    some = figures(甲=FAIR, 乙=FINE)
    for picture in (charts.rates(some), charts.grades(some), charts_heat.heat(some)):
        assert "n = 200" in picture.note
        assert some.formula.text in picture.note
        assert picture.title in picture.alt


def test_one_department_alone_in_its_class_is_not_compared() -> None:
    some = figures(甲=WEAK)
    assert some.of(some.overall[0]).lean == 0


def test_a_perfect_score_is_said_to_inform_nobody() -> None:
    assert "分数已到顶" in charts.grades(figures(甲=(0, 0, 0, 0, 30), 乙=(0, 0, 0, 0, 30))).title


def test_the_reasons_are_counted_most_frequent_first() -> None:
    picture = charts_reasons.reasons(Shown(WEAK, (3, 0, 5)), ("慢", "材料多", "推诿"))
    assert picture.title == "打差评的企业选得最多的原因是「推诿」"
    assert picture.figure is not None
    assert list(picture.figure.data[0].x) == [5, 3]


def test_arrivals_name_the_busiest_day() -> None:
    days = pd.DataFrame(
        [(date(2026, 3, 9), Channel.CODE, 4), (date(2026, 3, 10), Channel.CODE, 6)],
        columns=["day", "channel", "count"],
    )
    picture = charts_arrivals.arrivals(days)
    assert picture.title == "收回最多的一天是 3 月 10 日：6 份"
    assert [one.name for one in picture.key] == ["一企一码"]


def test_a_department_name_never_becomes_markup() -> None:
    picture = charts.grades(figures(**{"<a href='x'>": FAIR}))
    assert any(text.startswith("&lt;a") for text in words(picture))


def test_small_samples_are_called_indicative() -> None:
    some = figures(甲=(1, 1, 2, 5, 5), 乙=FINE)
    assert "14 家评价" in findings_department.headline(some, some.overall[0])
    assert "仅供参考" in findings_department.headline(some, some.overall[0])


def test_a_narrowed_view_says_what_it_is_narrowed_to_and_counts_only_its_own_ratings() -> None:
    line = findings.headline(figures(甲=FAIR), 205, part=["制造业"])
    assert line.startswith("只看制造业：总体满意度")
    assert "（100 次评价）" in line
    assert "205" not in line


def judged(tier: Tier | None, weighted: float = 0.5, **cells: Any) -> Judged:
    """Every shown 总体满意度 has a weighted 满意率 of its own and this place."""
    place = Standing(tier, -0.2, 2, 3, 4) if tier else Standing(why="评价企业不足 30 家")
    result = Result(Level(0.6, 0.5, 0.7, 100, 100), Level(weighted, 0.4, 0.62, 100, 80), place)
    plain = figures(**cells)
    results = {
        (row.department_id, row.question_id): {Measure.WITH_BASIC: result}
        for row in plain
        if isinstance(row.cell, Shown)
    }
    return Judged(plain.rows, plain.formula, results=results)


def test_a_study_gives_the_dots_their_place_range_and_colour() -> None:
    picture = charts.rates(judged(Tier.BELOW, 甲=WEAK, 乙=FAIR))
    assert picture.figure is not None
    line, mark = picture.figure.data[:2]
    assert list(line.x) == [0.4, 0.62]
    assert list(mark.x) == [0.5]
    assert mark.marker.color == look.BELOW
    assert "<b>50%</b> · 第 2–3 位（共 4） · n=100" in words(picture)


def test_who_takes_no_part_stands_apart() -> None:
    picture = charts.rates(judged(None, 甲=WEAK, 乙=TOO_FEW))
    assert "监管执法 · 未参加比较" in words(picture)
    assert not any("第 " in text for text in words(picture))
    assert picture.title == "可比的部门不足，未作比较"


def test_departments_told_as_ranges_only_are_not_called_overlapping() -> None:
    some = figures(甲=FAIR)
    bands = [
        Row(name, f"{name}局", "监管执法", "overall", "总体满意度", True, Banded(40, 0.95, 1.0))
        for name in "乙丙"
    ]
    title = charts.rates(Judged((*some.rows, *bands), some.formula)).title
    assert title == "多数部门评价几乎一致，只给范围，分不出先后"


def test_a_lone_dimension_is_not_called_equal_to_others() -> None:
    some = figures(甲=WEAK)
    assert charts.dimensions(some, "甲").title.startswith("只有「办事效率」够公布得分")


LONG = (
    "信息传输、软件和信息技术服务业 · 规上 · 永兴高新技术产业园区",
    "W" * 40,
    "税务局",
    "甲" * 40,
    "a b " * 10,
)


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("right", ["", "<b>62%</b> · 12 / 20 家", "<b>77%</b> · 第 1–3 位（共 3） · n=132"])
def test_a_long_name_is_whole_and_its_lines_fit_a_phone(name: str, right: str) -> None:
    lines = rows.folded(name, right)
    assert "".join("".join(lines).split()) == "".join(name.split())
    assert all(look.wide(line) <= rows.FOLD + 1 for line in lines)
    if right and lines[-1]:
        assert look.wide(lines[-1]) + 8 < rows.BESIDE
    assert len(lines) == 1 or name != "税务局"


def test_lines_above_a_bar_do_not_reach_the_bar_before() -> None:
    """Rows are as high as their names."""
    figure, places = rows.rows_figure([rows.Line(name, "60%", Shown(FAIR)) for name in LONG], headings=False)
    bars = [y for _, y in places]
    names = [one for one in figure.layout.annotations if one.xanchor == "left"]
    for name, before in zip(names[1:], bars, strict=False):
        half = rows.LINE * (name.text.count("<br>") + 1) / 2
        assert name.y - half > before + rows.BAR / 2 - 0.02
    assert figure.layout.height > sum(rows.ROW_PIXELS for _ in bars)


@pytest.mark.parametrize("name", [*LONG, "自然资源和规划局"])
def test_a_long_name_stays_on_the_pictures_of_documents(name: str) -> None:
    """The outermost columns of pixels are blank, beside the longest name as beside a short one."""
    level = Level(0.8, 0.7, 0.9, 120, 100)
    drawn: list[pictures.Drawn] = [
        pictures.RateDots([(name[:40], level, 0)] * 2), pictures.GradeBars([(name[:40], Shown(FAIR))] * 2),
    ]  # fmt: skip
    for one in drawn:
        with Image.open(io.BytesIO(one.png())) as picture:
            edge = picture.convert("L").crop((0, 0, 3, picture.height))
            assert edge.getextrema() == (255, 255)
