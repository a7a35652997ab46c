"""What an import would change: counts, before → after, and the rows that cannot be imported."""

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from survey.actions.registry.enterprises import Plan
from survey.core.registry.cells import LABELS
from survey.core.registry.rows import Aside, ListRow, RejectedRow
from survey.output.registry import files
from survey.ui.blocks import counts, safe

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 20  # changes and rejected rows shown; the rest is in the file


def summary(plan: Plan) -> None:
    """How many would be added and changed, and how many cannot be read."""
    counts(
        (
            ("新增", f"{len(plan.added):,}", "名录里没有的企业"),
            ("更改", f"{len(plan.changed):,}", "按信用代码找到，内容有变"),
            ("不变", f"{plan.unchanged:,}", "和名录里一样"),
            ("不能导入", f"{len(plan.rejected):,}", _left_out(plan)),
        )
    )


def _left_out(plan: Plan) -> str:
    """「每一行都认得」 only when nothing that people see in the file was left out."""
    if plan.rejected:
        return "原因见下表，可下载改好再导"
    if plan.complete:
        return "看得见的每一行都认得" if plan.table.hidden else "每一行都认得"
    parts = (
        "有工作表没有读" if plan.table.unread else "",
        f"{len(plan.gaps):,} 家的手机号没有导入" if plan.gaps else "",
        f"{len(plan.table.asides):,} 行不是企业" if plan.table.asides else "",
    )
    return "，".join(filter(None, parts)) + "，见下"


def details(plan: Plan) -> None:
    """The first rows of each kind, and how the columns were understood."""
    _sentences("card-unread", "没有读的内容", (*plan.table.unread, *plan.table.hidden))
    _sentences("card-notes", "请留意", plan.notes)
    if plan.rejected:
        _rejected(plan)
    if plan.gaps:
        _gaps(plan)
    if plan.changed:
        _changed(plan)
    if plan.added:
        _added(plan)
    if plan.table.asides:
        _asides(plan.table.asides)
    with st.container(key="card-columns"):
        st.html(f'<h2 class="card-title">列是这样对应的</h2><p class="card-note">{_columns(plan)}</p>')


def _sentences(key: str, title: str, said: Sequence[str]) -> None:
    if not said:
        return
    with st.container(key=key):
        lines = "".join(f"<p>{safe(one)}。</p>" for one in said[:SHOWN])
        more = f'<p class="card-note">共 {len(said):,} 处。</p>' if len(said) > SHOWN else ""
        st.html(f'<h2 class="card-title">{title}</h2>{lines}{more}')


def _columns(plan: Plan) -> str:
    used = "；".join(
        f"{LABELS[name]} ← {found}" if found != LABELS[name] else found
        for name, found in plan.table.columns.items()
    )
    unused = f"。没有用到的列：{'、'.join(plan.table.unused)}" if plan.table.unused else ""
    sheets = (
        f"读了 {len(plan.table.sheets)} 个工作表：{'、'.join(plan.table.sheets)}。"
        if plan.table.sheets
        else ""
    )
    return safe(sheets + used + unused + "。空格子不会清掉名录里已有的内容。")


def _rejected(plan: Plan) -> None:
    with st.container(key="card-rejected"):
        st.html(
            f'<h2 class="card-title">{len(plan.rejected):,} 行不能导入</h2><p class="card-note">'
            f"{'其余各行照常导入。' if plan.table.rows else ''}下载这份清单，在里面改好，再把它导入一次即可。</p>"
        )
        _download(plan)
        _table(
            ("行号", "企业", "原因"),
            ((place(one), one.name or "（没有名称）", one.reason) for one in plan.rejected),
            len(plan.rejected),
        )


def _gaps(plan: Plan) -> None:
    with st.container(key="card-gaps"):
        st.html(
            f'<h2 class="card-title">{len(plan.gaps):,} 家的手机号没有导入</h2><p class="card-note">企业照常导入，'
            "只是手机号先空着（名录里已有的号码不动）。以后在名录里补上，或在清单里改好再导入一次。</p>"
        )
        if not plan.rejected:
            _download(plan)
        _table(
            ("行号", "企业", "原因"),
            ((place(one), one.values["name"], "；".join(one.gaps)) for one in plan.gaps),
            len(plan.gaps),
        )


def _asides(asides: Sequence[Aside]) -> None:
    with st.container(key="card-asides"):
        st.html(
            f'<h2 class="card-title">{len(asides):,} 行没有当作企业</h2>'
            '<p class="card-note">如果其中有企业，请在文件里补上它的信用代码或联系人，再导入。</p>'
        )
        rows = ((place(one), one.text, one.kind) for one in asides)
        _table(("行号", "写的是", "看作"), rows, len(asides), shown=len(asides))


def place(one: ListRow | RejectedRow | Aside) -> str:
    """Where a line stands: its number, with the sheet's name when several were read."""
    return f"{one.sheet} {one.line}".strip()


def _download(plan: Plan) -> None:
    to_mend_button(f"下载要改的 {len(plan.to_mend):,} 行", plan.table.header, plan.to_mend)


def to_mend_button(label: str, header: Sequence[str], rows: Sequence[RejectedRow]) -> None:
    """Rows to mend as a workbook; made when asked for."""
    st.download_button(
        label, lambda: files.to_mend(header, rows), "要改的行.xlsx", EXCEL,
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _changed(plan: Plan) -> None:
    with st.container(key="card-changed"):
        st.html(f'<h2 class="card-title">更改 {len(plan.changed):,} 家</h2>')
        rows = ((place(one.row), one.row.values["name"], "；".join(one.told())) for one in plan.changed)
        _table(("行号", "企业", "改动"), rows, len(plan.changed))


def _added(plan: Plan) -> None:
    with st.container(key="card-added"):
        st.html(f'<h2 class="card-title">新增 {len(plan.added):,} 家</h2>')
        about = ("uscc", "industry", "size", "park", "officer", "contact", "phone")
        rows = (
            (
                place(one),
                one.values["name"],
                " · ".join(one.values[name] for name in about if name in one.values),
            )
            for one in plan.added
        )
        _table(("行号", "企业", "内容"), rows, len(plan.added))


def _table(titles: Sequence[str], rows: Iterable[Sequence[Any]], total: int, shown: int = SHOWN) -> None:
    head = "".join(f'<th scope="col">{one}</th>' for one in titles)
    body = "".join(
        f'<tr><td>{safe(line)}</td><td class="name">{safe(name)}</td><td class="text">{safe(text)}</td></tr>'
        for (line, name, text), _ in zip(rows, range(shown), strict=False)
    )
    more = f'<p class="card-note">这里列出前 {shown} 行，共 {total:,} 行。</p>' if total > shown else ""
    st.html(
        f'<div class="wide stacked"><table class="figures cases registry"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{more}"
    )
