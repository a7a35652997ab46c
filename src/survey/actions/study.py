"""Compute what counts alone cannot tell of a release, and keep it beside the release. Run by the job and by imports;
no page waits for it, and no transaction is open meanwhile.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from survey.core import turnout
from survey.core.checkup import driver_sets, trusts
from survey.core.earlier import Pair, Side, compare
from survey.core.figures import Shown, load_cell
from survey.core.material import Material, Stratum
from survey.core.models import NO_STRATUM, Mode, Release, Remark, Source, Wave, WaveState, source_of
from survey.core.results import Measured, measure, overall, results, weighting
from survey.core.statistics import FORMULAS
from survey.core.study import Earlier, Measure, Study, Word, Words
from survey.core.withholding import Counted
from survey.storage import reads, samples, studies, tallies
from survey.storage.database import reading, writing

MOST_REMARKS = 20_000  # texts that telling words are looked for in
LISTED = 20  # words kept

log = logging.getLogger(__name__)


def study_wave(wave_id: int, now: datetime) -> bool:
    """Study the newest release of a wave, each source by itself; False if there is none or a newer one came."""
    with reading() as db:
        found = _studies(db, wave_id)
    with writing() as db:
        release = reads.latest_release(db, wave_id)
        wave = db.get(Wave, wave_id)
        if release is None or wave is None or not found:
            return False
        fresh = {
            source: one
            for source, one in found.items()
            if (one.release, one.closed) == (release.number, wave.state == WaveState.CLOSED)
        }
        for source, one in fresh.items():
            studies.keep(db, wave_id, source, one, now)
    return bool(fresh)


def due(db: Session) -> list[int]:
    """Waves whose newest release has not been studied, or not since closing; the oldest first."""
    released = select(Wave.id, Wave.state).where(
        col(Wave.published), col(Wave.id).in_(select(Release.wave_id))
    )
    found = []
    for wave_id, state in db.exec(released.order_by(col(Wave.opens_at), col(Wave.id))):
        release, known = reads.latest_release(db, wave_id), studies.computed(db, wave_id)
        wanted = (release.number if release else 0, state == WaveState.CLOSED)
        if set(known.values()) != {wanted}:
            found.append(wave_id)
    return found


def _studies(db: Session, wave_id: int) -> dict[Source, Study]:
    wave, release = db.get(Wave, wave_id), reads.latest_release(db, wave_id)
    if wave is None or release is None:
        return {}
    counts = {
        source: {
            item: cell.counts for item, cell in _cells(release, source).items() if isinstance(cell, Shown)
        }
        for source in Source
    }
    return {source: _tried(db, wave, release, source, counts[Source.OPEN]) for source in Source}


def _tried(
    db: Session, wave: Wave, release: Release, source: Source, others: Mapping[int, tuple[int, ...]]
) -> Study:
    """A study that cannot be made is an empty one: pages go on with released counts, and no other wave waits."""
    try:
        return _study(db, wave, release, source, others)
    except Exception:
        log.exception("期次 %s 的统计没有算成，页面只显示已公布的计数", wave.id)
        return Study(release.number, wave.state == WaveState.CLOSED)


def _study(
    db: Session, wave: Wave, release: Release, source: Source, others: Mapping[int, tuple[int, ...]]
) -> Study:
    material = _material(db, wave, release, source)
    measured = {what: measure(material, what) for what in Measure}
    verified, closed = source == Source.VERIFIED, material.sample is not None
    together = overall(material, measured)
    return Study(
        release.number,
        wave.state == WaveState.CLOSED,
        results(material, measured),
        together,
        weighting(material),
        trusts(material, measured[Measure.WITH_BASIC], others if verified else {}),
        driver_sets(material) if closed else {},
        _earlier(db, wave, material, measured) if closed and verified else None,
        _words(db, wave, source, material),
        _bounds(material, together),
    )  # fmt: skip


def _bounds(material: Material, together: Mapping[Measure, Any]) -> tuple[float, float] | None:
    rows = [turnout.Turnout(one.name, one.invited, one.answered) for one in material.strata.values()]
    if material.sample is None or not rows or Measure.WITH_BASIC not in together:
        return None
    return turnout.bounds(together[Measure.WITH_BASIC].plain.value, turnout.together(rows).rate)


# --- what it is made of ------------------------------------------------------------------------------


def _cells(release: Release, source: Source) -> dict[int, Any]:
    stored = release.figures.get(source, {}).get("cells", {})
    return {int(item): load_cell(cell) for item, cell in stored.items()}


def _material(db: Session, wave: Wave, release: Release, source: Source) -> Material:
    body, form, closed = release.figures.get(source, {}), reads.form(wave), wave.state == WaveState.CLOSED
    collected = body.get("responses", 0)
    return Material(
        form,
        FORMULAS[wave.formula],
        release.figures["k"],
        _cells(release, source),
        {int(item): forms for item, forms in body.get("asked", {}).items()},
        _counts(body) if closed else {},
        collected,
        _strata(db, wave) if closed and source == Source.VERIFIED else {},
        samples.read_sample(db.connection(), wave.id, form.items, source, Mode(wave.mode))
        if closed and collected
        else None,
    )


def _counts(body: Mapping[str, Any]) -> dict[int, dict[int, Counted]]:
    return {
        int(item): {int(one): Counted(*map(tuple, counts)) for one, counts in groups.items()}
        for item, groups in body.get("strata", {}).items()
    }


def _strata(db: Session, wave: Wave) -> dict[int, Stratum]:
    """The frozen strata with those invited and answered; none where nobody was invited by name."""
    answered: dict[int, int] = {}
    for (stratum, channel), count in tallies.count_responses(db.connection(), wave.id).items():
        if stratum != NO_STRATUM and source_of(channel) == Source.VERIFIED:
            answered[stratum] = answered.get(stratum, 0) + count
    return {
        one.id: Stratum(one.name, one.invited, answered.get(one.id, 0))
        for one in reads.strata(db, wave.id)
        if one.invited
    }


# --- the wave before ---------------------------------------------------------------------------------


def _earlier(
    db: Session, wave: Wave, material: Material, measured: dict[Measure, Measured]
) -> Earlier | None:
    before = previous(db, wave)
    release = reads.latest_release(db, before.id) if before else None
    if before is None or release is None:
        return None
    old = _material(db, before, release, Source.VERIFIED)
    if old.sample is None:
        return None
    linked = (
        all(one.raters is not None for one in (old.answers, material.answers)) and before.mode == wave.mode
    )
    return compare(
        Pair(
            Side(before.id, before.title, old, {what: measure(old, what) for what in Measure}),
            Side(wave.id, wave.title, material, measured),
            linked,
        )
    )  # fmt: skip


def previous(db: Session, wave: Wave) -> Wave | None:
    """The closed wave just before this one in its series that rated some of the same departments."""
    query = select(Wave).where(
        Wave.series == wave.series, Wave.state == WaveState.CLOSED, col(Wave.published), Wave.id != wave.id,
        Wave.imported == wave.imported, Wave.demo == wave.demo,
    )  # fmt: skip
    mine = {one["id"] for one in wave.departments}
    found = [
        one
        for one in db.exec(query)
        if (one.opens_at, one.id) < (wave.opens_at, wave.id)
        and mine & {each["id"] for each in one.departments}
    ]
    return max(found, key=lambda one: (one.opens_at, one.id), default=None)


# --- words -------------------------------------------------------------------------------------------


def _words(db: Session, wave: Wave, source: Source, material: Material) -> Words:
    """Telling words of the released remarks."""
    query = select(Remark.department_id, Remark.rated_bad, Remark.text).where(
        Remark.wave_id == wave.id, Remark.source == source, col(Remark.release).is_not(None)
    )
    rows = db.exec(query.order_by(col(Remark.id)).limit(MOST_REMARKS)).all()
    if not rows:
        return Words()
    names = {one.id: one.name for one in material.form.departments}
    bad = _telling(
        [text for _, is_bad, text in rows if is_bad], [text for _, is_bad, text in rows if not is_bad]
    )
    return Words(
        bad,
        {
            one: words
            for one, name in names.items()
            if (words := _telling(
                [text for whose, _, text in rows if whose == one],
                [text for whose, _, text in rows if whose != one], name,
            ))
        },
    )  # fmt: skip


def _telling(ours: list[str], others: list[str], name: str = "") -> tuple[Word, ...]:
    from survey.core.words import distinguishing, terms  # its dictionary takes most of a second to load

    found = distinguishing(ours, others, terms(name)) if ours and others else []
    return tuple(Word(one.word, one.ours, one.others) for one in found[:LISTED])
