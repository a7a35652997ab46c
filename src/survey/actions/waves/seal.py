"""封存: after closing, the last release is made and the data's fingerprint is kept on the wave; the job runner
then seals the tables."""

from datetime import datetime

from sqlmodel import Session

from survey.actions.accounts.audit import audited
from survey.actions.figures.release import make_release, release_remarks
from survey.actions.waves.blurring import hide_few
from survey.actions.waves.log import log
from survey.core.accounts.access import Right
from survey.core.models import Wave, WaveState, WaveStep
from survey.core.refusals import NotAllowed
from survey.storage.leases import SEAL, plan
from survey.storage.waves import codes, fingerprint


@audited("封存期次", Right.ROUNDS)
def seal_wave(db: Session, wave_id: int, now: datetime, who: str) -> str:
    """Seal a closed wave whose books balance; returns the fingerprint."""
    wave = db.get(Wave, wave_id, with_for_update=True)
    if wave is None:
        raise NotAllowed("没有这个期次。")
    if wave.fingerprint:
        raise NotAllowed("这个期次已经封存过。")
    if wave.state != WaveState.CLOSED:
        raise NotAllowed("截止并收齐最后的答卷（截止后 30 分钟）之后才能封存。")
    if not codes.ledger(db, wave_id).balanced:
        raise NotAllowed("发码对账表不平，请先请管理员查清再封存。")
    hide_few(db, wave)  # done at closing; a wave closed by an older version has it done now
    make_release(db, wave_id, now)
    release_remarks(db, wave_id)
    db.flush()
    wave.fingerprint = fingerprint.compute(db, wave)
    db.add(wave)
    log(db, wave_id, now, who, WaveStep.SEALED, f"指纹 {wave.fingerprint[:16]}")
    plan(db, SEAL, now)
    return wave.fingerprint
