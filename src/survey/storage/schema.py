"""The schema: which ones this program knows, and how a database is brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import ArgumentError, OperationalError

from survey.settings import get_settings
from survey.settings.errors import SettingsError
from survey.storage.database import write_engine

DATABASE_SETTING = "设置 SURVEY_DATABASE_URL（数据库地址）"


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def known_revisions() -> list[str]:
    """The schemas that this program knows, the one it works with first."""
    return [one.revision for one in ScriptDirectory.from_config(_migrations()).walk_revisions()]


@contextmanager
def _first_connection() -> Iterator[Connection]:
    """A connection, or a sentence on why there is none; an address is not repeated, it holds a password."""
    try:
        connection = write_engine().connect()
    except ArgumentError as error:
        raise SettingsError(
            f"{DATABASE_SETTING}不对，请改成 postgresql://用户:密码@主机:端口/库名。"
        ) from error
    except ValueError as error:  # a port that is no number
        raise SettingsError(f"{DATABASE_SETTING}不对，请核对其中的端口。") from error
    except OperationalError as error:
        if get_settings().is_sqlite:
            raise
        raise SettingsError(f"连不上数据库。请确认它已启动，并核对{DATABASE_SETTING}。") from error
    with connection:
        yield connection


def prepare() -> None:
    """Bring the schema up to date; a newer schema than this program knows is refused."""
    config = _migrations()
    with _first_connection() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current and current not in known_revisions():
        raise SettingsError(f"数据库来自更新的版本（{current}），请升级程序后再启动。")
    if not get_settings().is_sqlite:
        with write_engine().begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(7208500)"))  # one process migrates
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return
    with write_engine().begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
