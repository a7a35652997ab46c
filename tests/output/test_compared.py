"""Whatever was withheld, banded, too few or alone: the numbers in every sentence add up to the departments there
are, and no sentence says of a department that was not compared that it is above, below or alike."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.figures.cells import ALIKE, TOO_FEW, Banded, Row, Shown, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.study.judged import Judged
from survey.core.study.model import Level, Measure, Result, Standing, Tier
from survey.core.study.ranks import ALONE
from survey.core.study.ranks import TOO_FEW as UNRANKED
from survey.output.figures import findings, findings_comparison, glance
from survey.output.figures.advice import told_of
from survey.output.figures.pictures import GradeBars, RateDots
from survey.output.study.compared import Compared, comparison

FORMULA = FORMULAS["10-8-6-3-0"]
CLASSES = ("监管执法", "公共服务", "要素保障")
OUT, ALL = ("明显低于", "明显高于"), re.compile(r"(\d+) 个")


def row(number: int, category: str, cell: Any) -> Row:
    return Row(f"d{number}", f"第{number}局", category, "overall", "总体满意度", True, cell, asked=900)


counts = st.tuples(*(st.integers(0, 60) for _ in range(5))).filter(lambda one: sum(one) >= 5)
cells = st.one_of(
    counts.map(Shown),
    st.just(Withheld(TOO_FEW)),
    st.just(Banded(40, 0.95, 1.0)),
    st.just(Shown((1, 2, 2, 3, 4))),
)
places = st.one_of(st.sampled_from(Tier), st.sampled_from([UNRANKED, ALONE]))


@st.composite
def releases(draw: Callable[..., Any]) -> Judged:
    """One to eighteen departments in up to three classes, before or after there is a study."""
    rows = [
        row(number, draw(st.sampled_from(CLASSES)), draw(cells)) for number in range(draw(st.integers(1, 18)))
    ]
    results = {(one.department_id, one.question_id): _judged(draw(places), one) for one in rows}
    return Judged(tuple(rows), FORMULA, results=results if draw(st.booleans()) else None)


def _judged(where: Tier | str, one: Row) -> dict[Measure, Result]:
    if not isinstance(one.cell, Shown):
        return {}
    place = Standing(where, 0.0, 1, 2, 3) if isinstance(where, Tier) else Standing(why=where)
    return {Measure.WITH_BASIC: Result(Level(0.5, 0.4, 0.6, one.cell.n, one.cell.n), None, place)}


def said_by(figures: Judged) -> dict[str, str]:
    """Every sentence that speaks of departments against their class."""
    rows = figures.overall
    levels = [(one, level) for one in rows if (level := figures.of(one).level)]
    told = {
        "rates_title": findings_comparison.rates_title(figures),
        "stand_out": findings.stand_out(figures),
        "headline": findings.headline(figures, 900),
        "comparison": findings_comparison.comparison_headline(figures, rows, Measure.WITH_BASIC),
        "departments": "".join(told_of(figures)),
        "classes": "".join(sentence for _, sentence in glance.classes(figures)),
    }
    if levels:
        drawn = [(one.department, level, figures.of(one).side) for one, level in levels]
        told["caption"] = RateDots(drawn).caption
    return told


ADDING_UP = ("rates_title", "comparison", "departments")


@settings(max_examples=150)
@given(releases())
def test_numbers_add_up_to_the_departments_there_are(figures: Judged) -> None:
    found, all_there = comparison(figures, figures.overall), len(figures.overall)
    assert found.count + found.left == all_there
    told = said_by(figures)
    if "多数部门评价几乎一致" not in told["rates_title"] and found.count:
        assert sum(map(int, ALL.findall(told["rates_title"]))) == all_there
    if found.same:
        assert f"{len(found.same)} 个" in told["departments"]
        assert f"{len(found.same)} 个" in told["comparison"]
    if found.left and found.count:
        assert f"{found.left} 个未参加比较" in told["comparison"]


@settings(max_examples=150)
@given(releases())
def test_nobody_who_was_not_compared_is_said_to_be_above_below_or_alike(figures: Judged) -> None:
    apart = [name for names in comparison(figures, figures.overall).apart.values() for name in names]
    for where, text in said_by(figures).items():
        for clause in re.split("[；。]", text.split("未参加比较的")[0]):
            assert not any(re.search(rf"{name}(?!\d)", clause) for name in apart), (where, clause)
        assert "其余看不出" not in text
        assert "各部门与同类" not in text


@settings(max_examples=60)
@given(releases())
def test_whoever_was_not_compared_is_counted_under_the_reason(figures: Judged) -> None:
    found, text = comparison(figures, figures.overall), "".join(told_of(figures))
    for why, names in found.apart.items():
        assert f"{len(names)} 个{why}" in text
    assert found.left == 0 or f"未参加比较的 {found.left} 个部门：" in text


@settings(max_examples=60)
@given(releases())
def test_a_class_is_told_with_all_its_departments(figures: Judged) -> None:
    for name, ranked in findings.standings(figures, figures.overall, Measure.WITH_BASIC).items():
        text = findings.tiers(ranked)
        left = sum(not one.tier for _, one in ranked)
        if left < len(ranked):
            assert (f"另有 {left} 个部门未参加比较" in text) == bool(left), name


def test_fourteen_others_of_whom_four_were_never_compared() -> None:
    rows = [row(0, "监管执法", Shown((60, 30, 5, 3, 2)))]
    rows += [row(one, "监管执法", Shown((5, 10, 40, 50, 95))) for one in range(1, 11)]
    rows += [row(11, "监管执法", Withheld(TOO_FEW)), row(12, "监管执法", Banded(40, 0.95, 1.0))]
    rows += [row(13, "公共服务", Shown((5, 10, 40, 50, 95))), row(14, "公共服务", Withheld(TOO_FEW))]
    figures = Judged(tuple(rows), FORMULA)
    assert (
        findings_comparison.rates_title(figures)
        == "1 个部门明显低于同类平均，其余 10 个看不出差别，4 个未参加比较"
    )
    told = "".join(told_of(figures))
    reasons = f"2 个{TOO_FEW}；1 个{ALIKE}；1 个同类中可比的部门不足两个。"
    assert f"未参加比较的 4 个部门：{reasons}" in told


@settings(max_examples=100)
@given(
    st.lists(st.tuples(counts, st.sampled_from([-1, 0, 1, UNRANKED])), min_size=1, max_size=20),
    st.integers(0, 5),
)
def test_a_caption_counts_what_its_own_picture_shows(
    given_lines: list[tuple[Any, Any]], omitted: int
) -> None:
    lines = [
        (f"第{number}局", Level(0.5, 0.4, 0.6, sum(cell), sum(cell)), where)
        for number, (cell, where) in enumerate(given_lines)
    ]
    dots = RateDots(lines, omitted)
    numbers = ALL.findall(dots.caption.partition("：")[2])
    assert sum(map(int, numbers)) == len(lines)
    assert (f"最低的 {len(lines)} 个部门" in dots.caption) == bool(omitted)
    bars = GradeBars([(name, Shown(cell)) for (name, *_), (cell, _) in zip(lines, given_lines, strict=True)])
    assert bars.caption.startswith(lines[0][0])
    named = re.findall("“(.*?)”", bars.caption)
    assert set(named) <= {name for name, *_ in lines}
    for name in named:  # the bar named has the largest share that is drawn
        bad = {one: sum(cell.counts[:2]) / cell.n for one, cell in bars.lines[1:]}
        assert bad[name] == max(bad.values())


def test_compared_counts_only_those_who_took_part() -> None:
    assert Compared(["a"], ["b", "c"], [], {"x": ["d"]}).count == 3


@pytest.mark.parametrize("measure", list(Measure))
def test_before_a_study_a_dimension_is_set_against_the_same_dimension(measure: Measure) -> None:
    low, high = Shown((80, 10, 5, 3, 2)), Shown((2, 3, 5, 10, 80))
    rows = [row(0, "监管执法", high), row(1, "监管执法", high)]
    rows += [replace(one, question_id="speed", question="办事效率", overall=False, cell=low) for one in rows]
    figures = Judged(tuple(rows), FORMULA)
    assert [figures.of(one, measure).side for one in figures] == [0, 0, 0, 0]
