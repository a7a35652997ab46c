"""Reports at the office door: everything a wave's workbook and briefing say, gathered in one read."""

from datetime import UTC, datetime

from sqlmodel import Session

from survey.core.clock import china_day
from survey.core.figures import withholding
from survey.core.figures.view import View
from survey.core.models import Source, Wave
from survey.core.names import SOURCE_NAMES
from survey.output.figures.exports import ReleasedRemark
from survey.output.figures.report import Asked, Published, Report, Returned
from survey.storage.figures import released
from survey.storage.ledger import cases
from survey.storage.remarks import listed
from survey.storage.study.studies import judged_figures
from survey.storage.waves import arriving, published


def gather(db: Session, wave: Wave, view: View) -> Report:
    """One report, from the same reads that pages draw."""
    now = datetime.now(UTC)
    form, note = published.form(wave), released.release_note(db, wave, view.source)
    names = {one.id: one.name for one in form.departments}
    progress = arriving.progress(db, wave)
    return Report(
        wave=wave,
        form=form,
        source=view.source,
        figures=judged_figures(db, wave, view),
        forms=released.form_counts(db, wave, view),
        part=_part(db, wave, view),
        returned=Returned(
            progress.invited, progress.answered_of_invited, progress.collected, progress.of(Source.OPEN)
        ),
        published=Published(note.number, note.made_at, note.responses, note.waiting, note.final),
        k=withholding.threshold(wave),
        made_at=now,
        days=arriving.arrivals(db, wave),
        remarks=released_remarks(db, wave),
        asked=[
            Asked(names.get(department or "", ""), kind)
            for department, kind in cases.asked_for(db, wave.id, china_day(now))
        ],
        signs=released.signs(db, wave, view.source),
    )


def _part(db: Session, wave: Wave, view: View) -> str:
    """The filters in words; empty for the verified answers of the whole wave."""
    stratum = next((one.name for one in published.strata(db, wave.id) if one.id == view.stratum_id), None)
    source = SOURCE_NAMES[view.source] if view.source == Source.OPEN else None
    return " · ".join(filter(None, (source, view.category, stratum)))


def released_remarks(db: Session, wave: Wave) -> list[ReleasedRemark]:
    """Released remarks in the order of their random keys: neither time nor batch shows."""
    names = {one.id: one.name for one in published.form(wave).departments}
    found = sorted(listed.released(db, wave.id, limit=None), key=lambda one: one.id)
    return [
        ReleasedRemark(
            one.department_id or "",
            names.get(one.department_id or "", ""),
            one.kind,
            one.text,
            one.rated_bad,
            one.source,
        )
        for one in found
    ]
