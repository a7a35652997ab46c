"""The phone form over HTTP: every answer it gives, what it stores, and what it hands back."""

import gzip
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import text, update
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from survey.actions.waves import lifecycle
from survey.core.answers.receipts import digest
from survey.core.models import Invitation, Wave
from survey.settings import get_settings
from survey.storage import database as storage
from survey.storage.database import read_engine, writing
from survey.web.office.preview import render_preview
from tests.conftest import forget
from tests.factories import close
from tests.web.forms import FORM, made, post

SID = "s" * 22
GOOD = {"d": "tax", "g.tax.overall": "5", "sid": SID}
OPEN = {**GOOD, "who": "citizen"}
ASKED = {"kind": "request", "text": "厂门口的路灯坏了", "about": "tax", "use": "help", "contact": "王先生"}


def stored() -> int:
    """Rows that a submission leaves behind, all tables together."""
    tables = ("response", "participation", "remark", "ledger_case", "tally", "arrival")
    with read_engine().connect() as db:
        return sum(int(db.scalar(text(f"SELECT count(*) FROM {table}")) or 0) for table in tables)


def count(table: str) -> int:
    with read_engine().connect() as db:
        return int(db.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def send(door: TestClient, code: str, fields: Mapping[str, str] = GOOD, **more: str) -> Any:
    return post(door, code, {**fields, **more})


@pytest.mark.usefixtures("database")
class TestJourney:
    """On both kinds of database."""

    def test_form_to_receipt(self, door: TestClient) -> None:
        wave = made()
        page = door.get(f"/q/{wave.codes[0]}")
        sid = re.search(r'name="sid" value="([\w-]{40})"', page.text)[1]
        answer = send(door, wave.codes[0], sid=sid, **{"g.tax.overall": "1", "t.tax": "等了三个月"})
        assert (answer.status_code, count("response"), count("remark")) == (303, 1, 1)
        receipt = door.get(answer.headers["location"])
        assert receipt.status_code == 200
        assert "已收到，谢谢" in receipt.text
        assert "交给责任部门" not in receipt.text

    def test_a_request_gets_a_case_and_its_receipt_shows_it(self, door: TestClient) -> None:
        answer = send(door, made().codes[0], **ASKED)
        page = door.get(answer.headers["location"]).text
        assert count("ledger_case") == 1
        for expected in ("厂门口的路灯坏了", "税务局", "已收到", "营商专班现在就能看到"):
            assert expected in page
        assert "王先生" not in page  # whoever gets hold of a screenshot learns no name

    def test_sent_twice_it_is_stored_once_with_one_receipt(self, door: TestClient) -> None:
        code = made().codes[0]
        first, again = send(door, code), send(door, code)
        assert first.headers["location"] == again.headers["location"]
        assert count("response") == 1

    def test_a_used_code_takes_no_second_form_and_gives_the_text_back(self, door: TestClient) -> None:
        code = made().codes[0]
        send(door, code)
        before = stored()
        answer = send(door, code, sid="t" * 22, **ASKED)
        assert (answer.status_code, stored()) == (409, before)
        for expected in ("已经用过", "您写的内容在这里", "厂门口的路灯坏了", "不是我们填的", "看本机回执"):
            assert expected in answer.text

    def test_looking_at_a_used_code_is_no_error(self, door: TestClient) -> None:
        code = made().codes[0]
        send(door, code)
        page = door.get(f"/q/{code}")
        assert (page.status_code, "已经用过" in page.text) == (200, True)

    def test_an_open_code_takes_many(self, door: TestClient) -> None:
        wave = made()
        places = {send(door, wave.open_code, OPEN, sid=f"{i:022}").headers["location"] for i in range(3)}
        assert (len(places), count("response")) == (3, 3)

    def test_only_an_open_code_asks_who_fills_it_in(self, door: TestClient) -> None:
        wave = made()
        assert all(one in door.get(f"/q/{wave.open_code}").text for one in ("您是", "个体户", "公职人员"))
        assert "个体户" not in door.get(f"/q/{wave.codes[0]}").text
        unsaid = send(door, wave.open_code)
        assert (unsaid.status_code, "请选择您的身份" in unsaid.text, stored()) == (422, True, 0)
        assert send(door, wave.codes[0], OPEN).status_code == 400, "an enterprise's form has no such field"
        assert send(door, wave.open_code, OPEN, who="mayor").status_code == 400
        assert send(door, wave.open_code, OPEN).status_code == 303
        with read_engine().connect() as db:
            assert db.execute(text("SELECT respondent, channel FROM response")).one() == (3, "open")


@pytest.mark.usefixtures("sqlite_database")
class TestRefusals:
    """Nothing is stored, and what was typed comes back."""

    def refused(self, door: TestClient, code: str, status: int, says: str) -> None:
        before = stored()
        answer = send(door, code, **ASKED)
        assert (answer.status_code, stored()) == (status, before)
        assert says in answer.text
        assert "厂门口的路灯坏了" in answer.text
        page = door.get(f"/q/{code}")
        assert (page.status_code, says in page.text) == (status, True)

    def test_unknown(self, door: TestClient) -> None:
        made()
        self.refused(door, "nonsense", 404, "没有找到这个测评码")
        self.refused(door, "x" * 500, 404, "没有找到这个测评码")
        self.refused(door, "%E7%A0%81%00", 404, "没有找到这个测评码")

    def test_not_open_yet(self, door: TestClient) -> None:
        wave = made()
        soon = datetime(2099, 5, 1, 1, 30, tzinfo=UTC)
        with writing() as db:
            later = soon + timedelta(days=1)
            db.execute(update(Wave).where(Wave.id == wave.id).values(opens_at=soon, closes_at=later))
        self.refused(door, wave.codes[0], 403, "5 月 1 日 09:30 开始")

    def test_closed(self, door: TestClient) -> None:
        wave = made()
        close(wave, datetime.now(UTC))
        self.refused(door, wave.codes[0], 410, "已截止")

    def test_void(self, door: TestClient) -> None:
        wave = made()
        with writing() as db:
            mine = Invitation.code_hash == digest(wave.codes[0])
            db.execute(update(Invitation).where(mine).values(void=True))
        self.refused(door, wave.codes[0], 410, "已作废")

    def test_in_the_grace_a_form_may_be_opened_and_sent(self, door: TestClient) -> None:
        wave = made()
        with writing() as db:
            lifecycle.close_wave(db, wave.id, datetime.now(UTC) - timedelta(minutes=5))
        shown = door.get(f"/q/{wave.codes[0]}")
        assert shown.status_code == 200
        assert "正在收尾" in shown.text
        assert send(door, wave.codes[0]).status_code == 303

    def test_too_large(self, door: TestClient) -> None:
        code = made().codes[0]
        before, limit = stored(), get_settings().body_limit
        whole = door.post(f"/q/{code}", content=b"text=" + b"a" * limit, headers=FORM)
        pieces = door.post(f"/q/{code}", content=iter([b"text=", b"a" * limit, b"a"]), headers=FORM)
        assert (whole.status_code, pieces.status_code, stored()) == (413, 413, before)

    def test_not_a_form(self, door: TestClient) -> None:
        code = made().codes[0]
        assert door.post(f"/q/{code}", json={"d": "tax"}).status_code == 415
        assert door.post(f"/q/{code}", files={"d": b"tax"}).status_code == 415

    def test_other_methods_and_addresses_answer_in_chinese(self, door: TestClient) -> None:
        for answer, status in ((door.put("/q/x"), 405), (door.get("/x/y"), 404), (door.get("/r/abc"), 404)):
            assert answer.status_code == status
            assert 'lang="zh-CN"' in answer.text

    def test_a_database_that_cannot_write_means_try_again(
        self, sqlite_database: Path, monkeypatch: pytest.MonkeyPatch, door: TestClient
    ) -> None:
        code = made().codes[0]
        monkeypatch.setattr(storage, "BUSY_SECONDS", 0.1)
        forget()
        before = stored()
        # The same library: a second one in this process would not see the first one's file locks.
        other = storage.sqlite_module().connect(sqlite_database / "survey.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = send(door, code, **ASKED)
        other.close()
        assert (answer.status_code, stored()) == (503, before)
        assert int(answer.headers["retry-after"]) > 0
        assert "厂门口的路灯坏了" in answer.text
        assert send(door, code, **ASKED).status_code == 303

    def test_no_database(self, monkeypatch: pytest.MonkeyPatch, door: TestClient) -> None:
        monkeypatch.setenv("SURVEY_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        forget()
        assert door.get("/healthz").status_code == 200
        assert door.get("/readyz").status_code == 503
        assert door.get("/q/abc").status_code == 503
        assert send(door, "abc", **ASKED).status_code == 503


@pytest.mark.usefixtures("sqlite_database")
class TestCorrections:
    """A person's slip: 422, the same page, everything typed still there."""

    def test_everything_typed_stays_and_problems_lead_to_their_fields(self, door: TestClient) -> None:
        wave = made()
        body = urlencode(
            [("d", "tax"), ("d", "market"), ("g.tax.overall", "2"), ("w.tax", "slow"), ("g.tax.attitude", "4"),
             ("t.tax", "<b>等了</b>三个月"), ("text", "路灯坏了"), ("use", "help"), ("contact", '王"先生'),
             ("about", "market"), ("sid", SID)]
        )  # fmt: skip
        before = stored()
        answer = door.post(f"/q/{wave.codes[0]}", content=body, headers=FORM)
        page = answer.text
        assert (answer.status_code, stored()) == (422, before)
        assert "还有 2 处要改" in page
        assert page.count("请给「市场监督管理局」打一个总体评价") == 2  # in the summary and beside the field
        for target in re.findall(r'<li><a href="#([\w-]+)">', page):
            assert f'id="{target}"' in page
        for kept in (
            'name="g.tax.overall" value="2" checked', 'name="w.tax" value="slow" checked',
            'name="g.tax.attitude" value="4" checked', "&lt;b&gt;等了&lt;/b&gt;三个月", "路灯坏了",
            'name="use" value="help" checked', 'value="王&#34;先生"', '<option value="market" selected>',
            f'name="sid" value="{SID}"', "<details open>",
        ):  # fmt: skip
            assert kept in page, kept

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({}, "请选择今年打过交道的部门"),
            ({"d": "tax"}, "打一个总体评价"),
            ({"d": "none", "text": "有话"}, "属于要办的事、不满意还是建议"),
            ({"d": "none", "use": "help"}, "请写下要办什么事"),
            ({"d": "none", "text": "长" * 501, "kind": "request"}, "有 501 个字"),
        ],
    )
    def test_each_problem(self, door: TestClient, fields: dict[str, str], says: str) -> None:
        answer = send(door, made().codes[0], {"sid": SID, **fields})
        assert (answer.status_code, says in answer.text) == (422, True)


@pytest.mark.usefixtures("sqlite_database")
class TestPage:
    """Weight, headers and what the page must not say."""

    def test_weight_with_all_departments(self, door: TestClient) -> None:
        names = [line.split(",")[0] for line in Path("data/departments.csv").read_text("utf-8").splitlines()]
        code = made(departments=names[1:]).codes[0]
        door.headers["accept-encoding"] = "gzip"
        with door.stream("GET", f"/q/{code}") as answer:
            packed = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
        assert len(packed) <= 20_000
        page = gzip.decompress(packed).decode()
        assert page.count('name="d"') == len(names)  # the departments, and 都没有 instead of the header line
        assert not re.findall(
            r'(?:src|href)="(?!#|data:,|tel:|\?lang=|/privacy\?)', page
        )  # nothing else to fetch

    def test_plain_and_packed_are_the_same_page_with_fresh_ids(self, door: TestClient) -> None:
        code = made().codes[0]
        pages = [
            door.get(f"/q/{code}", headers={"accept-encoding": how}).text
            for how in ("gzip", "identity", "gzip;q=0")
        ]
        ids = {re.search(r'name="sid" value="(.*?)"', page)[1] for page in pages}
        assert len(ids) == 3
        assert len({re.sub(r'name="sid" value=".*?"', "", page) for page in pages}) == 1

    def test_looking_stores_nothing_and_names_nobody(self, door: TestClient) -> None:
        wave = made()
        before = stored()
        page = door.get(f"/q/{wave.codes[0]}")
        assert door.head(f"/q/{wave.codes[0]}").status_code == 200
        assert stored() == before
        assert wave.codes[0] not in page.text
        assert "企业" + "0" not in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"

    def test_every_inline_part_is_named_in_the_policy(self, door: TestClient) -> None:
        from survey.web.documents import fingerprint

        wave = made()
        done = send(door, wave.codes[0]).headers["location"]
        for address in (f"/q/{wave.codes[1]}", "/q/nonsense", done):
            page = door.get(address)
            rules = page.headers["content-security-policy"]
            parts = re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", page.text, re.S)
            assert parts
            assert all(fingerprint(part) in rules for part in parts)
            assert not re.search(r'\son\w+=|style="', page.text)
            assert "unsafe" not in rules

    def test_first_screen(self, door: TestClient) -> None:
        page = door.get(f"/q/{made(demo=True).codes[0]}").text
        for expected in (
            "高新区营商环境专班请您评价", "约 1 分钟", "部门只能看到 5 家以上企业的汇总", "都没有", "演示数据",
        ):  # fmt: skip
            assert expected in page
        assert "全部满意" not in page

    def test_a_tablet_keeps_its_channel_to_the_receipt(self, door: TestClient) -> None:
        wave = made()
        answer = door.post(f"/q/{wave.open_code}?channel=tablet", content=urlencode(OPEN), headers=FORM)
        assert answer.headers["location"].endswith("?channel=tablet")
        assert "下一位" in door.get(answer.headers["location"]).text
        with read_engine().connect() as db:
            assert db.scalar(text("SELECT channel FROM response")) == "tablet"

    def test_preview_cannot_be_sent_and_stores_nothing(self) -> None:
        wave = made()
        before = stored()
        office = TestClient(Starlette(routes=[Route("/preview/{wave:int}", render_preview)]))
        page = office.get(f"/preview/{wave.id}")
        assert "预览，不会提交" in page.text
        assert 'name="sid"' not in page.text
        assert "<script>" not in page.text
        assert '<button type="submit" disabled>' in page.text
        assert "form-action 'none'" in page.headers["content-security-policy"]
        assert "frame-ancestors *" in page.headers["content-security-policy"]
        assert office.get("/preview/999").status_code == 404
        assert stored() == before


@pytest.mark.usefixtures("sqlite_database")
def test_qr_codes_lead_to_the_form_and_to_the_receipt(door: TestClient) -> None:
    code = made().open_code
    image = Image.open(BytesIO(door.get(f"/q/{code}/qr.png").content))
    assert zxingcpp.read_barcode(image).text == f"{get_settings().address}/q/{code}"
    assert image.width / image.info["dpi"][0] * 25.4 >= 25
    assert door.get(f"/q/{code}/qr.svg").headers["content-type"].startswith("image/svg+xml")
    assert door.get("/q/nonsense/qr.png").status_code == 404


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize(
    "damage",
    [b"&text=%00", b"&text=%FF", b"&text=\xff", b"&text=%ED%A0%80", b"&&", b"&lonely", b"&x=1" * 2100, b"&d=nobody",
     b"&g.tax.overall=5", b"&g.market.overall=6", b"&sid=" + b"t" * 22, b"&w.tax=none", b"&use=maybe", b"&=1"],
    ids=repr,
)  # fmt: skip
def test_what_no_form_of_ours_sends_is_refused(door: TestClient, damage: bytes) -> None:
    code = made().codes[0]
    before = stored()
    answer = door.post(f"/q/{code}", content=urlencode(GOOD).encode() + damage, headers=FORM)
    assert (answer.status_code, stored()) == (400, before)
    for missing in (b"", b"d=tax&g.tax.overall=5", b"d=tax&g.tax.overall=5&sid=short"):
        assert door.post(f"/q/{code}", content=missing, headers=FORM).status_code == 400


def test_two_thousand_malformed_bodies_break_nothing(door: TestClient, sqlite_database: Path) -> None:
    wave = made()
    good = urlencode([*OPEN.items(), *ASKED.items(), ("w.tax", "slow"), ("t.tax", "慢")]).encode()
    dice = random.Random(20261123)
    stored_forms = 0
    for _ in range(2000):
        body = spoil(good.replace(SID.encode(), dice.randbytes(16).hex().encode()), dice)
        answer = door.post(f"/q/{wave.open_code}", content=body, headers=FORM)
        assert answer.status_code in (303, 400, 413, 422), (answer.status_code, body[:200])
        assert "Traceback" not in answer.text
        stored_forms += answer.status_code == 303  # some damage leaves a form that anyone could have sent
    assert count("response") == stored_forms < 500


def spoil(body: bytes, dice: random.Random) -> bytes:
    """A valid body with one to four kinds of damage."""
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(body) or 1)
        piece = dice.choice(
            [b"%00", b"%FF%FE", b"\xff", b"\0", b"&&", b"=", b"%", b"%ED%A0%80", b"&d=tax", b"&d=nobody",
             b"&g.tax.overall=6", b"&g.tax.overall=", b"&g.tax.overall=5", b"&g..=1", b"&=", b"&sid=x",
             b"&about=mars", b"&use=count", b"&w.tax=none", b"&t.mars=a", b"&kind=", b"&d=none", b"&" * 50,
             b"&x=1" * 2100, b"&text=" + b"%E5" * 400, dice.randbytes(8)]
        )  # fmt: skip
        match dice.randrange(4):
            case 0:
                body = body[:place]
            case 1:
                body = body[:place] + piece + body[place:]
            case 2:
                body += piece
            case _:
                body = body[:place] + dice.randbytes(1) + body[place + 1 :]
    return body
