"""A database that refuses to read what was answered, whoever asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text

from survey.storage.database import read_engine, write_engine

ANSWERS = ("response", "tally", "device_mark")
READ, DENY = 20, 1  # SQLITE_READ, SQLITE_DENY


@contextmanager
def blind() -> Iterator[None]:
    """Within, reading a table of answers is an error of the database, on every connection."""
    engines = {read_engine(), write_engine()}
    for engine in engines:
        _guard(engine)
    try:
        yield
    finally:
        for engine in engines:
            _release(engine)


def _guard(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        with engine.begin() as db:
            db.execute(
                text("DO $$ BEGIN CREATE ROLE looker; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
            )
            db.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO looker"))
            db.execute(text("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO looker"))
            db.execute(text(f"REVOKE ALL ON {', '.join(ANSWERS)} FROM looker"))
    event.listen(engine, "checkout", _blindfold)
    event.listen(engine, "checkin", _see)


def _release(engine: Engine) -> None:
    event.remove(engine, "checkout", _blindfold)
    event.remove(engine, "checkin", _see)


def _blindfold(connection: Any, _record: Any, _proxy: Any) -> None:
    if hasattr(connection, "set_authorizer"):
        connection.set_authorizer(lambda what, table, *_: DENY if what == READ and table in ANSWERS else 0)
    else:
        connection.execute("SET ROLE looker")
        connection.commit()


def _see(connection: Any, _record: Any) -> None:
    if hasattr(connection, "set_authorizer"):
        connection.set_authorizer(None)
    elif connection is not None:
        connection.execute("RESET ROLE")
        connection.commit()
