"""The list of cases, as text only."""

from collections.abc import Sequence

import streamlit as st

from survey.core.accounts.access import Right, actor, may
from survey.core.models import Case, CaseState, Kind
from survey.core.names import CASE_STATES, KIND_NAMES
from survey.ui.blocks import nothing, safe


def only_integrity() -> bool:
    """Whether the one who looks sees integrity matters and no others."""
    return not may(actor(), Right.CASES, Right.OWN_CASES)


def sentence(cases: Sequence[Case]) -> str:
    """The first line: how many, and how many can be called back."""
    if only_integrity():
        return f"本期有 {len(cases)} 件反映廉洁问题的事项。" if cases else "本期还没有反映廉洁问题的事项。"
    if not cases:
        return "本期还没有企业请求帮办。"
    reachable = sum(bool(case.contact) for case in cases)
    contact = f"其中 {reachable} 件留了联系方式" if reachable else "都没有留联系方式"
    return f"本期有 {len(cases)} 件企业请求帮办的事，{contact}。"


def table(cases: Sequence[Case], names: dict[str, str]) -> None:
    """One row a case, newest day first."""
    if not cases:
        choice = "只转纪检监察" if only_integrity() else "请帮我办"
        nothing("还没有交办事项", f"企业在测评时选「{choice}」，事项会立即出现在这里。")
        return
    titles = "".join(
        f'<th scope="col">{one}</th>' for one in ("日期", "部门", "类别", "内容", "联系方式", "状态")
    )
    rows = "".join(_row(case, names) for case in cases)
    with st.container(key="card-cases"):
        st.html(
            f'<div class="wide"><table class="figures cases"><thead><tr>{titles}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
            '<p class="card-note">联系方式仅用于办理这件事，请勿外传。</p>'
        )


def _row(case: Case, names: dict[str, str]) -> str:
    cells = (
        f"{case.received_on:%m-%d}",
        names.get(case.department_id or "", "未指明"),
        KIND_NAMES[Kind(case.kind)],
        case.text,
        case.contact or "未留",
        CASE_STATES[CaseState(case.state)],
    )
    marked = (f"<td{' class=text' if place == 3 else ''}>{safe(one)}</td>" for place, one in enumerate(cells))
    return f"<tr>{''.join(marked)}</tr>"
