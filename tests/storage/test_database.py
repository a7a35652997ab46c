"""The schema is the models', the engines are durable, a newer schema is refused."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from survey.core.models import Table
from survey.settings.errors import SettingsError
from survey.storage import database as storage
from survey.storage import schema
from survey.storage.database import read_engine, write_engine
from survey.storage.waves import published


@pytest.mark.usefixtures("database")
def test_the_migrated_schema_is_the_one_the_models_describe() -> None:
    with write_engine().connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": False})
        assert compare_metadata(context, Table.metadata) == []


@pytest.mark.usefixtures("database")
def test_a_newer_schema_is_refused_with_a_sentence() -> None:
    with write_engine().begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match="请升级程序"):
        schema.prepare()


@pytest.mark.usefixtures("database")
def test_preparing_twice_changes_nothing() -> None:
    schema.prepare()


@pytest.mark.usefixtures("sqlite_database")
def test_sqlite_is_durable_checked_and_has_no_hidden_row_order() -> None:
    with write_engine().connect() as db:
        assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert db.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert db.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        for table in ("response", "participation", "remark", "ledger_case", "tally", "arrival"):
            sql = db.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{table}'").scalar()
            assert "WITHOUT ROWID" in str(sql), table


@pytest.mark.usefixtures("sqlite_database")
def test_readers_cannot_write() -> None:
    with read_engine().connect() as db, pytest.raises(Exception, match="attempt to write"):
        db.execute(text("DELETE FROM wave"))


def test_postgresql_commits_durably(database: str) -> None:
    if database == "postgresql":
        with write_engine().connect() as db:
            assert db.scalar(text("SHOW synchronous_commit")) == "on"


@pytest.mark.parametrize("name", ["测评 数据", "50%", "#1", "%41", "a?b&c=d"])
def test_any_folder_name_holds_one_database_for_readers_and_writers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SURVEY_DATA_DIR", str(tmp_path / name))
    storage.forget_engines()
    schema.prepare()
    with storage.reading() as db:
        assert not published.has_waves(db)
    assert [one.name for one in tmp_path.iterdir()] == [name]
    storage.forget_engines()


def test_an_unwritable_data_folder_is_named(
    tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = f"{tmp_path}/file"
    with open(blocked, "w", encoding="utf-8") as file:
        file.write("not a folder")
    monkeypatch.setenv("SURVEY_DATA_DIR", f"{blocked}/data")
    storage.forget_engines()
    with pytest.raises(SettingsError, match="不能写入"):
        schema.prepare()
    storage.forget_engines()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://survey:secret@127.0.0.1:1/survey", "连不上数据库"),
        ("postgresql://survey:secret@127.0.0.1:port/survey", "请核对其中的端口"),
        ("postgresql://survey:secret", "SURVEY_DATABASE_URL"),
    ],
)
def test_a_database_out_of_reach_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, says: str
) -> None:
    monkeypatch.setenv("SURVEY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SURVEY_DATABASE_URL", address)
    storage.forget_engines()
    with pytest.raises(SettingsError, match=says) as refused:
        schema.prepare()
    assert "secret" not in str(refused.value)
    storage.forget_engines()


@pytest.mark.usefixtures("database")
def test_what_people_wrote_does_not_stand_in_the_errors_of_the_database() -> None:
    """Errors go into the log, and the log knows neither codes nor texts."""
    statement = text("SELECT * FROM nowhere WHERE name = :name")
    with read_engine().connect() as db, pytest.raises(SQLAlchemyError) as quiet:
        db.execute(statement, {"name": "厂门口\n[ERROR] 假的一行"})
    assert "厂门口" not in str(quiet.value)
    talkative = create_engine("sqlite://")
    with talkative.connect() as db, pytest.raises(SQLAlchemyError) as loud:
        db.execute(statement, {"name": "厂门口"})
    assert "厂门口" in str(loud.value)
