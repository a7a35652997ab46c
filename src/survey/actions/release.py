"""Make releases: the figures and remarks that may be seen, for every viewer and file the same."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from survey.core.figures import Counted, dump_cell, load_cell, release_cell
from survey.core.models import Mode, Release, Remark, Source, Wave, WaveState, source_of
from survey.settings import get_settings
from survey.storage import reads, tallies

KEPT = 10  # releases kept for reproducing a figure; older ones have been superseded long ago
Body = Mapping[str, Any]
Parts = Mapping[tuple[int, str], Counted]
"""(stratum, channel) → counts of one item, as the tally holds them."""


def make_release(db: Session, wave_id: int, now: datetime) -> bool:
    """Release what at least k new raters have changed since the last release; False if nothing moved."""
    wave = db.get(Wave, wave_id)
    if wave is None or wave.state == WaveState.DRAFT:
        return False
    last = reads.latest_release(db, wave_id)
    before = {source: (last.figures if last else {}).get(source, {}) for source in Source}
    bodies = _bodies(db, wave, before)
    if bodies == before:
        return False
    number = last.number + 1 if last else 1
    figures = {"k": reads.threshold(wave), **{source.value: body for source, body in bodies.items()}}
    db.add(Release(wave_id=wave_id, number=number, made_at=now, figures=figures))
    db.execute(delete(Release).where(col(Release.wave_id) == wave_id, col(Release.number) <= number - KEPT))
    if last:
        _forget_strata(db, last)
    return True


def _forget_strata(db: Session, release: Release) -> None:
    """A superseded release keeps no strata: two of them, subtracted, would tell who came in between."""
    release.figures = {
        name: {**body, "strata": {}} if isinstance(body, dict) and "strata" in body else body
        for name, body in release.figures.items()
    }
    db.add(release)


def _bodies(db: Session, wave: Wave, before: Mapping[Source, Body]) -> dict[Source, Body]:
    """The verified and the open answers, each as it was or moved by itself."""
    collected = dict.fromkeys(Source, 0)
    for (_, channel), count in tallies.count_responses(db.connection(), wave.id).items():
        collected[source_of(channel)] += count
    grown = [source for source in Source if collected[source] != before[source].get("responses", 0)]
    form, bodies = reads.form(wave), dict(before)
    tally = tallies.read(db.connection(), wave.id, len(form.questionnaire.reasons)) if grown else {}
    for source in grown:
        items = [_of(source, tally.get(item, {})) for item in range(form.items)]
        bodies[source] = _move(before[source], items, collected[source], reads.threshold(wave))
    return bodies


def _of(source: Source, parts: Parts) -> Parts:
    return {key: part for key, part in parts.items() if source_of(key[1]) == source}


def _move(before: Body, items: Iterable[Parts], collected: int, k: int) -> Body:
    """A body's next figures, or the very same if no cell has k new raters.

    `asked`: how many forms the body had when a cell last moved; newer forms may not be read as 未接触.
    `strata` are the counts of that moment, looked at after closing only.
    """
    cells, asked, strata = (dict(before.get(part, {})) for part in ("cells", "asked", "strata"))
    for item, parts in enumerate(items):
        name, whole = str(item), _sum(parts.values())
        old = load_cell(cells[name]) if name in cells else None
        cell = dump_cell(release_cell(old, whole.counts, whole.reasons, k))
        if cell != cells.get(name):
            cells[name], asked[name], strata[name] = cell, collected, _by_stratum(parts)
    if cells == before.get("cells"):
        return before
    return {"cells": cells, "asked": asked, "strata": strata, "responses": collected}


def _sum(parts: Iterable[Counted]) -> Counted:
    found = list(parts) or [Counted()]
    return Counted(
        tuple(map(sum, zip(*(one.counts for one in found), strict=True))),
        tuple(map(sum, zip(*(one.reasons for one in found), strict=True))),
    )


def _by_stratum(parts: Parts) -> dict[str, Any]:
    groups: dict[str, list[Counted]] = {}
    for (stratum, _), part in parts.items():
        groups.setdefault(str(stratum), []).append(part)
    return {name: [one.counts, one.reasons] for name, group in groups.items() if (one := _sum(group))}


def release_remarks(db: Session, wave_id: int) -> int:
    """Publish waiting remarks as one batch once there are enough, or all that is left after closing."""
    wave = db.get(Wave, wave_id)
    if wave is None:
        return 0
    waiting = reads.remarks_waiting(db, wave_id)
    least = 1 if wave.mode == Mode.NAMED or wave.state == WaveState.CLOSED else get_settings().k_remarks
    if not waiting or waiting < least:
        return 0
    last = db.exec(select(func.max(Remark.release)).where(Remark.wave_id == wave_id)).one() or 0
    waiting_ones = (col(Remark.wave_id) == wave_id, col(Remark.release).is_(None))
    db.execute(update(Remark).where(*waiting_ones).values(release=last + 1))
    return waiting
