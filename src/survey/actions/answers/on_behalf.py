"""代填: an officer enters what an enterprise said on the phone or on a visit; the enterprise has the last word.

The response is stored by the same code as a phone's and knows as little of who gave it. That the form was
entered stands at the invitation, who entered it in the wave's log; neither stands at the answers.
"""

import secrets
from datetime import datetime

from sqlmodel import Session, col, select

from survey.actions.accounts.audit import audited
from survey.actions.answers.claims import Claim, Refused, Submission
from survey.actions.answers.submit import DOORS, again, store_claims
from survey.actions.waves.log import log
from survey.core.accounts.access import Right
from survey.core.answers.answers import Answers
from survey.core.answers.receipts import content_mark, digest, make_receipt
from survey.core.answers.taking import NotTaken, why_not_taken
from survey.core.models import Channel, Invitation, OnBehalf, Participation, Reply, Wave, WaveStep
from survey.core.names import ON_BEHALF_NAMES
from survey.core.refusals import NotAllowed
from survey.settings import get_settings
from survey.storage.answers.writing import Raced

ANSWERED = "这家企业已经答过，这次没有存。一家企业一期只答一份。"
REFUSALS = {
    NotTaken.USED: ANSWERED,
    NotTaken.CHANGED: "这一页刚才已经替这家企业存过一份，存了不能改；这次和那一份不一样，没有再存。"
    "要代填别的企业，请在上面另选一家。",
    NotTaken.SETTLED: "这个期次已截止；截止前用这一页代填的那一份已经存下，这次没有再存。",
    NotTaken.VOID: "这家企业的测评码已作废，请先换发新码再代填。",
    NotTaken.NOT_OPEN: "这个期次还没有开启，现在不能代填。",
    NotTaken.CLOSED: "这个期次已截止，不能再代填。",
}


@audited("代填", Right.ROUNDS)
def enter_on_behalf(
    db: Session, wave_id: int, enterprise_id: int, answers: Answers, source: OnBehalf, who: str, now: datetime,
    submission_id: str = "",
) -> str:  # fmt: skip
    """Store what an enterprise said and return its receipt; the same sent twice is stored once.

    Raises `NotAllowed`.
    """
    invitation = _invitation(db, wave_id, enterprise_id)
    claim = _claim(db, invitation, answers, source, now, submission_id or secrets.token_urlsafe(16))
    used = db.get(Participation, claim.key)
    if used:
        result = again(claim, bytes(used.submission_hash), used.content_mark)
        if isinstance(result, Refused):
            raise NotAllowed(REFUSALS[result.key])
        return result
    if reason := why_not_taken(claim.door, now):
        raise NotAllowed(REFUSALS[reason])
    try:
        store_claims(db.connection(), [claim])
    except Raced:
        raise NotAllowed(ANSWERED) from None
    invitation.on_behalf = source
    db.add(invitation)
    log(db, wave_id, now, who, WaveStep.ENTERED, f"代填一份（{ON_BEHALF_NAMES[source]}）")
    return claim.receipt


def _invitation(db: Session, wave_id: int, enterprise_id: int) -> Invitation:
    """The enterprise's code, the good one if it has had several."""
    query = select(Invitation).where(Invitation.wave_id == wave_id, Invitation.enterprise_id == enterprise_id)
    found = db.exec(query.order_by(col(Invitation.void), col(Invitation.id)).with_for_update()).first()
    if found is None or found.trial:
        raise NotAllowed("这家企业不在本期的邀请名单里，不能代填。")
    return found


def _claim(
    db: Session, invitation: Invitation, answers: Answers, source: OnBehalf, now: datetime, submission_id: str
) -> Claim:
    """A claim on the enterprise's code without knowing the code: its hash is all that counting once needs."""
    door = db.connection().execute(DOORS, {"codes": [invitation.code_hash]}).one()
    submission = Submission("", submission_id, answers, Channel.OFFICER, "zh", now)
    code = bytes(invitation.code_hash)
    receipt = make_receipt(get_settings().secret, door.id, code.hex(), submission_id).text
    mark = content_mark(submission_id, answers.content() + source.encode())
    return Claim(submission, door, code, digest(submission_id), mark, receipt)


def confirm(db: Session, code: str, word: Reply, now: datetime) -> None:
    """What the enterprise says, by its code, to a form that was entered for it; its latest word stands.

    Raises `NotAllowed`.
    """
    query = select(Invitation).where(Invitation.code_hash == digest(code)).with_for_update()
    invitation = db.exec(query).first()
    if invitation is None or not invitation.on_behalf:
        raise NotAllowed("这个测评码没有代填的答卷，不用确认。")
    wave = db.get(Wave, invitation.wave_id)
    if wave is None or wave.fingerprint:
        raise NotAllowed("本期已封存，不能再确认或提出异议。请联系主办单位。")
    if word not in list(Reply):
        raise NotAllowed("请选「属实」或「有异议」。")
    invitation.confirmed = word
    db.add(invitation)
