"""Every entry is anchored outside the database before its act is answered; a crash is not taken for a cut."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from survey.actions.accounts import audit
from survey.core.models import AuditEntry, AuditPool
from survey.settings import get_settings
from survey.settings.errors import SettingsError
from survey.storage.accounts import anchors
from survey.storage.database import after_commit, reading, transaction, write_engine, writing
from tests.actions.test_audit import entries, problems, without_guards

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second place for the anchors."""
    folder = tmp_path / "other disk"
    folder.mkdir()
    monkeypatch.setenv("SURVEY_AUDIT_ANCHOR", str(folder))
    get_settings.cache_clear()
    return folder / anchors.NAME


def kept(path: Path | None = None) -> list[int]:
    return [number for _, number, _ in anchors.read_anchors(path or anchors.places()[0])[0]]


def notes(count: int) -> None:
    for number in range(count):
        audit.note("查看", f"看板 {number}", now=NOW + timedelta(minutes=number))


def test_each_entry_is_anchored_at_once(second: Path) -> None:
    for number in range(1, 5):
        audit.note("查看")
        assert kept() == kept(second) == list(range(1, number + 1))
    assert anchors.read_anchors(second) == anchors.read_anchors(anchors.places()[0])
    assert problems() == []


def test_the_last_entry_cannot_be_cut_off(second: Path) -> None:
    notes(5)
    without_guards("DELETE FROM audit_entry WHERE id = 5")
    told = problems()
    assert len(told) == 2, "by both places"
    assert all("末尾被删过" in one for one in told)


@pytest.mark.parametrize("places", [1, 2])
def test_a_cut_in_the_first_place_too_is_told_by_the_second(
    places: int, request: pytest.FixtureRequest
) -> None:
    """Without one it is not: that is why there is one."""
    if places == 2:
        request.getfixturevalue("second")
    notes(5)
    without_guards("DELETE FROM audit_entry WHERE id = 5")
    first = anchors.places()[0]
    first.write_text("".join(first.read_text().splitlines(keepends=True)[:-1]))
    assert bool(problems()) == (places == 2)


def test_numbers_used_again_after_a_cut_cannot_hide_it() -> None:
    notes(5)
    without_guards("DELETE FROM audit_entry WHERE id > 3")
    notes(6)
    assert kept() == [1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9]
    assert [one for one in problems() if "不符" in one], "the log has outgrown the cut, and it still shows"


def test_what_was_rolled_back_leaves_no_anchor() -> None:
    notes(1)

    def fails() -> None:
        with writing() as db:
            audit.record(db, "导出")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert kept() == [1]
    notes(1)
    assert kept() == [1, 2]
    assert problems() == []


def test_a_crash_between_commit_and_anchor_is_mended_not_called_a_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notes(2)
    with monkeypatch.context() as patch:
        patch.setattr(anchors, "catch_up", lambda: [])
        notes(3)  # committed, and the process died before the line was written
    assert kept() == [1, 2]
    assert problems() == []
    assert anchors.catch_up() == [3, 4, 5]
    assert anchors.catch_up() == []
    assert problems() == []
    without_guards("DELETE FROM audit_entry WHERE id = 5")
    assert problems()


def test_a_line_that_a_crash_cut_short_is_written_again() -> None:
    notes(3)
    path = anchors.places()[0]
    whole = path.read_bytes()
    for cut in range(1, len(whole) + 1):
        path.write_bytes(whole[:-cut])
        anchors.catch_up()
        assert path.read_bytes() == whole, cut
    assert problems() == []


def test_lines_that_are_none_are_told() -> None:
    notes(3)
    path = anchors.places()[0]
    path.write_bytes(path.read_bytes().replace(b",2,", b",x,"))
    assert any("1 行读不出" in one for one in problems())


def test_a_place_that_is_lost_and_comes_back_is_caught_up(
    second: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notes(2)
    second.rename(second.with_suffix(".away"))
    second.parent.rename(second.parent.with_name("unplugged"))
    notes(2)
    assert "底稿写不进" in caplog.text
    assert kept() == [1, 2, 3, 4], "the other one goes on"
    second.parent.with_name("unplugged").rename(second.parent)
    second.with_suffix(".away").rename(second)
    notes(1)
    assert kept(second) == [1, 2, 3, 4, 5]


def test_a_second_place_that_is_not_there_stops_the_start(second: Path) -> None:
    anchors.open_places()
    second.parent.rmdir() if not second.exists() else second.unlink()
    second.parent.rmdir() if second.parent.exists() else None
    with pytest.raises(SettingsError, match="SURVEY_AUDIT_ANCHOR"):
        anchors.open_places()


def test_hourly_anchors_of_older_versions_are_carried_on() -> None:
    notes(6)
    path = anchors.places()[0]
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line.replace("\n", "\r\n") for line in (lines[1], lines[3])))
    assert problems() == []
    notes(1)
    assert kept() == [2, 4, 5, 6, 7]
    assert problems() == []


WRITER = """
import sys
from survey.actions.accounts import audit
for number in range(int(sys.argv[1])):
    audit.note("查看", f"进程 {number}")
"""


def test_many_threads_and_processes_leave_one_whole_file(second: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    others = [subprocess.Popen([sys.executable, "-c", WRITER, "25"], env=environment) for _ in range(3)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: audit.note("查看", str(number)), range(60)))
    assert [one.wait(120) for one in others] == [0, 0, 0]
    assert kept() == kept(second) == list(range(1, 136))
    assert problems() == []


def test_killed_at_any_moment_the_log_is_whole(database: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for pause in (1.5, 1.7, 1.9, 2.1, 2.3):
        one = subprocess.Popen([sys.executable, "-c", WRITER, "100000"], env=environment)
        with pytest.raises(subprocess.TimeoutExpired):
            one.wait(pause + (1.0 if database == "postgresql" else 0))
        one.kill()
        one.wait()
        assert problems() == []
        anchors.catch_up()
        assert kept() == [entry.id for entry in entries()]
    assert problems() == []


# --- after the commit, and only then ------------------------------------------------------------------


def test_what_follows_a_commit_waits_for_it() -> None:
    seen: list[int] = []

    def look() -> None:
        with reading() as db:
            seen.append(len(db.exec(select(AuditPool)).all()))

    with transaction() as connection:
        after_commit(connection, look)
        after_commit(connection, look)
        connection.execute(text(INSERT))
        assert seen == []
    assert seen == [1], "once, and it is durable by then"


INSERT = (
    "INSERT INTO audit_pool (what, about, result, who, role, since, until, more) "
    "VALUES ('a', 'b', 'c', 'd', '', '2026-03-10 02:00:00', '2026-03-10 02:00:00', 0)"
)


def test_a_commit_that_fails_is_followed_by_nothing(database: str) -> None:
    done: list[str] = []
    with write_engine().begin() as db:
        db.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        db.execute(text(
            "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"
        ))  # fmt: skip

    def fails() -> None:
        with transaction() as connection:
            after_commit(connection, lambda: done.append("x"))
            connection.execute(text("INSERT INTO child VALUES (7)"))  # found out by the commit alone

    with pytest.raises(IntegrityError):
        fails()
    with transaction():
        pass
    assert done == []


# --- what strangers can repeat without end ------------------------------------------------------------


def fail(times: int, now: datetime, about: str = "账号 王芳") -> None:
    for _ in range(times):
        with writing() as db:
            audit.pool(db, "登录", about, "failed", now)


def told() -> list[str]:
    return [one.about for one in entries()]


def test_a_flood_is_its_first_and_a_count() -> None:
    fail(1, NOW)
    assert told() == ["账号 王芳"], "the first at once"
    fail(400, NOW + timedelta(minutes=2))
    fail(99, NOW + timedelta(minutes=9))
    assert len(told()) == 1
    with writing() as db:
        audit.settle(db, NOW + timedelta(minutes=9, seconds=59))
    assert len(told()) == 1
    with writing() as db:
        audit.settle(db, NOW + timedelta(minutes=10))
    assert told()[1:] == ["账号 王芳，另有 499 次（03-10 10:00 至 10:09）"]
    with writing() as db:
        audit.settle(db, NOW + timedelta(minutes=30))
    assert len(told()) == 2
    assert {(one.result, one.what) for one in entries()} == {("failed", "登录")}


def test_the_next_flood_tells_of_the_one_before() -> None:
    fail(5, NOW)
    fail(3, NOW + timedelta(minutes=11))
    assert told() == ["账号 王芳", "账号 王芳，另有 4 次（03-10 10:00 至 10:00）", "账号 王芳"]
    with writing() as db:
        audit.settle(db, NOW + timedelta(hours=1))
    assert (
        sum(1 + int(one.partition("另有 ")[2].partition(" 次")[0] or 0) for one in told())
        - len([one for one in told() if "另有" in one])
        == 8
    ), "nothing is lost"


def test_a_clock_that_was_ahead_keeps_no_count_back() -> None:
    fail(3, NOW + timedelta(days=7))
    with writing() as db:
        audit.settle(db, NOW)
    assert len(told()) == 2
    fail(1, NOW)
    assert len(told()) == 3


def test_each_account_has_its_own_count() -> None:
    fail(3, NOW, "账号 王芳")
    fail(3, NOW, "没有这个账号")
    assert told() == ["账号 王芳", "没有这个账号"]
    assert len({one.who for one in entries()}) == 1


def test_many_at_once_are_all_counted() -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: fail(1, NOW), range(64)))
    with writing() as db:
        audit.settle(db, NOW + timedelta(hours=1))
    assert len(told()) == 2
    assert "另有 63 次" in told()[1]
    assert problems() == []


def test_the_entry_is_the_first_ones() -> None:
    fail(2, NOW)
    with reading() as db:
        [one] = db.exec(select(AuditPool)).all()
        [entry] = db.exec(select(AuditEntry)).all()
    assert (one.more, one.who) == (1, entry.who)
