"""封存: after the final release the data's fingerprint is kept on the wave; the job runner then seals the tables."""

from datetime import datetime

from sqlmodel import Session

from survey.actions.accounts.audit import audited
from survey.actions.waves.log import log
from survey.core.accounts.access import Right
from survey.core.models import Wave, WaveState, WaveStep
from survey.core.refusals import NotAllowed
from survey.storage.figures import released
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
    if codes.ledger(db, wave_id).responses and not released.is_final(released.latest_release(db, wave_id)):
        raise NotAllowed("准数还没有公布，公布之后才能封存；后台任务一般一分钟内做完，请稍后再点一次。")
    wave.fingerprint = fingerprint.compute(db, wave)
    db.add(wave)
    log(db, wave_id, now, who, WaveStep.SEALED, f"指纹 {wave.fingerprint[:16]}")
    plan(db, SEAL, now)
    return wave.fingerprint
