"""Who may do a job of which there must be one at a time; kept in the database, ends by itself."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from survey.core.models import Lease
from survey.storage import tallies

LEASE = timedelta(seconds=15)


def take_lease(db: Session, name: str, holder: str, now: datetime, term: timedelta = LEASE) -> bool:
    """Whether `holder` has the lease `name` for the next while; renews its own."""
    table = Lease.metadata.tables["lease"]
    insert = tallies.insert_into(db.connection(), table)
    row = {"name": name, "holder": holder, "until": now + term}
    free = (table.c.holder == holder) | (table.c.until < now)
    take = insert.values(row).on_conflict_do_update(
        index_elements=["name"], set_={"holder": holder, "until": row["until"]}, where=free
    )
    return db.scalar(take.returning(table.c.name)) is not None


def give_back(db: Session, name: str, holder: str) -> None:
    """End one's own lease."""
    db.execute(delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder))
