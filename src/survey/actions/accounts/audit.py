"""审计日志: append-only, each entry hashed together with the one before under a key that no database holds.

Entries name accounts, actions and numbers of things, and a list by its file; never an enterprise, a code or anything
answered.
"""

import hmac
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from survey.core.accounts.access import PROTECTED, Actor, Right, acting, actor, demand, needs
from survey.core.clock import CHINA
from survey.core.models import AuditEntry, AuditPool, Outcome, RegistryImport, User
from survey.core.plain_text import one_line
from survey.core.refusals import Refusal
from survey.settings import get_settings
from survey.settings.kept_secrets import kept_secret
from survey.storage.accounts import anchors, people
from survey.storage.database import after_commit, writing

P = ParamSpec("P")
R = TypeVar("R")
FIRST = bytes(32)  # what the first entry is hashed together with
PURGE = "清理审计日志"
ABOUT = {
    "wave_id": "期次", "enterprise_id": "企业", "import_id": "导入", "user_id": "账号", "screen_id": "大屏",
    "series": "系列", "label": "主题",
}  # fmt: skip
POOLED_FOR = timedelta(minutes=10)


class TooYoung(Refusal):
    """Entries that the law wants kept; the text is a Chinese sentence."""


def record(
    db: Session, what: str, about: str = "", result: Outcome = Outcome.OK, now: datetime | None = None
) -> None:
    """Add an entry in the caller's transaction, on behalf of the one who acts; anchored once it is durable."""
    _one_by_one(db)
    last, one = people.last_entry(db), actor()
    entry = AuditEntry(
        id=last.id + 1 if last else 1, at=now or datetime.now(UTC), who=one.name, role=one.role or "",
        what=what[:40], about=one_line(about)[:200], result=result,
    )  # fmt: skip
    entry.hash = chained(last.hash if last else FIRST, entry)
    db.add(entry)
    db.flush()
    after_commit(db.connection(), anchors.catch_up)


def _one_by_one(db: Session) -> None:
    """One chain: writers wait for each other. SQLite lets only one write at a time anyway."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(7208501)"))


def note(what: str, about: str = "", result: Outcome = Outcome.OK, now: datetime | None = None) -> None:
    """`record` in a transaction of its own: for looks, exports, sign-ins and refusals."""
    with writing() as db:
        record(db, what, about, result, now)


def pool(db: Session, what: str, about: str, result: Outcome, now: datetime) -> None:
    """`record` for what strangers can repeat without end: the first of its kind at once, the rest as a count.

    The count is durable from the first on; it becomes an entry when its ten minutes are over.
    """
    _one_by_one(db)
    found = db.get(AuditPool, (what, about, result))
    if found is not None and found.since <= now < found.since + POOLED_FOR:
        found.more, found.until = found.more + 1, now
        db.add(found)
        return
    if found is not None:
        _tell(db, found, now)
    record(db, what, about, result, now)
    one = actor()
    db.merge(AuditPool(
        what=what, about=about, result=result, who=one.name, role=one.role or "", since=now, until=now, more=0,
    ))  # fmt: skip


def settle(db: Session, now: datetime) -> None:
    """Entries for the counts whose ten minutes are over; whatever a crash left without an anchor gets one."""
    for one in db.exec(select(AuditPool)).all():
        if not one.since <= now < one.since + POOLED_FOR:
            _one_by_one(db)
            _tell(db, one, now)
            db.delete(one)
    after_commit(db.connection(), anchors.catch_up)


def _tell(db: Session, one: AuditPool, now: datetime) -> None:
    if one.more:
        first, last = (moment.astimezone(CHINA) for moment in (one.since, one.until))
        times = f"另有 {one.more} 次（{first:%m-%d %H:%M} 至 {last:%H:%M}）"
        with acting(Actor(one.who)):
            record(db, one.what, "，".join(filter(None, (one.about, times))), Outcome(one.result), now)


def audited(what: str, *rights: Right) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """An action for those who have one of the rights, with its entry in the same transaction.

    The action's first argument is its session. Whoever lacks the right gets `Forbidden`, noted at the door.
    """

    def wrap(action: Callable[P, R]) -> Callable[P, R]:
        PROTECTED[f"{action.__module__}.{action.__qualname__}"] = frozenset(rights)
        signature = inspect.signature(action)

        @wraps(action)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            demand(*rights)
            done = action(*args, **kwargs)
            given = signature.bind(*args, **kwargs).arguments
            record(given["db"], what, _about(given, done))
            return done

        return checked

    return wrap


def _about(given: dict[str, Any], done: object) -> str:
    if isinstance(done, User):
        return f"账号 {done.name}"
    if isinstance(done, RegistryImport) and not done.undone:
        return (
            f"导入 {done.id}：新增 {len(done.added):,} 家，更改 {done.edited:,} 家，文件「{done.file_name}」"
        )
    named = {name: given[name] for name in ABOUT if given.get(name) is not None}
    if not named and isinstance(number := getattr(done, "id", None), int):
        return f"编号 {number}"
    return "，".join(f"{ABOUT[name]} {value}" for name, value in named.items())


def chained(before: bytes, entry: AuditEntry) -> bytes:
    """HMAC of an entry together with the hash of the one before."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [entry.id, at, entry.who, entry.role, entry.what, entry.about, entry.result]
    body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return hmac.digest(_key(), before + body, "sha256")


def _key() -> bytes:
    path = get_settings().data_dir / "keys" / "audit.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return kept_secret(path).encode()


# --- checking ----------------------------------------------------------------------------------------


def verify_chain(db: Session) -> list[str]:
    """Chinese sentences for everything that is not as it was written; none when the log is whole."""
    problems: list[str] = []
    before: bytes | None = None
    number, hashes = 0, {}
    bases = _purged(db)
    for entry in people.audit_all(db):
        if before is None:
            number, before = entry.id - 1, FIRST if entry.id == 1 else bases.get(entry.id - 1)
            if before is None:
                problems.append(f"第 {entry.id} 条之前的记录不见了，也没有清理记录。")
                before = FIRST
        if entry.id != number + 1:
            problems.append(f"第 {number + 1} 至 {entry.id - 1} 条不见了。")
        if chained(before, entry) != bytes(entry.hash):
            problems.append(f"第 {entry.id} 条被改过，或它前面的记录被改过。")
        number, before = entry.id, bytes(entry.hash)
        hashes[number] = before
    return problems + [one for path in anchors.places() for one in _compare_anchors(path, hashes, number)]


def _purged(db: Session) -> dict[int, bytes]:
    """Number of the last entry of each purge → its hash, from which the chain goes on."""
    found = {}
    for about in db.exec(select(AuditEntry.about).where(AuditEntry.what == PURGE)):
        number, _, value = about.removeprefix("至第 ").partition(" 条 ")
        if number.isdecimal():
            found[int(number)] = bytes.fromhex(value)
    return found


def _compare_anchors(path: Path, hashes: Mapping[int, bytes], newest: int) -> Iterable[str]:
    """What a file outside the database remembers must still be there."""
    kept, unread = anchors.read_anchors(path)
    where = anchors.describe(path)
    if unread:
        yield f"{where}里有 {unread} 行读不出，被改过或损坏。"
    last = max(kept, key=lambda one: one[1], default=None)
    if last and last[1] > newest:
        yield f"{where}记着日志到过第 {last[1]} 条（{last[0]}），现在只有 {newest} 条：末尾被删过。"
    for at, number, value in kept:
        if number in hashes and hashes[number].hex() != value:
            yield f"第 {number} 条与 {at} 留下的{where}不符。"


@needs(Right.AUDIT)
def purge(db: Session, before: date, now: datetime) -> int:
    """Remove entries older than `before`; raises `TooYoung` for any that is to be kept yet. Says so in the log."""
    kept = get_settings().audit_days
    if before > (now - timedelta(days=kept)).date():
        raise TooYoung(f"审计日志至少保存 {kept} 天，请选更早的日期。")
    limit = datetime(before.year, before.month, before.day, tzinfo=UTC)
    query = select(AuditEntry).where(AuditEntry.at < limit).order_by(col(AuditEntry.id).desc()).limit(1)
    last = db.exec(query).first()
    if last is None:
        return 0
    record(db, PURGE, f"至第 {last.id} 条 {bytes(last.hash).hex()}", now=now)
    return int(db.execute(delete(AuditEntry).where(col(AuditEntry.id) <= last.id)).rowcount)  # type: ignore[attr-defined]
