"""统计 as stored: read by every page, written by the job alone."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from survey.core.accounts.access import SEES_FIGURES, needs, own_department
from survey.core.figures.view import View
from survey.core.models import Release, Source, StoredStudy, Wave
from survey.core.study.judged import Judged, judged
from survey.core.study.model import Study, dump_study, load_study
from survey.storage.figures import released
from survey.storage.waves import published


@needs(*SEES_FIGURES)
def study(db: Session, wave: Wave, source: Source = Source.VERIFIED) -> Study | None:
    """What was computed of the newest release; None while that is going on. A department sees its own part."""
    newest = select(func.max(Release.number)).where(Release.wave_id == wave.id).scalar_subquery()
    of = (StoredStudy.wave_id == wave.id, StoredStudy.source == source, StoredStudy.release == newest)
    body = db.exec(select(StoredStudy.body).where(*of)).first()
    if body is None:
        return None
    found, own = load_study(body), own_department()
    return found if own is None else _own(found, wave, own)


def _own(found: Study, wave: Wave, department_id: str) -> Study:
    asked = published.form(wave)
    mine = {
        str(asked.item(place, number))
        for place, one in enumerate(asked.departments)
        for number in range(len(asked.questions))
        if one.id == department_id
    }

    def part(whole: dict[str, Any], keys: set[str]) -> dict[str, Any]:
        return {key: value for key, value in whole.items() if key in keys}

    earlier = found.earlier and replace(
        found.earlier, moves=part(found.earlier.moves, mine), pairs=part(found.earlier.pairs, mine),
        gains=part(found.earlier.gains, mine), overall={},
    )  # fmt: skip
    return replace(
        found, results=part(found.results, mine), overall={}, bounds=None, trust=part(found.trust, {department_id}),
        drivers=part(found.drivers, {department_id}), earlier=earlier,
        words=replace(found.words, dissatisfied=(), departments=part(found.words.departments, {department_id})),
    )  # fmt: skip


@needs(*SEES_FIGURES)
def judged_figures(db: Session, wave: Wave, view: View | None = None) -> Judged:
    """The released figures with what the study says of them; those of a stratum stand by themselves."""
    view = view or View()
    figures = released.figures(db, wave, view)
    found = study(db, wave, view.source) if view.stratum_id is None else None
    return judged(figures, published.form(wave), found)


def keep(db: Session, wave_id: int, source: Source, found: Study, now: datetime) -> None:
    """Put a study in the place of the one before."""
    db.merge(
        StoredStudy(
            wave_id=wave_id, source=source, release=found.release, closed=found.closed, failed=found.failed,
            made_at=now, body=dump_study(found),
        )
    )  # fmt: skip


def computed(db: Session) -> dict[int, set[tuple[int, bool]]]:
    """By wave: which releases its studies are of, and whether they are those after closing."""
    found: dict[int, set[tuple[int, bool]]] = {}
    for wave_id, number, closed in db.exec(
        select(StoredStudy.wave_id, StoredStudy.release, StoredStudy.closed)
    ):
        found.setdefault(wave_id, set()).add((number, closed))
    return found


def failed(db: Session) -> dict[int, str]:
    """Waves of which a newest study could not be computed, with their titles."""
    query = select(Wave.id, Wave.title).join(StoredStudy).where(col(StoredStudy.failed), col(Wave.published))
    return dict(db.exec(query.distinct()).all())
