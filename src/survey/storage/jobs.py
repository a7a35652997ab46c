"""How the background jobs fare: what failed and why, when it is tried again, when each job was last done."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from survey.core.jobs import WHOLE, Job, is_worth_telling, may_try, patience
from survey.core.models import JobState

Work = tuple[Job, int]
"""A job and the wave it works for, or `WHOLE`."""


def states(db: Session) -> list[JobState]:
    """All that is known of the jobs; those of the latest failure first."""
    return list(db.exec(select(JobState).order_by(col(JobState.failed_at).desc())))


def failed(known: Iterable[JobState]) -> set[Work]:
    """What failed when it was last tried."""
    return {(Job(one.name), one.about) for one in known if one.failures}


def waiting(known: Iterable[JobState], now: datetime) -> set[Work]:
    """What failed and is not to be tried yet."""
    return {(Job(one.name), one.about) for one in known if not may_try(one.again_at, now)}


def note_failure(db: Session, work: Work, now: datetime, reason: str) -> None:
    """Write a failure down, and when to try again."""
    one = _state(db, work)
    one.failures, one.failed_at, one.reason = one.failures + 1, now, reason
    one.again_at = now + patience(work[0], one.failures)
    db.add(one)


def note_mended(db: Session, work: Work) -> None:
    """What failed the last time is done; when and why it had failed is kept."""
    one = _state(db, work)
    one.failures, one.again_at = 0, None
    db.add(one)


def note_successes(db: Session, jobs: Iterable[Job], now: datetime) -> None:
    """All of these jobs' work is done; written down once a minute."""
    for job in jobs:
        one = _state(db, (job, WHOLE))
        if is_worth_telling(one.succeeded_at, now):
            one.succeeded_at = now
            db.add(one)


def _state(db: Session, work: Work) -> JobState:
    return db.get(JobState, work) or JobState(name=work[0], about=work[1])
