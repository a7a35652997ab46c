"""Two people have the same form open: what each typed stays in it, and nothing of either is lost unsaid."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from survey.actions.accounts import accounts
from survey.actions.registry import enterprises
from survey.actions.remarks import themes
from survey.actions.waves import drafts, lifecycle, new_waves
from survey.core.accounts.access import Actor, acting
from survey.core.answers.receipts import digest
from survey.core.models import Enterprise, Mode, Role, User, Wave
from survey.core.remarks.themes import LABEL_LIMIT
from survey.storage.database import reading, writing
from tests import factories, people
from tests.pages.conftest import Open, said

NOW = datetime.now(UTC)


def other(step: Callable[[Any], object], role: Role = Role.OFFICER) -> Any:
    """Somebody else, 张三, does something meanwhile."""
    with acting(Actor.of(User(name="张三", role=role, password_hash=""))), writing() as db:
        return step(db)


def press(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception
    return app


def field(app: AppTest, label: str) -> Any:
    return next(one for one in [*app.text_input, *app.text_area, *app.selectbox] if one.label == label)


def choose(app: AppTest, what: str, answer: str) -> None:
    next(one for one in app.radio if one.label == f"「{what}」保留哪一个").set_value(answer)


# --- a draft wave --------------------------------------------------------------------------------------


@pytest.fixture
def draft(sqlite_database: object) -> Wave:
    last = factories.make_wave(now=NOW - timedelta(days=90), title="2026 年一季度测评")
    factories.close(last, NOW - timedelta(days=76))
    with writing() as db:
        return drafts.copy_wave(db, last.id, NOW, "王经办")


def edited(wave: Wave, **changed: Any) -> Callable[[Any], object]:
    new = {
        "title": wave.title, "opens_at": wave.opens_at, "closes_at": wave.closes_at, "mode": Mode(wave.mode),
        "formula": wave.formula, "questionnaire": "", "department_ids": [one["id"] for one in wave.departments],
    }  # fmt: skip
    return lambda db: drafts.edit_draft(db, wave.id, new_waves.NewWave(**(new | changed)), NOW, "张三")


def kept(wave: Wave) -> Wave:
    with reading() as db:
        return db.get_one(Wave, wave.id)


def test_settings_changed_by_two_are_both_kept(open_page: Open, draft: Wave) -> None:
    app = open_page("waves.py", Role.OFFICER, draft=draft.id, step=1)
    other(edited(draft, mode=Mode.NAMED))
    field(app, "名称").input("二季度")
    press(app, "保存，下一步：邀请企业")
    assert (kept(draft).title, kept(draft).mode) == ("二季度", Mode.NAMED)
    assert "设置已保存。您打开之后，张三改了「保密方式」：不记名 → 实名，已一并保留。" in said(app)


@pytest.mark.parametrize(("answer", "title"), [("留我填的", "二季度（我）"), ("用现在的", "二季度（张三）")])
def test_a_title_changed_by_two_is_asked(open_page: Open, draft: Wave, answer: str, title: str) -> None:
    app = open_page("waves.py", Role.OFFICER, draft=draft.id, step=1)
    other(edited(draft, title="二季度（张三）", mode=Mode.NAMED))
    field(app, "名称").input("二季度（我）")
    press(app, "保存，下一步：邀请企业")
    assert (
        "您打开之后，张三改了「名称」：2026 年二季度测评 → 二季度（张三）。您填的还在，请选保留哪一个。"
        in said(app)
    )
    assert field(app, "名称").value == "二季度（我）"
    press(app, "保存，下一步：邀请企业")
    assert "还没有选保留哪一个" in said(app)
    assert kept(draft).title == "二季度（张三）"
    choose(app, "名称", answer)
    press(app, "保存，下一步：邀请企业")
    assert (kept(draft).title, kept(draft).mode) == (title, Mode.NAMED)


@pytest.mark.usefixtures("sqlite_database")
def test_a_form_that_was_left_opens_anew_and_one_that_stays_does_not_move() -> None:
    def page() -> None:
        import streamlit as st

        from survey.ui import editing

        with editing.only_while_drawn():
            now = st.text_input("库里", "旧", key="now")
            if st.checkbox("这一步", True, key="step"):
                form = editing.EditForm("x", {"title": now})
                st.text_input("名称", form["title"], key=form.key("title"))
            st.stop()

    app = AppTest.from_function(page).run()
    app.text_input(key="now").set_value("新").run()
    assert field(app, "名称").value == "旧"
    app.checkbox(key="step").uncheck().run()
    app.checkbox(key="step").check().run()
    assert field(app, "名称").value == "新"


def test_a_draft_scheduled_by_one_was_changed_by_another(open_page: Open, draft: Wave) -> None:
    app = open_page("waves.py", Role.OFFICER, draft=draft.id, step=4)
    other(edited(draft, closes_at=draft.closes_at + timedelta(days=7)))
    label = next(one.label for one in app.button if one.label.startswith("定时"))
    press(app, label)
    assert "张三改了「截止」" in said(app)
    assert "还没有设定时开启，请核对后再点一次" in said(app)
    assert not kept(draft).timed
    press(app, label)
    assert kept(draft).timed


# --- dialogs, drawn as pages ---------------------------------------------------------------------------


def dialog(module: str, function: str, role: Role, *arguments: Any) -> AppTest:
    """A dialog alone: a page test cannot press a button within one."""

    def page(module: str, function: str, arguments: tuple[object, ...], right: str) -> None:
        from importlib import import_module

        from survey.core.accounts.access import Right
        from survey.ui import access, steps

        access.require(Right(right))
        steps.show_message()
        getattr(import_module(module), function)(*arguments)

    right = "accounts" if role == Role.ADMIN else "rounds"
    app = AppTest.from_function(page, args=(module, function, arguments, right), default_timeout=30)
    app.user = {"login": digest(people.sign_in(role, name="李四")).hex()}
    app.run()
    assert not app.exception
    return app


def firm(sqlite_database: object = None) -> Enterprise:
    given = {"name": "甲有限公司", "phone": "13800138000", "contact": "王五"}
    with writing() as db:
        return enterprises.save_enterprise(db, None, given)


@pytest.mark.usefixtures("sqlite_database")
def test_an_enterprise_edited_by_two() -> None:
    one = firm()
    app = dialog("survey.ui.registry.enterprises", "_edit", Role.OFFICER, one)
    given = {"name": "甲有限公司", "phone": "13900139000", "contact": "赵六"}
    other(lambda db: enterprises.save_enterprise(db, one.id, given))
    field(app, "联系人").input("钱七")
    field(app, "服务专员").input("孙八")
    press(app, "保存")
    assert "您打开之后，张三改了「联系人」：王五 → 赵六。您填的还在" in said(app)
    assert (field(app, "联系人").value, field(app, "服务专员").value) == ("钱七", "孙八")
    choose(app, "联系人", "留我填的")
    press(app, "保存")
    with reading() as db:
        now = db.get_one(Enterprise, one.id)
    assert (now.contact, now.phone, now.officer) == ("钱七", "13900139000", "孙八")


@pytest.mark.usefixtures("sqlite_database")
def test_a_decision_stays_when_another_field_is_asked_about() -> None:
    one = firm()
    app = dialog("survey.ui.registry.enterprises", "_edit", Role.OFFICER, one)
    other(lambda db: enterprises.save_enterprise(db, one.id, {"name": "甲有限公司", "contact": "赵六"}))
    field(app, "联系人").input("钱七")
    field(app, "手机号").input("13700137000")
    press(app, "保存")
    choose(app, "联系人", "用现在的")
    other(lambda db: enterprises.save_enterprise(db, one.id, {"name": "甲有限公司", "phone": "13600136000"}))
    press(app, "保存")
    assert len(app.radio) == 2
    choose(app, "手机号", "留我填的")
    press(app, "保存")
    with reading() as db:
        now = db.get_one(Enterprise, one.id)
    assert (now.contact, now.phone) == ("赵六", "13700137000")


@pytest.mark.parametrize(("at_once", "kept"), [
    ("全部留我填的", ("钱七", "13700137000", "周九")), ("全部用现在的", ("赵六", "13600136000", "周九")),
])  # fmt: skip
@pytest.mark.usefixtures("sqlite_database")
def test_many_columns_are_decided_at_once_but_for_one(at_once: str, kept: tuple[str, ...]) -> None:
    one = firm()
    app = dialog("survey.ui.registry.enterprises", "_edit", Role.OFFICER, one)
    given = {"name": "甲有限公司", "contact": "赵六", "phone": "13600136000", "officer": "周九"}
    other(lambda db: enterprises.save_enterprise(db, one.id, given))
    for label, value in (("联系人", "钱七"), ("手机号", "13700137000"), ("服务专员", "孙八")):
        field(app, label).input(value)
    press(app, "保存")
    choose(app, "服务专员", "用现在的")
    press(app, "保存")
    assert "还没有选保留哪一个" in said(app)
    next(one for one in app.radio if one.label.startswith("一次选定")).set_value(at_once)
    press(app, "保存")
    with reading() as db:
        now = db.get_one(Enterprise, one.id)
    assert (now.contact, now.phone, now.officer) == kept


def test_a_wave_opened_extended_and_ended_as_it_was_seen(draft: Wave) -> None:
    app = dialog("survey.ui.waves.forms", "confirm_open", Role.OFFICER, draft, 0)
    other(edited(draft, title="二季度（张三）"))
    press(app, "确认开启")
    assert "张三改了「名称」" in said(app)
    assert "期次还没有开启，请核对后再点一次" in said(app)
    assert kept(draft).state == "draft"
    press(app, "确认开启")
    assert kept(draft).state == "open"


@pytest.mark.parametrize("name", ["extend", "close_early"])
def test_a_reason_stays_while_somebody_else_extends(sqlite_database: object, name: str) -> None:
    wave = kept(factories.make_wave(now=NOW))  # type: ignore[arg-type]
    app = dialog("survey.ui.waves.forms", name, Role.OFFICER, wave)
    later = wave.closes_at + timedelta(days=3)
    other(lambda db: lifecycle.extend_wave(db, wave.id, later, "张三的理由", NOW, "张三"))
    field(app, "理由（记入期次日志）").input("李四的理由")
    button = {"extend": "确认延期", "close_early": "确认截止"}[name]
    press(app, button)
    assert "张三改了「截止」" in said(app)
    assert kept(wave).closes_at == later
    assert field(app, "理由（记入期次日志）").value == "李四的理由"
    press(app, button)
    assert kept(wave).closes_at != later


def test_a_draft_that_somebody_changed_is_not_deleted_unseen(draft: Wave) -> None:
    app = dialog("survey.ui.waves.forms", "delete", Role.OFFICER, draft, 0)
    other(edited(draft, title="二季度（张三）"))
    press(app, "确认删除")
    assert "草稿还没有删除" in said(app)
    assert kept(draft)


@pytest.mark.usefixtures("sqlite_database")
def test_an_account_changed_by_two() -> None:
    one = people.account(Role.VIEWER, "小周")
    app = dialog("survey.ui.accounts.accounts", "_change", Role.ADMIN, one, {"tax": "税务局"})
    other(lambda db: accounts.change_user(db, one.id, Role.AUDITOR, NOW), Role.ADMIN)
    field(app, "角色").set_value(Role.OFFICER).run()
    press(app, "保存更改")
    assert "张三改了「角色」：领导 → 审计员" in said(app)
    assert field(app, "角色").value == Role.OFFICER
    choose(app, "角色", "用现在的")
    press(app, "保存更改")
    with reading() as db:
        assert db.get_one(User, one.id).role == Role.AUDITOR


# --- buttons on pages ----------------------------------------------------------------------------------


def test_an_enterprise_that_became_another_is_not_archived(open_page: Open) -> None:
    one = firm()
    app = open_page("enterprises.py", Role.OFFICER)
    other(lambda db: enterprises.save_enterprise(db, one.id, {"name": "乙有限公司"}))
    press(app, "归档")
    assert "张三改了「企业名称」：甲有限公司 → 乙有限公司" in said(app)
    press(app, "归档")
    assert "「乙有限公司」已归档" in said(app)
    other(lambda db: enterprises.archive(db, one.id, False))
    press(app, "撤销")
    assert "张三改了「状态」：已归档 → 在册" in said(app)


def test_a_password_is_not_reset_twice_unseen(open_page: Open) -> None:
    one = people.account(Role.VIEWER, "小周")
    app = open_page("accounts.py", Role.ADMIN)
    other(lambda db: accounts.reset_password(db, one.id, NOW), Role.ADMIN)
    app.button(key=f"reset-{one.id}").click().run()
    assert "张三改了「密码」：已重设。这次没有重设" in said(app)
    app.button(key=f"disable-{one.id}").click().run()
    assert "已停用「小周」" in said(app)


def test_a_theme_changed_by_two(open_page: Open) -> None:
    factories.make_wave(now=NOW)
    other(lambda db: themes.add_theme(db, "等待", "排队"))
    app = open_page("remarks.py", Role.OFFICER)
    app.selectbox(key="theme-edited").set_value("等待").run()
    other(lambda db: themes.change_theme(db, "等待", "等待", "排队、久等"))
    label = next(one for one in app.text_input if one.proto.max_chars == LABEL_LIMIT)
    label.input("等候").run()
    app.button(key="theme-save").click().run()
    assert "张三改了「词」：排队 → 排队、久等，已一并保留" in said(app)
    app.selectbox(key="theme-edited").set_value("等候").run()
    other(lambda db: themes.change_theme(db, "等候", "排队慢", "排队"))
    next(one for one in app.text_area if "顿号" in one.label).input("排长队").run()
    app.button(key="theme-save").click().run()
    assert "可能刚被改名或删去" in said(app)
    assert next(one for one in app.text_area if "顿号" in one.label).value == "排长队"


def test_an_import_is_confirmed_against_the_registry_as_it_is(open_page: Open) -> None:
    one = firm()
    app = open_page("enterprises.py", Role.OFFICER)
    press(app, "导入名单")
    table = "企业名称,联系人\n甲有限公司,赵六\n乙有限公司,钱七\n".encode()
    app.file_uploader[0].upload("名单.csv", table, "text/csv").run()
    assert "将新增 1 家、更改 1 家" in said(app)
    other(lambda db: enterprises.save_enterprise(db, one.id, {"name": "甲有限公司", "contact": "孙八"}))
    press(app, "确认导入 2 家")
    assert "企业名录又有改动，还没有导入" in said(app)
    assert "孙八 → 赵六" in said(app)
    press(app, "确认导入 2 家")
    assert "已导入：新增 1 家，更改 1 家。" in said(app)
