"""Make releases: the figures and remarks that may be seen, for every viewer and file the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from survey.core.figures import Cell, Counted, dump_cell, load_cell, release_cell, release_parts
from survey.core.models import Mode, Release, Remark, Wave, WaveState
from survey.settings import get_settings
from survey.storage import reads, tallies

KEPT = 10  # releases kept for reproducing a figure; older ones have been superseded long ago


def make_release(db: Session, wave_id: int, now: datetime) -> bool:
    """Release what at least k new raters have changed since the last release; False if nothing moved."""
    wave = db.get(Wave, wave_id)
    if wave is None or wave.state == WaveState.DRAFT:
        return False
    last = reads.latest_release(db, wave_id)
    before: Mapping[str, Any] = last.figures if last else {}
    collected = sum(tallies.count_responses(db.connection(), wave_id).values())
    if before.get("collected") == collected:
        return False
    figures = _figures(db, wave, before)
    if figures["cells"] == before.get("cells"):
        return False
    figures["asked"] = _asked(figures["cells"], before, collected)
    figures |= {"collected": collected, "responses": collected, "k": reads.threshold(wave)}
    number = last.number + 1 if last else 1
    db.add(Release(wave_id=wave_id, number=number, made_at=now, figures=figures))
    db.execute(delete(Release).where(col(Release.wave_id) == wave_id, col(Release.number) <= number - KEPT))
    return True


def _asked(cells: Mapping[str, Any], before: Mapping[str, Any], collected: int) -> dict[str, int]:
    """How many forms there were when each cell last moved: newer forms may not be read as 未接触."""
    old, moments = before.get("cells", {}), before.get("asked", {})
    return {
        item: moments[item] if old.get(item) == cell and item in moments else collected
        for item, cell in cells.items()
    }


def _figures(db: Session, wave: Wave, before: Mapping[str, Any]) -> dict[str, Any]:
    """Cells, live channel breakdowns, and stratum counts that are looked at after closing only."""
    form = reads.form(wave)
    k = reads.threshold(wave)
    tally = tallies.read(db.connection(), wave.id, len(form.questionnaire.reasons))
    cells, channels, strata = (dict(before.get(part, {})) for part in ("cells", "channels", "strata"))
    for item in range(form.items):
        name, parts = str(item), tally.get(item, {})
        whole = _sum(parts.values(), len(form.questionnaire.reasons))
        old = load_cell(cells[name]) if name in cells else None
        cell = release_cell(old, whole.counts, whole.reasons, k)
        if dump_cell(cell) == cells.get(name):
            continue
        cells[name] = dump_cell(cell)
        by_channel = _regroup(parts, 1)
        old_parts: dict[str, Cell] = {key: load_cell(one) for key, one in channels.get(name, {}).items()}
        channels[name] = {
            key: dump_cell(one) for key, one in release_parts(cell, old_parts, by_channel, k).items()
        }
        strata[name] = {key: [one.counts, one.reasons] for key, one in _regroup(parts, 0).items()}
    return {"cells": cells, "channels": channels, "strata": strata}


def _sum(parts: Any, reasons: int) -> Counted:
    counts, chips = [0] * 5, [0] * reasons
    for part in parts:
        counts = [a + b for a, b in zip(counts, part.counts, strict=True)]
        chips = [a + b for a, b in zip(chips, part.reasons, strict=True)]
    return Counted(tuple(counts), tuple(chips))


def _regroup(parts: Mapping[tuple[int, str], Counted], place: int) -> dict[str, Counted]:
    """(stratum, channel) counts summed by stratum (place 0) or by channel (place 1)."""
    groups: dict[str, list[Counted]] = {}
    for key, part in parts.items():
        groups.setdefault(str(key[place]), []).append(part)
    return {name: _sum(group, len(group[0].reasons)) for name, group in groups.items()}


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
