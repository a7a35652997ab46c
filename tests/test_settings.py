"""The product refuses to start on nonsense and says what to change."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from survey.settings import Settings, get_settings
from survey.settings.errors import SettingsError
from survey.settings.kept_secrets import kept_secret


@pytest.fixture(autouse=True)
def forget_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SURVEY_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SURVEY_PUBLIC_PORT", "abc", "要填整数"),
        ("SURVEY_PUBLIC_PORT", "70000", "不能大于 65535"),
        ("SURVEY_K_SCORES", "0", "不能小于 1"),
        ("SURVEY_AUDIT_DAYS", "90", "不能小于 183"),
        ("SURVEY_BASE_URL", "survey.example", "要以 http:// 或 https:// 开头"),
        ("SURVEY_DATABASE_URL", "mysql://x", "只支持 sqlite:/// 或 postgresql://"),
        ("SURVEY_SECRET_KEY", "short", "至少 32 个字符"),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        get_settings()
    assert name in str(refused.value)
    assert says in str(refused.value)


def test_several_workers_need_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_WORKERS", "2")
    with pytest.raises(SettingsError, match="PostgreSQL"):
        get_settings()


def test_a_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "secret.key")
    assert first == kept_secret(tmp_path / "secret.key")
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_processes_that_start_together_share_one_whole_secret(tmp_path: Path) -> None:
    path, together = tmp_path / "keys" / "secret.key", Barrier(8)

    def ask(_: int) -> str:
        together.wait()
        return kept_secret(path)

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(ask, range(8)))
    assert len(found) == 1
    assert len(found.pop()) == 64
    assert [one.name for one in path.parent.iterdir()] == ["secret.key"]


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    with pytest.raises(SettingsError, match="从备份恢复"):
        kept_secret(tmp_path / "secret.key")


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
