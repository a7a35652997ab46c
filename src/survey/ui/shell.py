"""The frame around every page: page config, the list of pages by right, who is signed in, 退出."""

from typing import TYPE_CHECKING

import streamlit as st

from survey.core.accounts.access import PAGES, first_page, may
from survey.core.models import Role, User
from survey.core.names import ROLE_NAMES
from survey.settings import ROOT
from survey.ui.blocks import safe

if TYPE_CHECKING:
    from streamlit.navigation.page import Page


def set_page() -> None:
    """Title and width; the icon is the one the shell already shows."""
    st.set_page_config(page_title="一键测评", layout="wide", menu_items=None)


def menu(user: User) -> "Page":
    """The chosen page. Pages that someone may not open are unlisted, and refuse by themselves when asked for."""

    def home() -> None:
        st.switch_page(f"{first_page(user)}.py")

    # Without a page of its own at "/", the first one would lose its address.
    pages = [st.Page(home, default=True, visibility="hidden", title="一键测评")]
    pages += [
        st.Page(
            f"{address}.py", title=title, url_path=address,
            visibility="visible" if may(user, *rights) else "hidden",
        )
        for address, (title, rights) in PAGES.items()
    ]  # fmt: skip
    st.logo(ROOT / "src/survey/web/static/logo.svg", size="large")
    chosen = st.navigation(pages, expanded=True)  # folding is said in English
    with st.sidebar:
        st.html(
            f'<p class="who"><b>{safe(user.name)}</b> · {ROLE_NAMES[Role(user.role)]}</p>'
            '<a class="leave" href="/password" target="_self">更改密码</a>'
            '<a class="leave" href="/logout" target="_self">退出</a>'
        )
    return chosen
