"""Each page: opens for whom it should, refuses others, is kind when empty, shows a figure when there is one."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select, update

from survey.actions.accounts import sessions
from survey.core.accounts.access import PAGES as ACCESS
from survey.core.accounts.access import ROLE_RIGHTS
from survey.core.answers.receipts import digest
from survey.core.figures.by_stratum import AFTER_CLOSING
from survey.core.models import AuditEntry, Login, Role, User
from survey.storage.accounts import people
from survey.storage.database import reading, writing
from survey.storage.waves import arriving, published
from tests import factories
from tests.pages.conftest import Open, said, sign_in

PAGES = (
    "dashboard.py", "department.py", "compare.py", "trend.py", "priorities.py", "trust.py", "remarks.py", "invite.py",
    "waves.py", "cases.py", "monitor.py", "entry.py", "screens.py", "accounts.py", "audit.py", "doctor.py", "method.py",
)  # fmt: skip
EMPTY = PAGES[:-4]  # pages that have nothing to show before there is a wave
REFUSED, SIGNED_OUT = "您的账号没有这项权限", "请先登录"


def busy_wave(count: int = 8) -> factories.MadeWave:
    """An open wave with released figures, remarks waiting and a case."""
    wave = factories.make_wave(now=datetime.now(UTC) - timedelta(days=1))
    now = datetime.now(UTC)
    for _ in range(count):
        factories.submit(wave, {"tax": 5, "tax.efficiency": 4, "market": 2}, now=now)
    factories.submit(
        wave, {"market": 1}, now=now, text="<b>请派人</b>来看看", kind="request", about="market", use="help",
        contact="王工 138",
    )  # fmt: skip
    factories.release(wave, now)
    return wave


def finished(wave: factories.MadeWave) -> None:
    """Close it and release its exact figures."""
    factories.close(wave, datetime.now(UTC))
    factories.release(wave)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_a_page_without_signing_in(open_page: Open, page: str) -> None:
    app = open_page(page)
    assert SIGNED_OUT in said(app)
    assert not app.selectbox


@pytest.mark.parametrize("page", PAGES)
def test_a_cold_deep_link_leaks_nothing(open_page: Open, page: str) -> None:
    busy_wave()
    app = open_page(page, cold=True)
    assert SIGNED_OUT in said(app)
    assert "答卷" not in said(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", list(Role))
def test_pages_open_for_their_roles_only(open_page: Open, page: str, role: Role) -> None:
    refused = not ROLE_RIGHTS[role] & set(ACCESS[page.removesuffix(".py")][1])
    assert (REFUSED in said(open_page(page, role))) == refused


@pytest.mark.parametrize("page", EMPTY)
def test_an_empty_installation_says_what_to_do(open_page: Open, page: str) -> None:
    text = said(open_page(page, Role.OFFICER))
    assert any(one in text for one in ("还没有期次", "还没有交办事项", "没有期次在收答卷"))


def test_signing_out_closes_an_open_page(open_page: Open) -> None:
    app = open_page("dashboard.py", Role.VIEWER)
    from sqlmodel import delete

    from survey.core.models import Login
    from survey.storage.database import writing

    with writing() as db:
        db.exec(delete(Login))
    app.run()
    assert SIGNED_OUT in said(app)


def test_an_expired_sign_in_is_nobody(open_page: Open) -> None:
    token = sign_in(Role.ADMIN, datetime.now(UTC) - timedelta(days=9))
    app = open_page("dashboard.py")
    app.user = {"login": digest(token).hex()}
    app.run()
    assert SIGNED_OUT in said(app)


def test_the_dashboard_leads_with_the_finding(open_page: Open) -> None:
    wave = factories.make_wave(now=datetime.now(UTC) - timedelta(days=1))
    for tax, market in ((5, 2), (5, 2), (5, 5), (2, 5), (2, 2), (5, 5)) * 2:
        factories.submit(wave, {"tax": tax, "market": market}, now=datetime.now(UTC))
    finished(wave)
    app = open_page("dashboard.py", Role.VIEWER)
    text = said(app)
    # 14 of 24 very satisfied (100), 10 dissatisfied (30)
    assert "已收回 12 份答卷，总体满意度 70.8 分、满意率 58%" in text
    assert "邀请 30 家，其中 12 家已答（40%）" in text
    assert len(app.get("plotly_chart")) == 4


def test_departments_that_nearly_agree_are_no_more_than_a_range(open_page: Open) -> None:
    finished(busy_wave())
    app = open_page("dashboard.py", Role.VIEWER)
    # 8 × tax 5; 8 × market 2 and 1 × market 1
    assert "已收回 9 份答卷，满意率在 35%–59% 之间（17 次评价" in said(app)
    assert "满意率不低于 75%（n = 8）" in said(app)
    assert len(app.get("plotly_chart")) == 1  # arrivals


def test_figures_too_few_to_show_are_called_so(open_page: Open) -> None:
    wave = factories.make_wave(now=datetime.now(UTC) - timedelta(days=1))
    for _ in range(4):
        factories.submit(wave, {"tax": 5}, now=datetime.now(UTC))
    factories.release(wave, datetime.now(UTC))
    app = open_page("dashboard.py", Role.VIEWER)
    assert "已收回 4 份答卷，数量还不够公布评价" in said(app)
    assert "100.0" not in said(app)
    assert len(app.get("plotly_chart")) == 1  # arrivals: counts are live


def test_an_open_wave_without_answers_waits_kindly(open_page: Open) -> None:
    factories.make_wave(now=datetime.now(UTC))
    assert "还没有收到答卷" in said(open_page("dashboard.py", Role.VIEWER))


def test_filters_come_from_the_address(open_page: Open) -> None:
    busy_wave()
    older = factories.make_wave(title="更早的一期", now=datetime.now(UTC) - timedelta(days=9))
    app = open_page("dashboard.py", Role.VIEWER, wave=older.id)
    assert "更早的一期" in said(app)


def test_strata_wait_for_closing(open_page: Open) -> None:
    wave = busy_wave()
    with reading() as db:
        stratum = published.strata(db, wave.id)[0]
    app = open_page("dashboard.py", Role.VIEWER, stratum=stratum.id)
    assert AFTER_CLOSING in said(app)


def test_open_answers_are_shown_apart_and_marked(open_page: Open) -> None:
    wave = busy_wave()
    for grade in (1, 1, 1, 5, 5) * 4:
        factories.submit(wave, {"tax": grade}, code=wave.open_code, now=datetime.now(UTC))
    factories.release(wave)
    with reading() as db:
        stratum = published.strata(db, wave.id)[0]
    verified = said(open_page("dashboard.py", Role.VIEWER))
    assert "已收回 9 份答卷" in verified
    assert "开放扫码（未核验） 20 份" in verified
    app = open_page("dashboard.py", Role.VIEWER, source="open", stratum=stratum.id)
    assert app.selectbox(key="filter-stratum").disabled
    assert "开放扫码（未核验）已收回 20 份答卷，总体满意度约 " in said(app)
    assert "开放扫码（未核验） · " in said(open_page("department.py", Role.VIEWER, source="open"))


def test_a_wave_of_open_codes_alone_shows_them_at_once(open_page: Open) -> None:
    wave = factories.make_wave(enterprises=0, now=datetime.now(UTC))
    for _ in range(5):
        factories.submit(wave, {"tax": 4}, code=wave.open_code, now=datetime.now(UTC))
    factories.release(wave)
    assert "开放扫码（未核验）已收回 5 份答卷" in said(open_page("dashboard.py", Role.VIEWER))


def test_the_department_page_shows_its_sentence(open_page: Open) -> None:
    finished(busy_wave())
    text = said(open_page("department.py", Role.VIEWER, department="market"))
    # Nearly all dissatisfied: five counts would tell it of every one of the nine.
    assert "市场监督管理局满意率不高于 23%（9 家评价几乎一致，为保护企业只给范围）" in text


def test_the_invite_page_shows_code_and_preview(open_page: Open) -> None:
    wave = busy_wave()
    app = open_page("invite.py", Role.VIEWER)
    assert f"/q/{wave.open_code}" in said(app)
    assert [one.proto.src for one in app.get("iframe")] == [f"/preview/{wave.id}"]


def test_cases_are_text_and_never_markup(open_page: Open) -> None:
    busy_wave()
    text = said(open_page("cases.py", Role.OFFICER))
    assert "&lt;b&gt;请派人" in text
    assert "王工 138" in text


def test_closing_a_wave_asks_first(open_page: Open) -> None:
    wave = factories.make_wave(now=datetime.now(UTC) - timedelta(days=1))
    app = open_page("waves.py", Role.OFFICER)
    app.button(key=f"close-{wave.id}").click().run()
    assert not app.exception
    assert "确认截止" in [one.label for one in app.button]
    assert "不能重新开启" in app.text[0].value
    with reading() as db:
        assert arriving.pulse(db, wave.id, datetime.now(UTC)).responses == 0


def entries(what: str) -> list[tuple[str, str]]:
    with reading() as db:
        return [(one.about, one.result) for one in db.exec(select(AuditEntry).where(AuditEntry.what == what))]


def test_looking_is_noted_once_and_a_refusal_as_one(open_page: Open) -> None:
    wave = busy_wave()
    app = open_page("dashboard.py", Role.VIEWER)
    app.run()
    app.run()
    assert entries("查看")[-1] == (f"看板 期次 {wave.id}", "ok")
    assert entries("查看").count((f"看板 期次 {wave.id}", "ok")) == 1
    looks = len(entries("查看"))
    open_page("accounts.py", Role.VIEWER, cold=True)
    assert [result for _, result in entries("访问")] == ["refused"]
    assert len(entries("查看")) == looks


@pytest.mark.parametrize("quiet", [True, False])
def test_a_page_that_refreshes_itself_is_no_sign_of_a_person(open_page: Open, quiet: bool) -> None:
    app = open_page("dashboard.py", Role.VIEWER)
    long_ago = datetime.now(UTC) - timedelta(minutes=20)
    with writing() as db:
        db.exec(update(Login).values(seen_at=long_ago))
    app.session_state["quiet-run"] = quiet
    app.run()
    with reading() as db:
        [seen] = db.exec(select(Login.seen_at))
    assert (seen == long_ago) == quiet


def test_an_idle_page_asks_to_sign_in_again(open_page: Open) -> None:
    app = open_page("dashboard.py", Role.VIEWER)
    with writing() as db:
        db.exec(update(Login).values(seen_at=datetime.now(UTC) - timedelta(minutes=31)))
    app.run()
    assert SIGNED_OUT in said(app)


def test_an_account_is_made_used_and_closed_on_the_page(open_page: Open) -> None:
    app = open_page("accounts.py", Role.ADMIN)
    app.text_input(key="new-name").set_value("审批局小李").run()
    app.selectbox(key="role-new").set_value(Role.HANDLER).run()
    app.button(key="new-account").click().run()
    assert "要选所属部门" in said(app)
    app.selectbox(key="department-new").set_value("approval").run()
    app.button(key="new-account").click().run()
    assert "已新增账号" in said(app)
    password = app.code[0].value
    made = sessions.sign_in("审批局小李", password, datetime.now(UTC))
    assert made.must_change
    app.run()
    assert not app.code, "shown once"
    with reading() as db:
        [user] = db.exec(select(User).where(User.name == "审批局小李"))
    assert (user.role, user.department_id) == (Role.HANDLER, "approval")
    app.button(key=f"disable-{user.id}").click().run()
    with reading() as db:
        assert people.user_by_login(db, digest(made.token), datetime.now(UTC)) is None


def test_a_forced_password_stops_every_page(open_page: Open) -> None:
    app = open_page("dashboard.py", Role.VIEWER)
    with writing() as db:
        db.exec(update(User).values(must_change=True))
    app.run()
    assert "请先更改密码" in said(app)


def test_the_auditor_checks_and_filters_the_log(open_page: Open) -> None:
    app = open_page("audit.py", Role.AUDITOR)
    app.text_input(key="audit-what").set_value("登录").run()
    assert "登录" in said(app)
    app.button[0].click().run()
    assert "日志完整" in said(app)
