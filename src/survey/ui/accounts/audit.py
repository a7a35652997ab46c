"""The audit log on the screen: filters, the check of the chain, a page of entries, the file."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from survey.actions.accounts.audit import verify_chain
from survey.core.models import AuditEntry, Outcome, Role
from survey.core.names import OUTCOME_NAMES, ROLE_NAMES
from survey.storage.accounts.people import EntrySearch
from survey.storage.database import reading
from survey.ui import messages
from survey.ui.blocks import nothing, safe
from survey.ui.live import china

SIZE = 50
RESULTS = {"": "全部结果"} | {one.value: name for one, name in OUTCOME_NAMES.items()}


def choose() -> EntrySearch:
    """What is looked for."""
    first, second, third, fourth = st.columns(4)
    who = first.text_input("谁", placeholder="账号里的几个字", key="audit-who")
    what = second.text_input("做什么", placeholder="例如：导出", key="audit-what")
    result = third.selectbox(
        "结果", list(RESULTS), format_func=RESULTS.__getitem__, key="audit-result", filter_mode=None
    )
    left, right = fourth.columns(2)
    since = left.date_input("从", value=None, format="YYYY-MM-DD", key="audit-since")
    until = right.date_input("到", value=None, format="YYYY-MM-DD", key="audit-until")
    return EntrySearch(who, what, result, _day(since), _day(until))


def _day(chosen: object) -> date | None:
    return chosen if isinstance(chosen, date) else None


def check() -> None:
    """核对: whether any entry was changed or removed."""
    left, right = st.columns([1, 1])
    if left.button("核对日志是否完整"):
        with st.spinner("正在逐条核对…"), reading() as db:
            problems = verify_chain(db)
        if problems:
            messages.refused("　".join(problems[:5]))
        else:
            messages.done("日志完整，没有哪一条被改过或删过。")
    right.html(
        '<p class="files"><a href="/export/audit.csv" target="_self" download>下载全部记录（CSV）</a> '
        '<a href="/export/enterprises.csv" target="_self" download>下载企业添加簿（CSV）</a></p>'
    )


def table(entries: Sequence[AuditEntry]) -> None:
    """One row an entry, newest first."""
    if not entries:
        nothing("没有符合条件的记录", "换一个条件再查。")
        return
    titles = "".join(
        f'<th scope="col">{one}</th>' for one in ("编号", "时间", "账号", "角色", "做什么", "对象", "结果")
    )
    rows = "".join(_row(one) for one in entries)
    with st.container(key="card-audit"):
        st.html(
            f'<div class="wide"><table class="figures cases"><thead><tr>{titles}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )


def _row(entry: AuditEntry) -> str:
    cells = (
        str(entry.id), f"{china(entry.at):%Y-%m-%d %H:%M:%S}", entry.who,
        ROLE_NAMES[Role(entry.role)] if entry.role else "", entry.what, entry.about, OUTCOME_NAMES[Outcome(entry.result)],
    )  # fmt: skip
    marked = (f"<td{' class=text' if place == 5 else ''}>{safe(one)}</td>" for place, one in enumerate(cells))
    return f'<tr class="{safe(entry.result)}">{"".join(marked)}</tr>'
