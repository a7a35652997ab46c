"""Reads about those who work at the office door: accounts, sign-ins, the audit log, screens."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, func, select

from survey.core.accounts.access import Right, may, needs
from survey.core.clock import CHINA, china_day
from survey.core.models import AuditEntry, Login, Outcome, Screen, User, Wave
from survey.settings import get_settings

PAGE = 1000  # audit entries read at a time


def user_by_login(db: Session, login: bytes, now: datetime) -> User | None:
    """Who signed in under this token hash: not signed out, not idle too long, not disabled, not expired."""
    idle = now - timedelta(minutes=get_settings().idle_minutes)
    query = select(User).join(Login, col(Login.user_id) == col(User.id))
    found = db.exec(
        query.where(Login.token_hash == login, Login.expires_at > now, col(Login.seen_at) > idle)
    ).first()
    return found if found is not None and is_good(found, now) else None


def is_good(user: User, now: datetime) -> bool:
    """Neither disabled nor past its last day."""
    return not user.disabled and (user.expires_on is None or china_day(now) <= user.expires_on)


@needs(Right.ACCOUNTS)
def accounts(db: Session) -> list[User]:
    """All accounts in the order they were made."""
    return list(db.exec(select(User).order_by(col(User.id))))


@needs(Right.ACCOUNTS)
def last_seen(db: Session) -> dict[int, datetime]:
    """User id → when they last did something, of those signed in."""
    query = select(Login.user_id, func.max(col(Login.seen_at))).group_by(col(Login.user_id))
    return {user_id: at for user_id, at in db.exec(query) if at is not None}


@needs(Right.ROUNDS, Right.CONSENT)
def second_persons(db: Session, now: datetime) -> int:
    """How many accounts may say yes where one alone may not; with fewer than two nobody can be the second."""
    return sum(is_good(one, now) and may(one, Right.CONSENT) for one in db.exec(select(User)))


def demo_logins(db: Session) -> list[tuple[str, str]]:
    """(role, name) of the demo accounts, none without demo data."""
    query = select(User.role, User.name).where(col(User.demo)).order_by(col(User.id))
    return list(db.exec(query))


def has_users(db: Session) -> bool:
    """Whether anybody can sign in."""
    return db.exec(select(User.id).limit(1)).first() is not None


# --- the audit log -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class EntrySearch:
    """Which entries are looked for; empty means all."""

    who: str = ""
    what: str = ""
    result: str = ""
    since: date | None = None
    until: date | None = None


def _wanted(search: EntrySearch) -> list[object]:
    wanted: list[object] = []
    for column, words in ((AuditEntry.who, search.who), (AuditEntry.what, search.what)):
        if words.strip():
            wanted.append(col(column).contains(words.strip(), autoescape=True))
    if search.result:
        wanted.append(col(AuditEntry.result) == search.result)
    if search.since:
        wanted.append(col(AuditEntry.at) >= _midnight(search.since))
    if search.until:
        wanted.append(col(AuditEntry.at) < _midnight(search.until + timedelta(days=1)))
    return wanted


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


@needs(Right.AUDIT)
def audit_count(db: Session, search: EntrySearch) -> int:
    """How many entries are found."""
    return db.exec(select(func.count()).select_from(AuditEntry).where(*_wanted(search))).one()  # type: ignore[arg-type]


@needs(Right.AUDIT)
def audit_page(db: Session, search: EntrySearch, number: int, size: int) -> list[AuditEntry]:
    """Entries of page `number` (from 1), newest first."""
    query = select(AuditEntry).where(*_wanted(search)).order_by(col(AuditEntry.id).desc())  # type: ignore[arg-type]
    return list(db.exec(query.offset((number - 1) * size).limit(size)))


@needs(Right.AUDIT)
def audit_all(db: Session) -> Iterator[AuditEntry]:
    """Every entry, oldest first, a page at a time."""
    after = 0
    query = select(AuditEntry).order_by(col(AuditEntry.id)).limit(PAGE)
    while page := list(db.exec(query.where(AuditEntry.id > after))):
        yield from page
        after = page[-1].id


def last_entry(db: Session) -> AuditEntry | None:
    """The newest entry."""
    return db.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(1)).first()


@needs(Right.ROUNDS, Right.CASES, Right.ACCOUNTS, Right.CONSENT)
def who_since(db: Session, about: Collection[str], entry: int) -> list[str]:
    """Who did something to a thing since an entry; `about`: what the log calls it."""
    found = select(AuditEntry.who).where(col(AuditEntry.about).in_(about), AuditEntry.id > entry)
    return sorted(set(db.exec(found.where(AuditEntry.result == Outcome.OK))))


# --- screens -----------------------------------------------------------------------------------------


@needs(Right.ROUNDS)
def screens(db: Session) -> Sequence[tuple[Screen, str]]:
    """Every screen with its wave's title, newest first."""
    query = select(Screen, Wave.title).join(Wave, col(Screen.wave_id) == col(Wave.id))
    return list(db.exec(query.order_by(col(Screen.id).desc())))


def screen_by_token(db: Session, token_hash: bytes) -> Screen | None:
    """The screen behind an address, unless it was revoked."""
    query = select(Screen).where(Screen.token_hash == token_hash, col(Screen.revoked_at).is_(None))
    return db.exec(query).first()
