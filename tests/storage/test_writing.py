"""Many submissions at once: one winner a code, nothing acknowledged that is not stored."""

import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from sqlalchemy import text

from survey.actions.submit import Refused, submit_response
from survey.core.questionnaire import Answers, check
from survey.settings import get_settings
from survey.storage.database import read_engine
from survey.storage.writing import Busy, GroupWriter, writer
from tests.conftest import NOW
from tests.factories import MadeWave, make_wave

THREADS, ROUNDS = 16, 12


def answers(wave: MadeWave) -> Answers:
    return check(wave.form, {"d": ["tax"], "g.tax.overall": ["4"]}, get_settings())


def send(wave: MadeWave, code: str, submission_id: str) -> Future[str]:
    ready = answers(wave)
    return writer().submit(
        lambda db: submit_response(
            db, code=code, submission_id=submission_id, answers=ready, channel=None, language="zh", now=NOW
        )
    )


def stored(table: str = "response") -> int:
    with read_engine().connect() as db:
        return int(db.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


@pytest.mark.usefixtures("database")
def test_of_sixteen_at_once_on_one_code_exactly_one_wins() -> None:
    wave = make_wave(enterprises=ROUNDS)
    with ThreadPoolExecutor(THREADS) as crowd:
        for code in wave.codes:
            sent = list(
                crowd.map(lambda _, code=code: send(wave, code, secrets.token_urlsafe(16)), range(THREADS))
            )
            outcomes = [future.exception() for future in sent]
            assert outcomes.count(None) == 1
            assert {str(one) for one in outcomes if one} == {"used"}
    assert stored() == ROUNDS


@pytest.mark.usefixtures("database")
def test_the_same_submission_sixteen_times_at_once_is_stored_once_with_one_receipt() -> None:
    wave = make_wave(enterprises=ROUNDS)
    with ThreadPoolExecutor(THREADS) as crowd:
        for code in wave.codes:
            sent = list(crowd.map(lambda _, code=code: send(wave, code, f"{code}-retry"), range(THREADS)))
            assert len({future.result() for future in sent}) == 1
    assert stored() == stored("participation") == ROUNDS


@pytest.mark.usefixtures("database")
def test_the_tally_equals_the_responses_after_a_crowd() -> None:
    wave = make_wave()
    with ThreadPoolExecutor(THREADS) as crowd:
        sent = list(crowd.map(lambda _: send(wave, wave.open_code, secrets.token_urlsafe(16)), range(200)))
    assert all(future.result() for future in sent)
    with read_engine().connect() as db:
        counted = db.execute(
            text("SELECT item, grade, sum(count) FROM tally GROUP BY item, grade ORDER BY item")
        )
        assert [tuple(map(int, row)) for row in counted] == [
            (-1, 0, 200),
            (wave.form.item(wave.form.position["tax"]), 4, 200),
        ]


@pytest.mark.usefixtures("sqlite_database")
def test_a_refused_submission_does_not_take_its_batch_with_it() -> None:
    wave = make_wave()
    outcomes = [
        send(wave, code, secrets.token_urlsafe(16)) for code in (wave.codes[0], "unknown", wave.codes[1])
    ]
    assert outcomes[0].result()
    with pytest.raises(Refused, match="unknown_code"):
        outcomes[1].result()
    assert outcomes[2].result()
    assert stored() == 2


@pytest.mark.usefixtures("sqlite_database")
def test_a_full_queue_says_busy_at_once() -> None:
    tight, gate = GroupWriter(limit=1), Event()
    tight.submit(lambda _: gate.wait(10))
    while not tight._queue.empty():  # until the writer has taken up the first
        sleep(0.01)
    tight.submit(lambda db: db.exec_driver_sql("SELECT 1").scalar())
    with pytest.raises(Busy):
        tight.submit(lambda db: db.exec_driver_sql("SELECT 1").scalar())
    gate.set()


@pytest.mark.usefixtures("sqlite_database")
def test_when_the_database_fails_nobody_is_told_that_it_is_stored() -> None:
    wave = make_wave()
    good = send(wave, wave.codes[0], secrets.token_urlsafe(16))
    assert good.result()
    broken = writer().submit(lambda db: db.exec_driver_sql("INSERT INTO no_such_table VALUES (1)"))
    with pytest.raises(Busy):
        broken.result()
    assert send(wave, wave.codes[1], secrets.token_urlsafe(16)).result()
    assert stored() == 2
