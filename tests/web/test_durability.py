"""Acknowledged means stored: the public door is killed again and again under retrying phones."""

import http.client
import random
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

from sqlalchemy import text

from survey.core.answers.receipts import digest
from survey.storage.database import read_engine
from tests.doors import Door
from tests.factories import MadeWave, make_wave

KILLS, PHONES = 5, 8


def post(door: Door, wave: MadeWave, submission_id: str) -> str | None:
    """The receipt address, or None when the answer was lost on the way."""
    body = urlencode({"d": "tax", "g.tax.overall": "4", "who": "enterprise", "sid": submission_id})
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=5)
    try:
        form = {"content-type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"/q/{wave.open_code}", body, form)
        answer = connection.getresponse()
        return answer.getheader("location") if answer.status == 303 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def phone(door: Door, wave: MadeWave, stop: Event, acknowledged: dict[str, set[str]]) -> None:
    """Sends forms one after another; an unanswered one is sent again with the same id, as our page does."""
    while not stop.is_set():
        submission_id = secrets.token_urlsafe(16)
        while not (receipt := post(door, wave, submission_id)):
            if stop.is_set():
                return
            time.sleep(0.05)
        acknowledged.setdefault(submission_id, set()).add(receipt)


def test_nothing_acknowledged_is_lost_or_stored_twice(sqlite_database: Path) -> None:
    wave = make_wave(now=datetime.now(UTC))
    door, stop, dice = Door(), Event(), random.Random(1)
    acknowledged: dict[str, set[str]] = {}
    with ThreadPoolExecutor(PHONES) as crowd:
        for _ in range(PHONES):
            crowd.submit(phone, door, wave, stop, acknowledged)
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.3, 0.8))
            door.kill()
            door.start()
        time.sleep(0.5)
        stop.set()
    again = {one: post(door, wave, one) for one in list(acknowledged)[:50]}
    door.kill()
    assert all(receipt in acknowledged[one] for one, receipt in again.items())
    with read_engine().connect() as db:
        stored = set(db.scalars(text("SELECT key FROM participation")))
        responses = db.scalar(text("SELECT count(*) FROM response"))
        tallied = db.scalar(text("SELECT sum(count) FROM tally WHERE item = -1"))
        assert db.scalar(text("PRAGMA integrity_check")) == "ok"
    assert len(acknowledged) > 20
    assert {digest(wave.open_code + one) for one in acknowledged} <= stored
    assert responses == tallied == len(stored)
