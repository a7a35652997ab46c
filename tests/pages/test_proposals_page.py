"""提请开启 on the pages: the officer's step, the second person's card, an office of one."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from survey.actions.registry import departments
from survey.actions.waves import codes, new_waves, opening
from survey.core.accounts.access import Actor, acting
from survey.core.models import Enterprise, Proposal, Role, Wave
from survey.core.versions import Seen
from survey.storage.database import reading, writing
from survey.storage.waves import proposals
from tests.pages.conftest import Open, said
from tests.pages.test_two_officers import dialog
from tests.people import account


@pytest.fixture
def draft(sqlite_database: object) -> int:
    now = datetime.now(UTC)
    with writing() as db:
        departments.load_departments(db)
        ones = [
            Enterprise(
                name=f"<甲{number}>公司", made_by="张三" if number else "", made_at=now if number else None
            )
            for number in range(12)
        ]
        db.add_all(ones)
        db.flush()
        new = new_waves.NewWave("小园区测评", now + timedelta(days=1), now + timedelta(days=9))
        wave = new_waves.create_wave(db, new, now=now)
        codes.issue_codes(db, wave.id, codes.make_codes([one.id for one in ones]), now, "张三")
        return wave.id


@pytest.fixture
def proposed(draft: int) -> int:
    account(Role.VIEWER)
    with acting(Actor.of(account(Role.OFFICER, "张三"))), writing() as db:
        opening.propose(db, draft, datetime.now(UTC))
    return draft


def buttons(app: AppTest) -> dict[str, bool]:
    """Label → whether it can be pressed."""
    return {one.label: not one.disabled for one in app.button}


def press(app: AppTest, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception


def proposal(wave_id: int) -> Proposal | None:
    with reading() as db:
        return db.get(Proposal, wave_id)


def test_an_officer_proposes_where_the_list_is_short(open_page: Open, draft: int) -> None:
    account(Role.VIEWER)
    app = open_page("waves.py", Role.OFFICER, draft=draft, step=4)
    assert (
        "只邀请了 12 家，少于 30 家：名单太小时虚报几家就能看出其余的，要另一个人同意才能开启。请先提请开启。"
        in said(app)
    )
    assert not buttons(app)["现在开启"]
    press(app, "提请开启")
    assert "已提请。" in said(app)
    assert "正等别的专班人员、领导或纪检监察同意" in said(app)
    assert not {"提请开启", "同意开启"} & buttons(app).keys()
    assert not buttons(app)["现在开启"]


@pytest.mark.parametrize(
    ("page", "role"),
    [("dashboard.py", Role.VIEWER), ("dashboard.py", Role.OFFICER), ("cases.py", Role.DISCIPLINE)],
)
def test_the_second_person_sees_the_list_where_they_land(
    open_page: Open, proposed: int, page: str, role: Role
) -> None:
    app = open_page(page, role)
    text = said(app)
    assert "等您表态：「小园区测评」只邀请 12 家企业" in text
    assert "添加人：张三 11 家、没有记录 1 家" in text
    assert "&lt;甲11&gt;公司" in text
    assert "没有添加记录" in text
    press(app, "同意开启")
    assert "已同意开启「小园区测评」，由营商专班开启。" in said(app)
    found = proposal(proposed)
    assert found is not None
    assert found.agreed_by.startswith(role.value)
    assert "等您表态" not in said(app)
    ready = open_page("waves.py", Role.OFFICER, draft=proposed, step=4)
    assert buttons(ready)["现在开启"]
    assert f"{found.agreed_by} " in said(ready)


def test_a_no_asks_for_its_reason(open_page: Open, proposed: int) -> None:
    with reading() as db:
        wave = db.get_one(Wave, proposed)
        seen = Seen({"state": proposals.standing(db, wave, datetime.now(UTC)).state})
    app = dialog("survey.ui.waves.proposals", "_decline", Role.OFFICER, wave, seen)
    press(app, "确认不同意")
    assert "请写明理由" in said(app)
    next(one for one in app.text_input if one.label.startswith("理由")).input("有 5 家查不到登记")
    press(app, "确认不同意")
    assert proposal(proposed) is None
    assert "有 5 家查不到登记" in said(open_page("waves.py", Role.OFFICER, draft=proposed, step=4))


def test_another_officer_may_agree_on_the_draft_itself(open_page: Open, proposed: int) -> None:
    app = open_page("waves.py", Role.OFFICER, draft=proposed, step=4)
    press(app, "同意开启")
    assert buttons(app)["现在开启"]


@pytest.mark.parametrize(
    ("page", "role"),
    [
        ("dashboard.py", Role.ADMIN),
        ("department.py", Role.HANDLER),
        ("audit.py", Role.AUDITOR),
        ("compare.py", Role.VIEWER),
    ],
)
def test_nobody_else_sees_it_nor_does_it_stand_on_every_page(
    open_page: Open, proposed: int, page: str, role: Role
) -> None:
    assert proposal(proposed) is not None
    text = said(open_page(page, role))
    assert "等您表态" not in text
    assert "甲11" not in text


def test_a_card_that_was_overtaken_is_not_agreed_to(open_page: Open, proposed: int) -> None:
    """The list was exchanged and proposed again while the card was on the screen."""
    app = open_page("dashboard.py", Role.VIEWER)
    with writing() as db:
        for one in db.exec(select(Enterprise).limit(5)):
            one.name = f"换成{one.id}公司"
        db.delete(db.get_one(Proposal, proposed))
    with acting(Actor("张三", rights=frozenset(["rounds", "consent"]))), writing() as db:  # type: ignore[arg-type]
        opening.propose(db, proposed, datetime.now(UTC))
    press(app, "同意开启")
    assert "还没有记下您的意见，请看过现在的名单再点一次。" in said(app)
    found = proposal(proposed)
    assert found is not None
    assert not found.agreed_by


def test_an_office_of_one_opens_and_is_told_what_is_absent(open_page: Open, draft: int) -> None:
    app = open_page("waves.py", Role.OFFICER, draft=draft, step=4)
    assert (
        "没有第二个能同意的账号（营商专班、领导或纪检监察），这项保护不起作用。可以开启，并记入期次日志。"
        in said(app)
    )
    assert "提请开启" not in buttons(app)
    assert buttons(app)["现在开启"]


def test_the_form_of_an_enterprise_says_who_made_it(open_page: Open, draft: int) -> None:
    app = open_page("enterprises.py", Role.OFFICER)
    assert 'href="/export/enterprises.csv"' in said(app)
    app.button(key="edit-2").click().run()
    assert f"张三 {datetime.now(UTC).astimezone():%Y-}" in said(app)
    assert " 添加</p>" in said(app)
