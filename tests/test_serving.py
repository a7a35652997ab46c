"""What `survey serve` says: where to go, or what to do first."""

import io
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from survey.actions.accounts import sessions
from survey.cli import app
from survey.core.models import Role
from survey.core.refusals import Refusal
from survey.running import serving
from survey.running.stopping import Stop
from survey.settings import get_settings
from survey.settings.errors import SettingsError
from tests.people import account

pytestmark = pytest.mark.usefixtures("sqlite_database")
DEMO = {"open_code": "x" * 22, "logins": [{"name": "演示领导", "password": "secret", "role": "viewer"}]}


def test_an_installation_without_accounts_says_how_to_make_one(capsys: pytest.CaptureFixture[str]) -> None:
    serving.print_welcome(None)
    assert "survey user add" in capsys.readouterr().out
    account(Role.ADMIN)
    serving.print_welcome(None)
    assert "已有账号" in capsys.readouterr().out


def test_the_office_address_is_where_it_listens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SURVEY_OFFICE_HOST", "127.0.0.2")
    get_settings.cache_clear()
    serving.print_welcome(None)
    assert "http://127.0.0.2:8501/dashboard" in capsys.readouterr().out


def test_a_file_that_knows_few_characters_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "log.txt").open("w", encoding="gbk") as file:
        assert isinstance(file, io.TextIOWrapper)
        monkeypatch.setattr(sys, "stdout", file)
        serving.print_welcome(DEMO)
    assert "演示领导" in (tmp_path / "log.txt").read_text(encoding="gbk")


def test_two_doors_need_two_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_OFFICE_PORT", "8500")
    get_settings.cache_clear()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        with pytest.raises(SettingsError, match="不能共用一个端口"):
            serving.serve(None, Stop())
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def test_a_password_is_reset_in_the_terminal() -> None:
    user = account(Role.ADMIN, "管账号的人")
    told = CliRunner().invoke(app, ["user", "reset", user.name])
    assert told.exit_code == 0
    password = told.output.strip().rpartition("：")[2]
    assert sessions.sign_in(user.name, password, datetime.now(UTC)).must_change
    assert CliRunner().invoke(app, ["user", "reset", "没有的人"]).exit_code == 1


def test_the_terminal_checks_the_audit_log_and_keeps_the_last_half_year() -> None:
    account(Role.ADMIN)
    told = CliRunner().invoke(app, ["audit", "verify"])
    assert (told.exit_code, told.output.strip()) == (0, "审计日志完整，没有改动。")
    told = CliRunner().invoke(app, ["audit", "purge", "--before", f"{datetime.now(UTC):%Y-%m-%d}"])
    assert isinstance(told.exception, Refusal), "told by `main` like every refusal"
    assert "至少保存 183 天" in str(told.exception)
