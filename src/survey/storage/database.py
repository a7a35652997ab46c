"""Engines and sessions. SQLite: WAL, FULL, foreign keys, BEGIN IMMEDIATE for writers."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import local
from types import ModuleType
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlmodel import Session

from survey.settings import get_settings
from survey.settings.errors import SettingsError

BUSY_SECONDS = 5  # how long a SQLite writer waits for another process's transaction
FIXED_SQLITE = (3, 51, 3)  # older ones may lose a committed write when several processes write
BACKPORTED = ((3, 44, 6), (3, 50, 7))


def sqlite_module() -> ModuleType:
    """A SQLite without the lost-write bug: the `pysqlite3` wheel, or Python's own where it is new enough."""
    try:
        import pysqlite3

        module: ModuleType = pysqlite3
    except ImportError:
        module = sqlite3
    if sqlite_loses_writes(module.sqlite_version):
        raise SettingsError(
            f"SQLite {module.sqlite_version} 可能丢失已提交的数据。请在程序所在文件夹运行 make setup，装上随程序一起的版本。"
        )
    return module


def sqlite_loses_writes(version: str) -> bool:
    """Whether a version of SQLite has the lost-write bug."""
    numbers = tuple(map(int, version.split(".")))
    return numbers < FIXED_SQLITE and not any(numbers[:2] == one[:2] and numbers >= one for one in BACKPORTED)


_after: WeakKeyDictionary[Connection, list[Callable[[], object]]] = WeakKeyDictionary()
_due = local()  # of this thread: what is to be done as soon as the transaction that is being committed is


@cache
def write_engine() -> Engine:
    """The engine behind everything that writes."""
    engine = _write_engine()
    event.listen(engine, "commit", _committed)
    event.listen(engine, "rollback", lambda db: _after.pop(db, None))
    return engine


def after_commit(db: Connection, act: Callable[[], object]) -> None:
    """Do something once what `db` has written is durable, and never if it is not; the same thing only once.

    Inside `writing` or `transaction`, which know when that is.
    """
    acts = _after.setdefault(db, [])
    if act not in acts:
        acts.append(act)


def _committed(db: Connection) -> None:
    """SQLAlchemy tells before it commits: what is to be done waits for the block to end."""
    _due.acts = [*getattr(_due, "acts", ()), *_after.pop(db, ())]


@contextmanager
def _then() -> Iterator[None]:
    """Around a transaction: what was to be done after it, unless it did not come to be."""
    before, _due.acts = getattr(_due, "acts", []), []
    try:
        yield
        acts = _due.acts
    finally:
        _due.acts = before
    for act in acts:
        act()


@contextmanager
def transaction() -> Iterator[Connection]:
    """A connection whose block is one transaction: committed at its end, undone by an exception."""
    with _then(), write_engine().begin() as connection:
        yield connection


def _write_engine() -> Engine:
    settings = get_settings()
    if not settings.is_sqlite:
        return _postgres_engine(settings.database)
    path = _sqlite_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except OSError as error:
        raise SettingsError(
            f"数据库文件 {path} 不能写入（{error.strerror}）。请改正权限，或用 SURVEY_DATA_DIR 另指一个文件夹。"
        ) from error
    return _sqlite_engine(
        URL.create("sqlite", database=str(path)),
        "BEGIN IMMEDIATE",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # what is deleted or moved is overwritten, not just forgotten
    )


@cache
def read_engine() -> Engine:
    """The engine behind everything that only looks; on SQLite it cannot write."""
    if not get_settings().is_sqlite:
        return write_engine()
    write_engine()
    # Quoted, since a folder may be called 50% or #1, and then readers would look elsewhere than writers.
    file = f"file:{quote(_sqlite_path().as_posix(), safe='/:')}"
    url = URL.create("sqlite", database=file, query={"mode": "ro", "uri": "true"})
    return _sqlite_engine(url, "BEGIN", "query_only = ON")


def _sqlite_path() -> Path:
    settings = get_settings()
    if not settings.database_url:
        return settings.data_dir / "survey.db"
    return Path(make_url(settings.database_url).database or "")


def _sqlite_engine(url: URL, begin: str, *pragmas: str) -> Engine:
    engine = create_engine(
        url,
        module=sqlite_module(),
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, see below
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgres_engine(url: str) -> Engine:
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(
        url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True,  # no answer in a log
        connect_args={"options": "-c synchronous_commit=on -c timezone=UTC -c lock_timeout=5000"},
    )  # fmt: skip


@contextmanager
def reading_connection() -> Iterator[Connection]:
    """A connection for reads."""
    with read_engine().connect() as connection:
        yield connection


@contextmanager
def reading() -> Iterator[Session]:
    """A session for reads."""
    with Session(read_engine()) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """A session whose block is one transaction: committed at its end, undone by an exception."""
    with _then(), Session(write_engine(), expire_on_commit=False) as session, session.begin():
        yield session


def is_reachable() -> bool:
    """Whether the database answers: reads the file, which a bare SELECT 1 would not."""
    try:
        with reading_connection() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version"))
    except Exception:
        return False
    return True


def forget_engines() -> None:
    """Close all connections and read the settings anew; for tests and forked workers."""
    for engine in (read_engine, write_engine):
        if engine.cache_info().currsize:
            engine().dispose()
        engine.cache_clear()
    get_settings.cache_clear()
