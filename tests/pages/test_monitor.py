"""回收 and 代填: the finding first, names for officers only, and marks that can be taken back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from survey.actions.answers.on_behalf import confirm, enter_on_behalf
from survey.actions.waves.reminders import draw_up_list
from survey.core.answers.answers import Answers
from survey.core.answers.receipts import digest
from survey.core.answers.stamps import new_submission_id
from survey.core.models import Enterprise, Invitation, Mode, Reminder, Role
from survey.output.waves.sending_list import length
from survey.settings import get_settings
from survey.storage.database import reading, writing
from survey.web.office.gate import COOKIE
from tests import factories
from tests.pages.conftest import Open, said, sign_in


def running_wave(answered: int = 9) -> factories.MadeWave:
    """An open wave of two strata (12 of 制造业, 12 of 服务业), some answered, with today's list drawn up."""
    opened = datetime.now(UTC) - timedelta(days=3)
    wave = factories.make_wave(enterprises=24, now=opened)
    with writing() as db:
        for number, one in enumerate(db.exec(select(Enterprise).order_by("id"))):
            one.officer, one.contact = ("李四", "张三")[number % 2], "王经理"
            one.phone = "" if number == 23 else f"0100000{number:04d}"
            db.add(one)
    for code in [*wave.codes[1::2], *wave.codes[::2]][:answered]:  # 制造业 answers first
        factories.submit(wave, code=code, now=opened + timedelta(days=1))
    with writing() as db:
        draw_up_list(db, wave.id, datetime.now(UTC))
    return wave


def marked() -> int:
    with reading() as db:
        return len(db.exec(select(Reminder.id)).all())


def test_the_first_line_names_the_group_to_remind_first(open_page: Open) -> None:
    running_wave(answered=14)  # 12 of 12 and 2 of 12
    text = said(open_page("monitor.py", Role.OFFICER))
    assert "已答 14 家，58%；服务业 · 规上只有 17%，请先提醒这里。" in text
    assert "今天请提醒 10 家" in text


def test_viewers_see_rates_but_no_enterprise(open_page: Open) -> None:
    running_wave()
    app = open_page("monitor.py", Role.VIEWER)
    assert "已答 9 家，38%" in said(app)
    assert "企业" in said(app)
    with reading() as db:
        names = db.exec(select(Enterprise.name)).all()
    assert not [name for name in names if name in said(app)]
    assert not app.button
    assert len(app.get("plotly_chart")) == 3


def test_an_officer_marks_one_colleagues_part_and_takes_it_back(open_page: Open) -> None:
    running_wave()  # 9 of 制造业 answered: 张三 has 3 left, 李四 all 12
    app = open_page("monitor.py", Role.OFFICER)
    app.selectbox(key="monitor-officer").select("张三").run()
    assert "今天请提醒 3 家" in said(app)
    assert "其中 1 家没有手机号" in said(app)
    app.button(key="mark-reminded").click().run()
    assert marked() == 3
    assert "今天请提醒 0 家，3 家今天已提醒" in said(app)
    app.button(key="unmark").click().run()
    assert marked() == 0


def test_before_the_first_midnight_the_page_says_when_the_list_comes(open_page: Open) -> None:
    factories.make_wave(now=datetime.now(UTC))
    text = said(open_page("monitor.py", Role.OFFICER))
    assert "第一份名单在开启的第二天 0 点做好" in text


def test_a_wave_without_codes_and_a_closed_one_are_told_apart(open_page: Open) -> None:
    wave = running_wave()
    factories.close(wave, datetime.now(UTC))
    text = said(open_page("monitor.py", Role.OFFICER))
    assert "本期已截止：已答 9 家，38%。" in text
    assert "不再提醒企业" in text
    factories.make_wave(enterprises=0, now=datetime.now(UTC))
    assert "本期没有发放一企一码" in said(open_page("monitor.py", Role.OFFICER))


def test_what_was_entered_and_disputed_is_told_to_officers(open_page: Open) -> None:
    wave, now = running_wave(), datetime.now(UTC)
    with writing() as db:
        for code, source in ((wave.codes[-2], "phone"), (wave.codes[-4], "visit")):
            found = db.exec(
                select(Invitation.enterprise_id).where(Invitation.code_hash == digest(code))
            ).one()
            nothing = Answers(bytes(wave.form.items), len(wave.form.questions))
            enter_on_behalf(db, wave.id, found or 0, nothing, source, "演示专班", now)  # type: ignore[arg-type]
        confirm(db, wave.codes[-2], "disputed", now)
    app = open_page("entry.py", Role.OFFICER)
    assert "已代填 2 家（电话 1、走访 1），企业确认了 0 家，1 家有异议" in said(app)
    assert "请由另一位同事回电核实" in said(app)
    assert "您的账号没有这项权限" in said(open_page("entry.py", Role.VIEWER))


@pytest.fixture
def office(sqlite_database: object) -> Iterator[TestClient]:
    """The plain office pages, without Streamlit."""
    from starlette.applications import Starlette

    from survey.web.office import entry, monitor, sign_in

    app = Starlette(routes=[*monitor.routes(), *entry.routes(), *sign_in.routes()])
    with TestClient(app, follow_redirects=False) as client:
        yield client


def test_the_list_is_a_workbook_with_phones_as_text_and_one_short_message(office: TestClient) -> None:
    wave = running_wave()
    office.cookies.set(COOKIE, sign_in(Role.OFFICER))
    answer = office.get(f"/export/{wave.id}/reminders.xlsx", params={"officer": "张三"})
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    assert head[:4] == ("企业名称", "服务专员", "联系人", "手机号")
    assert len(rows) == 3
    phones = {row[3] or "" for row in rows}
    assert phones == {"01000000019", "01000000021", ""}  # a leading 0 survives
    longest = re.sub(r"[0-9月日时分]+截止", "12月31日23时59分截止", str(rows[0][4]))
    assert "12月31日23时59分截止" in longest
    assert length(longest) <= 70
    assert rows[0][5:7] == (1, 0)


def test_viewers_and_strangers_get_no_list(office: TestClient) -> None:
    wave = running_wave()
    assert office.get(f"/export/{wave.id}/reminders.xlsx").headers["location"].startswith("/login")
    office.cookies.set(COOKIE, sign_in(Role.VIEWER))
    for address in (f"/export/{wave.id}/reminders.xlsx", f"/entry/{wave.id}"):
        assert office.get(address).status_code == 403
    assert office.post(f"/entry/{wave.id}", data={"sid": "s" * 20}).status_code == 403


def test_the_entry_form_is_closed_with_its_wave_and_says_so(office: TestClient) -> None:
    wave = running_wave()
    office.cookies.set(COOKIE, sign_in(Role.OFFICER))
    assert office.get(f"/entry/{wave.id}").status_code == 200
    factories.close(wave, datetime.now(UTC))
    answer = office.get(f"/entry/{wave.id}")
    assert (answer.status_code, "只有进行中和收尾中的期次可以代填" in answer.text) == (404, True)


def test_an_enterprise_that_answered_an_hour_ago_can_still_be_chosen_but_not_entered(
    office: TestClient,
) -> None:
    """Choosing must not tell who has just answered; only a form that is sent learns it."""
    wave, now = running_wave(), datetime.now(UTC)
    code = wave.codes[-2]
    factories.submit(wave, code=code, now=now)
    with reading() as db:
        enterprise = db.exec(
            select(Invitation.enterprise_id).where(Invitation.code_hash == digest(code))
        ).one()
    office.cookies.set(COOKIE, sign_in(Role.OFFICER))
    assert f'<option value="{enterprise}"' in office.get(f"/entry/{wave.id}").text
    fields = {"sid": "s" * 20, "enterprise": str(enterprise), "source": "phone", "g.tax.overall": "5"}
    answer = office.post(f"/entry/{wave.id}", data=fields, headers={"origin": "http://testserver"})
    assert (answer.status_code, "这家企业已经答过" in answer.text) == (422, True)


def test_the_signs_are_told_with_what_they_would_change_and_nothing_is_deleted(open_page: Open) -> None:
    opened = datetime.now(UTC) - timedelta(days=3)
    wave = factories.make_wave(enterprises=40, now=opened, mode=Mode.NAMED)
    same = {f"{one}.{item}": 5 for one in ("tax", "market") for item in ("efficiency", "attitude", "overall")}
    for number in range(26):
        code, seconds = wave.next_code(), 1 if number < 6 else 90
        sid = new_submission_id(get_settings().secret, code, opened - timedelta(seconds=seconds))
        grades = (
            same | {"construction.overall": 5, "construction.attitude": 5}
            if number < 6
            else {"tax": 2 + number % 3, "market": 1 + number % 4, "construction": 1 + number % 4}
        )
        factories.submit(wave, grades, code=code, submission_id=sid, now=opened)
    factories.release(wave)
    text = said(open_page("monitor.py", Role.VIEWER))
    assert "异常迹象：26 份答卷中 6 份有迹象，6 份存疑" in text
    assert "26 份中 6 份填得过快、6 份全部同一等级；去掉同时有两种以上迹象的 6 份，总体满意度由" in text
    assert "没有删除任何答卷。" in text
    assert "78 → 60" in text  # ratings of three departments by 26, then by 20


def test_signs_that_are_never_together_are_counted_and_change_nothing(open_page: Open) -> None:
    hurried_wave(Mode.NAMED)
    text = said(open_page("monitor.py", Role.VIEWER))
    assert "10 份中 1 份填得过快；没有哪份同时有两种以上迹象。没有删除任何答卷。" in text
    assert "→" not in text.split("异常迹象")[1]


def hurried_wave(mode: Mode, hurried: int = 1) -> factories.MadeWave:
    """10 forms, so many of them sent as soon as they were opened."""
    now = datetime.now(UTC)
    wave = factories.make_wave(enterprises=12, now=now, mode=mode)
    for number in range(10):
        code = wave.next_code()
        opened = now if number >= 10 - hurried else now - timedelta(seconds=90)
        sid = new_submission_id(get_settings().secret, code, opened)
        factories.submit(wave, {"tax": 1 + number % 5}, code=code, submission_id=sid, now=now)
    factories.release(wave)
    return wave


def test_where_anything_is_hidden_signs_wait_for_the_closing_and_are_about(open_page: Open) -> None:
    wave = hurried_wave(Mode.ANONYMOUS, 10)  # so many that noise hides none of them
    waits = said(open_page("monitor.py", Role.VIEWER))
    assert "异常迹象在截止、收齐答卷后公布" in waits
    assert "份填得过快" not in waits
    factories.close(wave, datetime.now(UTC))
    factories.release(wave)
    text = said(open_page("monitor.py", Role.VIEWER))
    assert "份数是约数" in text
    kinds = text.partition("signs-kinds")[2].partition("</table>")[0]
    assert kinds.count("<td>约 ") == 5  # four signs, and the doubtful forms
