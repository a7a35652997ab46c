"""主题 on the screen: counts, the officer's list, and the themes of one remark."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from survey.actions.remarks import themes
from survey.core import editable
from survey.core.accounts.access import Right
from survey.core.models import Wave
from survey.core.refusals import NotAllowed
from survey.core.remarks.themes import LABEL_LIMIT, ThemeCount
from survey.storage.database import reading, writing
from survey.storage.remarks.listed import Labelled, confirmed_under
from survey.ui import access, editing, messages
from survey.ui.blocks import safe

NEW, REFUSED = "", "themes-refused"


def counted(counts: Sequence[ThemeCount], wave: Wave) -> None:
    """Remarks by theme: confirmed by a person, and only suggested by words."""
    with st.container(key="card-themes"):
        st.html(f'<h2 class="card-title">{_title(counts)}</h2>')
        if not counts:
            st.html('<div class="withheld">还没有 5 条以上留言的主题</div>')
            return
        most = max(one.total for one in counts)
        st.html(f'<ul class="words">{"".join(_bar(one, most, wave) for one in counts)}</ul>')
        st.html(
            '<p class="card-note">深色为人工确认，浅色为按词建议、待确认，一条留言可以有几个主题。'
            "少于 5 条的主题只有营商专班能看到。</p>"
        )


def _title(counts: Sequence[ThemeCount]) -> str:
    confirmed = sum(one.confirmed for one in counts)
    return (
        f"留言说的是什么：{confirmed} 处已由人确认"
        if confirmed
        else "留言说的是什么：都是按词建议，还没有人确认"
    )


def _bar(one: ThemeCount, most: int, wave: Wave) -> str:
    query = urlencode({"wave": str(wave.id), "theme": one.label})
    return (
        f'<li><a href="/remarks?{safe(query)}" target="_self">{safe(one.label)}</a><span class="bar">'
        f'<i style="width:{100 * one.confirmed / most:.0f}%"></i>'
        f'<i class="guess" style="width:{100 * one.suggested / most:.0f}%"></i></span>'
        f"<span>确认 {one.confirmed}，建议 {one.suggested}</span></li>"
    )


def choose(one: Labelled, known: Sequence[str]) -> None:
    """The themes of a remark, as the officer sets them."""
    number = one.remark.id.hex()
    box = f"themes-{number}"
    st.session_state[box] = [label for label in known if label in one.labels.confirmed]
    with st.container(horizontal=True, gap="small", key=f"choice-{number}"):
        if one.labels.suggested:
            st.button(
                "确认建议", key=f"confirm-{number}", type="tertiary", on_click=_save,
                args=(one, one.labels.suggested, ()),
            )  # fmt: skip
        with st.popover("改主题", type="tertiary"):
            st.multiselect(
                "已确认的主题", known, key=box, placeholder="还没有", select_all=False, on_change=_changed,
                args=(one, box),
            )  # fmt: skip


def _changed(one: Labelled, box: str) -> None:
    chosen = tuple(st.session_state[box])
    added = tuple(label for label in chosen if label not in one.labels.confirmed)
    gone = tuple(label for label in one.labels.confirmed if label not in chosen)
    _save(one, added, gone)


def _save(one: Labelled, added: Sequence[str], gone: Sequence[str]) -> None:
    access.require(Right.CASES)
    try:
        with writing() as db:
            for label in added:
                themes.confirm_theme(db, one.remark.id, label)
            for label in gone:
                themes.take_back_theme(db, one.remark.id, label)
    except NotAllowed as refused:
        st.session_state[REFUSED] = str(refused)


def show_refusal() -> None:
    """Why a theme could not be set, said once."""
    if told := st.session_state.pop(REFUSED, ""):
        messages.refused(told)


def edit(known: Mapping[str, Sequence[str]]) -> None:
    """The officer's list: add, rename, change words, remove."""
    with st.expander("改主题表"):
        chosen = _choose_theme(known)
        form = editing.EditForm(f"theme-{chosen}", editable.theme(chosen, known.get(chosen, ())))
        label = st.text_input("名称", form["label"], max_chars=LABEL_LIMIT, key=form.key("label"))
        words = st.text_area(
            "词（留言里出现任何一个就建议归入，用顿号隔开）", "、".join(form["words"]), key=form.key("words")
        )
        form.questions()
        with st.container(horizontal=True):
            if st.button("保存", type="primary", key="theme-save"):
                _store(form, chosen, label or "", words or "")
            if chosen and st.button("删除", key="theme-remove"):
                _ask_to_remove(chosen, known.get(chosen, ()))


def _choose_theme(known: Mapping[str, Sequence[str]]) -> str:
    """Which theme is edited. One that was renamed or removed just now stays: its fields hold what was typed."""
    going = st.session_state.get("theme-edited") or NEW
    options = list(dict.fromkeys([NEW, *known, going]))
    chosen = st.selectbox(
        "主题", options, format_func=lambda one: one or "新增主题", key="theme-edited", filter_mode=None
    )
    return chosen or NEW


def _store(form: editing.EditForm, chosen: str, label: str, words: str) -> None:
    if chosen:
        form.save(
            lambda db, _user, seen: themes.change_theme(db, chosen, label, words, seen),
            f"主题「{label}」已保存。",
            right=Right.CASES,
        )
    else:
        form.save(
            lambda db, _user, _seen: themes.add_theme(db, label, words),
            f"已新增主题「{label}」。",
            right=Right.CASES,
        )


@access.dialog("删除主题")
def _ask_to_remove(label: str, words: Sequence[str]) -> None:
    with reading() as db:
        confirmed = confirmed_under(db, label)
    form = editing.EditForm(f"remove-{label}", {**editable.theme(label, words), "confirmed": confirmed})
    form.questions()
    st.html(
        f"<p>删除「{safe(label)}」？有 {form['confirmed']} 条留言已确认归入它，这些确认会一起删去，不能恢复。留言本身不变。</p>"
    )
    if st.button("确认删除", type="primary", key="theme-remove-sure"):
        form.save(
            lambda db, _user, seen: themes.remove_theme(db, label, seen),
            f"已删除主题「{label}」。",
            right=Right.CASES,
        )
