"""试填: the form tried by the team before it opens. Kept apart, discarded at opening, never counted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from survey.actions.accounts.audit import audited
from survey.actions.answers.claims import Refused
from survey.actions.waves.drafts import STARTED
from survey.actions.waves.lifecycle import in_state, new_invitation
from survey.actions.waves.log import log
from survey.core.accounts.access import Right
from survey.core.answers.answers import Answers
from survey.core.answers.receipts import content_mark, digest, new_code
from survey.core.answers.taking import NotTaken
from survey.core.models import Invitation, Trial, Wave, WaveState, WaveStep

MOST = 200  # trial forms of one wave; a code that got about must not fill the disk


@audited("试填码", Right.ROUNDS)
def make_trial_code(db: Session, wave_id: int, now: datetime, who: str) -> str:
    """The draft's code for 试填, made when there is none yet. It ends when the wave opens."""
    wave = in_state(db, wave_id, WaveState.DRAFT, STARTED)
    query = select(Invitation).where(
        Invitation.wave_id == wave_id, col(Invitation.trial), ~col(Invitation.void)
    )
    if (known := db.exec(query).first()) and known.open_code:
        return known.open_code
    code = new_code()
    db.add(new_invitation(wave_id, code, open_code=code, trial=True))
    log(db, wave.id, now, who, WaveStep.TRIAL, "生成试填码")
    return code


def submit_trial(
    db: Session, code: str, submission_id: str, fields: Mapping[str, Sequence[str]], answers: Answers
) -> None:
    """Keep a checked trial form, once for each id and content; raises `Refused` when the wave has opened, or
    holds as many as it may."""
    query = select(Invitation.wave_id).where(Invitation.code_hash == digest(code), col(Invitation.trial))
    wave_id = db.exec(query).first()
    if wave_id is None:
        raise Refused(NotTaken.UNKNOWN_CODE)
    # The lock that opening takes too: a form comes either before, and is discarded, or after, and is refused.
    wave = db.get(Wave, wave_id, with_for_update=True)
    if wave is None or wave.state != WaveState.DRAFT:
        raise Refused(NotTaken.UNKNOWN_CODE)
    key = content_mark(code + submission_id, answers.content())[:16]
    if db.get(Trial, key):
        return
    if db.exec(select(func.count()).select_from(Trial).where(Trial.wave_id == wave_id)).one() >= MOST:
        raise Refused(NotTaken.TRIAL_FULL)
    db.add(Trial(id=key, wave_id=wave_id, answers=_kept(fields, answers)))


def _kept(fields: Mapping[str, Sequence[str]], answers: Answers) -> dict[str, Any]:
    """What the team may look at: the fields as sent, and what the product would have made of them."""
    remarks = [asdict(one) for one in answers.remarks]
    case = asdict(answers.wants_help) if answers.wants_help else None
    return {
        "fields": {name: list(values) for name, values in fields.items()},
        "remarks": remarks,
        "case": case,
    }
