"""Filters: chosen on the page, kept in the address bar, so that a link shows the same view."""

from collections.abc import Mapping, Sequence

import streamlit as st

from survey.core.access import own_department
from survey.core.models import Source, Stratum, Wave
from survey.core.questionnaire import Form
from survey.output.findings import SOURCE_NAMES
from survey.storage.reads import View

ALL = ""


def choose_wave(waves: Sequence[Wave]) -> Wave:
    """The wave looked at; remembered from page to page."""
    names = {str(wave.id): wave.title for wave in waves}
    remembered = st.session_state.get("wave", ALL)
    chosen = _choose("期次", "wave", names, remembered)
    st.session_state["wave"] = chosen
    return next(wave for wave in waves if str(wave.id) == chosen)


def choose_view(form: Form, strata: Sequence[Stratum], wave: Wave, first: Source) -> View:
    """Class, source and stratum; open answers know no stratum."""
    classes = dict.fromkeys(department.category for department in form.departments)
    left, middle, right = st.columns(3)
    with left:
        category = _choose("参评类别", "class", {ALL: "全部类别"} | {one: one for one in classes})
    with middle:
        source = choose_source(wave, first)
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
