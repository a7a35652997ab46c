"""封存数据表: what a database file tells beside its rows. See docs/decisions/0015.

PostgreSQL marks each row with the transaction that wrote it and keeps rows in the order they came, and a
participation shares both with its response; VACUUM FULL keeps the mark. So every table that a submission writes is
written anew, in the order of its keys, all in one transaction. The keys are random, hashes or what is counted, so their
order tells nothing. SQLite has no marks; its log and the layout of its pages tell the order.
"""

import random
import time

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from survey.core.refusals import Refusal
from survey.settings import get_settings
from survey.storage.database import write_engine

SUBMITTED = {
    "participation": "submission_hash TYPE bytea USING submission_hash || ''::bytea",
    "device_mark": "count TYPE integer USING count + 0",
    "response": "flags TYPE integer USING flags + 0",
    "tally": "count TYPE integer USING count + 0",
    "arrival": "count TYPE integer USING count + 0",
    "remark": "text TYPE text USING text || ''",
    "ledger_case": "text TYPE text USING text || ''",
}
"""What a submission writes, in the order in which it asks for them, so that it waits for us or we for it, never both;
and a change of a column into itself, for which PostgreSQL writes every row anew without asking other tables."""
LOCK_MS = 900  # below PostgreSQL's deadlock_timeout of 1 s: we give way before it ends somebody's transaction
IN_USE = ("55P03", "40P01")  # a lock was not to be had in time, or only by a deadlock
TRIES = 10
PAUSE = 0.5  # seconds between tries, on average; phones get their turn


class SealFailed(Refusal):
    """The tables were in use all the time; nothing has changed. The text is a Chinese sentence."""

    for_the_log = True

    def __init__(self) -> None:
        super().__init__("数据表一直有人在用，这次没有封存，数据没有变化。请过几分钟再试。")


def seal() -> None:
    """Make the database's files say no more than its rows; raises `SealFailed`. Answers that come meanwhile wait."""
    once = _vacuum if get_settings().is_sqlite else _rewrite
    for _ in range(TRIES):
        if once():
            return
        time.sleep(random.uniform(0, 2 * PAUSE))
    raise SealFailed


def _vacuum() -> bool:
    """SQLite: lay all pages out anew and empty the log."""
    connection = write_engine().raw_connection()
    try:
        driver = connection.driver_connection
        assert driver is not None
        driver.execute("VACUUM")
        busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    except write_engine().dialect.loaded_dbapi.OperationalError as error:
        if "locked" not in str(error):
            raise
        return False  # another process is writing
    finally:
        connection.close()


def _rewrite() -> bool:
    """PostgreSQL: all of it or nothing; whoever reads or writes waits until it is done."""
    try:
        with write_engine().begin() as db:
            db.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MS}")
            _write_anew(db)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") not in IN_USE:
            raise
        return False
    return True


def _write_anew(db: Connection) -> None:
    db.exec_driver_sql(f"LOCK TABLE {', '.join(SUBMITTED)} IN ACCESS EXCLUSIVE MODE")
    for name, unchanged in SUBMITTED.items():
        db.exec_driver_sql(f"CLUSTER {name} USING {name}_pkey")
        db.exec_driver_sql(f"ALTER TABLE {name} ALTER COLUMN {unchanged}")
