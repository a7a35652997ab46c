"""Make releases: the figures and remarks that may be seen, for every viewer and file the same.

While a wave is open a job moves figures by numbers of raters alone, with noise; once all answers are in there is one
final release, and never another.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from survey.actions.figures.bodies import Body, SourceBody
from survey.core.figures.withholding import remarks_threshold, tells_live, threshold
from survey.core.models import DeviceMark, Release, Remark, Source, Wave, WaveState
from survey.storage.answers import tallies
from survey.storage.figures import released

KEPT = 10  # releases kept for reproducing a figure; older ones have been superseded long ago


def make_release(db: Session, wave_id: int, now: datetime) -> bool:
    """Release what has enough new raters since it was last told of; False if nothing moved."""
    wave = db.get(Wave, wave_id, with_for_update=True)
    if wave is None or wave.state != WaveState.OPEN or not tells_live(wave):
        return False
    last = released.latest_release(db, wave_id)
    k = _threshold(wave, last)
    before = {source: released.body(last, source) for source in Source}
    bodies = {source: SourceBody(db, wave, source, k).live(before[source], now) for source in Source}
    if bodies == before:
        return False
    _keep(db, wave, last, k, bodies, now)
    return True


def make_final_release(db: Session, wave_id: int, now: datetime, more: Mapping[Source, Body]) -> bool:
    """Release all answers of a closed wave, once; False if it was done. `more`: what each source's release holds
    besides counts."""
    wave = db.get(Wave, wave_id, with_for_update=True)
    last = released.latest_release(db, wave_id)
    if wave is None or wave.state != WaveState.CLOSED or released.is_final(last):
        return False
    k = _threshold(wave, last)
    bodies = {
        source: {**SourceBody(db, wave, source, k).final(released.body(last, source)), **more.get(source, {})}
        for source in Source
    }
    _keep(db, wave, last, k, bodies, now, final=True)
    db.execute(delete(DeviceMark).where(col(DeviceMark.wave_id) == wave_id))
    return True


def _threshold(wave: Wave, last: Release | None) -> int:
    """A setting changed during a wave may only hide more: its enterprises were promised no less."""
    return max(threshold(wave), last.figures["k"] if last else 1)


def _keep(
    db: Session, wave: Wave, last: Release | None, k: int, bodies: Mapping[Source, Body], now: datetime,
    final: bool = False,
) -> None:  # fmt: skip
    number = last.number + 1 if last else 1
    figures = {"k": k, "final": final, **{source.value: body for source, body in bodies.items()}}
    if last and "sealed" in last.figures:
        figures["sealed"] = last.figures["sealed"]
    db.add(Release(wave_id=wave.id, number=number, made_at=now, figures=figures))
    db.execute(delete(Release).where(col(Release.wave_id) == wave.id, col(Release.number) <= number - KEPT))


def release_remarks(db: Session, wave_id: int) -> int:
    """Publish waiting remarks in batches; returns how many remarks.

    A batch needs `k_remarks` different forms of one source, before closing and after: what is left over in the end
    stays with the officer.
    """
    wave = db.get(Wave, wave_id)
    if wave is None:
        return 0
    db.flush()
    authors = tallies.count_remarked(db.connection(), wave_id)
    least = remarks_threshold(wave)
    return sum(_publish(db, wave_id, source) for source in Source if authors[source] >= least)


def _publish(db: Session, wave_id: int, source: Source) -> int:
    last = db.exec(select(func.max(Remark.batch)).where(Remark.wave_id == wave_id)).one() or 0
    of = (col(Remark.wave_id) == wave_id, col(Remark.batch).is_(None), col(Remark.source) == source)
    count = db.connection().execute(update(Remark).where(*of).values(batch=last + 1)).rowcount
    # Afterwards: a form that comes in between is then counted too low, never too high.
    tallies.forget_remarked(db.connection(), wave_id, source)
    return count
