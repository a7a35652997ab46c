"""The frame around every page: page config, the list of pages by role, who is signed in, 退出."""

from typing import TYPE_CHECKING

import streamlit as st

from survey.core.access import ROLE_NAMES, may
from survey.core.models import Role, User
from survey.settings import ROOT
from survey.ui.blocks import safe

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

PAGES = (
    ("dashboard.py", "看板", "dashboard", Role.VIEWER),
    ("department.py", "部门", "department", Role.VIEWER),
    ("invite.py", "一键测评", "invite", Role.VIEWER),
    ("enterprises.py", "企业", "enterprises", Role.OFFICER),
    ("waves.py", "期次", "waves", Role.OFFICER),
    ("codes.py", "发码", "codes", Role.OFFICER),
    ("monitor.py", "回收", "monitor", Role.VIEWER),
    ("entry.py", "代填", "entry", Role.OFFICER),
    ("cases.py", "交办事项", "cases", Role.OFFICER),
)


def set_page() -> None:
    """Title and width; the icon is the one the shell already shows."""
    st.set_page_config(page_title="一键测评", layout="wide", menu_items=None)


def _home() -> None:
    st.switch_page("dashboard.py")


def menu(user: User) -> "Page":
    """The chosen page. Pages above someone's role are unlisted, and refuse by themselves when asked for."""
    # Without a page of its own at "/", the first one would lose its address.
    pages = [st.Page(_home, default=True, visibility="hidden", title="看板")]
    pages += [
        st.Page(
            file,
            title=title,
            url_path=address,
            visibility="visible" if may(user.role, role) else "hidden",
        )
        for file, title, address, role in PAGES
    ]
    st.logo(ROOT / "src/survey/web/static/logo.svg", size="large")
    chosen = st.navigation(pages)
    with st.sidebar:
        st.html(
            f'<p class="who"><b>{safe(user.name)}</b> · {ROLE_NAMES[Role(user.role)]}</p>'
            '<a class="leave" href="/logout" target="_self">退出</a>'
        )
    return chosen
