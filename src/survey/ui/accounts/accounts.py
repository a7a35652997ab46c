"""Accounts on the screen: a form for a new one, and a card for each with what can be done to it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime

import streamlit as st

from survey.actions.accounts import accounts
from survey.actions.accounts.passwords import made_up
from survey.core import editable
from survey.core.accounts.access import Right
from survey.core.clock import china_day
from survey.core.models import Role, User
from survey.core.names import ROLE_NAMES
from survey.core.versions import Seen
from survey.ui import access, editing, steps
from survey.ui.blocks import safe
from survey.ui.live import china

PASSWORD = "handed-over-password"
WHAT = {
    Role.ADMIN: "管账号，看已公布的汇总",
    Role.OFFICER: "管企业、期次、发码、代填、交办事项，看汇总和留言原文",
    Role.HANDLER: "只看本部门的汇总、留言和交办事项",
    Role.DISCIPLINE: "只看反映廉洁问题的事项",
    Role.VIEWER: "看已公布的汇总和留言",
    Role.AUDITOR: "只看审计日志",
}


def sentence(everyone: Sequence[User]) -> str:
    """The first line."""
    good = [one for one in everyone if not one.disabled]
    waiting = sum(one.must_change for one in good)
    more = f"，{waiting} 个还没有换成自己的密码" if waiting else ""
    return f"有 {len(good)} 个账号在用{more}。"


def new_account(departments: Mapping[str, str]) -> None:
    """Name, role, department and last day of a new account; its password is made up and shown once."""
    with st.expander("新增账号"):
        name = st.text_input("账号", placeholder="例如：王芳", max_chars=40, key="new-name")
        role, department, until = _choices("{}-new".format, departments, None)
        if st.button("新增", type="primary", key="new-account"):
            password = made_up()
            steps.do(
                lambda db, _user: _keep(
                    accounts.add_user(
                        db,
                        name,
                        role,
                        password,
                        datetime.now(UTC),
                        department_id=department,
                        expires_on=until,
                    ),
                    password,
                ),
                f"已新增账号「{name}」。",
                right=Right.ACCOUNTS,
            )


def _keep(user: User, password: str) -> None:
    st.session_state[PASSWORD] = (user.name, password)


def show_password() -> None:
    """A password that was just made up, shown once."""
    if kept := st.session_state.pop(PASSWORD, None):
        name, password = kept
        st.html(f"<p>账号「{safe(name)}」的初始密码，只显示这一次，请当面或打电话告诉本人：</p>")
        st.code(password, language=None)


def _choices(
    key: Callable[[str], str], departments: Mapping[str, str], user: User | None
) -> tuple[Role, str | None, date | None]:
    roles = list(ROLE_NAMES)
    chosen = roles.index(Role(user.role)) if user else roles.index(Role.VIEWER)
    left, middle, right = st.columns(3)
    role = left.selectbox(
        "角色", roles, index=chosen, format_func=ROLE_NAMES.__getitem__, key=key("role"), filter_mode=None
    )
    st.html(f'<p class="under">{WHAT[role]}</p>')
    department = None
    if role == Role.HANDLER:
        ids = list(departments)
        place = ids.index(user.department_id) if user and user.department_id in ids else None
        department = middle.selectbox(
            "部门", ids, index=place, format_func=departments.__getitem__, key=key("department"),
            placeholder="选择部门", filter_mode=None,
        )  # fmt: skip
    until = right.date_input(
        "有效期至（不填为长期）",
        value=user.expires_on if user else None,
        format="YYYY-MM-DD",
        key=key("until"),
    )
    return role, department, until if isinstance(until, date) else None


def cards(
    everyone: Sequence[User], departments: Mapping[str, str], seen: Mapping[int, datetime], mine: int
) -> None:
    """Every account: what it is, and what can be done to it."""
    shown = editing.shown("accounts", {one.id: editable.account(one, departments) for one in everyone})
    for one in everyone:
        _card(one, departments, seen.get(one.id), one.id == mine, shown[one.id])


def _card(user: User, departments: Mapping[str, str], last: datetime | None, mine: bool, seen: Seen) -> None:
    with st.container(border=True, key=f"account-{user.id}"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.html(_about(user, departments, last, mine))
        with right.popover("操作", width="stretch"):
            _deeds(user, departments, mine, seen)


def _about(user: User, departments: Mapping[str, str], seen: datetime | None, mine: bool) -> str:
    marks = [ROLE_NAMES[Role(user.role)]]
    if user.department_id:
        marks.append(departments.get(user.department_id, user.department_id))
    if mine:
        marks.append("当前登录")
    if user.demo:
        marks.append("演示数据")
    states = []
    if user.disabled:
        states.append("已停用")
    if user.expires_on:
        late = user.expires_on < china_day(datetime.now(UTC))
        states.append(f"{'已过期' if late else '有效期至'} {user.expires_on:%Y-%m-%d}")
    if user.must_change:
        states.append("还没有换成自己的密码")
    states.append(f"最近操作 {china(seen):%m-%d %H:%M}" if seen else "目前没有登录")
    pills = " ".join(f'<span class="pill">{safe(one)}</span>' for one in marks)
    return f'<b>{safe(user.name)}</b> {pills}<p class="under">{safe("，".join(states))}</p>'


def _deeds(user: User, departments: Mapping[str, str], mine: bool, seen: Seen) -> None:
    now, number, name = datetime.now(UTC), user.id, user.name
    if st.button("更改角色和有效期", key=f"change-{number}", width="stretch"):
        _change(user, departments)
    if st.button("重设密码", key=f"reset-{number}", width="stretch"):
        steps.do(
            lambda db, _user: _keep(user, accounts.reset_password(db, number, now, seen)),
            f"已重设「{name}」的密码，原来的登录全部退出。",
            right=Right.ACCOUNTS,
        )
    if st.button("强制退出", key=f"end-{number}", width="stretch"):
        steps.do(
            lambda db, _user: accounts.sign_out_everywhere(db, number),
            f"「{name}」的登录已全部退出。",
            right=Right.ACCOUNTS,
        )
    if user.disabled:
        if st.button("重新启用", key=f"enable-{number}", width="stretch"):
            steps.do(
                lambda db, _user: accounts.enable(db, number, seen),
                f"已启用「{name}」。",
                right=Right.ACCOUNTS,
            )
    elif st.button("停用", key=f"disable-{number}", width="stretch", disabled=mine):
        steps.do(
            lambda db, _user: accounts.disable(db, number, seen),
            f"已停用「{name}」，立即退出。",
            right=Right.ACCOUNTS,
        )


@access.dialog("更改账号")
def _change(user: User, departments: Mapping[str, str]) -> None:
    """Role, department and last day of an account."""
    form = editing.EditForm(f"account-{user.id}", editable.account(user, departments))
    st.text(user.name)
    role, department, until = _choices(form.key, departments, user)
    form.questions()
    if st.button("保存更改", type="primary", key=f"save-{user.id}"):
        now, number = datetime.now(UTC), user.id
        form.save(
            lambda db, _user, seen: accounts.change_user(db, number, role, now, department, until, seen),
            f"已更改账号「{user.name}」，下一次点击起生效。",
            right=Right.ACCOUNTS,
        )
