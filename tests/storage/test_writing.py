"""Many submissions at once: one winner a code, nothing acknowledged that is not stored."""

import secrets
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from survey.actions.answers.claims import Refused, Submission
from survey.actions.answers.submit import store_submissions
from survey.core.answers.answers import Answers, check
from survey.settings import get_settings
from survey.storage.answers.writing import Busy, GroupWriter, Raced, writer
from survey.storage.database import read_engine, write_engine
from tests.conftest import NOW
from tests.factories import MadeWave, make_wave

THREADS, ROUNDS = 16, 12


def answers(wave: MadeWave) -> Answers:
    return check(wave.form, {"d": ["tax"], "g.tax.overall": ["4"]}, get_settings())


def send(wave: MadeWave, code: str, submission_id: str) -> Future[str | Refused]:
    return writer(store_submissions).submit(Submission(code, submission_id, answers(wave), None, "zh", NOW))


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
    gate = Event()
    tight = GroupWriter[str, bool](lambda _, batch: [gate.wait(10) for _ in batch], limit=1)
    first = tight.submit("first")
    while not tight._queue.empty():  # until the writer has taken up the first
        sleep(0.01)
    tight.submit("second")
    with pytest.raises(Busy):
        tight.submit("third")
    gate.set()
    assert first.result()


def batch_with(error: Exception) -> list[Future[str]]:
    """The futures of 好一, 坏 and 好二, which wait together for a writer that fails with `error` on 坏."""
    gate = Event()

    def store(db: Connection, batch: Sequence[str]) -> list[str]:
        gate.wait(10)
        db.exec_driver_sql("INSERT INTO lease VALUES (?, 'x', 'x')", (batch[0],))
        if "坏" in batch:
            raise error
        return list(batch)

    group = GroupWriter(store, limit=10)
    first = group.submit("先")
    while not group._queue.empty():  # until the writer has taken it up
        sleep(0.01)
    others = [group.submit(one) for one in ("好一", "坏", "好二")]
    gate.set()
    assert first.result()
    return others


@pytest.mark.usefixtures("sqlite_database")
def test_what_cannot_be_stored_does_not_take_its_batch_with_it() -> None:
    one, bad, two = batch_with(ValueError())
    assert (one.result(), two.result()) == ("好一", "好二")
    assert isinstance(bad.exception(), Busy)
    assert stored("lease") == 3


@pytest.mark.usefixtures("sqlite_database")
def test_when_the_database_is_down_nobody_is_told_that_it_is_stored() -> None:
    waiting = batch_with(OperationalError("", {}, Exception()))
    assert all(isinstance(one.exception(), Busy) for one in waiting)
    assert stored("lease") == 1


@pytest.mark.usefixtures("database")
def test_a_code_claimed_by_another_process_meanwhile_is_used() -> None:
    """The other process claims it after we looked and before we wrote; only PostgreSQL lets it."""
    wave = make_wave()
    late = Submission(wave.codes[0], secrets.token_urlsafe(16), answers(wave), None, "zh", NOW)
    calls: list[int] = []

    def store(db: Connection, batch: Sequence[Submission]) -> list[str | Refused]:
        calls.append(len(batch))
        if len(calls) == 1:
            raise Raced
        return store_submissions(db, batch)

    assert GroupWriter(store, 10).submit(late).result()
    assert calls == [1, 1]


@pytest.mark.usefixtures("database")
def test_a_batch_with_two_submissions_on_one_code_has_one_winner() -> None:
    wave = make_wave()
    ids = ("a" * 20, "b" * 20, "a" * 20)
    batch = [Submission(wave.codes[0], one, answers(wave), None, "zh", NOW) for one in ids]
    with write_engine().begin() as db:
        first, second, again = store_submissions(db, batch)
    assert first == again
    assert isinstance(second, Refused)
    assert stored() == stored("participation") == 1


def test_two_processes_that_claim_one_code_at_the_same_moment_have_one_winner(database: str) -> None:
    if database == "sqlite":
        pytest.skip("SQLite 只有一个写入者，不会同时认领")
    wave = make_wave()
    mine, theirs = (
        Submission(wave.codes[0], secrets.token_urlsafe(16), answers(wave), None, "zh", NOW) for _ in range(2)
    )
    other = GroupWriter(store_submissions, 10)
    with write_engine().begin() as db:
        [receipt] = store_submissions(db, [theirs])
        waiting = other.submit(mine)  # sees no claim yet, and waits for our commit to know
        sleep(0.3)
    assert isinstance(receipt, str)
    with pytest.raises(Refused, match="used"):
        waiting.result()
    assert stored() == stored("participation") == 1
