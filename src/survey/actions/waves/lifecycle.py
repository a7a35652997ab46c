"""Open, extend and close 期次. Everything in a wave is frozen when it opens; every step is logged."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from survey.actions import versions
from survey.actions.accounts.audit import audited
from survey.actions.waves import keys, second
from survey.actions.waves.blurring import hide_few
from survey.actions.waves.log import SYSTEM, log
from survey.actions.waves.new_waves import rated, refuse_too_long, with_key
from survey.core import editable
from survey.core.accounts.access import Right, needs
from survey.core.answers.receipts import digest, new_code
from survey.core.models import (
    Enterprise,
    Invitation,
    Participation,
    Stratum,
    Trial,
    Wave,
    WaveState,
    WaveStep,
)
from survey.core.plain_text import one_line
from survey.core.refusals import NotAllowed
from survey.core.versions import Seen
from survey.core.waves import strata
from survey.core.waves.rounds import said
from survey.settings import get_settings
from survey.storage.answers.devices import destroy_keys
from survey.storage.leases import SEAL, plan

REASON_LIMIT = 200
REOPEN_REFUSED = (
    "截止的期次不能重新开启，也不能延期：分层结果和留言在收齐后已经公布，看过结果再补收，结果就不可信了。"
    "还要再测，请用「沿用这一期」新建一期。"
)


def about(wave_id: int) -> tuple[str]:
    """What the audit log calls a wave."""
    return (f"期次 {wave_id}",)


def as_seen(db: Session, wave: Wave, seen: Seen | None, cure: str) -> None:
    """Raise `Stale` unless the locked wave is what its officer had before them; `cure` says what to do now."""
    if seen is None:
        return
    given = (col(Invitation.wave_id) == wave.id, col(Invitation.enterprise_id).is_not(None))
    invited = db.exec(select(func.count()).select_from(Invitation).where(*given, ~col(Invitation.void))).one()
    now = editable.wave(wave, invited)
    versions.unmoved(db, about(wave.id), editable.WAVE, seen, now, cure)


@needs(Right.ROUNDS)
def invite(db: Session, wave_id: int, enterprise_ids: Iterable[int]) -> dict[int, str]:
    """Make one code per enterprise of a draft wave: enterprise id → code, which is shown only now."""
    in_state(db, wave_id, WaveState.DRAFT, "期次已开启，邀请名单已经固定。")
    codes = {enterprise: new_code() for enterprise in enterprise_ids}
    db.add_all(new_invitation(wave_id, code, enterprise_id=one) for one, code in codes.items())
    db.flush()
    return codes


def new_invitation(wave_id: int, code: str, **more: Any) -> Invitation:
    """A code's row, not yet stored."""
    return Invitation(id=secrets.token_bytes(16), wave_id=wave_id, code_hash=digest(code), **more)


@audited("开启期次", Right.ROUNDS)
def open_wave(db: Session, wave_id: int, now: datetime, who: str = SYSTEM, seen: Seen | None = None) -> Wave:
    """Freeze departments, questionnaire and strata, discard what was tried, hang out an open code, and let
    answers in. Raises `Stale` if it is no longer the wave that was checked."""
    wave = in_state(db, wave_id, WaveState.DRAFT, "这个期次已经开启过，不能再次开启。")
    as_seen(db, wave, seen, "期次还没有开启，请核对后再点一次。")
    if wave.closes_at <= now:
        raise NotAllowed("截止时间已过，请先改晚截止时间再开启。")
    wave.departments = rated(db, [one["id"] for one in wave.departments])
    if not wave.departments:
        raise NotAllowed("参评部门都已停用，请重新选择部门。")
    refuse_too_long(wave)
    standing = second.need_second(db, wave, now)
    with_key(keys.make_key, db, wave)
    tried = discard_trials(db, wave_id)
    _freeze_strata(db, wave_id)
    code = new_code()
    db.add(new_invitation(wave_id, code, open_code=code))
    wave.opens_at = min(wave.opens_at, now)
    wave.state = WaveState.OPEN
    db.add(wave)
    how = "定时开启" if wave.timed and who == SYSTEM else "开启"
    log(db, wave.id, now, who, WaveStep.OPENED, how + standing.by)
    if standing.alone:
        log(db, wave.id, now, SYSTEM, WaveStep.ALONE, standing.absent)
    if tried:
        log(db, wave.id, now, SYSTEM, WaveStep.TRIAL, f"清除试填 {tried} 份，不计入结果")
    return wave


def discard_trials(db: Session, wave_id: int) -> int:
    """Delete what was tried before opening, with the codes it came by; returns how many forms it were."""
    gone = db.execute(delete(Trial).where(col(Trial.wave_id) == wave_id))
    db.execute(delete(Invitation).where(col(Invitation.wave_id) == wave_id, col(Invitation.trial)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _freeze_strata(db: Session, wave_id: int) -> None:
    """Give every invited enterprise's code its stratum."""
    query = select(Invitation, Enterprise).join(Enterprise).where(Invitation.wave_id == wave_id)
    invited = [(invitation, _attributes(one)) for invitation, one in db.exec(query)]
    groups = strata.merge(attributes for _, attributes in invited)
    made = {group: strata.made_of(group) for group in sorted(set(groups.values()), key=sorted)}
    rows = {
        group: Stratum(wave_id=wave_id, name=name, **strata.columns(made[group]))
        for group, name in strata.labels(made).items()
    }
    db.add_all(rows.values())
    db.flush()
    for invitation, attributes in invited:
        stratum = rows[groups[attributes]]
        stratum.invited += 1
        invitation.stratum_id = stratum.id


def _attributes(enterprise: Enterprise) -> strata.Attributes:
    return enterprise.industry, enterprise.size, enterprise.park


@audited("延期", Right.ROUNDS)
def extend_wave(
    db: Session, wave_id: int, closes_at: datetime, reason: str, now: datetime, who: str, seen: Seen | None = None
) -> Wave:  # fmt: skip
    """延期: a later closing for a wave that still runs, with its reason. Nothing closed comes back to life."""
    wave = in_state(db, wave_id, WaveState.OPEN, REOPEN_REFUSED)
    if wave.closes_at <= now:
        raise NotAllowed(REOPEN_REFUSED)
    as_seen(db, wave, seen, "这次延期还没有存下，您填的还在；仍要延期请核对后再点一次。")
    if closes_at <= wave.closes_at:
        raise NotAllowed(f"延期只能往后：新的截止时间要晚于 {said(wave.closes_at)}。")
    before, wave.closes_at = wave.closes_at, closes_at
    log(
        db,
        wave.id,
        now,
        who,
        WaveStep.EXTENDED,
        f"截止由 {said(before)} 延至 {said(closes_at)}。理由：{given_reason(reason)}",
    )
    return wave


@audited("提前截止", Right.ROUNDS)
def close_early(
    db: Session, wave_id: int, reason: str, now: datetime, who: str, seen: Seen | None = None
) -> Wave:
    """提前截止, with its reason."""
    wave = in_state(db, wave_id, WaveState.OPEN, "只有进行中的期次才能截止。")
    planned = wave.closes_at
    if planned <= now:
        raise NotAllowed(f"这个期次已于 {said(planned)} 截止。")
    as_seen(db, wave, seen, "期次还没有截止，您填的还在；仍要提前截止请核对后再点一次。")
    wave = close_wave(db, wave_id, now)
    log(
        db,
        wave.id,
        now,
        who,
        WaveStep.CLOSED,
        f"提前截止，原定 {said(planned)}。理由：{given_reason(reason)}",
    )
    return wave


def given_reason(text: str) -> str:
    """A reason for the log; raises `NotAllowed`."""
    text = one_line(text)
    if not 2 <= len(text) <= REASON_LIMIT:
        raise NotAllowed(f"请写明理由，2 到 {REASON_LIMIT} 个字；理由会记入期次日志。")
    return text


def reopen_wave(db: Session, wave_id: int) -> None:
    """Always refused: a result that can be topped up after it was seen is none."""
    in_state(db, wave_id, WaveState.CLOSED, "这个期次还没有截止，不需要重新开启。")
    raise NotAllowed(REOPEN_REFUSED)


@audited("截止期次", Right.ROUNDS)
def close_wave(db: Session, wave_id: int, now: datetime) -> Wave:
    """Let no more answers in; those being filled in may still come within the grace."""
    wave = in_state(db, wave_id, WaveState.OPEN, "只有进行中的期次才能截止。")
    wave.closes_at = min(wave.closes_at, now)
    db.add(wave)
    return wave


def due_to_finish(db: Session, now: datetime) -> list[int]:
    """Open waves whose closing time and grace have passed."""
    return list(db.exec(select(Wave.id).where(*_over(now)).order_by(col(Wave.closes_at), col(Wave.id))))


def _over(now: datetime) -> tuple[Any, ...]:
    return Wave.state == WaveState.OPEN, Wave.closes_at < now - timedelta(
        minutes=get_settings().grace_minutes
    )


def finish_wave(db: Session, wave_id: int, now: datetime) -> bool:
    """Mark a wave closed and forget its marks of content; False if it is not due, or not any more.

    From then on no answer stands alone in its stratum, and the tables are to be sealed at once.
    """
    wave = db.exec(select(Wave).where(Wave.id == wave_id, *_over(now)).with_for_update()).first()
    if wave is None:
        return False
    wave.state = WaveState.CLOSED
    db.execute(update(Participation).where(col(Participation.wave_id) == wave.id).values(content_mark=None))
    hide_few(db, wave)
    log(db, wave.id, now, SYSTEM, WaveStep.FINISHED, f"{said(wave.closes_at)} 截止，不再接收答卷")
    plan(db, SEAL, now)
    if not db.exec(select(Wave.id).where(Wave.state == WaveState.OPEN).limit(1)).first():
        destroy_keys()
    return True


def in_state(db: Session, wave_id: int, state: WaveState, otherwise: str) -> Wave:
    """The wave, locked, if it is in a state; raises `NotAllowed` with `otherwise`."""
    wave = db.get(Wave, wave_id, with_for_update=True)
    if wave is None:
        raise NotAllowed("没有这个期次。")
    if wave.state != state:
        raise NotAllowed(otherwise)
    return wave
