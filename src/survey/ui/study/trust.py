"""Pieces of 体检: verdicts with their reasons, the way from invited to valid, and what weighting moved."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import streamlit as st

from survey.core.answers.signs import Signs
from survey.core.figures.cells import Withheld
from survey.core.models import Source, Wave
from survey.core.numerals import SHARE
from survey.core.statistics.turnout import NOTABLE
from survey.core.study.model import Measure, Study
from survey.core.waves.returns import Group
from survey.output.figures.findings import percent
from survey.output.figures.signs import forms
from survey.output.sentences import honest_bounds, weighted
from survey.output.study import charts_trust
from survey.output.study.trust import POINTS, SOUND, Checked, Weighed, called, moved
from survey.output.waves import charts_monitor
from survey.storage.waves.arriving import Progress
from survey.ui import blocks, explain
from survey.ui.blocks import safe

MARKS = ("fine", "care", "stop")  # by verdict
EXPLAINED = "可信：可以照常引用。仅供参考：引用时要写明理由。不能用来排名：不要与其他部门比高低。"
RULES = (
    "每个部门逐项检查：评价家数、分数是否到顶、有没有差评、是否从头到尾同一档、是否过快或集中到达、与开放扫码是否一致、"
    "作答率、作答是否均匀；最重的一条决定结论。疑点只提示核实，不删除答卷"
)
TELLS = "各部门得分是否可信、哪些企业没有作答、加权前后相差多少"
BARE = "各部门的数字按收到的答卷直接计算，代表的是作答的企业，不一定代表全体。"


def meanwhile(wave: Wave) -> None:
    """Where to look while there are no verdicts."""
    link = f'<a href="/monitor?wave={wave.id}" target="_self">回收</a>'
    st.html(f'<p class="under">谁还没有作答、答卷有哪些异常迹象，现在就可以看{link}。</p>')


def so_far(found: Study, source: Source) -> str:
    """What the verdicts leave out before closing."""
    if found.closed or source == Source.OPEN:
        return ""
    return (
        "本期答卷还没有收齐，现在只查了评价家数、是否到顶、有没有差评；作答率、作答是否均匀、加权前后相差多少、"
        "有没有从头到尾同一档或填得过快，收齐后才能查，结论可能改变。"
    )


def verdicts(found: Sequence[Checked], wave: Wave, closed: bool, whole: bool) -> None:
    """Every department by class with its mark and all reasons."""
    body = "".join(
        f'<li class="class">{safe(category)}</li>' + "".join(_verdict(one, wave, closed) for one in group)
        for category, group in groupby(found, key=lambda one: one.row.category)
    )
    signs = f'异常迹象的份数、去掉存疑答卷前后的对比，见<a href="/monitor?wave={wave.id}" target="_self">回收</a>。'
    st.html(
        f'<h2 class="card-title">得分能不能信</h2><p class="card-note">{EXPLAINED}{signs if whole else ""}</p>'
        f'<ul class="verdicts">{body}</ul>'
    )


def _verdict(one: Checked, wave: Wave, closed: bool) -> str:
    link = f"/department?wave={wave.id}&amp;department={safe(one.row.department_id)}"
    reasons = "".join(
        f"<li>{safe(reason)}</li>"
        for reason in one.reasons or ((SOUND,) if closed else ("其余检查收齐答卷后才做",))
    )
    return (
        f'<li><span class="verdict {MARKS[one.verdict]}">{safe(called(one.verdict, closed))}</span>'
        f'<div><a href="{link}" target="_self">{safe(one.row.department)}</a><ul>{reasons}</ul></div></li>'
    )


def ladder(progress: Progress, published: int, found: Signs | Withheld) -> None:
    """邀请 → 收回 → 已公布: a form is doubtful only by two signs or more, and even so is deleted nowhere."""
    came = progress.answered_of_invited
    share = f"占邀请的 {percent(came / progress.invited)}" if progress.invited else ""
    cells = [
        ("邀请", f"{progress.invited:,} 家", "发放了一企一码的企业"),
        ("收回", f"{came:,} 家", share),
    ]
    if isinstance(found, Withheld):
        cells.append(("已公布", f"{published:,} 份", found.why))
    else:
        cells.append(
            ("已公布", f"{published:,} 份", f"其中存疑{forms(found, found.doubtful, ' ')}，没有删除")
        )
    blocks.counts(cells)


def silence(found: Study, rows: Sequence[Weighed], whole: bool) -> None:
    """What the silent may hide: loudly where nothing could be weighted or a figure moved, else in quiet sentences."""
    with st.container(key="card-silence"):
        blocks.title("没有作答的企业，会不会改变结论")
        if found.weighting.problem:
            st.html(
                f'<div class="message refused" role="alert"><b>没有加权：</b>{safe(found.weighting.problem)}。{BARE}</div>'
            )
        elif not found.weighting.strata:
            st.html(f'<p class="signs">{safe(explain.weights(found))}。{BARE}</p>')
        notable = [one for one in rows if whole and one.shift.notable]
        for one in _whole(found) if whole else map(_moved, rows):
            st.html(f'<p class="signs">{safe(one)}</p>')
        if notable:
            st.html(f'<div class="message caution">{"<br>".join(safe(_moved(one)) for one in notable)}</div>')


def _moved(one: Weighed) -> str:
    return f"{one.name}：{weighted(one.shift)}"


def _whole(found: Study) -> Iterator[str]:
    """Of all departments together: before and after weighting, and what is sure whatever the silent think."""
    if one := moved("全部部门", found.overall.get(Measure.WITH_BASIC)):
        yield _moved(one)
    if found.bounds is not None:
        gap = SHARE.moved(found.bounds[1] - found.bounds[0])
        yield f"{honest_bounds(found.bounds)}两头相差 {gap}：没有作答的企业越多，这个范围越宽，再多的计算也不能缩小它。"


def weighting(found: Study, rows: Sequence[Weighed], whole: bool) -> None:
    """Two columns: what the silent may hide, and what weighting moved in charts and figures."""
    left, right = st.columns(2)
    with left:
        silence(found, rows, whole)
        if rows:
            blocks.picture(charts_trust.weighting(rows), "weighting")
    with right:
        if whole:
            strata(found)
        if len(rows) > 1:
            weighting_table(rows)


def strata(found: Study) -> None:
    """How many answered of each stratum, the fewest first."""
    groups = [
        Group(one.name, one.invited, one.answered, one.key) for one in found.weighting.strata if one.invited
    ]
    if groups:
        lowest_first = sorted(groups, key=lambda one: one.share)
        blocks.picture(charts_monitor.rates(lowest_first, "分层", "截止时"), "strata")


def weighting_table(rows: Sequence[Weighed]) -> None:
    """Before and after, department by department."""
    body = "".join(
        f"<tr><td>{safe(one.name)}</td><td>{one.shift.before:.1f}%</td><td>{one.shift.after:.1f}%</td>"
        f"<td>{POINTS.signed(one.shift.after - one.shift.before)}</td><td>{one.n:,}</td></tr>"
        for one in rows
    )
    with st.container(key="card-weighted"):
        blocks.title("加权前后对照")
        st.html(
            '<div class="wide"><table class="figures"><thead><tr><th scope="col">部门</th><th scope="col">加权前</th>'
            f'<th scope="col">加权后</th><th scope="col">变动<br>百分点</th><th scope="col">评价企业</th></tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
            f'<p class="card-note">满意率（含基本满意）。变动超过 {NOTABLE:.0f} 个百分点的要在报告里写明。</p>'
        )
