"""Make releases: the figures and remarks that may be seen, for every viewer and file the same."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from survey.core.answers import tally_codec
from survey.core.answers.signs import Split, dump_counts, dump_split, load_split
from survey.core.figures.cells import Shown, dump_cell, load_cell, pool
from survey.core.figures.withholding import Counted, add, release_cell, remarks_threshold, threshold
from survey.core.models import Release, Remark, Source, Wave, WaveState, source_of
from survey.storage.answers import tallies
from survey.storage.figures import released
from survey.storage.waves import published

KEPT = 10  # releases kept for reproducing a figure; older ones have been superseded long ago
Body = Mapping[str, Any]
Parts = Mapping[tuple[int, str], Counted]
"""(stratum, channel) → counts of one item, as the tally holds them."""


def make_release(db: Session, wave_id: int, now: datetime) -> bool:
    """Release what at least k new raters have changed since the last release; False if nothing moved."""
    wave = db.get(Wave, wave_id)
    if wave is None or wave.state == WaveState.DRAFT:
        return False
    last = released.latest_release(db, wave_id)
    before = {source: (last.figures if last else {}).get(source, {}) for source in Source}
    # A setting changed during a wave may only hide more: its enterprises were promised no less.
    k = max(threshold(wave), last.figures["k"] if last else 1)
    bodies = _bodies(db, wave, before, k)
    if bodies == before:
        return False
    number = last.number + 1 if last else 1
    figures = {"k": k, **{source.value: body for source, body in bodies.items()}}
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


def _bodies(db: Session, wave: Wave, before: Mapping[Source, Body], k: int) -> dict[Source, Body]:
    """The verified and the open answers, each as it was or moved by itself."""
    collected = dict.fromkeys(Source, 0)
    for (_, channel), count in tallies.count_responses(db.connection(), wave.id).items():
        collected[source_of(channel)] += count
    grown = [source for source in Source if collected[source] != before[source].get("responses", 0)]
    form, bodies = published.form(wave), dict(before)
    tally = tallies.read(db.connection(), wave.id, len(form.questionnaire.reasons)) if grown else {}
    for source in grown:
        items = [_of(source, tally.get(item, {})) for item in range(form.items)]
        moved = _move(before[source], items, collected[source], k)
        if moved is not before[source]:
            grades = {
                str(form.item(place)): add(
                    _of(source, tally.get(tally_codec.doubtful_item(place), {})).values()
                ).counts
                for place in range(len(form.departments))
            }
            by_flags = tallies.count_signs(db.connection(), wave.id, source)
            moved = _with_signs(before[source], moved, by_flags, grades, k)
        bodies[source] = moved
    if bodies[Source.OPEN] is not before[Source.OPEN]:
        kinds = tallies.count_respondents(db.connection(), wave.id)
        bodies[Source.OPEN] = {**bodies[Source.OPEN], "kinds": {str(int(one)): n for one, n in kinds.items()}}
    return bodies


def _of(source: Source, parts: Parts) -> Parts:
    return {key: part for key, part in parts.items() if source_of(key[1]) == source}


def _move(before: Body, items: Iterable[Parts], collected: int, k: int) -> Body:
    """A body's next figures, or the very same if no cell has k new raters.

    `asked`: how many forms the body had when a cell last moved; newer forms may not be read as 未接触.
    `strata` are the counts of that moment, looked at after closing only.
    """
    cells, asked, strata = (dict(before.get(part, {})) for part in ("cells", "asked", "strata"))
    moved = False
    for item, parts in enumerate(items):
        name, now = str(item), add(parts.values())
        then = add(Counted(*map(tuple, one)) for one in strata.get(name, {}).values())
        old = load_cell(cells[name]) if name in cells else None
        cell = release_cell(old, then, now, k)
        if cell != old:
            cells[name], asked[name], strata[name] = dump_cell(cell), collected, _by_stratum(parts)
            moved = True
    if not moved:
        return before
    return {**before, "cells": cells, "asked": asked, "strata": strata, "responses": collected}


def _with_signs(
    before: Body, body: Body, by_flags: Mapping[int, int], grades: Mapping[str, Sequence[int]], k: int
) -> Body:
    """A body that has moved, with the signs (异常迹象) of its forms: `by_flags` how many bear which, `grades` the
    总体满意度 that doubtful ones gave. Of those it keeps what is of the moment when the cell last moved, for `_split`.
    """
    old = before.get("cells", {})
    fresh = {name: list(given) for name, given in grades.items() if body["cells"][name] != old.get(name)}
    doubtful = {**before.get("doubtful", {}), **fresh}
    told = dict(before.get("signs", {}))
    if body["responses"] - told.get("forms", 0) >= k:
        told |= dump_counts(body["responses"], by_flags)
    split = _split(body["cells"], doubtful)
    # Where nothing is withheld (k = 1), the newest is told.
    if split.may_follow(load_split(told.get("split")) if k > 1 else None, k):
        told["split"] = dump_split(split, dump_counts(body["responses"], by_flags)["doubtful"])
    return {**body, "doubtful": doubtful, "signs": told}


def _split(cells: Mapping[str, Any], doubtful: Mapping[str, Any]) -> Split:
    """总体满意度 where it is shown: the cell as every page has it, and the doubtful forms' part in it.

    Nothing where all departments together are a range on every page.
    """
    if not isinstance(pool(load_cell(cells[name]) for name in doubtful), Shown):
        return Split({}, {})
    shown = {name: cell.counts for name in doubtful if isinstance(cell := load_cell(cells[name]), Shown)}
    return Split(shown, {name: tuple(doubtful[name]) for name in shown})


def _by_stratum(parts: Parts) -> dict[str, Any]:
    groups: dict[str, list[Counted]] = {}
    for (stratum, _), part in parts.items():
        groups.setdefault(str(stratum), []).append(part)
    return {name: [one.counts, one.reasons] for name, group in groups.items() if (one := add(group))}


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
