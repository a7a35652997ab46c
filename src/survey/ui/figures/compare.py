"""比较: tiers, the table behind them, the cross-table by stratum, and the same answers under every 口径."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import streamlit as st

from survey.core.figures import switching
from survey.core.figures.cells import FEW, Banded, Cell, Figures, Row, Shown, Withheld
from survey.core.figures.formulas import FORMULAS, Formula
from survey.core.models import Stratum, Wave
from survey.core.names import MEASURE_NAMES
from survey.core.study.judged import COMPUTING, Judged
from survey.core.study.levels import plain_level
from survey.core.study.model import Measure, Standing, Tier
from survey.output import sentences
from survey.output.figures import findings
from survey.ui.blocks import safe
from survey.ui.moment import phase

TIER_MARKS = {Tier.ABOVE: "above", Tier.SAME: "same", Tier.BELOW: "below"}
COLUMNS = "加权前|加权后|合理范围|梯队|名次范围|评价企业|接触率"
EXPLAINED = "每行为评价过该部门这道题的企业数；接触率 = 评价企业 ÷ 答卷数"
ONE_EXPLAINED = "每行为评价过本部门这道题的企业数；接触率 = 评价企业 ÷ 答卷数"
TIES = "先后颠倒的部门若同在一个梯队，它们的差别本来就在误差范围内；只在同一参评类别内比较。"


def tiers(figures: Judged, rows: Sequence[Row], measure: Measure) -> None:
    """Each class: one sentence, three groups, and apart from them who takes no part and why."""
    standings = findings.standings(figures, rows, measure)
    body = "".join(_class_tiers(name, found) for name, found in standings.items())
    with st.container(key="card-tiers"):
        st.html(
            '<h2 class="card-title">同类部门分三个梯队，梯队之内不排先后</h2>'
            f'<p class="card-note">与本类别平均比，差别超出误差才算高于或低于。名次是部门两两比，只给范围；两种比法不同，结论可能不一致。</p>{body}'
        )


def _class_tiers(name: str, found: Sequence[tuple[Row, Standing]]) -> str:
    groups = "".join(_tier(tier, found) for tier in Tier)
    apart = "；".join(f"{row.department}（{one.why}）" for row, one in found if not one.tier)
    ranked = any(one.tier for _, one in found)
    inside = f'<div class="tiers">{groups}</div>' if ranked else ""
    rest = f'<p class="card-note"><b>未参加比较：</b>{safe(apart)}</p>' if apart else ""
    return f'<h3 class="class">{safe(name)}</h3><p>{safe(findings.tiers(found))}</p>{inside}{rest}'


def _tier(tier: Tier, found: Sequence[tuple[Row, Standing]]) -> str:
    items = "".join(
        f"<li>{safe(row.department)} <small>{safe(findings.rank_words(one))}</small></li>"
        for row, one in found
        if one.tier is tier
    )
    mark = TIER_MARKS[tier] + ("" if items else " empty")
    return f'<div class="{mark}"><b>{tier}</b><ul>{items or "<li><small>没有</small></li>"}</ul></div>'


def table(figures: Judged, rows: Sequence[Row], measure: Measure) -> None:
    """Every department of every class, before and after weighting."""
    body = ""
    for category, group in groupby(rows, key=lambda row: row.category):
        body += f'<tr class="class"><td colspan="8">{safe(category)}</td></tr>'
        body += "".join(
            f"<tr><td>{safe(row.department)}</td>{_cells(row, figures, measure)}</tr>" for row in group
        )
    _table(f"{MEASURE_NAMES[measure]}：加权前后都列出", "部门", body)


def questions(figures: Judged, rows: Sequence[Row], measure: Measure) -> None:
    """Every question of one department, each with its place in the class."""
    body = "".join(f"<tr><td>{safe(row.question)}</td>{_cells(row, figures, measure)}</tr>" for row in rows)
    _table(f"各题的{MEASURE_NAMES[measure]}", "题目", body)


def _table(title: str, first: str, body: str) -> None:
    heads = "".join(f'<th scope="col">{one}</th>' for one in (first, *COLUMNS.split("|")))
    with st.container(key="card-table"):
        st.html(
            f'<h2 class="card-title">{safe(title)}</h2>'
            f'<div class="wide pinned"><table class="figures"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
            '<p class="card-note">梯队和名次只在同一参评类别内比；接触率 = 评价企业 ÷ 答卷数。</p>'
        )


def _cells(row: Row, figures: Judged, measure: Measure) -> str:
    judged = figures.of(row, measure)
    level, plain, weighted = judged.level, judged.plain, judged.weighted
    if level is None or plain is None:
        why = "" if isinstance(row.cell, Shown) else row.cell.why
        return f'<td colspan="7" class="withheld-cell">{safe(why)}</td>'
    found = judged.standing
    values = (
        findings.level_of(row.cell, plain.value, measure),
        findings.level_of(row.cell, weighted.value, measure) if weighted else "—",
        findings.unit_for(row.cell, measure).span((level.low, level.high)),
        str(found.tier) if found.tier else "未参加比较",
        findings.rank_words(found) if found.tier else "—",
        f"{level.n:,}", findings.contact(row),
    )  # fmt: skip
    return "".join(f"<td>{safe(value)}</td>" for value in values)


def strata(
    wave: Wave, rows: Sequence[Row], names: Sequence[Stratum], cells: Mapping[str, Mapping[int, Cell]],
    measure: Measure, formula: Formula,
) -> None:  # fmt: skip
    """Department × stratum of the chosen figure; what is withheld is shown as withheld."""
    with st.container(key="card-strata"):
        st.html(f'<h2 class="card-title">{_strata_title(rows, cells)}</h2>')
        if not phase(wave).over:
            st.html(
                '<div class="withheld">分层结果收齐答卷后公布：在此之前逐次公布会让人推算出单家企业的评价</div>'
            )
            return
        if not names or not cells:
            st.html(
                '<div class="withheld">没有分层结果：本期没有邀请名单、还没有发布，或正在看开放扫码的答卷</div>'
            )
            return
        heads = "".join(f'<th scope="col">{safe(one.name)}</th>' for one in names)
        body = "".join(
            f"<tr><td>{safe(row.department)}</td>"
            + "".join(_part(cells[row.department_id][one.id], measure, formula) for one in names)
            + "</tr>"
            for row in rows
        )
        st.html(
            f'<p class="card-note">{safe(rows[0].question if rows else "")}的{MEASURE_NAMES[measure]}，加权前；每格旁小字为评价企业数。'
            "“不显示”是人数少或能被推算出来，不是 0。</p>"
            f'<div class="wide pinned"><table class="figures strata"><thead><tr><th scope="col">部门</th>{heads}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )


def _strata_title(rows: Sequence[Row], cells: Mapping[str, Mapping[int, Cell]]) -> str:
    found = [cell for row in rows for cell in cells.get(row.department_id, {}).values()]
    told = sum(not isinstance(cell, Withheld) for cell in found)
    return f"部门 × 企业分层：{len(found)} 格中 {told} 格够公布" if found else "部门 × 企业分层"


def _part(cell: Cell, measure: Measure, formula: Formula) -> str:
    if isinstance(cell, Withheld):
        return f'<td class="withheld-cell" title="{safe(cell.why)}">不显示</td>'
    if isinstance(cell, Banded):
        text = cell.range if measure is Measure.WITH_BASIC else "只给范围"
        return f'<td class="withheld-cell" title="{safe(cell.why)}">{safe(text)}</td>'
    level = plain_level(cell, measure.grade_values(formula))
    few = ' class="few"' if level.n < FEW else ""
    return f"<td{few}>{findings.level_of(cell, level.value, measure)} <small>{level.n:,}</small></td>"


def formulas(figures: Figures, rows: Sequence[Row]) -> None:
    """口径切换: the same answers under every formula, class by class, and whether the order survives."""
    heads = "".join(f'<th scope="col">{safe(_short(one))}</th>' for one in FORMULAS.values())
    body, told = "", []
    names = {row.department_id: row.department for row in rows}
    for category, group in groupby(rows, key=lambda row: row.category):
        cells = {row.department_id: row.cell for row in group if isinstance(row.cell, Shown)}
        counts = {one: cell.counts for one, cell in cells.items()}
        if not counts:
            continue
        body += f'<tr class="class"><td colspan="6">{safe(category)}</td></tr>'
        for department, cell in cells.items():
            scores = "".join(f"<td>{findings.score_of(cell, one)}</td>" for one in FORMULAS.values())
            body += f"<tr><td>{safe(names[department])}</td>{scores}</tr>"
        told += [f"{category}：{text}" for text in _survives(counts, names, figures.formula)]
    with st.container(key="card-formulas"):
        st.html('<h2 class="card-title">换一种口径，部门先后还一样吗</h2>')
        if not body:
            st.html('<div class="withheld">没有可以换算的数字</div>')
            return
        lines = "".join(f"<li>{safe(text)}</li>" for text in told)
        st.html(
            f'<p class="card-note">同一批答卷、同一道题，加权前；本期口径：{safe(figures.formula.name)}。</p>'
            f'<ul class="told">{lines}</ul>'
            f'<div class="wide pinned"><table class="figures"><thead><tr><th scope="col">部门</th>{heads}</tr></thead>'
            f'<tbody>{body}</tbody></table></div><p class="card-note">{TIES}</p>'
        )


def _survives(counts: Mapping[str, Sequence[int]], names: Mapping[str, str], formula: Formula) -> list[str]:
    """Sentences about the formulas that turn pairs round; one for all if none does."""
    if len(counts) < 2:
        return ["只有一个部门有数字，不比先后。"]
    turned = [one for one in switching.switches(counts, formula) if one.flips]
    return [sentences.switched(one, names) for one in turned] or ["换成其他口径，部门先后都不变。"]


def _short(formula: Formula) -> str:
    """A formula's name that fits above a column."""
    rates = {"rate-with-basic": Measure.WITH_BASIC, "rate-without-basic": Measure.WITHOUT_BASIC}
    if formula.id in rates:
        return MEASURE_NAMES[rates[formula.id]]
    return formula.id.replace("-", "/")


def computing() -> None:
    """What stands where tiers will be."""
    with st.container(key="card-tiers"):
        st.html(f'<h2 class="card-title">三个梯队</h2><div class="withheld">{COMPUTING}</div>')
