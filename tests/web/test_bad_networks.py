"""Retries through a network that loses, cuts, delays and doubles: one receipt, one answer, nothing typed lost."""

import secrets
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from survey.storage.database import read_engine
from tests.doors import Door
from tests.factories import MadeWave, make_wave
from tests.proxies import FAULTS, Proxy, dice

PHONES, PATIENCE_SECONDS, TRIES = 60, 0.5, 60
TYPED = "厂门口的路灯坏了，<b>三个月</b>没有人修"
Answer = tuple[int, str, str]  # status, receipt address, page


@pytest.fixture
def door(sqlite_database: Path) -> Iterator[Door]:
    running = Door()
    yield running
    running.kill()


@pytest.fixture
def proxy(door: Door) -> Iterator[Proxy]:
    running = Proxy(door.port, dice(7))
    yield running
    running.stop()


def count(table: str) -> int:
    with read_engine().connect() as db:
        return int(db.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def try_once(
    port: int, code: str, sid: str, patience: float = PATIENCE_SECONDS, **more: str
) -> Answer | None:
    """One try of a phone; None when no whole answer came in time."""
    fields = {"d": "tax", "g.tax.overall": "2", "t.tax": TYPED, "sid": sid, **more}
    body = urlencode(fields)
    head = (
        f"POST /q/{code} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
            connection.sendall((head + body).encode())
            answer = whole(connection.makefile("rb").read())
        return answer if answer and answer[0] != 503 else None
    except OSError:
        return None


def whole(raw: bytes) -> Answer | None:
    """The answer, unless it was cut short, be it in the middle of a header."""
    head, end, page = raw.partition(b"\r\n\r\n")
    if not end:
        return None
    first, *lines = head.decode().lower().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines)
    if len(page) < int(fields["content-length"]):
        return None
    return int(first.split()[1]), fields.get("location", ""), page.decode()


def insist(port: int, code: str, *, same_id: bool = True, **more: str) -> tuple[Answer, str]:
    """Send until there is an answer, as our page does; a careless page mints a new id for each try."""
    sid = secrets.token_urlsafe(16)
    for _ in range(TRIES):
        if answer := try_once(port, code, sid, **more):
            return answer, sid
        sid = sid if same_id else secrets.token_urlsafe(16)
    raise TimeoutError


def all_phones(proxy: Proxy, wave: MadeWave, **more: bool) -> list[tuple[Answer, str]]:
    with ThreadPoolExecutor(4) as crowd:
        return list(crowd.map(lambda code: insist(proxy.port, code, **more), wave.codes))


def test_a_form_sent_through_a_bad_network_is_stored_once_and_gets_one_receipt(
    door: Door, proxy: Proxy
) -> None:
    wave = make_wave(enterprises=PHONES, now=datetime.now(UTC))
    answers = all_phones(proxy, wave)
    assert set(proxy.met) == set(FAULTS)
    assert len(proxy.met) > PHONES  # some tries were lost
    assert {status for (status, _, _), _ in answers} == {303}
    assert len({receipt for (_, receipt, _), _ in answers}) == PHONES
    again = [try_once(door.port, code, sid, 30) for code, (_, sid) in zip(wave.codes, answers, strict=True)]
    assert [one and one[1] for one in again] == [receipt for (_, receipt, _), _ in answers]
    assert count("participation") == count("response") == count("remark") == PHONES


def test_another_id_on_a_used_code_is_refused_and_the_text_handed_back(door: Door, proxy: Proxy) -> None:
    wave = make_wave(enterprises=1, now=datetime.now(UTC))
    insist(proxy.port, wave.codes[0])
    (status, receipt, page), _ = insist(proxy.port, wave.codes[0])
    assert (status, receipt) == (409, "")
    assert TYPED.replace("<", "&lt;").replace(">", "&gt;") in page
    assert count("participation") == count("remark") == 1


def test_a_page_that_mints_a_new_id_for_each_try_would_be_refused_or_counted_twice(
    door: Door, proxy: Proxy
) -> None:
    wave = make_wave(enterprises=PHONES, now=datetime.now(UTC))
    statuses = [status for (status, _, _), _ in all_phones(proxy, wave, same_id=False)]
    assert statuses.count(409) > PHONES // 10  # stored, and told that it was not
    assert count("response") == PHONES
    for _ in range(20):
        insist(proxy.port, wave.open_code, same_id=False, who="citizen")
    assert count("response") > PHONES + 20
