"""Giving out and taking back wall addresses."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import streamlit as st
from sqlmodel import Session

from survey.actions.figures.screens import make_screen, revoke_screen
from survey.core.models import Screen, User, Wave
from survey.settings import get_settings
from survey.ui import steps
from survey.ui.blocks import safe
from survey.ui.live import china

NEW = "new-screen"


def sentence(given: Sequence[tuple[Screen, str]]) -> str:
    """The first line: how many addresses are good."""
    good = sum(screen.revoked_at is None for screen, _ in given)
    return f"有 {good} 个大屏地址可用。" if good else "还没有大屏地址。"


def form(wave: Wave) -> None:
    """Name a wall and get its address."""
    with st.form("screen", border=True, clear_on_submit=True):
        name = st.text_input("放在哪里", placeholder="例如：一楼大厅", max_chars=40)
        st.html('<p class="under">拿到地址的人不用登录就能看已公布的汇总，看不到留言和企业，也下载不了。</p>')
        if st.form_submit_button("生成大屏地址", type="primary"):
            steps.do(lambda db, _user: _make(db, wave.id, name), f"已为「{name}」生成地址。")


def _make(db: Session, wave_id: int, name: str) -> None:
    token = make_screen(db, wave_id, name, datetime.now(UTC))
    st.session_state[NEW] = f"{_office()}/screen/{token}"


def _revoke(number: int, db: Session, _user: User) -> None:
    revoke_screen(db, number, datetime.now(UTC))


def _office() -> str:
    """Where this page was opened: the wall opens its address in the same network."""
    url = str(st.context.url or "")
    return "/".join(url.split("/")[:3]) or f"http://127.0.0.1:{get_settings().office_port}"


def show_new_address() -> None:
    """The address that was just made, shown once."""
    steps.show_message()
    if address := st.session_state.pop(NEW, ""):
        st.code(address, language=None)
        st.html('<p class="under">地址只显示这一次，请现在复制到大屏的浏览器里。</p>')


def table(given: Sequence[tuple[Screen, str]]) -> None:
    """Every address given out, with a button that takes it back."""
    for screen, title in given:
        with st.container(border=True, key=f"screen-{screen.id}"):
            left, right = st.columns([5, 1], vertical_alignment="center")
            gone = f" · {china(screen.revoked_at):%m-%d %H:%M} 已收回" if screen.revoked_at else ""
            left.html(
                f"<b>{safe(screen.name)}</b> {safe(title)}"
                f'<p class="under">{china(screen.made_at):%Y-%m-%d %H:%M} {safe(screen.made_by)} 生成{gone}</p>'
            )
            if screen.revoked_at is None and right.button("收回", key=f"revoke-{screen.id}", width="stretch"):
                number = screen.id
                steps.do(
                    partial(_revoke, number),
                    "已收回，大屏半分钟内不再显示。",
                )
