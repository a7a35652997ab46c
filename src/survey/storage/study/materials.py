"""What a study is made of, read at one moment."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from survey.core.figures.cells import Shown, load_cell
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.noise import Noise
from survey.core.figures.withholding import hides_nothing, threshold, together
from survey.core.models import Mode, Release, Remark, Source, Wave, WaveState
from survey.core.study.material import Material, StrataGroup
from survey.core.study.scheme import FrozenStratum
from survey.core.study.structure import load_structure
from survey.core.study.studying import Before, Gathered
from survey.storage.figures import released
from survey.storage.study import samples
from survey.storage.waves import published

MOST_REMARKS = 20_000  # texts that telling words are looked for in; while a wave is open, with every release,
MOST_REMARKS_OPEN = 2_000  # fewer


def gather(db: Session, wave_id: int) -> dict[Source, Gathered]:
    """What a wave's newest release was made of, by source; nothing before the first release."""
    wave, release = db.get(Wave, wave_id), released.latest_release(db, wave_id)
    if wave is None or release is None:
        return {}
    return {source: _gathered(db, wave, release, source) for source in Source}


def _gathered(db: Session, wave: Wave, release: Release, source: Source) -> Gathered:
    others: dict[int, tuple[int, ...]] = {}
    if source == Source.VERIFIED:
        open_cells = _cells(release, Source.OPEN).items()
        others = {item: cell.counts for item, cell in open_cells if isinstance(cell, Shown)}
    final = released.is_final(release)
    return Gathered(
        wave.id, wave.title, release.number, final, material(db, wave, release, source), others,
        _before(db, wave) if source == Source.VERIFIED else None, _remarks(db, wave, source),
    )  # fmt: skip


def _before(db: Session, wave: Wave) -> Before | None:
    """The wave before."""
    before = previous(db, wave)
    release = released.latest_release(db, before.id) if before else None
    if before is None or release is None:
        return None
    same_mode = before.mode == wave.mode
    return Before(
        before.id, before.title, material(db, before, release, Source.VERIFIED), same_mode=same_mode
    )


def _remarks(db: Session, wave: Wave, source: Source) -> list[tuple[str | None, bool, str]]:
    most = MOST_REMARKS if wave.state == WaveState.CLOSED else MOST_REMARKS_OPEN
    query = select(Remark.department_id, Remark.rated_bad, Remark.text).where(
        Remark.wave_id == wave.id, Remark.source == source, col(Remark.batch).is_not(None)
    )
    return [(whose, bad, text) for whose, bad, text in db.exec(query.order_by(col(Remark.id)).limit(most))]


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


def _cells(release: Release, source: Source) -> dict[int, Any]:
    stored = release.figures.get(source, {}).get("cells", {})
    return {int(item): load_cell(cell) for item, cell in stored.items()}


def material(
    db: Session, wave: Wave, release: Release, source: Source, answers: bool | None = None
) -> Material:
    """A source's release, and after closing what the final one holds besides. `answers`: with the answers themselves;
    None: of waves that hide nothing."""
    body, form = released.body(release, source), published.form(wave)
    collected = body.get("responses", 0)
    closed = wave.state == WaveState.CLOSED and (bool(answers) or released.is_final(release))
    looked_at = hides_nothing(wave) and closed if answers is None else answers
    return Material(
        form,
        FORMULAS[wave.formula],
        release.figures["k"],
        _cells(release, source),
        {int(item): forms for item, forms in body.get("asked", {}).items()},
        collected,
        closed,
        together(body),
        _groups(body),
        _strata(db, wave, body) if closed and source == Source.VERIFIED else {},
        load_structure(body.get("structure")),
        samples.read_sample(db.connection(), wave.id, form.items, source, Mode(wave.mode))
        if looked_at
        else None,
    )


def of_answers(db: Session, wave: Wave, release: Release | None) -> Material:
    """The verified answers of a closed wave, to be looked at for its final release."""
    empty = Release(wave_id=wave.id, number=0, made_at=wave.closes_at, figures={"k": threshold(wave)})
    return material(db, wave, release or empty, Source.VERIFIED, answers=True)


def _groups(body: Mapping[str, Any]) -> dict[int, list[StrataGroup]]:
    return {
        int(item): [StrataGroup(frozenset(ids), n, counts, Noise(level)) for ids, n, counts, level in groups]
        for item, groups in body.get("strata", {}).items()
        if groups
    }


def _strata(db: Session, wave: Wave, body: Mapping[str, Any]) -> dict[int, FrozenStratum]:
    """The frozen strata with those invited and answered; none where nobody was invited by name."""
    answered = {int(one): n for one, n in body.get("answered", {}).items()}
    found = {
        one.id: FrozenStratum(one.name, one.invited, answered.get(one.id, 0), one.made_of)
        for one in published.strata(db, wave.id)
        if one.invited
    }
    unplaced = {one: FrozenStratum("", 0, n) for one, n in answered.items() if one not in found}
    return found | unplaced if found else {}
