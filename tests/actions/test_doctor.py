"""系统体检: each check turns bad when its thing is really bad, and none hides another."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from survey.actions import doctor, machine_checks, work_checks
from survey.actions.figures import study
from survey.core.discreet import reason
from survey.core.doctor import Finding, State, gravest_first, verdict
from survey.core.jobs import Job
from survey.core.names import JOB_NAMES
from survey.core.waves.rounds import said
from survey.core.workdays import is_known
from survey.running.jobs import run_once
from survey.settings import ROOT, get_settings
from survey.storage.database import sqlite_loses_writes, writing
from tests.conftest import NOW, forget
from tests.factories import MadeWave, close, make_wave, release, submit

LATER = NOW + timedelta(minutes=1)


def found(now: datetime = NOW) -> dict[str, Finding]:
    return {one.name: one for one in doctor.examine(now)}


def state(name: str, now: datetime = NOW) -> State:
    return found(now)[name].state


def answered() -> MadeWave:
    wave = make_wave()
    for _ in range(5):
        submit(wave, {"tax": 4})
    return wave


def change(statement: str, **values: object) -> None:
    with writing() as db:
        db.execute(text(statement), values)


def close_to_others(folder: Path) -> None:
    """As every start of the product does."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


@pytest.mark.usefixtures("database")
def test_a_good_installation_has_nothing_to_do(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    wave = make_wave(now=now)
    for _ in range(5):
        submit(wave, {"tax": 4}, now=now)
    run_once(now)
    close_to_others(tmp_path)
    assert [one for one in doctor.examine(now) if one.state is State.FAIL] == []
    assert {JOB_NAMES[job] for job in Job} <= found(now).keys()
    assert said(now) in found(now)["发布"].found


@pytest.mark.usefixtures("database")
def test_every_finding_that_is_not_good_says_what_to_do() -> None:
    change("DROP TABLE job")
    change("DROP TABLE study")
    findings = doctor.examine(NOW)
    assert all(one.cure for one in findings if one.state is not State.OK)
    assert all(one.found.endswith("。") for one in findings)


# --- the machine --------------------------------------------------------------------------------------


def test_a_database_that_cannot_be_opened_is_told_and_the_rest_still_checked(sqlite_database: Path) -> None:
    for path in sqlite_database.glob("survey.db*"):
        path.unlink()
    (sqlite_database / "survey.db").write_bytes(b"no database, but a letter")
    (sqlite_database / "survey.db").chmod(0o644)
    forget()
    now = found()
    assert now["数据库"].state is State.FAIL
    assert "打不开" in now["数据库"].found
    assert now["字体"].state is State.OK
    assert now["文件权限"].state is State.FAIL or os.name != "posix"


@pytest.mark.usefixtures("database")
def test_a_schema_of_another_version_is_told() -> None:
    change("UPDATE alembic_version SET version_num = '0001'")
    assert "版本不一致" in found()["数据库"].found


@pytest.mark.parametrize(
    ("version", "bad"),
    [
        ("3.40.1", True),
        ("3.44.6", False),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.2", True),
        ("3.53.4", False),
    ],
)
def test_a_sqlite_that_loses_writes_is_known_by_its_version(version: str, bad: bool) -> None:
    assert sqlite_loses_writes(version) == bad


def test_sqlite_is_told_where_it_is_used(database: str) -> None:
    assert ("SQLite 版本" in found()) == (database == "sqlite")


@pytest.mark.parametrize(
    ("free", "database", "expected"),
    [
        (100, 1, State.FAIL),
        (1000, 1, State.WARN),
        (9000, 1, State.OK),
        (9000, 8000, State.FAIL),
        (9000, 3000, State.WARN),
    ],
)
def test_a_disk_must_hold_the_database_once_more(free: int, database: int, expected: State) -> None:
    assert (
        machine_checks.judge_disk(free * machine_checks.MEGABYTE, database * machine_checks.MEGABYTE).state
        is expected
    )


def test_an_office_says_for_itself_how_much_disk_and_foresight_it_wants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def judged() -> list[State]:
        get_settings.cache_clear()
        disk = machine_checks.judge_disk(3000 * machine_checks.MEGABYTE, 0)
        return [
            disk.state,
            machine_checks.judge_workdays(date(2026, 10, 1), lambda day: day.year < 2027).state,
        ]

    assert judged() == [State.OK, State.OK]
    monkeypatch.setenv("SURVEY_DISK_LOW_MB", "4000")
    monkeypatch.setenv("SURVEY_HOLIDAYS_AHEAD", "100")
    assert judged() == [State.WARN, State.WARN]
    monkeypatch.setenv("SURVEY_DISK_FULL_MB", "3500")
    assert judged() == [State.FAIL, State.WARN]
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own, where this account may mount one."""
    where = tmp_path / "small"
    where.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(where)], capture_output=True
    ).returncode:
        pytest.skip("这个账号不能挂载文件系统")
    yield where
    forget()
    subprocess.run(["umount", str(where)], check=True)


def test_a_small_disk_is_really_seen(full_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_DATA_DIR", str(full_disk))
    monkeypatch.delenv("SURVEY_DATABASE_URL", raising=False)
    forget()
    assert state("磁盘") is State.FAIL


@pytest.mark.usefixtures("sqlite_database")
def test_a_record_of_the_future_tells_of_a_clock_that_was_ahead() -> None:
    now = datetime.now(UTC)
    release(answered(), now + timedelta(days=7))
    assert state("时钟", now) is State.WARN
    assert "曾经快过" in found(now)["时钟"].cure
    assert state("时钟", now + timedelta(days=8)) is State.OK


def test_two_clocks_that_differ_are_told(database: str) -> None:
    assert state("时钟", datetime.now(UTC)) is State.OK
    if database == "postgresql":
        wrong = found(datetime.now(UTC) + timedelta(days=2, hours=3))["时钟"]
        assert wrong.state is State.FAIL
        assert "相差 2 天 3 小时" in wrong.found


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_a_file_that_others_may_read_is_named(sqlite_database: Path) -> None:
    close_to_others(sqlite_database)
    assert state("文件权限") is State.OK
    (sqlite_database / "survey.db").chmod(0o644)
    assert state("文件权限") is State.FAIL
    assert "survey.db" in found()["文件权限"].found


@pytest.mark.usefixtures("sqlite_database")
def test_a_font_that_is_missing_or_broken_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "fonts"
    shutil.copytree(machine_checks.FONT_FOLDER, copied)
    monkeypatch.setattr(machine_checks, "FONT_FOLDER", copied)
    assert state("字体") is State.OK
    (copied / machine_checks.FONTS[0]).write_bytes(b"not a font")
    (copied / machine_checks.FONTS[1]).unlink()
    assert state("字体") is State.FAIL
    assert all(name in found()["字体"].found for name in machine_checks.FONTS[:2])


def test_the_table_of_working_days_is_watched() -> None:
    def known(day: date) -> bool:
        return day.year <= 2026

    assert machine_checks.judge_workdays(date(2026, 6, 1), known).state is State.OK
    assert machine_checks.judge_workdays(date(2026, 11, 28), known).state is State.WARN
    assert machine_checks.judge_workdays(date(2027, 1, 1), known).state is State.FAIL
    assert "2026-12-31" in machine_checks.judge_workdays(date(2026, 6, 1), known).found
    assert machine_checks.judge_workdays(date(2050, 1, 1), is_known).state is State.FAIL, "the real table"
    for ending in (date(2026, 11, 28), date(2027, 1, 1)):
        cure = machine_checks.judge_workdays(ending, known).cure
        assert "升级到新版本的一键测评" in cure, "what is installed is pinned: the table comes with a release"
        assert "pip" not in cure


# --- the work -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_jobs_that_nobody_does_are_told() -> None:
    assert state("后台任务") is State.WARN  # never yet
    run_once(NOW)
    assert "后台任务" not in found(LATER)
    stopped = found(NOW + timedelta(minutes=6))["后台任务"]
    assert stopped.state is State.FAIL
    assert "2026-03-10 10:00" in stopped.found


@pytest.mark.usefixtures("database")
def test_a_job_that_fails_is_told_with_its_wave_and_reason() -> None:
    wave = answered()
    change("UPDATE wave SET questionnaire = '{}'")
    with pytest.raises(ExceptionGroup):
        run_once(NOW)
    finding = found(LATER)[JOB_NAMES[Job.RELEASE]]
    assert finding.state is State.FAIL
    assert f"期次 {wave.id}" in finding.found
    assert "ValueError" in finding.found or "ValidationError" in finding.found
    assert found(LATER)[JOB_NAMES[Job.CLOSE]].state is State.OK


@pytest.mark.usefixtures("database")
def test_a_full_disk_is_told_by_its_own_cure() -> None:
    error = OSError(28, "No space left on device")
    assert "ENOSPC" in reason(error)
    assert any(sign in reason(error) for sign in work_checks.CURES)


@pytest.mark.usefixtures("database")
def test_a_study_that_cannot_be_computed_is_told_and_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    wave = answered()
    release(wave)
    assert state("统计结果") is State.OK

    def broken(_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(study, "study_of", broken)
        with pytest.raises(ExceptionGroup):
            run_once(NOW)
    assert state("统计结果") is State.FAIL
    assert JOB_NAMES[Job.STUDY] in found()["统计结果"].cure
    assert "ZeroDivisionError" in found(LATER)[JOB_NAMES[Job.STUDY]].found
    run_once(LATER)
    assert state("统计结果", LATER) is State.OK
    assert state(JOB_NAMES[Job.STUDY], LATER) is State.OK


@pytest.mark.usefixtures("database")
def test_a_closed_wave_without_a_release_is_told() -> None:
    wave = answered()
    release(wave)
    close(wave)
    change("DELETE FROM release")
    assert state("发布") is State.FAIL


# --- all of it ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_no_check_that_fails_hides_another() -> None:
    whole = found().keys()
    checks = [
        (listed, name) for listed in (machine_checks.CHECKS, work_checks.CHECKS) for name, _ in listed.checks
    ]
    assert len(checks) > 10
    for listed, name in checks:
        place = next(number for number, (one, _) in enumerate(listed.checks) if one == name)
        kept = listed.checks[place]
        listed.checks[place] = (name, lambda _: 1 / 0)  # type: ignore[arg-type, return-value]
        try:
            now = found()
        finally:
            listed.checks[place] = kept
        assert now[name].state is State.FAIL
        assert "ZeroDivisionError" in now[name].found
        assert len(now) >= len(whole) - len(Job)


def test_the_sentence_counts_and_names() -> None:
    good, odd, bad = (
        Finding(name, one, "。")
        for name, one in zip("甲乙丙", (State.OK, State.WARN, State.FAIL), strict=True)
    )
    assert verdict([good, good]) == "系统正常，查了 2 项。"
    assert verdict([good, odd]) == "系统可用，有 1 项请留意：乙。"
    assert verdict([good, odd, bad]) == "有 1 项要处理：丙，另有 1 项请留意。"
    assert [one.name for one in gravest_first([good, odd, bad])] == ["丙", "乙", "甲"]


def run_doctor(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SURVEY_")}
    return subprocess.run(
        [sys.executable, "-m", "survey.cli", "doctor", *words], cwd=ROOT, capture_output=True, text=True,
        env={**environment, "SURVEY_DATA_DIR": str(folder)},
    )  # fmt: skip


def test_the_command_exits_by_what_it_found(sqlite_database: Path) -> None:
    now = datetime.now(UTC)
    run_once(now)
    told = run_doctor(sqlite_database, "--json")
    findings = json.loads(told.stdout)
    assert (told.returncode, {one["state"] for one in findings} - {"ok", "warn"}) == (0, set())
    assert {"name", "state", "found", "cure"} == findings[0].keys()
    change("DROP TABLE job")
    told = run_doctor(sqlite_database)
    assert told.returncode == 1
    assert "要处理" in told.stdout
    assert "Traceback" not in told.stderr


def test_the_command_works_where_there_is_no_database_yet(tmp_path: Path) -> None:
    told = run_doctor(tmp_path)
    assert told.returncode == 1
    assert "数据库" in told.stdout
    assert "Traceback" not in told.stderr
