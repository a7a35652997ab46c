"""One import at a time, and what an interrupted one left behind."""

import secrets
import time
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from survey.core.intake.rating_table import ImportRefused
from survey.core.models import (
    Release,
    Response,
    StoredStudy,
    Stratum,
    Tally,
    Wave,
)
from survey.storage.database import writing
from survey.storage.leases import give_back, take_lease

TERM = timedelta(minutes=1)  # how long a dead import keeps the next one out


def clear_unfinished_imports(db: Session) -> int:
    """Remove what an interrupted import left behind; returns how many waves that was."""
    ids = list(db.exec(select(Wave.id).where(col(Wave.imported), ~col(Wave.published))))
    for table in (Response, Tally, Release, Stratum, StoredStudy):
        db.execute(delete(table).where(col(table.wave_id).in_(ids)))
    db.execute(delete(Wave).where(col(Wave.id).in_(ids)))
    return len(ids)


class Turn:
    """One import at a time; a failed one is cleared away at once, a killed one by the next."""

    def __init__(self, now: datetime) -> None:
        self.began, self._clock, self._holder = now, time.monotonic(), secrets.token_hex(8)

    @property
    def now(self) -> datetime:
        return self.began + timedelta(seconds=time.monotonic() - self._clock)

    def __enter__(self) -> "Turn":
        with writing() as db:
            self.keep(db)
            clear_unfinished_imports(db)
        return self

    def keep(self, db: Session) -> None:
        """Renew the turn; raises `ImportRefused` when another import has it."""
        if not take_lease(db, "import", self._holder, self.now, TERM):
            raise ImportRefused([(0, "另一个导入正在进行，请等它完成后再试。")])

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is ImportRefused:
            return  # the turn, and what is unpublished, belongs to another import
        with writing() as db:
            if kind is not None:
                clear_unfinished_imports(db)
            give_back(db, "import", self._holder)
