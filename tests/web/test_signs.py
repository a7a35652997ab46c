"""Over HTTP: who sends a form too fast, from which device, and what of that can be found afterwards: nothing."""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from survey.core.answers.signs import Sign
from survey.core.answers.stamps import new_submission_id
from survey.settings import get_settings
from survey.storage.answers import devices
from survey.storage.database import forget_engines, read_engine
from survey.web.phone import public
from tests.factories import MadeWave, make_wave
from tests.web.forms import post

AGENT, LANGUAGE, ADDRESS = "Planted-Phone/7.3 MicroMessenger", "zh-CN,xx-Planted;q=0.3", "203.0.113.77"
GOOD = {"d": "tax", "g.tax.overall": "4", "g.tax.efficiency": "3"}
pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture
def door() -> Iterator[TestClient]:
    headers = {"user-agent": AGENT, "accept-language": LANGUAGE}
    with TestClient(
        public.create_app(), follow_redirects=False, headers=headers, client=(ADDRESS, 5000)
    ) as client:
        yield client


@pytest.fixture
def wave() -> MadeWave:
    return make_wave(now=datetime.now(UTC) - timedelta(hours=1))


def sid_of(page: str) -> str:
    found = re.search(r'name="sid" value="([\w-]+)"', page)
    assert found
    return found[1]


def send(door: TestClient, code: str, sid: str, **more: str) -> int:
    return int(post(door, code, {**GOOD, "sid": sid, **more}).status_code)


def flags() -> list[int]:
    with read_engine().connect() as db:
        return sorted(row[0] for row in db.execute(text("SELECT flags FROM response")))


def opened(code: str, seconds: float) -> str:
    """What the form of this code carries when it was opened so long ago."""
    return new_submission_id(get_settings().secret, code, datetime.now(UTC) - timedelta(seconds=seconds))


def test_a_form_sent_the_moment_it_was_opened_is_too_fast(door: TestClient, wave: MadeWave) -> None:
    first, second = wave.codes[:2]
    assert send(door, first, sid_of(door.get(f"/q/{first}").text)) == 303
    assert send(door, second, opened(second, 60)) == 303
    assert flags() == [0, Sign.TOO_FAST]


def test_a_form_given_back_with_a_problem_keeps_its_opening(door: TestClient, wave: MadeWave) -> None:
    code = wave.codes[0]
    sid = opened(code, 60)
    page = post(door, code, {"d": "tax", "sid": sid})
    assert (page.status_code, sid_of(page.text)) == (422, sid)


def test_an_id_of_another_code_is_stored_and_not_judged(door: TestClient, wave: MadeWave) -> None:
    first, second = wave.codes[:2]
    replayed = sid_of(door.get(f"/q/{first}").text)
    assert send(door, second, replayed) == 303
    assert send(door, first, "made-by-the-phone-itself") == 303
    assert flags() == [0, 0]


def test_one_phone_with_many_codes_bears_the_sign_whatever_it_says_of_itself(
    door: TestClient, wave: MadeWave
) -> None:
    for code in wave.codes[:7]:
        assert post(door, code, {**GOOD, "sid": opened(code, 60)}, "?channel=tablet").is_redirect
    assert flags() == [0] * 5 + [Sign.SAME_DEVICE] * 2


def everything(folder: Path) -> bytes:
    """Every byte in the data folder, the write-ahead log too."""
    forget_engines()
    return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())


def planted_in(stored: bytes) -> list[str]:
    hidden = [AGENT, LANGUAGE, ADDRESS, "Planted"]
    return [one for one in hidden if one.encode() in stored or one.encode("utf-16-le") in stored]


def test_neither_address_nor_browser_nor_time_is_kept(
    door: TestClient, wave: MadeWave, sqlite_database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sids = []
    with caplog.at_level(logging.DEBUG):
        for code in wave.codes[:7]:
            sids.append(sid_of(door.get(f"/q/{code}").text))
            send(door, code, sids[-1])
    assert len(flags()) == 7
    stored = everything(sqlite_database)
    assert planted_in(stored) == []
    assert not [sid for sid in sids if sid.encode() in stored]
    assert planted_in(caplog.text.encode()) == []


def test_a_mark_that_were_not_keyed_would_be_found(
    door: TestClient, wave: MadeWave, sqlite_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Positive control of the test above."""
    monkeypatch.setattr(devices, "mark", lambda _wave, _day, *about: "/".join(about).encode())
    for code in wave.codes[:2]:
        send(door, code, opened(code, 60))
    assert set(planted_in(everything(sqlite_database))) >= {AGENT, ADDRESS}


def test_marks_of_one_day_cannot_be_reckoned_from_the_next_days_key(wave: MadeWave) -> None:
    """Who has the database and today's key tries the very device that answered yesterday."""
    day, about = datetime.now(UTC).date(), (ADDRESS, AGENT, LANGUAGE)
    kept = devices.mark(wave.id, day, *about)
    assert devices.mark(wave.id, day, *about) == kept, "positive control: today's key does it"
    assert devices.mark(wave.id, day + timedelta(days=1), *about) != kept
    assert devices.mark(wave.id, day, *about) != kept


def test_a_form_is_stored_though_no_key_can_be_kept(
    door: TestClient, wave: MadeWave, sqlite_database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (sqlite_database / "keys" / "devices").write_text("a file where the folder should be")
    assert [send(door, code, opened(code, 60)) for code in wave.codes[:7]] == [303] * 7
    assert flags() == [0] * 5 + [Sign.SAME_DEVICE] * 2
    assert "设备密钥用不了" in caplog.text
