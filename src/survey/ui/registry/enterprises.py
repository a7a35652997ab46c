"""The registry on screen: search and filters, one row per enterprise, edit and archive."""

from collections.abc import Callable, Sequence
from math import ceil

import streamlit as st

from survey.actions.registry import enterprises as actions
from survey.core import editable
from survey.core.accounts.access import Right
from survey.core.models import Enterprise
from survey.core.refusals import NotAllowed
from survey.core.registry.cells import LABELS, LONGEST
from survey.core.versions import Seen
from survey.output.registry import files
from survey.storage.database import reading
from survey.storage.registry import enterprises
from survey.storage.registry.enterprises import PAGE, Counts, EnterpriseSearch
from survey.ui import access, editing, messages, steps
from survey.ui.blocks import nothing, safe
from survey.ui.live import china
from survey.ui.registry import importing
from survey.ui.registry.preview import EXCEL

MESSAGE, UNDO = steps.MESSAGE, "registry-undo"
REFUSED = "registry-refused"
FILTER_NAMES = {"industry": "行业", "size": "规模", "park": "园区", "officer": "服务专员"}
EDITED = (
    ("name", "uscc"), ("industry", "size"), ("park", "officer"), ("leader", "contact"), ("phone", "name_en"),
)  # fmt: skip
STATES = ("在册企业", "重点企业", "已归档")


def sentence(counts: Counts) -> str:
    """The first line of the page."""
    if not counts.listed:
        return "名录里还没有企业。" if not counts.archived else f"企业都已归档（{counts.archived:,} 家）。"
    missing = [
        f"{number:,} 家{what}"
        for number, what in (
            (counts.without_contact, "没有联系人或手机号"),
            (counts.without_uscc, "没有信用代码"),
        )
        if number
    ]
    key = f"，其中重点企业 {counts.key:,} 家" if counts.key else ""
    return f"名录里有 {counts.listed:,} 家企业{key}{'；' + '，'.join(missing) if missing else ''}。"


def tools() -> None:
    """What can be done with the registry as a whole."""
    with st.container(horizontal=True):
        if st.button("导入名单", type="primary", icon=":material/upload:"):
            importing.open_import()
        if st.button("新增一家", icon=":material/add:"):
            _edit(None)
        st.html(
            '<p class="files"><a href="/export/enterprises.csv" target="_self" download '
            'title="每家企业由谁、何时、从哪个文件添加">企业添加簿（CSV）</a></p>'
        )


def choose(choices: dict[str, list[str]], counts: Counts) -> EnterpriseSearch:
    """Search box and filters; the search stays out of the address, since it may be somebody's name or phone."""
    words, state = st.columns([3, 1])
    text = words.text_input(
        "查找", key="registry-text", placeholder="企业名称、信用代码、联系人或手机号的一部分", type="search"
    )
    shown = state.selectbox(
        "显示", STATES[: 3 if counts.archived else 2], key="registry-state", filter_mode=None
    )
    chosen = {}
    for place, name in zip(st.columns(len(FILTER_NAMES)), FILTER_NAMES, strict=True):
        options = ["", *choices[name]]
        chosen[name] = place.selectbox(
            FILTER_NAMES[name], options, format_func=lambda one: one or "全部", key=f"registry-{name}"
        )
    return EnterpriseSearch(
        (text or "").strip(), **chosen, key_only=shown == STATES[1], archived=shown == STATES[2]
    )


def choose_page(search: EnterpriseSearch, found: int) -> tuple[int, int]:
    """The page looked at, and how many enterprises were found."""
    pages = max(1, ceil(found / PAGE))
    if st.session_state.get("registry-search") != search:
        st.session_state["registry-search"], st.session_state["registry-page"] = search, 1
    number = min(st.session_state.get("registry-page", 1), pages)
    st.session_state["registry-page"] = number
    return number, found


def table(page: Sequence[Enterprise], search: EnterpriseSearch, found: int) -> None:
    """One page of enterprises."""
    if not page:
        nothing("没有找到企业", "换一个词，或者把筛选改回“全部”。")
        return
    check = access.check_later(Right.ROUNDS)
    with st.container(key="card-registry"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(
                f'<h2 class="card-title">{"共" if search == EnterpriseSearch() else "找到"} {found:,} 家</h2>'
            )
            st.download_button(
                "下载这些企业", lambda: _file(search, check), "企业名录.xlsx", EXCEL, type="tertiary",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip
        seen = editing.shown("registry", {one.id: editable.enterprise(one) for one in page})
        for one in page:
            _row(one, seen[one.id])
        if found > PAGE:
            _pager(found)


def _file(search: EnterpriseSearch, check: Callable[[], None]) -> bytes:
    check()
    with reading() as db:
        return files.listing(enterprises.everything(db, search))


def _row(one: Enterprise, seen: Seen) -> None:
    with st.container(key=f"enterprise-{one.id}"):
        name, kind, people, doing = st.columns([5, 3, 4, 2], vertical_alignment="center")
        key = ' <span class="pill">重点</span>' if one.key else ""
        name.html(f"<b>{safe(one.name)}</b>{key}" + _quiet(one.uscc or "没有信用代码", one.name_en))
        kind.html(safe(one.industry or "未分行业") + _quiet(one.size, one.park))
        people.html(
            f"{safe(one.contact or '没有联系人')} {safe(one.phone)}"
            + _quiet(one.officer and f"专员 {one.officer}", one.leader and f"包联 {one.leader}")
        )
        with doing.container(horizontal=True, horizontal_alignment="right", gap="small"):
            if st.button("编辑", key=f"edit-{one.id}", type="tertiary"):
                _edit(one)
            word = "恢复" if one.archived else "归档"
            if st.button(word, key=f"archive-{one.id}", type="tertiary"):
                _archive(seen, one.id, one.name, not one.archived)


def _quiet(*parts: str) -> str:
    found = " · ".join(safe(one) for one in parts if one)
    return f'<div class="card-note">{found}</div>' if found else ""


def _pager(found: int) -> None:
    number, pages = st.session_state["registry-page"], ceil(found / PAGE)

    def turn(by: int) -> None:
        st.session_state["registry-page"] = number + by

    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center"):
        st.button("上一页", disabled=number == 1, on_click=turn, args=(-1,))
        st.html(f'<span class="card-note">第 {number} / {pages} 页</span>', width="content")
        st.button("下一页", disabled=number == pages, on_click=turn, args=(1,))


@access.dialog("企业信息", width="medium")
def _edit(one: Enterprise | None) -> None:
    """All fields of an enterprise; an empty field is empty afterwards."""
    given = {}
    if one and (made := who_made(one)):
        st.html(f'<p class="card-note">{safe(made)}</p>')
    form = editing.EditForm(
        f"enterprise-{one.id if one else 'new'}", editable.enterprise(one or Enterprise(name=""))
    )
    with form.box(border=False):
        for pair in EDITED:
            for place, name in zip(st.columns(2), pair, strict=True):
                given[name] = (
                    place.text_input(
                        LABELS[name], form[name] or "", max_chars=LONGEST.get(name, 30), key=form.key(name)
                    )
                    or ""
                )
        given["key"] = "是" if st.checkbox(LABELS["key"], bool(form["key"]), key=form.key("key")) else "否"
        form.questions()
        saved = st.form_submit_button("保存", type="primary")
    if saved:
        number = one.id if one else None
        form.save(
            lambda db, _user, seen: actions.save_enterprise(db, number, given, seen if number else None),
            f"「{given['name'].strip()}」已保存。",
        )


def who_made(one: Enterprise) -> str:
    """Who brought it into the registry, and who last gave it another name or USCC."""
    told = [
        f"{who} {china(at):%Y-%m-%d} {did}"
        for who, at, did in (
            (one.made_by, one.made_at, "添加"),
            (one.renamed_by, one.renamed_at, "改过名称或信用代码"),
        )
        if who and at
    ]
    return "，".join(told)


def _archive(seen: Seen, number: int, name: str, archived: bool) -> None:
    done = f"「{name}」已{'归档，不再邀请；已发的码和已交的答卷不受影响。' if archived else '恢复到名录。'}"
    try:
        steps.transact(lambda db, _user: actions.archive(db, number, archived, seen))
    except NotAllowed as refused:
        messages.refused(refused)
        return
    st.session_state[UNDO] = (number, name, not archived)
    steps.go_on(None, done)


def show_message() -> None:
    """What the last step did, said once; an archived enterprise can be put back at once."""
    if refused := st.session_state.pop(REFUSED, ""):
        messages.refused(refused)
    undo = st.session_state.pop(UNDO, None)
    if not (message := st.session_state.pop(MESSAGE, "")):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        messages.done(message)
        if undo:
            st.button("撤销", key="undo-archive", on_click=_take_back, args=undo)


def _take_back(number: int, name: str, archived: bool) -> None:
    seen = Seen({"archived": not archived})
    try:
        steps.transact(lambda db, _user: actions.archive(db, number, archived, seen))
    except NotAllowed as refused:
        st.session_state[REFUSED] = str(refused)
        return
    st.session_state[MESSAGE] = f"已撤销，「{name}」{'仍在归档里' if archived else '仍在名录里'}。"
