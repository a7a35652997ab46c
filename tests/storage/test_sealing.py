"""Sealing loses nothing, doubles nothing, waits a little and gives way."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from survey import cli
from survey.actions.answers.claims import Submission
from survey.actions.answers.submit import store_submissions
from survey.core.answers.answers import check
from survey.core.models import Table
from survey.settings import get_settings
from survey.storage.answers.writing import Busy, writer
from survey.storage.database import read_engine, reading_connection, write_engine
from survey.storage.waves import sealing
from survey.storage.waves.sealing import SealFailed, seal
from survey.storage.waves.verification import verify
from tests.conftest import NOW
from tests.factories import MadeWave, make_wave, submit


def content() -> dict[str, list[str]]:
    """Every row of every table."""
    with read_engine().connect() as db:
        return {
            name: sorted(repr([bytes(one) if isinstance(one, memoryview) else one for one in row])
                         for row in db.execute(text(f"SELECT * FROM {name}")))
            for name in Table.metadata.tables
        }  # fmt: skip


def schema() -> dict[str, list[str]]:
    """Columns, indexes and foreign keys of every table."""
    with read_engine().connect() as db:
        found = inspect(db)
        return {
            name: [
                repr([*found.get_columns(name), found.get_pk_constraint(name)]),
                repr(sorted(found.get_indexes(name), key=str)), repr(found.get_foreign_keys(name)),
            ]
            for name in found.get_table_names()
        }  # fmt: skip


def filled() -> MadeWave:
    wave = make_wave()
    for place in range(12):
        use = ("count", "help", "integrity")[place % 3]
        submit(wave, {"tax": place % 5 + 1}, text=f"第 {place} 件", kind="request", use=use)
    return wave


def test_sealing_keeps_every_row(database: str) -> None:
    filled()
    before, tables = content(), schema()
    assert len(before["response"]) == 12
    seal()
    assert (content(), [one for one, kept in schema().items() if repr(kept) != repr(tables[one])]) == (
        before,
        [],
    )
    with reading_connection() as db:
        assert verify(db) == []


def test_all_rows_of_a_submission_bear_the_seal_and_lie_in_no_order(postgres: str, database: str) -> None:
    if database == "sqlite":
        pytest.skip("SQLite 的行没有事务号")
    wave = make_wave(enterprises=60)
    for _ in range(60):
        submit(wave, text="多开宣讲会", kind="suggestion", use="count")

    def marks(table: str) -> tuple[int, list[bytes]]:
        with read_engine().connect() as db:
            writers = db.scalar(text(f"SELECT count(DISTINCT xmin::text) FROM {table}"))
            return int(writers or 0), [bytes(one) for one in db.scalars(text("SELECT id FROM response"))]

    arrived = marks("response")[1]
    assert [marks(one)[0] for one in ("participation", "response", "remark")] == [60, 60, 60]
    seal()
    assert {marks(one)[0] for one in ("participation", "response", "remark", "tally", "arrival")} == {1}
    after = marks("response")[1]
    assert sorted(after) == sorted(arrived)
    assert sum(a == b for a, b in zip(after, arrived, strict=True)) < 8  # 1 on average


def test_every_table_a_submission_writes_is_sealed(database: str) -> None:
    """The tables that change when everything a form can hold is sent."""
    wave = make_wave()
    before = content()
    submit(wave, text="路灯不亮", kind="request", use="help")
    submit(wave, {"tax": 1}, t__tax="等了三个月", w__tax=["slow"], text="送礼", use="integrity")
    after = content()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"participation", "response", "tally", "arrival", "remark", "ledger_case"}
    assert changed <= set(sealing.SUBMITTED)


def test_forms_sent_while_the_tables_are_sealed_are_stored_once(database: str) -> None:
    wave, stop = make_wave(enterprises=5), Event()
    answers = check(
        wave.form, {"d": ["tax"], "g.tax.overall": ["4"], "who": ["citizen"]}, get_settings(), True
    )

    acknowledged: list[str] = []

    def phone() -> None:
        """Sends forms one after another, each until it is acknowledged."""
        while not stop.is_set():
            one = Submission(wave.open_code, secrets.token_urlsafe(16), answers, None, "zh", NOW)
            while True:
                try:
                    receipt = writer(store_submissions).submit(one).result()
                    assert isinstance(receipt, str)
                    acknowledged.append(receipt)
                    break
                except Busy:
                    time.sleep(0.05)

    with ThreadPoolExecutor(4) as crowd:
        phones = [crowd.submit(phone) for _ in range(4)]
        seals = 0
        while len(acknowledged) < 100 and not any(one.done() for one in phones):
            seal()
            seals += 1
        stop.set()
        assert [one.result() for one in phones] == [None] * 4
    assert seals > 1
    assert len(set(acknowledged)) == len(acknowledged)
    with reading_connection() as db:
        assert verify(db) == []
        assert db.scalar(text("SELECT count(*) FROM response")) == len(acknowledged)
        assert db.scalar(text("SELECT count(*) FROM participation")) == len(acknowledged)


def test_tables_in_use_are_left_alone_and_whoever_uses_them_is_not_disturbed(
    database: str, sqlite_writes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled()
    before = content()
    monkeypatch.setattr(sealing, "TRIES", 2)
    with write_engine().connect() as other:
        other.execute(text("UPDATE response SET flags = flags"))
        with pytest.raises(SealFailed, match="没有变化"):
            seal()
        other.rollback()
    assert content() == before
    seal()
    assert content() == before


@pytest.fixture
def sqlite_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SQLite that does not wait long for the other writer."""
    from survey.storage import database as storage
    from tests.conftest import forget

    monkeypatch.setattr(storage, "BUSY_SECONDS", 0.1)
    forget()


def test_a_seal_that_breaks_off_leaves_everything_as_it_was(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database == "sqlite":
        pytest.skip("SQLite 的 VACUUM 自己保证")
    filled()
    before = content()
    monkeypatch.setattr(sealing, "SUBMITTED", {**sealing.SUBMITTED, "no_such_table": ""})
    with pytest.raises(Exception, match="no_such_table"):
        seal()
    monkeypatch.undo()
    with write_engine().connect() as db:
        sealing._write_anew(db)
        with pytest.raises(OperationalError):  # killed before the commit
            db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert content() == before


def test_the_log_of_sqlite_is_empty_afterwards(sqlite_database: Path) -> None:
    filled()
    log = sqlite_database / "survey.db-wal"
    assert log.stat().st_size > 0
    seal()
    assert log.stat().st_size == 0
    with write_engine().connect() as db:
        assert db.scalar(text("PRAGMA secure_delete")) == 1


@pytest.mark.usefixtures("database")
def test_the_command_seals() -> None:
    filled()
    done = CliRunner().invoke(cli.app, ["seal"])
    assert (done.exit_code, "已封存" in done.output, "更早的备份" in done.output) == (0, True, True)
