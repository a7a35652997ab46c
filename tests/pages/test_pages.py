"""Each page: opens for whom it should, refuses others, is kind when empty, shows a figure when there is one."""

from datetime import UTC, datetime, timedelta

import pytest

from survey.core.access import PAGES as ACCESS
from survey.core.access import ROLE_RIGHTS
from survey.core.models import Role
from survey.core.receipts import digest
from survey.storage import reads
from survey.storage.database import reading
from tests import factories
from tests.pages.conftest import Open, said, sign_in

PAGES = (
    "dashboard.py", "department.py", "invite.py", "waves.py", "cases.py", "monitor.py", "entry.py", "screens.py",
    "accounts.py", "audit.py",
)  # fmt: skip
EMPTY = PAGES[:8]  # pages that have nothing to show before there is a wave
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
    assert "还没有期次" in text or "还没有交办事项" in text


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
    busy_wave()
    app = open_page("dashboard.py", Role.VIEWER)
    text = said(app)
    # 8 × tax 5 (100), 8 × market 2 (30), 1 × market 1 (0): 1040 / 17 = 61.2; 8 of 17 are satisfied.
    assert "已收回 9 份答卷，总体满意度 61.2 分、满意率 47%" in text
    assert "邀请 30 家，其中 9 家已答（30%）" in text
    assert len(app.get("plotly_chart")) == 4


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
        stratum = reads.strata(db, wave.id)[0]
    app = open_page("dashboard.py", Role.VIEWER, stratum=stratum.id)
    assert reads.AFTER_CLOSING in said(app)


def test_open_answers_are_shown_apart_and_marked(open_page: Open) -> None:
    wave = busy_wave()
    for _ in range(5):
        factories.submit(wave, {"tax": 1}, code=wave.open_code, now=datetime.now(UTC))
    factories.release(wave)
    with reading() as db:
        stratum = reads.strata(db, wave.id)[0]
    verified = said(open_page("dashboard.py", Role.VIEWER))
    assert "已收回 9 份答卷" in verified
    assert "开放扫码（未核验） 5 份" in verified
    app = open_page("dashboard.py", Role.VIEWER, source="open", stratum=stratum.id)
    assert app.selectbox(key="filter-stratum").disabled
    assert "开放扫码（未核验）已收回 5 份答卷，总体满意度 0.0 分" in said(app)
    assert "开放扫码（未核验） · " in said(open_page("department.py", Role.VIEWER, source="open"))


def test_a_wave_of_open_codes_alone_shows_them_at_once(open_page: Open) -> None:
    wave = factories.make_wave(enterprises=0, now=datetime.now(UTC))
    for _ in range(5):
        factories.submit(wave, {"tax": 4}, code=wave.open_code, now=datetime.now(UTC))
    factories.release(wave)
    assert "开放扫码（未核验）已收回 5 份答卷" in said(open_page("dashboard.py", Role.VIEWER))


def test_the_department_page_shows_its_sentence(open_page: Open) -> None:
    busy_wave()
    text = said(open_page("department.py", Role.VIEWER, department="market"))
    assert "市场监督管理局满意率 0%（9 家评价" in text
    assert "仅供参考" in text


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
        assert reads.pulse(db, wave.id).responses == 0
