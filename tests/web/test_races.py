"""One code answers once: sixteen phones at a time, at two doors on one database, a hundred times over."""

import http.client
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from survey.actions.answers.submit import PARTICIPATION, RESPONSE, participation, response
from survey.core.answers.receipts import digest
from survey.storage.bulk import insert_at_once
from survey.storage.database import read_engine, write_engine
from tests.doors import Door
from tests.factories import MadeWave, make_wave
from tests.web.forms import FORM, in_turn

ROUNDS, PHONES = 100, 16
GOOD = {"d": "tax", "g.tax.overall": "4"}


def count(table: str) -> int:
    with read_engine().connect() as db:
        return int(db.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_of_sixteen_phones_at_two_doors_exactly_one_wins_each_code(doors: list[Door]) -> None:
    wave, start = make_wave(enterprises=ROUNDS, now=datetime.now(UTC)), Barrier(PHONES)

    def phone(place: int) -> list[tuple[int, str]]:
        forms = {code: {**GOOD, "sid": secrets.token_urlsafe(16)} for code in wave.codes}
        return in_turn(doors[place % len(doors)].port, forms, start)

    with ThreadPoolExecutor(PHONES) as crowd:
        found = list(crowd.map(phone, range(PHONES)))
    rounds = list(zip(*found, strict=True))
    assert [sorted(status for status, _ in one) for one in rounds] == [[303] + [409] * (PHONES - 1)] * ROUNDS
    assert len({receipt for one in rounds for status, receipt in one if status == 303}) == ROUNDS
    assert count("participation") == count("response") == ROUNDS


def careless(wave: MadeWave, code: str, start: Barrier) -> bool:
    """What a store that looks first and writes then would do; whether it took the form."""
    key = digest(code)
    start.wait()
    with read_engine().connect() as db:
        if db.scalar(participation.select().where(participation.c.key == key)):
            return False
        stratum = db.scalar(text("SELECT min(id) FROM stratum"))
    with write_engine().begin() as db:
        grades = bytes(wave.form.items)
        row = (wave.id, secrets.token_bytes(16), stratum, "code", "zh", 0, 0, grades, None, None, None)
        taken = [(key, wave.id, digest(secrets.token_hex()), None)]
        insert_at_once(db, participation, PARTICIPATION, taken, "ON CONFLICT DO NOTHING")
        insert_at_once(db, response, RESPONSE, [row])
    return True


@pytest.mark.usefixtures("database")
def test_a_store_that_looks_first_and_writes_then_lets_several_win() -> None:
    wave, start = make_wave(enterprises=10), Barrier(PHONES)
    with ThreadPoolExecutor(PHONES) as crowd:
        for code in wave.codes:
            list(crowd.map(lambda _, code=code: careless(wave, code, start), range(PHONES)))
    assert count("participation") == 10 < count("response")


def test_a_door_killed_in_the_race_leaves_no_half_answer(sqlite_database: Path) -> None:
    """The two ledgers agree whatever moment a door dies at, while the other goes on."""
    wave, both = make_wave(enterprises=40, now=datetime.now(UTC)), [Door(), Door()]
    with ThreadPoolExecutor(4) as crowd:
        jobs = [crowd.submit(lone_phone, both[n % 2], wave.codes[n::4]) for n in range(4)]
        time.sleep(0.1)
        both[1].kill()
        acknowledged = sum(one.result() for one in jobs)
    both[0].kill()
    assert 20 <= acknowledged <= count("participation") == count("response")


def lone_phone(door: Door, codes: list[str]) -> int:
    """How many forms were acknowledged before the door died."""
    done = 0
    for code in codes:
        body = urlencode({**GOOD, "sid": secrets.token_urlsafe(16)})
        try:
            connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=30)
            connection.request("POST", f"/q/{code}", body, FORM)
            done += connection.getresponse().status == 303
        except (OSError, http.client.HTTPException):
            return done
    return done
