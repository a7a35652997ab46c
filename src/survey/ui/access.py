"""The first act of every page: who is asking, and may they?"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, NoReturn, ParamSpec

import streamlit as st
from streamlit.delta_generator_singletons import context_dg_stack, get_default_dg_stack_value

from survey.actions.accounts import audit, sessions
from survey.core.accounts.access import PAGES, Actor, Forbidden, Right, act_as, actor, may
from survey.core.models import Outcome, User
from survey.storage.accounts import people
from survey.storage.database import reading
from survey.ui import moment
from survey.ui.crowd import place

P = ParamSpec("P")
QUIET = "quiet-run"  # this run was started by the page itself, not by a person
LOOKED, STOPPED = "looked", "stopped"


def require_page(page: str) -> User:
    """The signed-in user if they may open `page`, or a stopped page."""
    return require(*PAGES[page][1])


def require(*rights: Right) -> User:
    """The signed-in user with one of the rights, or a stopped page; all that follows is done on their behalf.

    The database is asked on every run, so that signing out and other rights work at the next click.
    """
    user = signed_in()
    if user is None:
        _stop("请先登录", "您还没有登录，或者登录已过期。", '<a href="/login" target="_self">去登录</a>')
    if user.must_change:
        _stop(
            "请先更改密码",
            "换成只有您知道的密码，才能继续。",
            '<a href="/password" target="_self">去更改</a>',
        )
    if not may(user, *rights):
        refuse()
    return user


def signed_in() -> User | None:
    """Who the identity middleware says is asking, if that sign-in is still good; from now on they act."""
    login = st.user.get("login")
    if not isinstance(login, str):
        return None
    now = moment.begin()
    with reading() as db:
        user = people.user_by_login(db, bytes.fromhex(login), now)
    if user is not None:
        act_as(Actor.of(user))
    return user


def note_activity() -> None:
    """A person opened or used a page, which keeps the sign-in good; a page that refreshes itself does not."""
    login = st.user.get("login")
    if not st.session_state.pop(QUIET, False) and isinstance(login, str):
        sessions.touch(bytes.fromhex(login), datetime.now(UTC))


def rerun_quietly() -> NoReturn:
    """Draw the page anew because its figures moved."""
    st.session_state[QUIET] = True
    st.rerun()


def start_afresh() -> None:
    """A whole run begins outside of every dialog. Streamlit may run a page in the thread in which a dialog has just
    been drawn, and would take the page for a part of that dialog: no other could then be opened."""
    context_dg_stack.set(get_default_dg_stack_value())


def refreshing(every: float) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """A piece of a page that draws itself anew every so many seconds, for whom the page was drawn and nobody else."""

    def wrap(draw: Callable[P, None]) -> Callable[P, None]:
        return _for_whom_it_was_drawn(draw, st.fragment(run_every=every))

    return wrap


def dialog(title: str, **looks: Any) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """`st.dialog` for whom the page was drawn and nobody else; `looks` are its options.

    Closing it draws the page anew, by which its form is over (`editing.only_while_drawn`). Pressing its button
    again while it is open draws it again with what was typed: a press that is served late takes nothing away.
    """

    def wrap(draw: Callable[P, None]) -> Callable[P, None]:
        return _for_whom_it_was_drawn(draw, st.dialog(title, on_dismiss="rerun", **looks))

    return wrap


def _for_whom_it_was_drawn(
    draw: Callable[P, None], piece: Callable[[Callable[..., None]], Callable[..., None]]
) -> Callable[P, None]:
    """Streamlit runs a piece alone, without the page's first line, perhaps in a thread that has not met the page.

    So each run asks again: whoever signed out, was disabled or got another role or department meanwhile has the
    whole page drawn anew, which then refuses.
    """

    @piece
    @wraps(draw)
    def again(whom: Actor, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        with place():
            user = signed_in()
            if user is None or user.must_change or Actor.of(user) != whom:
                rerun_quietly()
            draw(*given, **named)

    @wraps(draw)
    def first(*given: P.args, **named: P.kwargs) -> None:
        again(actor(), given, named)

    return first


def note_look(page: str) -> None:
    """Who looked at what, once for each page and wave in a row; not what was refused."""
    if st.session_state.pop(STOPPED, False):
        return
    wave = st.session_state.get("wave")
    about = f"{page} 期次 {wave}" if wave else page
    if st.session_state.get(LOOKED) != about:
        st.session_state[LOOKED] = about
        audit.note("查看", about)


def check_later(*rights: Right) -> Callable[[], None]:
    """`require` for a file that is made after its page has run, when Streamlit no longer says who is asking."""
    login = str(st.user.get("login"))

    def check() -> None:
        with reading() as db:
            user = people.user_by_login(db, bytes.fromhex(login), datetime.now(UTC))
        if user is None or not may(user, *rights):
            raise Forbidden(frozenset(rights))
        act_as(Actor.of(user))

    return check


def refuse() -> NoReturn:
    """A clean page, and a line in the audit log."""
    audit.note("访问", st.context.url or "", Outcome.REFUSED)
    _stop("您的账号没有这项权限", "需要时请联系系统管理员。本次访问已记入审计日志。")


def _stop(title: str, text: str, link: str = "") -> NoReturn:
    st.session_state[STOPPED] = True
    st.html(f'<div class="nothing page"><b>{title}</b>{text}<br>{link}</div>')
    st.stop()
