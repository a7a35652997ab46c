"""The page about protection, the way to it, and what goes to 纪检监察 alone."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from starlette.testclient import TestClient

from survey.core.figures.view import View
from survey.core.models import Case, Mode
from survey.settings import get_settings
from survey.storage.database import read_engine, reading, writing
from survey.storage.remarks import listed
from survey.storage.waves import published
from survey.web.office.reports import gather, released_remarks
from survey.web.phone.public import create_app
from tests.conftest import forget
from tests.core.test_texts import CHINESE
from tests.factories import close, release
from tests.web.forms import made, post

GIFTS = "科长暗示要请客送礼"
REPORT = {"text": GIFTS, "use": "integrity", "about": "tax", "contact": "李女士 13800000000"}


def send(door: TestClient, code: str, query: str = "", **fields: str) -> Any:
    return post(door, code, {"d": "tax", "g.tax.overall": "2", "sid": code[:22]} | fields, query)


@pytest.mark.usefixtures("sqlite_database")
class TestPrivacyPage:
    @pytest.mark.parametrize("mode", list(Mode))
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_the_form_and_its_receipt_lead_to_the_page_of_their_mode(
        self, door: TestClient, mode: Mode, language: str
    ) -> None:
        wave = made(mode=mode)
        form = door.get(f"/q/{wave.codes[0]}?lang={language}").text
        receipt = door.get(send(door, wave.codes[0], f"?lang={language}").headers["location"]).text  # type: ignore[attr-defined]
        address = f"/privacy?lang={language}&amp;mode={mode}"
        assert f'<a href="{address}" target="_blank"' in form  # a tab of its own: what is typed stays
        assert address in receipt
        page = door.get(address.replace("&amp;", "&"))
        assert page.status_code == 200
        mine = page.text.index({"zh": "您这一期", "en": "This survey"}[language])
        assert mine < page.text.index("<details>")

    def test_it_says_what_is_not_protected_and_promises_nothing_absolute(self, door: TestClient) -> None:
        page = door.get("/privacy").text
        for said in (
            "管服务器的人",
            "至少六个月的网络日志",
            "留言里写明了自己是谁",
            "每天凌晨封存",
            "5 家",
            "偷走备份的人",
        ):
            assert said in page
        assert not re.search(
            "绝对匿名|完全匿名|absolutely anonymous", page + door.get("/privacy?lang=en").text
        )

    def test_in_english_nothing_chinese_is_left(self, door: TestClient) -> None:
        page = re.sub(
            r"<(style|script)>.*?</\1>|<nav>.*?</nav>",
            "",
            door.get("/privacy?lang=en&mode=named").text,
            flags=re.S,
        )
        assert not CHINESE.search(page)
        assert "?lang=zh&amp;mode=named" in door.get("/privacy?lang=en&mode=named").text

    def test_nonsense_in_the_address_is_ignored_and_nothing_runs(self, door: TestClient) -> None:
        page = door.get("/privacy?lang=xx&mode=<script>")
        assert (page.status_code, "您这一期" in page.text, "<script>" in page.text) == (200, False, False)
        assert "script-src 'none'" in page.headers["content-security-policy"]

    def test_a_hall_tablet_is_not_led_away(self, door: TestClient) -> None:
        assert "/privacy" not in door.get(f"/q/{made().open_code}?channel=tablet").text

    def test_the_footer_always_says_whom_to_ask(
        self, door: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = made().codes[0]
        for address in (f"/q/{code}", "/privacy"):
            assert "请问您的服务专员，或拨打高新区营商环境专班公开的办公电话" in door.get(address).text
        monkeypatch.setenv("SURVEY_HOST_PHONE", "0816 123456")
        forget()
        with TestClient(create_app()) as other:
            page = other.get(f"/q/{code}").text
        assert '核实电话：<a href="tel:0816123456">0816 123456</a>' in page
        assert "请问您的服务专员" not in page


@pytest.mark.usefixtures("database")
class TestIntegrity:
    def test_a_report_is_stored_apart_and_its_receipt_shows_no_word_of_it(self, door: TestClient) -> None:
        answer = send(door, made().codes[0], **REPORT)
        page = door.get(answer.headers["location"]).text  # type: ignore[attr-defined]
        with read_engine().connect() as db:
            [kept] = db.execute(text("SELECT text, contact, integrity, department_id, kind FROM ledger_case"))
            assert tuple(kept) == (GIFTS, "李女士 13800000000", True, "tax", "criticism")
            assert db.scalar(text("SELECT count(*) FROM remark")) == 0
        for said in ("已收到，谢谢", "您反映的廉洁问题", "已转纪检监察", "只有纪检监察能看到"):
            assert said in page
        for hidden in (GIFTS, "李女士", "税务局", "3 个工作日内"):
            assert hidden not in page

    def test_help_is_no_integrity_case(self, door: TestClient) -> None:
        answer = send(door, made().codes[0], **REPORT | {"use": "help", "kind": "request"})
        assert GIFTS in door.get(answer.headers["location"]).text  # type: ignore[attr-defined]
        with read_engine().connect() as db:
            assert db.scalar(text("SELECT integrity FROM ledger_case")) in (False, 0)

    def test_it_needs_words_but_neither_kind_nor_contact(self, door: TestClient) -> None:
        wave = made()
        answer = send(door, wave.codes[0], use="integrity")
        assert (answer.status_code, "请写下是什么事" in answer.text) == (422, True)  # type: ignore[attr-defined]
        assert 'name="use" value="integrity" checked' in answer.text  # type: ignore[attr-defined]
        assert send(door, wave.codes[1], use="integrity", text=GIFTS).status_code == 303  # type: ignore[attr-defined]

    def test_no_report_and_no_released_remark_counts_or_tells_it(self, door: TestClient) -> None:
        wave = made()
        for code in wave.codes[:6]:
            send(door, code, **REPORT)
        send(door, wave.codes[6], **REPORT | {"use": "help", "kind": "request", "text": "路灯不亮"})
        for code in wave.codes[7:17]:
            send(door, code, **REPORT | {"use": "count", "kind": "suggestion", "text": "多宣讲"})
        close(wave, datetime.now(UTC))
        release(wave, datetime.now(UTC))
        with writing() as db:  # a request is told of from the next day on
            db.execute(update(Case).values(received_on=date.today() - timedelta(days=2)))
        with reading() as db:
            found = published.wave(db, wave.id)
            assert found is not None
            assert len(gather(db, found, View()).asked) == 1
            assert [one.text for one in released_remarks(db, found)] == ["多宣讲"] * 10
            assert [one.text for one in listed.released(db, wave.id)] == ["多宣讲"] * 10

    def test_it_is_said_in_english_too(self, door: TestClient) -> None:
        answer = send(door, made().codes[0], "?lang=en", **REPORT)
        page = door.get(answer.headers["location"]).text  # type: ignore[attr-defined]
        assert "Passed to the discipline inspectors" in page
        assert get_settings().host_name_en in page
