"""One submission id, sent again: the same content gets the same receipt, other content is told that it was not stored."""

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html import unescape
from threading import Barrier
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from survey.actions.answers.claims import Refused, Submission
from survey.actions.answers.submit import store_submissions
from survey.core.answers.answers import Answers, check
from survey.settings import get_settings
from survey.storage.database import read_engine, write_engine
from tests.doors import Door
from tests.factories import MadeWave, close, make_wave
from tests.web.forms import FORM, in_turn, made, post

SID = "Kx3_" + "a8Zq" * 9
FIRST = {"d": "tax", "g.tax.overall": "5"}
OTHER = {
    "d": "tax", "g.tax.overall": "1", "t.tax": "等了三个月", "kind": "request", "text": "厂门口的路灯坏了", "use": "help",
    "contact": "王先生",
}  # fmt: skip
pytestmark = pytest.mark.usefixtures("database")


def rows() -> dict[str, list[object]]:
    """Everything a submission writes."""
    tables = ("response", "participation", "remark", "ledger_case", "tally", "arrival", "trial")
    with read_engine().connect() as db:
        return {one: sorted(map(repr, db.execute(text(f"SELECT * FROM {one}")))) for one in tables}


def count(table: str) -> int:
    return len(rows()[table])


def send(door: TestClient, code: str, fields: Mapping[str, str], query: str = "", sid: str = SID) -> Any:
    who = {"who": "citizen"} if code_is_open(code) else {}
    return post(door, code, {**fields, **who, "sid": sid}, query)


def code_is_open(code: str) -> bool:
    with read_engine().connect() as db:
        return bool(
            db.scalar(text("SELECT count(*) FROM invitation WHERE open_code = :code"), {"code": code})
        )


@pytest.mark.parametrize("kind", ["enterprise", "open"])
def test_other_content_is_told_given_back_and_led_on(door: TestClient, kind: str) -> None:
    wave = made()
    code = wave.codes[0] if kind == "enterprise" else wave.open_code
    receipt = send(door, code, FIRST).headers["location"]
    before = rows()
    answer = send(door, code, OTHER)
    assert (answer.status_code, rows()) == (409, before)
    for expected in (
        "改动没有存",
        "厂门口的路灯坏了",
        "等了三个月",
        "王先生",
        f'href="{receipt}"',
        "补充一件要办的事",
    ):
        assert expected in answer.text
    assert "已经用过" not in answer.text
    assert ("不是我们填的" in answer.text) == (kind == "enterprise")
    assert ("作为新的一份提交" in answer.text) == (kind == "open")
    assert send(door, code, FIRST).headers["location"] == receipt, "the first one is still the first one"
    assert rows() == before


def test_in_english_the_way_to_the_receipt_keeps_the_language(door: TestClient) -> None:
    code = made().codes[0]
    receipt = send(door, code, FIRST, "?lang=en").headers["location"]
    answer = send(door, code, OTHER, "?lang=en")
    assert "your changes were not stored" in answer.text
    assert receipt.endswith("?lang=en")
    assert f'href="{receipt}"' in answer.text


def test_by_an_open_code_it_may_come_again_as_a_form_of_its_own(door: TestClient) -> None:
    wave = made()
    receipt = send(door, wave.open_code, FIRST).headers["location"]
    page = send(door, wave.open_code, {**OTHER, "t.tax": '<b>"等了"</b>'}).text
    fields = [
        (unescape(name), unescape(value))
        for name, value in re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', page, re.S)
    ]
    assert dict(fields)["sid"] != SID
    again = door.post(f"/q/{wave.open_code}", content=urlencode(fields), headers=FORM)
    assert again.status_code == 303
    assert again.headers["location"] != receipt
    assert (count("response"), count("ledger_case")) == (2, 1)
    with read_engine().connect() as db:
        assert db.scalar(text("SELECT text FROM remark")) == '<b>"等了"</b>'


SPOKEN = {
    "d": "tax",
    "g.tax.overall": "2",
    "w.tax": "slow",
    "t.tax": "Café 等了\n三个月",
    "kind": "suggestion",
    "text": "好",
}
"""Field by field as sent; the variants say the same in another way."""
VARIANTS = {
    "another language": (SPOKEN, "?lang=en"),
    "in another order": (dict(reversed(SPOKEN.items())), ""),
    "letters and marks apart": ({**SPOKEN, "t.tax": unicodedata.normalize("NFD", SPOKEN["t.tax"])}, ""),
    "Windows line ends": ({**SPOKEN, "t.tax": SPOKEN["t.tax"].replace("\n", "\r\n")}, ""),
    "blank ends": ({**SPOKEN, "text": " 好\n"}, ""),
    "what was not asked for": ({**SPOKEN, "contact": "王先生", "about": "", "use": "count"}, ""),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_said_in_another_way_is_the_same(door: TestClient, variant: str) -> None:
    code = made().codes[0]
    receipt = send(door, code, SPOKEN).headers["location"]
    before = rows()
    fields, query = VARIANTS[variant]
    answer = send(door, code, fields, query)
    assert answer.headers["location"].split("?")[0] == receipt
    assert rows() == before


def test_the_same_bytes_written_otherwise_are_the_same(door: TestClient) -> None:
    code = made().codes[0]
    receipt = send(door, code, SPOKEN).headers["location"]
    body = "&".join(f"{quote(a, safe='.')}={quote(b).replace('%', '%').lower()}" for a, b in SPOKEN.items())
    body = body.replace("caf", "Caf") + f"&sid={SID}"
    for way in (body, body.replace("%20", "+")):
        answer = door.post(f"/q/{code}", content=way, headers=FORM)
        assert answer.headers["location"] == receipt


@pytest.mark.parametrize("more", [
    {"g.tax.overall": "3"}, {"g.tax.attitude": "2"}, {"w.tax": "attitude"}, {"t.tax": "等了四个月"}, {"text": "好了"},
    {"kind": "request"}, {"about": "tax"}, {"use": "help"}, {"use": "integrity"}, {"use": "help", "contact": "王"},
    {"d": "none"},
], ids=str)  # fmt: skip
def test_whatever_differs_is_told(door: TestClient, more: dict[str, str]) -> None:
    code = made().codes[0]
    send(door, code, SPOKEN)
    assert send(door, code, {**SPOKEN, **more}).status_code == 409


def test_an_open_codes_respondent_is_content_too(door: TestClient) -> None:
    code = made().open_code
    for who, status in (("citizen", 303), ("official", 409), ("citizen", 303)):
        assert post(door, code, {**FIRST, "who": who, "sid": SID}).status_code == status


def checked(wave: MadeWave, fields: Mapping[str, str]) -> Answers:
    return check(wave.form, {name: [value] for name, value in fields.items()}, get_settings())


def test_two_contents_of_one_new_id_in_one_batch() -> None:
    wave, now = made(), datetime.now(UTC)
    first, other = checked(wave, FIRST), checked(wave, OTHER)
    sent = [
        Submission(code, SID, answers, None, "zh", now)
        for code in (wave.codes[0], wave.open_code)
        for answers in (first, other, first, other)
    ]
    with write_engine().begin() as db:
        results = store_submissions(db, sent)
    for a, b, c, d in (results[:4], results[4:]):
        assert a == c
        assert isinstance(a, str)
        assert [(one.key, one.receipt) for one in (b, d) if isinstance(one, Refused)] == [("changed", a)] * 2
    assert (count("response"), count("ledger_case")) == (2, 0)


ROUNDS, PHONES = 40, 8


def test_two_contents_of_one_new_id_at_two_doors_at_once(doors: list[Door]) -> None:
    """Of each code one content is stored: it gets one receipt, and whoever sent the other is told."""
    wave, start = make_wave(enterprises=ROUNDS, now=datetime.now(UTC)), Barrier(PHONES)
    ids = {code: secrets.token_urlsafe(16) for code in wave.codes}

    def phone(place: int) -> list[tuple[int, str]]:
        content = FIRST if place // 2 % 2 else OTHER
        forms = {code: {**content, "sid": ids[code]} for code in wave.codes}
        return in_turn(doors[place % 2].port, forms, start)

    with ThreadPoolExecutor(PHONES) as crowd:
        found = list(zip(*crowd.map(phone, range(PHONES)), strict=True))
    won = []
    for answers in found:
        groups = {
            place // 2 % 2: {one for at, one in enumerate(answers) if at // 2 % 2 == place // 2 % 2}
            for place in (0, 2)
        }
        assert sorted(next(iter(group))[0] for group in groups.values()) == [303, 409]
        assert all(len(group) == 1 for group in groups.values()), groups
        won.append(next(place for place, group in groups.items() if next(iter(group))[0] == 303))
    assert (count("response"), count("participation")) == (ROUNDS, ROUNDS)
    assert count("ledger_case") == won.count(0)


def test_an_older_row_behaves_as_it_did(door: TestClient) -> None:
    code = made().codes[0]
    receipt = send(door, code, FIRST).headers["location"]
    with write_engine().begin() as db:
        db.execute(text("UPDATE participation SET content_mark = NULL"))
    assert send(door, code, OTHER).headers["location"] == receipt


def test_after_closing_nothing_can_be_told_and_nothing_false_is_said(door: TestClient) -> None:
    wave = made()
    for code in (wave.codes[0], wave.open_code):
        send(door, code, FIRST)
    receipt = send(door, wave.codes[0], FIRST).headers["location"]
    close(wave, datetime.now(UTC))
    with read_engine().connect() as db:
        assert db.scalars(text("SELECT content_mark FROM participation")).all() == [None, None]
    before = rows()
    for fields in (FIRST, OTHER):
        answer = send(door, wave.codes[0], fields)
        assert answer.status_code == 410
        assert f'href="{receipt}"' in answer.text
        assert "前一份已收到" in answer.text
        assert send(door, wave.codes[0], fields, sid="t" * 22).status_code == 409
    assert send(door, wave.open_code, OTHER).status_code == 410
    assert rows() == before


def test_a_batch_settles_each_of_its_forms(door: TestClient) -> None:
    """Retries and changes mixed at one open door, as a crowd sends them."""
    from survey.actions.answers.submit import submit

    wave, now = made(), datetime.now(UTC)
    kinds = {True: checked(wave, FIRST), False: checked(wave, OTHER)}

    async def one(place: int) -> str:
        sent = Submission(wave.open_code, f"{place // 4:030}", kinds[place % 4 < 2], None, "zh", now)
        try:
            return await submit(sent)
        except Refused as why:
            return f"{why.key} {why.receipt}"

    async def crowd() -> list[str]:
        return await asyncio.gather(*(one(place) for place in range(80)))

    with ThreadPoolExecutor(1) as thread:  # this one may hold the loop of an open browser
        found = thread.submit(asyncio.run, crowd()).result()
    for start in range(0, 80, 4):
        first, again, changed, once_more = found[start : start + 4]
        assert first == again
        assert {changed, once_more} == {f"changed {first}"}
    assert count("response") == 20
