"""封存数据表: what a database file tells beside its rows. See docs/decisions/0015.

PostgreSQL marks each row with the transaction that wrote it and keeps rows in the order they came, and a
participation shares both with its response; VACUUM FULL keeps the mark. So every table that a submission writes is
written anew, shuffled, in one transaction. SQLite has no marks; its log and the layout of its pages tell the order.
"""

import random
import time

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from survey.core.models import Table
from survey.settings import get_settings
from survey.storage.database import write_engine

SUBMITTED = ("participation", "response", "tally", "arrival", "remark", "ledger_case", "device_mark")
"""In the order in which a submission asks for them, so that it waits for us or we for it, never both."""
LOCK_MS = 900  # below PostgreSQL's deadlock_timeout of 1 s: we give way before it ends somebody's transaction
IN_USE = ("55P03", "40P01")  # a lock was not to be had in time, or only by a deadlock
TRIES = 30
PAUSE = 0.5  # seconds between tries, on average; phones get their turn


class SealFailed(Exception):
    """The tables were in use all the time; nothing has changed. The text is a Chinese sentence."""

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
            _shuffle(db)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") not in IN_USE:
            raise
        return False
    return True


def _shuffle(db: Connection) -> None:
    names = ", ".join(tables())
    db.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
    for name in tables():
        db.exec_driver_sql(
            f"CREATE TEMP TABLE shuffled_{name} ON COMMIT DROP AS SELECT * FROM {name} ORDER BY random()"
        )
    db.exec_driver_sql(f"TRUNCATE {names}")
    for name in tables():
        db.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM shuffled_{name}")


def tables() -> list[str]:
    """What is written anew: what submissions write and what refers to it, which PostgreSQL empties only together."""
    found = list(SUBMITTED)
    for table in Table.metadata.sorted_tables:
        if any(key.column.table.name in found for key in table.foreign_keys) and table.name not in found:
            found.append(table.name)
    return found
