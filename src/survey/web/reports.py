"""Reports at the office door: everything a wave's workbook and briefing say, gathered in one read."""

from datetime import UTC, datetime

from sqlmodel import Session

from survey.core.models import Source, Wave, WaveState
from survey.core.questionnaire import Form
from survey.output.exports import FormCounts, ReleasedRemark
from survey.output.findings import SOURCE_NAMES
from survey.output.report import Asked, Earlier, Published, Report, Returned
from survey.storage import reads, remarks, tallies
from survey.storage.reads import View


def gather(db: Session, wave: Wave, view: View) -> Report:
    """One report, from the same reads that pages draw."""
    form, note = reads.form(wave), reads.release_note(db, wave, view.source)
    names = {one.id: one.name for one in form.departments}
    progress = reads.progress(db, wave)
    return Report(
        wave=wave,
        form=form,
        source=view.source,
        figures=reads.figures(db, wave, view),
        forms=form_counts(db, wave, view),
        part=_part(db, wave, view),
        returned=Returned(
            progress.invited, progress.answered_of_invited, progress.collected, progress.of(Source.OPEN)
        ),
        published=Published(note.number, note.made_at, note.responses, note.waiting),
        k=reads.threshold(wave),
        made_at=datetime.now(UTC),
        days=reads.arrivals(db, wave.id),
        remarks=released_remarks(db, wave),
        asked=[
            Asked(names.get(department or "", ""), kind) for department, kind in reads.asked_for(db, wave.id)
        ],
        earlier=_earlier(db, wave, form, view),
        signs=reads.signs(db, wave, view.source),
    )


def form_counts(db: Session, wave: Wave, view: View) -> FormCounts:
    """邀请, 收回 and 有效 of the part looked at. A stratum's are told after closing only, like its figures."""
    note, whole = reads.release_note(db, wave, view.source), reads.progress(db, wave)
    if view.stratum_id is None:
        by_code = view.source == Source.VERIFIED and not wave.imported
        return FormCounts(whole.invited if by_code else None, whole.of(view.source), note.responses)
    stratum = next((one for one in reads.strata(db, wave.id) if one.id == view.stratum_id), None)
    if stratum is None or wave.state != WaveState.CLOSED:
        return FormCounts(stratum.invited if stratum else None, None, None)
    counts = tallies.count_responses(db.connection(), wave.id)
    collected = sum(count for (number, _), count in counts.items() if number == stratum.id)
    return FormCounts(stratum.invited, collected, collected if not note.waiting else None)


def _part(db: Session, wave: Wave, view: View) -> str:
    """The filters in words; empty for the verified answers of the whole wave."""
    stratum = next((one.name for one in reads.strata(db, wave.id) if one.id == view.stratum_id), None)
    source = SOURCE_NAMES[view.source] if view.source == Source.OPEN else None
    return " · ".join(filter(None, (source, view.category, stratum)))


def released_remarks(db: Session, wave: Wave) -> list[ReleasedRemark]:
    """Released remarks in the order of their random keys: neither time nor batch shows."""
    names = {one.id: one.name for one in reads.form(wave).departments}
    found = sorted(remarks.released(db, wave.id, limit=None), key=lambda one: one.id)
    return [
        ReleasedRemark(names.get(one.department_id or "", ""), one.kind, one.text, one.rated_bad, one.source)
        for one in found
    ]


def _earlier(db: Session, wave: Wave, form: Form, view: View) -> Earlier | None:
    """The wave before in this series, if it asked the same and was reckoned by the same formula."""
    for one in reads.waves(db):
        if one.series != wave.series or one.opens_at >= wave.opens_at or one.state != WaveState.CLOSED:
            continue
        alike = (one.formula, one.imported) == (wave.formula, wave.imported)
        if not alike or not _same_wording(reads.form(one), form):
            return None
        return Earlier(one.title, reads.figures(db, one, view))
    return None


def _same_wording(one: Form, other: Form) -> bool:
    """Whether the overall question and its grades read alike."""
    a, b = one.questionnaire, other.questionnaire
    return (a.overall, a.grades) == (b.overall, b.grades)
