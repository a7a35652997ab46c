"""Compute what counts alone cannot tell of a release, and keep it beside the release. Run by the job and by imports;
no page waits for it, and no transaction is open while it computes.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from survey.core.models import Release, Wave, WaveState
from survey.core.study.model import Study
from survey.core.study.studying import Gathered, study_of
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.study import materials, studies


def study_wave(wave_id: int, now: datetime) -> bool:
    """Study the newest release of a wave, each source by itself; False if there is none or a newer one came.

    A study that cannot be made is kept empty, so that pages go on with released counts; then the error is raised.
    """
    failed: list[Exception] = []
    with reading() as db:
        gathered = materials.gather(db, wave_id)
    found = {source: _tried(one, failed) for source, one in gathered.items()}
    with writing() as db:
        release, wave = released.latest_release(db, wave_id), db.get(Wave, wave_id)
        if release is None or wave is None:
            return False
        newest = (release.number, wave.state == WaveState.CLOSED)
        fresh = {source: one for source, one in found.items() if (one.release, one.closed) == newest}
        for source, one in fresh.items():
            studies.keep(db, wave_id, source, one, now)
    if failed:
        raise failed[0]
    return bool(fresh)


def _tried(gathered: Gathered, failed: list[Exception]) -> Study:
    try:
        return study_of(gathered)
    except Exception as error:
        failed.append(error)
        return Study(gathered.release, gathered.closed, failed=True)


def due(db: Session) -> list[int]:
    """Waves whose newest release has not been studied, not since closing, or in vain; the oldest first."""
    newest = select(Wave.id, Wave.state, func.max(Release.number)).join(Release).where(col(Wave.published))
    known, failed = studies.computed(db), studies.failed(db)
    order = (col(Wave.opens_at), col(Wave.id))
    return [
        wave_id
        for wave_id, state, number in db.exec(newest.group_by(col(Wave.id)).order_by(*order))
        if wave_id in failed or known.get(wave_id) != {(number, state == WaveState.CLOSED)}
    ]
