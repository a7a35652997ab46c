"""The final release of a closed wave, and what it tells of how the answers hang together. Nothing of it is ever made
anew."""

from datetime import datetime

from sqlmodel import Session

from survey.actions.figures.release import make_final_release, release_remarks
from survey.core.figures.withholding import hides_nothing
from survey.core.models import Source, Wave
from survey.core.study.structure import dump_structure
from survey.core.study.structuring import as_final, structure_of
from survey.settings import get_settings
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.study import materials


def finish_release(wave_id: int, now: datetime) -> bool:
    """Look at a closed wave's answers for the last time, and release them; False if that was done."""
    with reading() as db:
        more = {source: {"structure": found} for source, found in _structures(db, wave_id).items()}
    with writing() as db:
        made = make_final_release(db, wave_id, now, more)
        if made:
            release_remarks(db, wave_id)
    return made


def _structures(db: Session, wave_id: int) -> dict[Source, dict[str, object]]:
    """Computed before anything is written: no transaction is open meanwhile, and a closed wave takes nothing more.

    Of verified answers only, and not where the answers themselves may be looked at at any time.
    """
    wave, last = db.get(Wave, wave_id), released.latest_release(db, wave_id)
    if wave is None or hides_nothing(wave) or released.is_final(last):
        return {}
    insiders = get_settings().insiders
    own = as_final(materials.of_answers(db, wave, last), insiders)
    before = materials.previous(db, wave)
    earlier = released.latest_release(db, before.id) if before else None
    linked = (
        (before.id, materials.of_answers(db, before, earlier))
        if before and earlier and before.mode == wave.mode
        else None
    )
    return {Source.VERIFIED: dump_structure(structure_of(own, linked))}
