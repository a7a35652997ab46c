"""What an import would change: counts, before → after, and the rows that cannot be imported."""

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from survey.actions.enterprises import Plan
from survey.core.registry_cells import LABELS
from survey.core.registry_table import RejectedRow
from survey.output import registry_files
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
            (
                "不能导入",
                f"{len(plan.rejected):,}",
                "原因见下表，可下载改好再导" if plan.rejected else "每一行都认得",
            ),
        )
    )


def details(plan: Plan) -> None:
    """The first rows of each kind, and how the columns were understood."""
    if plan.notes:
        _notes(plan)
    if plan.rejected:
        _rejected(plan)
    if plan.changed:
        _changed(plan)
    if plan.added:
        _added(plan)
    with st.container(key="card-columns"):
        st.html(f'<h2 class="card-title">列是这样对应的</h2><p class="card-note">{_columns(plan)}</p>')


def _notes(plan: Plan) -> None:
    with st.container(key="card-notes"):
        lines = "".join(f"<p>{safe(note)}。</p>" for note in plan.notes[:SHOWN])
        more = f'<p class="card-note">共 {len(plan.notes):,} 处。</p>' if len(plan.notes) > SHOWN else ""
        st.html(f'<h2 class="card-title">请留意</h2>{lines}{more}')


def _columns(plan: Plan) -> str:
    used = "；".join(
        f"{LABELS[name]} ← {found}" if found != LABELS[name] else found
        for name, found in plan.table.columns.items()
    )
    unused = f"。没有用到的列：{'、'.join(plan.table.unused)}" if plan.table.unused else ""
    return safe(used + unused + "。空格子不会清掉名录里已有的内容。")


def _rejected(plan: Plan) -> None:
    with st.container(key="card-rejected"):
        st.html(
            f'<h2 class="card-title">{len(plan.rejected):,} 行不能导入</h2><p class="card-note">其余各行照常导入。'
            "下载这份清单，在里面改好，再把它导入一次即可。</p>"
        )
        rejected_button("下载不能导入的行", plan.table.header, plan.rejected)
        _table(
            ("行号", "企业", "原因"),
            ((one.line, one.name or "（没有名称）", one.reason) for one in plan.rejected),
            len(plan.rejected),
        )


def rejected_button(label: str, header: Sequence[str], rows: Sequence[RejectedRow]) -> None:
    """The rejected rows as a workbook to mend; made when asked for."""
    st.download_button(
        label, lambda: registry_files.rejected(header, rows), "不能导入的行.xlsx", EXCEL,
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _changed(plan: Plan) -> None:
    with st.container(key="card-changed"):
        st.html(f'<h2 class="card-title">更改 {len(plan.changed):,} 家</h2>')
        rows = ((one.line, one.name, "；".join(one.told())) for one in plan.changed)
        _table(("行号", "企业", "改动"), rows, len(plan.changed))


def _added(plan: Plan) -> None:
    with st.container(key="card-added"):
        st.html(f'<h2 class="card-title">新增 {len(plan.added):,} 家</h2>')
        about = ("uscc", "industry", "size", "park", "officer", "contact", "phone")
        rows = (
            (
                one.line,
                one.values["name"],
                " · ".join(one.values[name] for name in about if name in one.values),
            )
            for one in plan.added
        )
        _table(("行号", "企业", "内容"), rows, len(plan.added))


def _table(titles: Sequence[str], rows: Iterable[Sequence[Any]], total: int) -> None:
    head = "".join(f'<th scope="col">{one}</th>' for one in titles)
    body = "".join(
        f'<tr><td>{safe(line)}</td><td class="name">{safe(name)}</td><td class="text">{safe(text)}</td></tr>'
        for (line, name, text), _ in zip(rows, range(SHOWN), strict=False)
    )
    more = f'<p class="card-note">这里列出前 {SHOWN} 行，共 {total:,} 行。</p>' if total > SHOWN else ""
    st.html(
        f'<div class="wide"><table class="figures cases registry"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{more}"
    )
