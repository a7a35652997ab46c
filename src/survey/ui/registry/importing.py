"""Importing a list: choose a file, look at what it would change, confirm or cancel, undo."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from survey.actions.intake.lists import read_list
from survey.actions.registry import enterprises
from survey.actions.registry.enterprises import Plan
from survey.core.accounts.access import Right
from survey.core.intake.list_text import TextRefused
from survey.core.models import RegistryImport, User
from survey.core.refusals import NotAllowed
from survey.output.registry import files
from survey.storage.database import reading, writing
from survey.ui import access, messages, steps
from survey.ui.blocks import finding, safe
from survey.ui.live import china
from survey.ui.registry.preview import EXCEL, details, summary, to_mend_button
from survey.ui.uploads import allow_upload

OPEN, PLAN, ROUND, MESSAGE = "registry-import", "registry-plan", "registry-round", steps.MESSAGE
ANEW = "registry-plan-anew"
HIDDEN = "registry-hidden-rows"  # whether hidden rows are wanted
LEFT = "registry-left"  # the rows to mend after an import, at hand until the next one
MEGABYTES = 5  # ten thousand enterprises take less than one


def is_open() -> bool:
    """Whether a list is being imported."""
    return bool(st.session_state.get(OPEN))


def open_import() -> None:
    """Go to the import."""
    st.session_state[OPEN] = True
    st.rerun()


def _leave(message: str = "") -> None:
    """Back to the registry; the file and its preview are forgotten."""
    for name in (OPEN, PLAN):
        st.session_state.pop(name, None)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1  # a fresh upload box next time
    if message:
        st.session_state[MESSAGE] = message
    st.rerun()


def show(user: User) -> None:
    """The import, from the file to the confirmation. Nothing is written before 确认导入."""
    top = st.container()
    allow_upload()
    file = st.file_uploader(
        "名单文件（Excel .xlsx 或 CSV）", ["xlsx", "csv", "xls"], max_upload_size=MEGABYTES,
        key=f"registry-file-{st.session_state.get(ROUND, 0)}",
    )  # fmt: skip
    plan = _plan(file) if file else None
    with top:
        finding(_sentence(plan) if plan else "导入企业名单", "" if plan else "先看预览，确认之后才写入名录。")
    if told := st.session_state.pop(ANEW, ""):
        messages.caution(told)
    if plan:
        summary(plan)
        _hidden_rows(plan, _hidden_key(file))
    _steps(plan, user)
    if plan:
        details(plan)
    elif not file:
        explain()


def _plan(file: Any) -> Plan | None:
    """The plan for the chosen file, made once; says so when it is no list."""
    known, chosen = st.session_state.get(PLAN), (file.file_id, bool(st.session_state.get(_hidden_key(file))))
    if known and known[0] == chosen:
        return known[1]  # type: ignore[no-any-return]
    try:
        with st.spinner("正在核对…"):
            table = read_list(file.getvalue(), file.name, hidden_rows=chosen[1])
            with reading() as db:
                plan = enterprises.plan_import(db, table)
    except TextRefused as refused:
        messages.refused(refused)
        return None
    st.session_state[PLAN] = (chosen, plan)
    return plan


def _hidden_key(file: Any) -> str:
    """The choice belongs to one file."""
    return f"{HIDDEN}-{file.file_id}"


def _hidden_rows(plan: Plan, key: str) -> None:
    """The choice to read rows that are hidden or filtered out as well."""
    if plan.table.hidden_rows:
        st.checkbox(f"也导入隐藏的 {plan.table.hidden_rows:,} 行", key=key)


def _sentence(plan: Plan) -> str:
    refused = f"，{len(plan.gaps):,} 家的手机号要补" if plan.gaps else ""
    refused += f"，{len(plan.rejected):,} 行不能导入" if plan.rejected else ""
    if not plan.does_something:
        return f"没有要新增或更改的企业（不变 {plan.unchanged:,} 家{refused}）。"
    parts = (f"新增 {len(plan.added):,} 家" if plan.added else "",
             f"更改 {len(plan.changed):,} 家" if plan.changed else "")  # fmt: skip
    return f"将{'、'.join(filter(None, parts))}{refused}。确认之后才写入。"


def _steps(plan: Plan | None, user: User) -> None:
    with st.container(horizontal=True):
        if plan and plan.does_something and st.button(_confirm(plan), type="primary"):
            _apply(plan, user)
        if st.button("取消" if plan else "返回名录"):
            _leave("已取消，名录没有变化。" if plan else "")


def _confirm(plan: Plan) -> str:
    return f"确认导入 {len(plan.added) + len(plan.changed):,} 家"


def _apply(plan: Plan, user: User) -> None:
    user = access.require(Right.ROUNDS)
    try:
        with writing() as db:
            enterprises.apply_import(db, plan, user.name, datetime.now(UTC))
    except NotAllowed as refused:
        st.session_state.pop(PLAN, None)  # drawn up anew from the same file
        st.session_state[ANEW] = str(refused)
        st.rerun()
    left = f"另有 {len(plan.rejected):,} 行没有导入。" if plan.rejected else ""
    left += f"{len(plan.gaps):,} 家的手机号要补。" if plan.gaps else ""
    st.session_state[LEFT] = (plan.table.header, plan.to_mend)
    _leave(f"已导入：新增 {len(plan.added):,} 家，更改 {len(plan.changed):,} 家。{left}")


def explain() -> None:
    """What a list must look like, for who has none yet."""
    with st.container(key="card-explain"):
        lines = "".join(
            f"<tr><td>{safe(name)}</td><td class='text'>{safe(text)}</td></tr>"
            for name, text in files.EXPLAINED
        )
        st.html(
            '<h2 class="card-title">名单里要有哪些列</h2><p class="card-note">直接用手头的 Excel 即可：列名认得“单位名称”'
            "“信用代码”“联系电话”等常见叫法，次序随意，表头上面有标题行也没关系。只有企业名称必填。</p>"
            f'<div class="wide stacked"><table class="figures cases registry"><tbody>{lines}</tbody></table></div>'
        )
        st.download_button(
            "下载模板", files.template, "企业名录模板.xlsx", EXCEL, icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


def last_done(last: RegistryImport | None) -> None:
    """The newest import, with the way back and the rows it left out."""
    if last is None:
        return
    header, rows = st.session_state.get(LEFT, ((), ()))
    if rows:
        to_mend_button(f"下载要改的 {len(rows):,} 行", header, rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            f'<p class="card-note">最近一次导入：{china(last.at):%m-%d %H:%M} {safe(last.who)} 导入「{safe(last.file_name)}」，'
            f"新增 {len(last.added):,} 家，更改 {last.edited:,} 家。</p>"
        )
        if st.button("撤销这次导入", type="tertiary", icon=":material/undo:"):
            _confirm_undo(last.id, len(last.added), last.edited)


@access.dialog("撤销导入")
def _confirm_undo(number: int, added: int, changed: int) -> None:
    st.text(f"新增的 {added:,} 家从名录删除，更改的 {changed:,} 家恢复原样。")
    if st.button("确认撤销", type="primary"):
        access.require(Right.ROUNDS)
        try:
            with writing() as db:
                enterprises.undo_import(db, number)
        except NotAllowed as refused:
            messages.refused(refused)
            return
        st.session_state[MESSAGE] = f"已撤销：{added:,} 家新增和 {changed:,} 家更改都恢复到导入之前。"
        st.rerun()
