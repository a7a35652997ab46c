"""Filters: chosen on the page, kept in the address bar, so that a link shows the same view."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil

import streamlit as st
from sqlmodel import Session
from streamlit.delta_generator import DeltaGenerator

from survey.core.accounts.access import own_department
from survey.core.answers.form import Form
from survey.core.figures.view import View
from survey.core.labels import told_apart
from survey.core.models import Kind, Source, Stratum, Wave
from survey.core.names import KIND_NAMES, MEASURE_NAMES, SOURCE_NAMES
from survey.core.study.course import YARDSTICKS, Yardstick
from survey.core.study.model import Measure
from survey.storage.database import reading
from survey.storage.remarks.listed import UNNAMED, RemarkSearch
from survey.storage.waves import published
from survey.ui import blocks

ALL = ""
TOGETHER = "全部部门合并"
NO_WAVES = "还没有期次"
LONGEST = 40  # characters searched for


def any_wave(wave: Wave) -> bool:
    """For pages that show every wave."""
    return True


def chosen_wave(
    empty: str, wanted: Callable[[Wave], bool] = any_wave, title: str = NO_WAVES
) -> tuple[Wave, DeltaGenerator]:
    """The wave looked at, and the place above its choice for the first line; see `waves_or_nothing`."""
    waves = waves_or_nothing(empty, wanted, title)
    top = st.container()
    return choose_wave(waves), top


def chosen_wave_beside(
    columns: int | Sequence[float], empty: str
) -> tuple[Wave, DeltaGenerator, list[DeltaGenerator]]:
    """The same, chosen in the first of a row of columns; and the other columns."""
    waves = waves_or_nothing(empty)
    top = st.container()
    first, *others = st.columns(columns, vertical_alignment="bottom")
    with first:
        return choose_wave(waves), top, others


def waves_or_nothing(
    empty: str, wanted: Callable[[Wave], bool] = any_wave, title: str = NO_WAVES
) -> list[Wave]:
    """The waves that a page is about; where there is none, what will be here, and the page stops."""
    with reading() as db:
        found = [one for one in published.waves(db) if wanted(one)]
    if not found:
        blocks.nothing(title, empty)
        st.stop()
    return found


def choose_wave(waves: Sequence[Wave]) -> Wave:
    """The wave looked at; remembered from page to page."""
    names = {str(wave.id): wave.title for wave in waves}
    remembered = st.session_state.get("wave", ALL)
    chosen = _choose("期次", "wave", names, remembered)
    st.session_state["wave"] = chosen
    return next(wave for wave in waves if str(wave.id) == chosen)


def choose_view(db: Session, form: Form, wave: Wave, strata: Sequence[Stratum]) -> View:
    """Class, source and stratum; open answers know no stratum."""
    classes = dict.fromkeys(department.category for department in form.departments)
    left, middle, right = st.columns(3)
    with left:
        category = _choose("参评类别", "class", {ALL: "全部类别"} | {one: one for one in classes})
    with middle:
        source = choose_source(wave, published.default_source(db, wave))
    with right:
        names = {str(one.id): f"{one.name}（邀请 {one.invited} 家）" for one in strata}
        stratum = _choose("企业分层", "stratum", {ALL: "全部企业"} | names, disabled=source == Source.OPEN)
    return View(category or None, int(stratum) if stratum and source != Source.OPEN else None, source)


def choose_source(wave: Wave, first: Source) -> Source:
    """渠道: the verified answers or the open ones, `first` what the wave shows first."""
    if wave.imported:
        return Source.VERIFIED
    names = {one.value: SOURCE_NAMES[one] for one in sorted(Source, key=lambda one: one != first)}
    return Source(_choose("渠道", "source", names, scope=f"-{wave.id}"))


def choose_department(form: Form) -> str | None:
    """The department looked at; None when one's own is not rated in this wave."""
    own = own_department()
    names = {one.id: one.name for one in form.departments if own is None or one.id == own}
    return _choose("部门", "department", names) if names else None


def choose_series(waves: Sequence[Wave], names: Mapping[str, str]) -> str:
    """The series followed: that of the wave looked at last, or the newest."""
    looked_at = st.session_state.get("wave", ALL)
    otherwise = next((one.series for one in waves if str(one.id) == looked_at), ALL)
    return _choose("系列", "series", names, otherwise) if len(names) > 1 else next(iter(names))


def choose_followed(departments: Mapping[str, str], questions: Mapping[str, str]) -> tuple[str | None, str]:
    """A department, or None for all together (for a handler: where the own one is not rated), and a question."""
    own = own_department()
    names = {one: name for one, name in departments.items() if own is None or one == own}
    left, right = st.columns(2)
    with left:
        whole = {ALL: TOGETHER} if own is None or not names else {}
        department = _choose("部门", "department", whole | names)
    with right:
        return department or None, _choose("题目", "question", questions)


def choose_yardstick() -> Yardstick:
    """得分 by each wave's own 口径 or one for all, or a rate."""
    return YARDSTICKS[_choose("指标", "measure", {one.id: one.name for one in YARDSTICKS.values()})]


def choose_channel() -> Source | None:
    """渠道 over many waves; None: what each wave shows first."""
    names = {ALL: "各期的主要渠道"} | {one.value: name for one, name in SOURCE_NAMES.items()}
    chosen = _choose("渠道", "channel", names)
    return Source(chosen) if chosen else None


def choose_remarks(departments: Mapping[str, str], themes: Mapping[str, str]) -> RemarkSearch:
    """Words, department, kind and theme of the remarks looked for; a department finds only its own anyway."""
    text = choose_words()
    first, second, third = st.columns(3)
    with first:
        names = {ALL: "全部部门"} | dict(departments) | {UNNAMED: "未指明部门"}
        department = _choose("部门", "department", names) if own_department() is None else ALL
    with second:
        kind = _choose("类别", "kind", {ALL: "全部类别"} | {one.value: KIND_NAMES[one] for one in Kind})
    with third:
        theme = _choose("主题", "theme", {ALL: "全部主题"} | dict(themes))
    return RemarkSearch(text, department, kind, theme)


def choose_words() -> str:
    """What is searched for, in the address too."""
    asked = st.query_params.get("q", ALL)[:LONGEST]
    if "filter-q" not in st.session_state or asked != st.session_state.get("address-q"):
        st.session_state["filter-q"] = asked
    typed = st.text_input("查找", key="filter-q", max_chars=LONGEST, placeholder="留言里的几个字，按回车查找")
    st.session_state["address-q"] = words = (typed or "").strip()
    if words:
        st.query_params["q"] = words
    else:
        st.query_params.pop("q", None)
    return words


def choose_page(found: int, size: int, scope: str) -> int:
    """Which page of `size` rows, from 1; within another `scope` it begins on the first. Nothing to choose for one."""
    pages = max(1, ceil(found / size))
    if pages == 1:
        return 1
    names = {page: f"第 {page} 页，共 {pages} 页" for page in range(1, pages + 1)}
    chosen = st.selectbox(
        "页码", names, format_func=names.__getitem__, key=f"page-{scope}", filter_mode=None, width=220
    )
    return int(chosen or 1)


def choose_question(form: Form) -> str:
    """总体满意度, or a dimension."""
    return _choose("题目", "question", {one.id: one.name.zh for one in form.questions})


def choose_measure(*, rates_only: bool = False) -> Measure:
    """Which figure departments are compared by; 满意率（含基本满意） first."""
    rates = (Measure.WITH_BASIC, Measure.WITHOUT_BASIC)
    order = rates if rates_only else (*rates, Measure.SCORE)
    return Measure(_choose("指标", "measure", {one.value: MEASURE_NAMES[one] for one in order}))


def choose_scope(form: Form) -> str | None:
    """A department, or "" for all of them; one who sees only one's own has no choice, None where it is not rated."""
    if own_department() is not None:
        return choose_department(form)
    return _choose("范围", "department", {ALL: "全部部门"} | {one.id: one.name for one in form.departments})


def choose_dimension(names: Mapping[str, str]) -> str:
    """A dimension by its id, the first unless the address says otherwise."""
    return _choose("维度", "dimension", names)


def _choose(
    label: str, name: str, options: Mapping[str, str], otherwise: str = ALL, disabled: bool = False,
    scope: str = "",
) -> str:  # fmt: skip
    """A select box whose value stands in the address bar unless it is the first option.

    Within another `scope` the choice starts anew.
    """
    keys = list(options)
    options = dict(zip(keys, told_apart(list(options.values())), strict=True))
    box, written = f"filter-{name}{scope}", f"address-{name}{scope}"
    asked = st.query_params.get(name, ALL)
    if st.session_state.get(box) not in keys or asked != st.session_state.get(written):
        # A link, the back button or another page changed the address: it wins over the box.
        st.session_state[box] = next(one for one in (asked, otherwise, keys[0]) if one in keys)
    chosen = st.selectbox(
        label, keys, format_func=options.__getitem__, key=box, disabled=disabled, filter_mode=None
    )
    st.session_state[written] = ALL if chosen == keys[0] or disabled else chosen
    if st.session_state[written]:
        st.query_params[name] = chosen
    else:
        st.query_params.pop(name, None)
    return chosen
