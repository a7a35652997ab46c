"""The first act of every page: who is asking, and may they?"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

import streamlit as st

from survey.core.access import ROLE_NAMES, may
from survey.core.models import Role, User
from survey.storage import reads
from survey.storage.database import reading


def require(role: Role) -> User:
    """The signed-in user, or a stopped page. The database is asked on every run, so signing out works at once."""
    user = signed_in()
    if user is None:
        _stop("请先登录", "您还没有登录，或者登录已过期。", '<a href="/login" target="_self">去登录</a>')
    if not may(user.role, role):
        _stop("您的账号没有这项权限", f"本页只对{ROLE_NAMES[role]}开放，需要时请联系管理员。")
    return user


def signed_in() -> User | None:
    """Who the identity middleware says is asking, if that sign-in is still good."""
    login = st.user.get("login")
    if not isinstance(login, str):
        return None
    with reading() as db:
        return reads.user_by_login(db, bytes.fromhex(login), datetime.now(UTC))


def check_later(role: Role) -> Callable[[], None]:
    """`require` for a file that is made after its page has run, when Streamlit no longer says who is asking."""
    login = st.user.get("login")

    def check() -> None:
        with reading() as db:
            user = reads.user_by_login(db, bytes.fromhex(str(login)), datetime.now(UTC))
        if user is None or not may(user.role, role):
            raise PermissionError("登录已过期")

    return check


def _stop(title: str, text: str, link: str = "") -> NoReturn:
    st.html(f'<div class="nothing page"><b>{title}</b>{text}<br>{link}</div>')
    st.stop()
