"""What the database says about itself, for 系统体检."""

from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from survey.core.accounts.access import Right, needs
from survey.core.models import AuditEntry, JobState, Release, StoredStudy, Wave, WaveEvent
from survey.storage.schema import known_revisions

MOMENTS = (
    AuditEntry.at,
    WaveEvent.at,
    Release.made_at,
    StoredStudy.made_at,
    JobState.succeeded_at,
    JobState.failed_at,
)


@needs(Right.SYSTEM)
def server_version(db: Session) -> str:
    """As the database engine tells it."""
    sqlite = db.connection().dialect.name == "sqlite"
    return str(db.scalar(text("SELECT sqlite_version()" if sqlite else "SHOW server_version")))


@needs(Right.SYSTEM)
def is_current(db: Session) -> bool:
    """Whether the schema is the one this program works with."""
    return str(db.scalar(text("SELECT version_num FROM alembic_version"))) == known_revisions()[0]


@needs(Right.SYSTEM)
def size(db: Session) -> int:
    """Bytes of the database on disk, wherever that is."""
    if db.connection().dialect.name == "sqlite":
        pages, each = db.scalar(text("PRAGMA page_count")), db.scalar(text("PRAGMA page_size"))
        return int(pages or 0) * int(each or 0)
    return int(db.scalar(text("SELECT pg_database_size(current_database())")) or 0)


@needs(Right.SYSTEM)
def server_clock(db: Session) -> datetime | None:
    """The time on the database's own machine; None for SQLite, which has none of its own."""
    if db.connection().dialect.name == "sqlite":
        return None
    found: datetime | None = db.scalar(text("SELECT clock_timestamp()"))
    return found


@needs(Right.SYSTEM)
def newest_moment(db: Session) -> datetime | None:
    """The latest time at which anything was written down."""
    found = [db.exec(select(func.max(col(one)))).one() for one in MOMENTS]
    return max((one for one in found if one is not None), default=None)


@needs(Right.SYSTEM)
def last_release(db: Session) -> tuple[datetime, str] | None:
    """When the last release was made, and of which wave."""
    query = select(Release.made_at, Wave.title).join(Wave).order_by(col(Release.made_at).desc()).limit(1)
    found = db.exec(query).first()
    return (found[0], found[1]) if found else None
