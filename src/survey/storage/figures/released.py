"""Figures as the newest release holds them; `core.figures.withholding` says what of it may be seen."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from survey.core.accounts.access import SEES_FIGURES, Right, needs, own_department
from survey.core.answers.signs import Signs, load_signs
from survey.core.answers.tally_codec import RESPONSES
from survey.core.figures.cells import Cell, Figures, FormCounts, Row, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.view import View
from survey.core.figures.withholding import COVERED, pool_few, released_cell, seen_by_stratum, threshold
from survey.core.models import Release, Respondent, Source, Tally, Wave, WaveState, source_of
from survey.storage.answers import tallies
from survey.storage.waves.arriving import invited
from survey.storage.waves.published import form, strata


@dataclass(frozen=True)
class ReleaseNote:
    """Which release is shown, how many forms of a source are in it, and how many came since."""

    number: int
    made_at: datetime | None
    responses: int
    waiting: int


def latest_release(db: Session, wave_id: int) -> Release | None:
    """The newest release of a wave."""
    query = select(Release).where(Release.wave_id == wave_id).order_by(col(Release.number).desc()).limit(1)
    return db.exec(query).first()


def without_release(db: Session) -> list[int]:
    """Closed waves whose answers are in no release: an upgrade took away what it could not keep."""
    answered = select(Tally.wave_id).where(Tally.item == RESPONSES)
    released = select(Release.wave_id)
    query = select(Wave.id).where(Wave.state == WaveState.CLOSED, col(Wave.published))
    return list(db.exec(query.where(col(Wave.id).in_(answered), col(Wave.id).not_in(released))))


@needs(*SEES_FIGURES)
def release_note(db: Session, wave: Wave, source: Source = Source.VERIFIED) -> ReleaseNote:
    """What stands in the newest release of a source, for the line under every figure."""
    counts = tallies.count_responses(db.connection(), wave.id)
    collected = sum(count for (_, channel), count in counts.items() if source_of(channel) == source)
    release = latest_release(db, wave.id)
    if release is None:
        return ReleaseNote(0, None, 0, collected)
    included = int(release.figures.get(source, {}).get("responses", 0))
    return ReleaseNote(release.number, release.made_at, included, collected - included)


@needs(*SEES_FIGURES)
def form_counts(db: Session, wave: Wave, view: View) -> FormCounts:
    """邀请, 收回 and 已公布 of the part looked at. A stratum's are told after closing only, like its figures."""
    note, counts = release_note(db, wave, view.source), tallies.count_responses(db.connection(), wave.id)
    if view.stratum_id is None:
        asked = invited(db, wave) if view.source == Source.VERIFIED else None
        collected = sum(count for (_, channel), count in counts.items() if source_of(channel) == view.source)
        return FormCounts(None if wave.imported and not asked else asked, collected, note.responses)
    stratum = next((one for one in strata(db, wave.id) if one.id == view.stratum_id), None)
    if stratum is None or wave.state != WaveState.CLOSED:
        return FormCounts(stratum.invited if stratum else None, None, None)
    collected = sum(count for (number, _), count in counts.items() if number == stratum.id)
    return FormCounts(stratum.invited, collected, collected if not note.waiting else None)


@needs(*SEES_FIGURES)
def figures(db: Session, wave: Wave, view: View | None = None) -> Figures:
    """The released figures of a wave under a view, one row per department and question."""
    view = view or View()
    asked = form(wave)
    release = latest_release(db, wave.id)
    stored = release.figures.get(view.source, {}) if release else {}
    rows = []
    own = own_department()
    for place, department in enumerate(asked.departments):
        if own is not None and department.id != own:
            continue
        if view.category and department.category != view.category:
            continue
        for number, question in enumerate(asked.questions):
            item, first = (str(asked.item(place, one)) for one in (number, 0))
            cell = released_cell(stored, item, first, view, wave, release.figures["k"] if release else 1)
            about = (department.id, department.name, department.category, question.id, question.name.zh)
            of = stored.get("asked", {}).get(item) if view.stratum_id is None else None
            rows.append(Row(*about, overall=number == 0, cell=cell, asked=of))
    return Figures(tuple(rows), FORMULAS[wave.formula])


@needs(Right.FIGURES)
def by_stratum(db: Session, wave: Wave, question_id: str | None = None) -> dict[str, dict[int, Cell]]:
    """Department id → stratum id → cell of one question (总体满意度) of a closed wave; empty before closing."""
    release, asked = latest_release(db, wave.id), form(wave)
    if release is None or wave.state != WaveState.CLOSED:
        return {}
    stored, k = release.figures.get(Source.VERIFIED, {}), int(release.figures["k"])
    number = next((place for place, one in enumerate(asked.questions) if one.id == question_id), 0)
    numbers = [one.id for one in strata(db, wave.id)]
    found = {}
    for place, department in enumerate(asked.departments):
        item, overall = (str(asked.item(place, one)) for one in (number, 0))
        parts = seen_by_stratum(stored, item, overall, k)
        found[department.id] = {one: parts.get(str(one), Withheld(COVERED)) for one in numbers}
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
    release, asked = latest_release(db, wave.id), form(wave)
    stored = release.figures.get(source, {}).get("signs", {}) if release else {}
    ids = {str(asked.item(place)): one.id for place, one in enumerate(asked.departments)}
    return load_signs(stored, ids, threshold(wave), wave.state == WaveState.CLOSED)
