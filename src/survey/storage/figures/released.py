"""Figures as the newest release holds them; `core.figures.withholding` says what of it may be seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from survey.core.accounts.access import SEES_FIGURES, Right, needs, own_department
from survey.core.answers.signs import Signs, load_signs
from survey.core.answers.tally_codec import RESPONSES
from survey.core.figures.by_stratum import COVERED, released_cell, seen_by_stratum
from survey.core.figures.cells import Cell, Figures, FormCounts, Row, Shown, Withheld, legible, load_cell
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.noise import Noise
from survey.core.figures.view import View
from survey.core.figures.withholding import pool_few, threshold, together
from survey.core.models import Release, Respondent, Source, Tally, Wave, WaveState, source_of
from survey.storage.waves.arriving import came, invited
from survey.storage.waves.published import form, strata


@dataclass(frozen=True)
class ReleaseNote:
    """Which release is shown, how many forms of a source are in it, and how many came since."""

    number: int
    made_at: datetime | None
    responses: int
    waiting: int
    final: bool = False


def latest_release(db: Session, wave_id: int) -> Release | None:
    """The newest release of a wave."""
    query = select(Release).where(Release.wave_id == wave_id).order_by(col(Release.number).desc()).limit(1)
    return db.exec(query).first()


def sealed_release(db: Session, wave_id: int) -> Release | None:
    """The release that a wave's fingerprint is of: the newest, or of a wave sealed under an older rule the one then."""
    newest = latest_release(db, wave_id)
    number = newest.figures.get("sealed") if newest else None
    return db.get(Release, (wave_id, number)) if number else newest


def body(release: Release | None, source: Source) -> dict[str, Any]:
    """What a release holds of a source."""
    return dict(release.figures.get(source, {})) if release else {}


def is_final(release: Release | None) -> bool:
    """Whether it is the release that holds all answers and is never followed by another."""
    return release is not None and bool(release.figures.get("final"))


def without_final(db: Session) -> list[int]:
    """Closed waves that have answers and no final release yet, the oldest first."""
    answered = select(Tally.wave_id).where(Tally.item == RESPONSES)
    final = select(Release.wave_id).where(Release.figures["final"].as_boolean())
    query = select(Wave.id).where(Wave.state == WaveState.CLOSED, col(Wave.published))
    query = query.where(col(Wave.id).in_(answered), col(Wave.id).not_in(final))
    return list(db.exec(query.order_by(col(Wave.closes_at), col(Wave.id))))


@needs(*SEES_FIGURES)
def release_note(db: Session, wave: Wave, source: Source = Source.VERIFIED) -> ReleaseNote:
    """What stands in the newest release of a source, for the line under every figure."""
    counts = came(db, wave.id)
    collected = sum(count for channel, count in counts.items() if source_of(channel) == source)
    release = latest_release(db, wave.id)
    if release is None:
        return ReleaseNote(0, None, 0, collected)
    included = int(body(release, source).get("responses", 0))
    return ReleaseNote(release.number, release.made_at, included, collected - included, is_final(release))


@needs(*SEES_FIGURES)
def form_counts(db: Session, wave: Wave, view: View) -> FormCounts:
    """邀请, 收回 and 已公布 of the part looked at. A stratum's are told after closing only, like its figures."""
    note = release_note(db, wave, view.source)
    if view.stratum_id is None:
        asked = invited(db, wave) if view.source == Source.VERIFIED else None
        return FormCounts(
            None if wave.imported and not asked else asked, note.responses + note.waiting, note.responses
        )
    stratum = next((one for one in strata(db, wave.id) if one.id == view.stratum_id), None)
    answered = body(latest_release(db, wave.id), view.source).get("answered", {}).get(str(view.stratum_id))
    return FormCounts(stratum.invited if stratum else None, answered, answered)


@needs(*SEES_FIGURES)
def figures(db: Session, wave: Wave, view: View | None = None) -> Figures:
    """The released figures of a wave under a view, one row per department and question."""
    view = view or View()
    asked, stored = form(wave), body(latest_release(db, wave.id), view.source)
    rows = []
    own = own_department()
    for place, department in enumerate(asked.departments):
        if own is not None and department.id != own:
            continue
        if view.category and department.category != view.category:
            continue
        for number, question in enumerate(asked.questions):
            item = str(asked.item(place, number))
            cell = legible(released_cell(stored, item, view, wave), overall=number == 0)
            about = (department.id, department.name, department.category, question.id, question.name.zh)
            of = stored.get("asked", {}).get(item) if view.stratum_id is None else None
            rows.append(Row(*about, overall=number == 0, cell=cell, asked=of))
    whole = None if own or view.stratum_id else together(stored, view.category or "")
    return Figures(tuple(rows), FORMULAS[wave.formula], whole)


@needs(Right.FIGURES)
def by_stratum(db: Session, wave: Wave, question_id: str | None = None) -> dict[str, dict[int, Cell]]:
    """Department id → stratum id → cell of one question (总体满意度) of a closed wave; empty before closing."""
    asked, stored = form(wave), body(latest_release(db, wave.id), Source.VERIFIED)
    if "strata" not in stored:
        return {}
    number = next((place for place, one in enumerate(asked.questions) if one.id == question_id), 0)
    numbers = [one.id for one in strata(db, wave.id)]
    found = {}
    for place, department in enumerate(asked.departments):
        parts = seen_by_stratum(stored, str(asked.item(place, number)))
        cells = {one: parts.get(str(one), Withheld(COVERED)) for one in numbers}
        found[department.id] = {one: legible(cell, overall=number == 0) for one, cell in cells.items()}
    return found


@needs(*SEES_FIGURES)
def respondents(db: Session, wave: Wave) -> tuple[dict[Respondent, int], int]:
    """Forms by open codes in the newest release by 身份, and how many of kinds too small to be told apart."""
    release = latest_release(db, wave.id)
    kinds = release.figures.get(Source.OPEN, {}).get("kinds", {}) if release else {}
    counts = {Respondent(int(one)): count for one, count in kinds.items()}
    return pool_few(counts, release.figures["k"] if release else threshold(wave))


@needs(Right.FIGURES)
def signs(db: Session, wave: Wave, source: Source = Source.VERIFIED) -> Signs | Withheld:
    """The signs (异常迹象) of a source's released forms, and figures with and without the doubtful ones."""
    asked, release = form(wave), latest_release(db, wave.id)
    stored = body(release, source)
    level = Noise.OVERALL if release and release.figures["k"] > 1 else Noise.NONE
    ids = {str(asked.item(place)): one.id for place, one in enumerate(asked.departments)}
    cells = {name: load_cell(stored["cells"][name]) for name in ids if name in stored.get("cells", {})}
    shown = {name: one for name, one in cells.items() if isinstance(one, Shown)}
    return load_signs(stored.get("signs", {}), shown, ids, level)
