"""The audit log: every sensitive act is in it, nothing of respondents is, and no change to it goes unnoticed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from survey.actions.accounts import audit
from survey.actions.waves import lifecycle
from survey.core import refusals
from survey.core.accounts.access import SYSTEM, Actor, acting
from survey.core.models import AuditEntry, Role, User
from survey.settings import get_settings
from survey.storage.accounts import anchors
from survey.storage.database import reading, write_engine, writing
from tests.factories import close, make_wave, release, submit

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
OFFICER = Actor.of(User(name="王芳", role=Role.OFFICER, password_hash=""))
pytestmark = pytest.mark.usefixtures("database")


def entries() -> list[AuditEntry]:
    with reading() as db:
        return list(db.exec(select(AuditEntry).order_by(AuditEntry.id)))  # type: ignore[arg-type]


def problems() -> list[str]:
    with reading() as db:
        return audit.verify_chain(db)


def without_guards(statement: str) -> None:
    """What someone with the database's own password can do."""
    with write_engine().begin() as db:
        if db.dialect.name == "sqlite":
            db.execute(text("DROP TRIGGER IF EXISTS audit_entry_stays"))
            db.execute(text("DROP TRIGGER IF EXISTS audit_entry_kept"))
        else:
            db.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        db.execute(text(statement))


def ten() -> None:
    for number in range(10):
        audit.note("查看", f"看板 期次 {number}", now=NOW + timedelta(minutes=number))


def test_an_action_and_its_entry_are_one_transaction() -> None:
    made = make_wave(enterprises=12)
    before = len(entries())
    with acting(OFFICER), writing() as db:
        lifecycle.extend_wave(db, made.id, NOW + timedelta(days=30), "雨天", NOW, "王芳")
    [entry] = entries()[before:]
    assert (entry.who, entry.role, entry.what, entry.about, entry.result) == (
        "王芳", "officer", "延期", f"期次 {made.id}", "ok",
    )  # fmt: skip
    with acting(OFFICER), pytest.raises(refusals.NotAllowed), writing() as db:
        lifecycle.extend_wave(db, made.id, NOW - timedelta(days=30), "雨天", NOW, "王芳")
    assert len(entries()) == before + 1


def test_nothing_of_respondents_is_in_it() -> None:
    made = make_wave(enterprises=12)
    for code in list(made.codes):
        submit(
            made,
            {"tax": 1},
            code=code,
            text="贪得无厌",
            kind="criticism",
            about="tax",
            contact="13800001111",
            use="help",
        )
    release(made)
    close(made)
    said = "".join(f"{one.who}{one.about}{one.what}" for one in entries())
    assert said
    for secret in (*made.codes, made.open_code, "贪得无厌", "13800001111"):
        assert secret not in said
    assert not [one for one in entries() if one.at.date() == NOW.date() and one.what in ("提交", "答卷")]


def test_a_whole_log_is_found_whole() -> None:
    ten()
    assert problems() == []


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit_entry SET who = 'x' WHERE id = 4", "第 4 条被改过"),
        ("UPDATE audit_entry SET result = 'refused' WHERE id = 10", "第 10 条被改过"),
        ("DELETE FROM audit_entry WHERE id = 5", "第 5 至 5 条不见了"),
        ("DELETE FROM audit_entry WHERE id <= 3", "第 4 条之前的记录不见了"),
        ("DELETE FROM audit_entry WHERE id > 8", "末尾被删过"),
        ("DELETE FROM audit_entry WHERE id = 10", "末尾被删过"),
        ("DELETE FROM audit_entry", "末尾被删过"),
    ],
)
def test_whatever_was_changed_is_noticed(statement: str, says: str) -> None:
    ten()
    without_guards(statement)
    assert any(says in one for one in problems()), problems()


@pytest.mark.parametrize("anchored", [True, False])
def test_a_log_forged_with_its_key_is_told_by_the_copy_outside_the_database(anchored: bool) -> None:
    """Without the copy it is not: that is why there is one."""
    ten()
    if not anchored:
        anchors.places()[0].unlink()
    without_guards("UPDATE audit_entry SET what = '导出' WHERE id = 2")
    assert problems()
    with write_engine().begin() as db, Session(db) as session:
        before = audit.FIRST
        for entry in session.exec(select(AuditEntry).order_by(AuditEntry.id)).all():  # type: ignore[arg-type]
            before = audit.chained(before, entry)
            db.execute(text("UPDATE audit_entry SET hash = :h WHERE id = :i"), {"h": before, "i": entry.id})
    assert bool(problems()) == anchored


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET who = 'x'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses(statement: str) -> None:
    audit.note("查看")
    with pytest.raises(Exception, match="audit entries are"), write_engine().begin() as db:
        db.execute(text(statement))


def test_an_office_may_keep_its_log_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    audit.note("查看", "400 天前", now=now - timedelta(days=400))
    monkeypatch.setenv("SURVEY_AUDIT_DAYS", "365")
    get_settings.cache_clear()
    with writing() as db, pytest.raises(audit.TooYoung, match="至少保存 365 天"):
        audit.purge(db, (now - timedelta(days=190)).date(), now)
    with writing() as db:
        assert audit.purge(db, (now - timedelta(days=370)).date(), now) == 1


def test_the_last_183_days_cannot_be_purged() -> None:
    now = datetime.now(UTC)
    for days in (400, 300, 200, 100, 0):
        audit.note("查看", f"{days} 天前", now=now - timedelta(days=days))
    with writing() as db, pytest.raises(audit.TooYoung, match="183"):
        audit.purge(db, (now - timedelta(days=182)).date(), now)
    with writing() as db:
        assert audit.purge(db, (now - timedelta(days=190)).date(), now) == 3
        assert audit.purge(db, date(2000, 1, 1), now) == 0
    assert [one.about for one in entries()][:2] == ["100 天前", "0 天前"]
    assert problems() == []
    without_guards("DELETE FROM audit_entry WHERE about = '100 天前'")
    assert any("不见了" in one for one in problems())


def test_many_at_once_make_one_chain() -> None:
    def one(number: int) -> None:
        with acting(SYSTEM):
            audit.note("查看", str(number))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(80)))
    assert [one.id for one in entries()] == list(range(1, 81))
    assert problems() == []


def test_the_hash_covers_every_field() -> None:
    entry: Callable[..., AuditEntry] = lambda **more: AuditEntry(  # noqa: E731
        **({"id": 1, "at": NOW, "who": "a", "role": "b", "what": "c", "about": "d", "result": "ok"} | more)
    )
    changed: dict[str, Any] = {
        "id": 2, "at": NOW + timedelta(microseconds=1), "who": "ab", "role": "", "what": "", "about": "cd",
        "result": "refused",
    }  # fmt: skip
    first = audit.chained(audit.FIRST, entry())
    assert all(audit.chained(audit.FIRST, entry(**{name: value})) != first for name, value in changed.items())
    assert audit.chained(first, entry()) != first
