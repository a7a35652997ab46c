"""What has come in so far: counts, live in every mode."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select

from survey.core.accounts.access import SURVEY, needs
from survey.core.figures.withholding import hides_nothing
from survey.core.models import (
    Arrival,
    Channel,
    Invitation,
    Release,
    Remark,
    Source,
    StoredStudy,
    Table,
    Wave,
    source_of,
)
from survey.core.waves.phase import Phase, phase_of
from survey.storage.answers import tallies
from survey.storage.waves.published import strata

tables = Table.metadata.tables
STEP = 5  # forms by which days of an open code are told


@dataclass(frozen=True)
class Pulse:
    """Cheap counters that say whether a page must be drawn anew, and where the wave stands."""

    responses: int
    release: int
    remarks: int
    study: int = 0
    phase: Phase = Phase.DRAFT
    closes_at: datetime | None = None


TIMETABLE = sa.select(
    *(tables["wave"].c[one] for one in ("state", "timed", "opens_at", "closes_at", "fingerprint"))
)


def pulse(db: Session, wave_id: int, now: datetime) -> Pulse:
    """The wave's pulse; a few indexed rows, polled every 2 s."""
    responses = sum(came(db, wave_id).values())
    release = db.exec(select(func.max(Release.number)).where(Release.wave_id == wave_id)).one()
    remarks = db.exec(select(func.max(Remark.batch)).where(Remark.wave_id == wave_id)).one()
    studied = db.exec(select(func.max(StoredStudy.release)).where(StoredStudy.wave_id == wave_id)).one()
    times = db.connection().execute(TIMETABLE.where(tables["wave"].c.id == wave_id)).first()
    counted = Pulse(responses, release or 0, remarks or 0, studied or 0)
    return replace(counted, phase=phase_of(times, now), closes_at=times.closes_at) if times else counted


@dataclass(frozen=True)
class Progress:
    """邀请 → 收回. `answered_of_invited` counts invited enterprises that answered by their own code."""

    invited: int
    collected: int
    answered_of_invited: int
    by_channel: Mapping[Channel, int] = field(default_factory=dict)

    def of(self, source: Source) -> int:
        """How many of the forms are verified, or came by open codes."""
        return sum(count for channel, count in self.by_channel.items() if source_of(channel) == source)


def came(db: Session, wave_id: int) -> dict[Channel, int]:
    """How many forms came by each channel, live. From the arrivals: no counter of grades is looked at.

    Imported answers never arrived; they are counted, and hidden from nobody who may see them.
    """
    counted = func.sum(Arrival.count)
    rows = db.exec(
        select(Arrival.channel, counted).where(Arrival.wave_id == wave_id).group_by(col(Arrival.channel))
    )
    found = {Channel(channel): int(n) for channel, n in rows}
    if found:
        return found
    counts = tallies.count_imported(db.connection(), wave_id)
    return {Channel.IMPORT: counts} if counts else {}


@needs(*SURVEY)
def progress(db: Session, wave: Wave) -> Progress:
    """How many were invited and how many forms came, live."""
    by_channel = came(db, wave.id)
    answered = sum(count for channel, count in by_channel.items() if source_of(channel) == Source.VERIFIED)
    return Progress(invited(db, wave), sum(by_channel.values()), answered, by_channel)


@needs(*SURVEY)
def invited(db: Session, wave: Wave) -> int:
    """Enterprises that have a code of their own, or stood on the list of an imported wave."""
    if wave.imported:
        return sum(one.invited for one in strata(db, wave.id))
    query = select(func.count()).select_from(Invitation)
    own = (col(Invitation.enterprise_id).is_not(None), ~col(Invitation.void))
    return db.exec(query.where(Invitation.wave_id == wave.id, *own)).one()


@needs(*SURVEY)
def arrivals(db: Session, wave: Wave) -> pd.DataFrame:
    """Forms by day and channel: columns day (date), channel, count.

    Whoever pads an open code knows how many forms are their own, so that where anything is hidden its forms are told
    in steps, when a step is full.
    """
    query = select(Arrival).where(Arrival.wave_id == wave.id)
    rows = db.exec(query.order_by(col(Arrival.day), col(Arrival.channel)))
    came: Counter[str] = Counter()
    found = []
    for one in rows:
        step = 1 if hides_nothing(wave) or source_of(one.channel) == Source.VERIFIED else STEP
        full = came[one.channel] // step
        came[one.channel] += one.count
        found.append((one.day, one.channel, step * (came[one.channel] // step - full)))
    return pd.DataFrame(found, columns=["day", "channel", "count"])
