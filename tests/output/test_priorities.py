"""先改什么: quadrants only where ranges allow, names that do not meet, and the weakest departments."""

from dataclasses import replace
from itertools import combinations

import pytest

from survey.core.figures.cells import Cell, Withheld
from survey.core.study.model import DriverSet, Measure, Study, Tier
from survey.core.study.priorities import Quadrant
from survey.output.study import charts_priorities, priorities
from tests import handmade
from tests.handmade import DIMENSIONS

ASKED = handmade.form("甲", "乙")
CLEAR = handmade.drivers((0.1, 0.6, 0.2, 0.1))


def cells(**rates: tuple[int, ...]) -> dict[tuple[str, str], Cell]:
    """总体满意度 80 of 100, and satisfied of 100 in each dimension."""
    found: dict[tuple[str, str], Cell] = {(name, "overall"): handmade.shown(80) for name in rates}
    for name, values in rates.items():
        found |= {(name, one): handmade.shown(value) for one, value in zip(DIMENSIONS, values, strict=True)}
    return found


def study(rated: dict[tuple[str, str], Cell], drivers: DriverSet | None = CLEAR, half: float = 0.05) -> Study:
    """Results of all cells shown, and 关联 of 甲 and of all together."""
    places = {one.id: number for number, one in enumerate(ASKED.questions)}
    results = {
        str(ASKED.item(ASKED.position[name], places[question])): handmade.result(cell.counts[3] / 100, half)
        for (name, question), cell in rated.items()
        if not isinstance(cell, Withheld)
    }  # fmt: skip
    return Study(1, True, results, drivers={"甲": drivers, "": drivers} if drivers else {})


def of(name: str, rated: dict[tuple[str, str], Cell], found: Study) -> dict[str, priorities.Dimension]:
    return {
        one.id: one
        for one in priorities.dimensions(ASKED, handmade.judged_by(found, ASKED, rated), found, name)
    }


def test_weak_and_strongly_linked_is_to_be_mended_first() -> None:
    rated = cells(甲=(90, 50, 90, 90))
    found = of("甲", rated, study(rated))
    assert found["efficiency"].priority is not None
    assert found["efficiency"].priority.quadrant is Quadrant.FIX
    assert priorities.headline("甲局", list(found.values())) == (
        "甲局：宜先改“办事效率”——满意率偏低，又与总体满意度关联较强。"
    )
    assert not priorities.alike(list(found.values()))


def test_a_range_across_the_line_is_on_the_border_and_no_dimension_leads() -> None:
    rated = cells(甲=(80, 78, 82, 81))
    found = of("甲", rated, study(rated))
    assert {one.priority.quadrant for one in found.values() if one.priority} == {Quadrant.BORDER}
    assert "没有哪个维度可以明确列为优先改进" in priorities.headline("甲局", list(found.values()))
    assert priorities.alike(list(found.values()))


def test_a_withheld_dimension_takes_no_place_and_the_others_keep_theirs() -> None:
    rated = cells(甲=(90, 50, 90, 90)) | {("甲", "policy"): Withheld("样本不足")}
    found = of("甲", rated, study(rated))
    assert found["policy"].level is None
    assert found["policy"].priority is None
    assert found["efficiency"].priority is not None
    assert found["efficiency"].priority.quadrant is Quadrant.FIX


@pytest.mark.parametrize(
    ("told", "closed", "why"),
    [
        (DriverSet(why="评全各维度的企业不足 100 家，不作关联分析"), True, "不足 100 家"),
        (None, False, "要等收齐全部答卷"),
        (None, True, "没有作关联分析"),
    ],
)
def test_without_a_link_only_satisfaction_is_drawn(told: DriverSet | None, closed: bool, why: str) -> None:
    rated = cells(甲=(90, 50, 90, 90))
    found = Study(1, closed, study(rated).results, drivers={"甲": told} if told else {})
    drivers = priorities.associated(ASKED, found, "甲")
    assert why in drivers.why
    picture = charts_priorities.quadrants(list(of("甲", rated, found).values()), drivers.why, "n")
    assert picture.figure is not None
    assert "合理范围，低的在上面" in picture.subtitle


def test_none_is_called_the_lowest_while_others_are_not_shown() -> None:
    rated = cells(甲=(90, 50, 90, 90))
    bare = study(rated, None)
    assert "“办事效率”满意率最低" in priorities.headline("甲局", list(of("甲", rated, bare).values()))
    rated["甲", "policy"] = Withheld("样本不足")
    assert "最低" not in priorities.headline("甲局", list(of("甲", rated, bare).values()))


def test_departments_together_are_as_sure_as_their_enterprises() -> None:
    rated = cells(甲=(90, 50, 90, 90), 乙=(80, 60, 80, 80))
    plain = study(rated)
    overall = handmade.result(0.8)[Measure.WITH_BASIC]
    shared = {
        Measure.WITH_BASIC: replace(overall, plain=replace(overall.plain, effective=overall.plain.n / 2))
    }
    half = replace(plain, overall=shared)
    sure = replace(plain, overall=handmade.result(0.8))
    wide, narrow, bare = (of("", rated, one)["efficiency"].level for one in (half, sure, plain))
    assert wide is not None
    assert narrow is not None
    assert wide.value == narrow.value == 0.55
    assert (wide.n, wide.effective) == (200, 100)
    assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)
    assert bare is not None
    assert bare.effective == 100, "where that is not told: the enterprises of one department"


def test_names_of_points_in_the_same_place_do_not_meet() -> None:
    rated = cells(甲=(80, 80, 80, 80))
    found = list(of("甲", rated, study(rated, handmade.drivers((0.25, 0.25, 0.25, 0.25)))).values())
    figure = charts_priorities.quadrants(found, "题", "n").figure
    assert figure is not None
    low, high = figure.layout.yaxis.range
    pixels = charts_priorities.PLOT / (high - low)
    heights = [-one.y * pixels + one.ay for one in figure.layout.annotations if one.showarrow]
    assert len(heights) == 4
    assert min(abs(one - other) for one, other in combinations(heights, 2)) >= 15


def test_every_range_and_the_lines_lie_inside_the_picture() -> None:
    rated = cells(甲=(99, 50, 90, 90))
    figure = charts_priorities.quadrants(list(of("甲", rated, study(rated)).values()), "题", "n").figure
    assert figure is not None
    for axis, name in ((figure.layout.xaxis, "x"), (figure.layout.yaxis, "y")):
        drawn = [value for trace in figure.data for value in trace[name]]
        assert axis.range[0] < min(drawn)
        assert axis.range[1] > max(drawn)


def test_the_weakest_departments_come_with_their_reasons() -> None:
    rated = cells(甲=(90, 70, 90, 90), 乙=(90, 50, 90, 90))
    rated["乙", "overall"] = handmade.Shown((0, 20, 0, 80, 0), (4, 9, 0, 2, 0, 0), 12)
    table = handmade.judged_by(study(rated), ASKED, rated)
    found = priorities.weakest(ASKED, table, "efficiency", "")
    assert [one.row.department_id for one in found] == ["乙", "甲"]
    assert found[0].reasons == (("材料多、反复补", 9), ("办理时间长", 4), ("政策说不清", 2))
    assert [one.row.department_id for one in priorities.weakest(ASKED, table, "efficiency", "甲")] == ["甲"]


def test_who_is_below_its_class_is_said_by_class() -> None:
    rated = cells(甲=(90, 90, 90, 90), 乙=(90, 50, 90, 90))
    found = study(rated)
    items = {one: ASKED.item(ASKED.position[one], 2) for one in ("甲", "乙")}
    placed = found.results | {
        str(items["甲"]): handmade.result(0.9, tier=Tier.SAME),
        str(items["乙"]): handmade.result(0.5, tier=Tier.BELOW),
    }
    told = priorities.below(handmade.judged_by(Study(1, True, placed), ASKED, rated), "efficiency")
    assert told["监管执法"].startswith("乙局明显低于平均；甲局与平均相当")
    assert "不分档" in priorities.below(handmade.judged_by(found, ASKED, rated), "efficiency")["监管执法"]
