"""Pieces of 先改什么: what each dimension's place means, and who is weakest in one of them."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NoReturn

import streamlit as st

from survey.core.answers.form import Form
from survey.core.figures.cells import Shown
from survey.core.models import Source, Wave
from survey.core.numerals import SHARE, percent
from survey.core.study.model import DriverSet, Level, Share
from survey.core.study.priorities import Quadrant
from survey.output import sentences
from survey.output.figures.charts_reasons import no_reasons
from survey.output.figures.findings import why_not
from survey.output.sentences import border, priority
from survey.output.study import charts_priorities, priorities
from survey.output.study.priorities import Dimension, Weak
from survey.ui import blocks
from survey.ui.blocks import safe

LINKED = (
    "总体满意度单独一题，看各维度的打分与它同高同低的程度（Johnson 相对权重），各维度占比合计 100%；"
    "只说明一起变动，不说明谁引起谁"
)
FORMULA = "满意率（含基本满意）：前三级占比"
TELLS = "各维度的满意率、与总体满意度的关联"
POOLED = "各维度的满意率由各部门已公布的计数合并，未加权；同一家企业评几个部门，合理范围按总体满意度一题的有效样本量折算"
HEAD = ("维度", "满意率<br>合理范围", "关联占比<br>合理范围", "归类", "评价")


def explained(department_id: str) -> list[tuple[str, str]]:
    """What is particular about these figures."""
    more = [("关联", LINKED)]
    return more if department_id else [*more, ("合并", POOLED)]


def nothing(department_id: str | None) -> NoReturn:
    """Why a wave has nothing to put first: it did not ask about the department, or about no dimension; the page ends."""
    if department_id is None:
        blocks.nothing("本期没有测评您的部门", "可以换一个期次看看。")
    else:
        blocks.nothing("本期问卷只有总体满意度", "没有分维度的题目，不能比较先改哪个维度。")
    st.stop()


def counted(found: Sequence[Dimension], drivers: DriverSet) -> str:
    """How many stand behind the places of the dimensions."""
    if drivers.shares:
        return f"{drivers.n:,} 家评全各维度的企业"
    return f"{priorities.ratings(found):,} 次评价"


def quadrants(form: Form, found: Sequence[Dimension], drivers: DriverSet) -> None:
    """The chart of all dimensions, after a caution where they cannot be told apart."""
    if priorities.alike(found):
        st.html(f'<div class="message caution">{safe(priorities.ALIKE)}</div>')
    linked = sentences.drivers([one.name.zh for one in form.questionnaire.dimensions], drivers).rstrip("。")
    blocks.picture(
        charts_priorities.quadrants(found, linked, f"n = {counted(found, drivers)}。"), "quadrants"
    )


def places(found: Sequence[Dimension]) -> None:
    """Where each dimension stands, in sentences and figures."""
    blocks.title("各维度的位置")
    told(found)
    table(found)


def told(found: Sequence[Dimension]) -> None:
    """A sentence for each dimension that has its place; those on the border together."""
    judged = [(one.name, one.priority) for one in found if one.priority]
    clear = [priority(name, one) for name, one in judged if one.quadrant is not Quadrant.BORDER]
    on_border = border([name for name, one in judged if one.quadrant is Quadrant.BORDER])
    said = "".join(f"<li>{safe(one)}</li>" for one in (*clear, on_border) if one)
    if said:
        st.html(f'<ul class="rules">{said}</ul>')


def table(found: Sequence[Dimension]) -> None:
    """All figures of the dimensions, lowest 满意率 first."""
    rows = sorted(found, key=lambda one: one.level.value if one.level else 2)
    titles = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    body = "".join(f"<tr><td>{safe(one.name)}</td>{_cells(one)}</tr>" for one in rows)
    st.html(
        f'<div class="wide"><table class="figures dimensions"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cells(one: Dimension) -> str:
    if one.level is None:
        return (
            f'<td colspan="{len(HEAD) - 1}" class="withheld-cell">{safe(getattr(one.cell, "why", ""))}</td>'
        )
    values = [_ranged(one.level.value, one.level), "—", "—", f"{one.level.n:,}"]
    if one.driver:
        values[1] = _ranged(one.driver.share, one.driver)
    if one.priority:
        values[2] = one.priority.quadrant.value
    return "".join(f"<td>{value}</td>" for value in values)


def _ranged(value: float, of: Level | Share) -> str:
    return f"{percent(value)}<small>{SHARE.span((of.low, of.high))}</small>"


def weak(found: Sequence[Weak], name: str, below: Mapping[str, str], wave: Wave, source: Source) -> None:
    """The weakest departments of each class in one dimension, why they were rated badly, and where to read on."""
    with st.container(key="card-weak"):
        blocks.title(f"“{name}”上，各类满意率最低的几个部门", NOTE)
        if not found:
            st.html('<div class="withheld">各部门在这个维度的评价数量还不够公布</div>')
            return
        body = "".join(
            f'<li class="class"><b>{safe(category)}</b>{safe(below[category])}</li>' + "".join(_weak(one, wave, source) for one in group)
            for category, group in groupby(found, key=lambda one: one.row.category)
        )  # fmt: skip
        st.html(f'<ul class="verdicts weak">{body}</ul>')


NOTE = "只列每类满意率最低的几个，从低到高。差评原因是企业给该部门总体满意度打差评时自己选的，不分维度，请核实后再定怎么改。"


def _weak(one: Weak, wave: Wave, source: Source) -> str:
    about = f"wave={wave.id}&amp;department={safe(one.row.department_id)}"
    tier = f" · {why}" if (why := one.place.tier or one.place.why) else ""
    level = (
        f"{percent(one.level.value)}（合理范围 {SHARE.span((one.level.low, one.level.high))}）"
        if one.level
        else ""
    )
    chips = "".join(f'<span class="pill">{safe(name)} {count} 家</span> ' for name, count in one.reasons)
    return (
        f'<li><div><a href="/department?{about}&amp;source={source}" target="_self">{safe(one.row.department)}</a> '
        f"{level} · n={one.row.cell.n if isinstance(one.row.cell, Shown) else 0:,}{safe(tier)}"
        f'<div class="chips">差评原因：{chips or safe(_unreasoned(one))}</div>'
        f'<a class="more" href="/remarks?{about}" target="_self">看这个部门的留言</a></div></li>'
    )


def _unreasoned(one: Weak) -> str:
    return no_reasons(one.overall) if isinstance(one.overall, Shown) else why_not(one.overall)
