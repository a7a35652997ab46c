"""Who may do a job of which there must be one at a time, and when a job is due; kept in the database."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from survey.core.models import Lease
from survey.storage.answers import tallies

LEASE = timedelta(seconds=15)
SEAL = "seal"
"""The job that seals the tables."""
A_DAY = timedelta(days=1)
"""How far ahead a job is planned at most."""


def take_lease(db: Session, name: str, holder: str, now: datetime, term: timedelta = LEASE) -> bool:
    """Whether `holder` has the lease `name` for the next while; renews its own.

    One that runs further ahead than its term was taken by a clock that was ahead, and holds nobody up.
    """
    table = Lease.metadata.tables["lease"]
    insert = tallies.insert_into(db.connection(), table)
    row = {"name": name, "holder": holder, "until": now + term}
    free = (table.c.holder == holder) | (table.c.until < now) | (table.c.until > now + term)
    take = insert.values(row).on_conflict_do_update(
        index_elements=["name"], set_={"holder": holder, "until": row["until"]}, where=free
    )
    return db.scalar(take.returning(table.c.name)) is not None


def give_back(db: Session, name: str, holder: str) -> None:
    """End one's own lease."""
    db.execute(delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder))


def plan(db: Session, job: str, at: datetime) -> None:
    """A job is due at a moment, whatever was planned before."""
    table = Lease.metadata.tables["lease"]
    insert = tallies.insert_into(db.connection(), table).values(name=job, holder="", until=at)
    db.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"until": at}))


def is_due(db: Session, job: str, now: datetime) -> bool | None:
    """Whether the time of a job has come; None when it was never planned, or by a clock that was ahead."""
    until = db.exec(select(Lease.until).where(Lease.name == job)).first()
    return None if until is None or until > now + A_DAY else until <= now
