"""What people edit: the columns of each thing with their names and words, and a thing as a form shows it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from survey.core.figures.formulas import FORMULAS
from survey.core.models import Enterprise, Mode, Role, User, Wave
from survey.core.names import MODE_NAMES, ROLE_NAMES
from survey.core.registry.cells import LABELS
from survey.core.versions import Columns, EditedField, Values
from survey.core.waves.rounds import said


def _yes(value: Any) -> str:
    return "是" if value else "否"


def _ids(departments: Collection[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(one["id"] for one in departments)


def _replaced(before: Mapping[int, bytes], now: Mapping[int, bytes]) -> str:
    return f"{sum(now.get(one) != code for one, code in before.items()):,} 家的已换过或作废"


def _departments(before: Collection[Mapping[str, Any]], now: Collection[Mapping[str, Any]]) -> str:
    """加上 甲局、乙局，去掉 丙局."""
    more = [one["name"] for one in now if one["id"] not in _ids(before)]
    less = [one["name"] for one in before if one["id"] not in _ids(now)]
    words = (f"加上 {'、'.join(more)}" if more else "", f"去掉 {'、'.join(less)}" if less else "")
    return "，".join(filter(None, words)) or "没有变化"


WAVE: Columns = {
    "title": EditedField("名称"),
    "opens_at": EditedField("开始", said),
    "closes_at": EditedField("截止", said),
    "mode": EditedField("保密方式", lambda one: MODE_NAMES[Mode(one)]),
    "formula": EditedField("口径", lambda one: FORMULAS[one].name),
    "live": EditedField("收答卷期间", lambda one: "公布约数" if one else "只看回收数"),
    "departments": EditedField("参评部门", lambda ones: f"{len(ones)} 个", _ids, _departments),
    "questionnaire": EditedField("问卷", lambda one: f"「{one['title']['zh']}」", told=lambda *_: "换了内容"),
    "timed": EditedField("定时开启", _yes),
    "invited": EditedField("邀请的企业", lambda one: f"{one:,} 家"),
}
ENTERPRISE: Columns = {name: EditedField(title) for name, title in LABELS.items()} | {
    "key": EditedField(LABELS["key"], _yes),
    "archived": EditedField("状态", lambda one: "已归档" if one else "在册"),
}
ACCOUNT: Columns = {
    "post": EditedField("角色", lambda one: one[0] + (f"（{one[1]}）" if one[1] else "")),
    "expires_on": EditedField("有效期至", lambda one: f"{one:%Y-%m-%d}" if one else "长期"),
    "disabled": EditedField("状态", lambda one: "已停用" if one else "在用"),
    "password": EditedField("密码", told=lambda *_: "已重设"),
}
THEME: Columns = {
    "label": EditedField("名称"),
    "words": EditedField("词", "、".join),
    "confirmed": EditedField("已确认归入的留言", lambda one: f"{one} 条"),
}
PROPOSAL: Columns = {"state": EditedField("草稿或邀请名单", told=lambda *_: "有改动")}
CODES: Columns = {"codes": EditedField("测评码", told=_replaced)}
PRINTED = ("title", "opens_at", "closes_at", "mode")


def wave(one: Wave, invited: int | None = None) -> Values:
    """A 期次 as its forms show it; with the number of invited enterprises where that is shown."""
    same = {name: getattr(one, name) for name in WAVE if name != "invited"}
    return same | {"mode": Mode(one.mode)} | ({} if invited is None else {"invited": invited})


def printed(one: Wave) -> Values:
    """What cards, letters and messages tell of a 期次."""
    return {name: value for name, value in wave(one).items() if name in PRINTED}


def enterprise(one: Enterprise) -> Values:
    """An enterprise as its form shows it."""
    return {name: getattr(one, name) for name in ENTERPRISE}


def post(role: Role | str, department_id: str | None, departments: Mapping[str, str]) -> tuple[str, str]:
    """A role and its department are chosen together: (role, department), by their names."""
    return ROLE_NAMES[Role(role)], departments.get(department_id, department_id) if department_id else ""


def account(one: User, departments: Mapping[str, str]) -> Values:
    """An account as its form shows it."""
    when: datetime | None = one.password_set_at
    until: date | None = one.expires_on
    return {
        "post": post(one.role, one.department_id, departments), "expires_on": until, "disabled": one.disabled,
        "password": when,
    }  # fmt: skip


def theme(label: str, words: Collection[str]) -> Values:
    """A 主题 as its form shows it."""
    return {"label": label, "words": list(words)}
