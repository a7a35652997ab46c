"""一企一码: give codes to enterprises, replace lost ones. A code is known only to whoever gets it now."""

import secrets
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, update
from sqlmodel import Session, col, select

from survey.actions import versions
from survey.actions.accounts.audit import audited
from survey.actions.waves.lifecycle import about, as_seen
from survey.actions.waves.log import log
from survey.core import editable
from survey.core.accounts.access import Right
from survey.core.answers.receipts import digest, new_code
from survey.core.models import NO_STRATUM, Enterprise, Invitation, Wave, WaveState, WaveStep
from survey.core.refusals import NotAllowed
from survey.core.versions import Seen
from survey.core.waves.phase import phase_of
from survey.storage.registry import enterprises
from survey.storage.waves import codes as reads
from survey.storage.waves.codes import USED

PART = 500  # enterprises asked for in one statement
PAST = "截止时间已过，发出去企业也来不及填。请先在「期次」里改晚截止时间。"
NO_KEY: Any = {"key_share": True}  # PostgreSQL: submissions, which refer to the wave, need not wait


def make_codes(enterprise_ids: Collection[int]) -> dict[int, str]:
    """A fresh code for each; nothing is stored, so printing can come before `issue_codes`."""
    return {one: new_code() for one in enterprise_ids}


@audited("发码", Right.ROUNDS)
def issue_codes(
    db: Session, wave_id: int, codes: Mapping[int, str], now: datetime, who: str, printed: int = 0,
    seen: Seen | None = None,
) -> int:  # fmt: skip
    """Let these codes in: enterprise id → code. Only before opening, since strata are frozen then.

    `seen`: `core.editable.printed`, what the cards tell of the wave; raises `Stale` if that is no longer so.
    """
    wave = _wave(db, wave_id)
    if wave.state != WaveState.DRAFT:
        raise NotAllowed("期次已开启，邀请名单已经固定，不能再给新的企业发码。")
    if wave.closes_at <= now:
        raise NotAllowed(PAST)
    as_seen(db, wave, seen, "印好的卡片和信函写的是原来的，已作废，没有发出任何码；请重新发码。")
    enterprises.lock(db)  # an import is not undone meanwhile
    if gone := set(codes) - _listed(db, codes):
        raise NotAllowed(f"其中 {len(gone):,} 家企业的导入刚被撤销，没有发出任何码。请刷新页面后重新选择。")
    if _codes_of(db, wave_id, codes):
        raise NotAllowed("其中有企业已经发过码，请刷新页面后重新选择。")
    _add(db, wave_id, codes, now, printed)
    log(db, wave_id, now, who, WaveStep.ISSUED, f"发码 {len(codes)} 家")
    return len(codes)


@audited("换码", Right.ROUNDS)
def reissue_codes(
    db: Session, wave_id: int, enterprise_ids: Collection[int], now: datetime, who: str, printed: int = 0,
    seen: Seen | None = None,
) -> dict[int, str]:  # fmt: skip
    """换码: make the old codes void at once and give new ones; used codes are left as they are.

    `seen`: {"codes": `storage.waves.codes.held`} of these enterprises; raises `Stale` if any of their codes is newer, since that may be
    on its way to the enterprise.
    """
    wave = _wave(db, wave_id)
    if not phase_of(wave, now).inviting:
        raise NotAllowed("期次已过截止时间，不用换码了。")
    if wave.closes_at <= now:
        raise NotAllowed(PAST)
    if seen is not None:
        now_held = {"codes": reads.held(db, wave_id, enterprise_ids)}
        cure = "这次没有换码：再换，刚换的新码就作废了。仍要换请再点一次。"
        versions.unmoved(db, about(wave_id), editable.CODES, seen, now_held, cure)
    old = _codes_of(db, wave_id, enterprise_ids, unused_only=True)
    if not old:
        raise NotAllowed("这些企业都已用码答过卷（或没有发过码），不能换码。")
    codes = make_codes(old)
    for part in _parts(old):
        db.execute(update(Invitation).where(*_valid(wave_id, part)).values(void=True))
    _add(db, wave_id, codes, now, printed, old)
    log(db, wave_id, now, who, WaveStep.REISSUED, f"换码 {len(codes)} 家，旧码作废")
    return codes


@audited("收回测评码", Right.ROUNDS)
def withdraw_codes(db: Session, wave_id: int, now: datetime, who: str, seen: Seen | None = None) -> int:
    """Take back all codes of a wave that has not opened, as if none had been given. Raises `Stale` for more or
    fewer than were seen."""
    wave = _wave(db, wave_id)
    if wave.state != WaveState.DRAFT:
        raise NotAllowed("期次已开启，发出的码不能撤回；个别丢失的可以换码。")
    as_seen(db, wave, seen, "还没有撤回，请核对后再点一次。")
    given = (col(Invitation.wave_id) == wave_id, col(Invitation.enterprise_id).is_not(None))
    count = db.execute(delete(Invitation).where(*given, ~col(Invitation.trial))).rowcount  # type: ignore[attr-defined]
    log(db, wave_id, now, who, WaveStep.WITHDRAWN, f"撤回全部发码 {count} 个")
    return int(count)


@audited("下载发码文件", Right.ROUNDS)
def note_download(db: Session, wave_id: int, now: datetime, who: str) -> None:
    """Who took a bundle of codes away stands in the wave's log."""
    log(db, wave_id, now, who, WaveStep.DOWNLOADED, "下载发码包")


def _wave(db: Session, wave_id: int) -> Wave:
    wave = db.get(Wave, wave_id, with_for_update=NO_KEY)
    if wave is None:
        raise NotAllowed("没有这个期次。")
    return wave


def _parts(ids: Collection[int]) -> Iterator[list[int]]:
    every = list(ids)
    for start in range(0, len(every), PART):
        yield every[start : start + PART]


def _valid(wave_id: int, ids: list[int]) -> tuple[ColumnElement[bool], ...]:
    """The valid codes of these enterprises."""
    about = (col(Invitation.wave_id) == wave_id, col(Invitation.enterprise_id).in_(ids))
    return (*about, ~col(Invitation.void), ~col(Invitation.trial))


def _listed(db: Session, enterprise_ids: Collection[int]) -> set[int]:
    """Those of them that are in the registry."""
    query = select(Enterprise.id)
    return {
        one for part in _parts(enterprise_ids) for one in db.exec(query.where(col(Enterprise.id).in_(part)))
    }


def _codes_of(
    db: Session, wave_id: int, enterprise_ids: Collection[int], unused_only: bool = False
) -> dict[int, int]:
    """Enterprise id → stratum of its valid code. Rows, not objects: 10,000 of them hold up submissions."""
    found: dict[int, int] = {}
    for part in _parts(enterprise_ids):
        query = select(Invitation.enterprise_id, Invitation.stratum_id).where(*_valid(wave_id, part))
        rows = db.execute(query.where(~USED) if unused_only else query)
        found |= {one: stratum for one, stratum in rows if one is not None}
    return found


def _add(
    db: Session, wave_id: int, codes: Mapping[int, str], now: datetime, printed: int,
    strata: Mapping[int, int] | None = None,
) -> None:  # fmt: skip
    """Only hashes are stored. `strata`: those of the codes that these stand in for."""
    same: dict[str, Any] = {
        "wave_id": wave_id,
        "issued_at": now,
        "printed": printed,
        "reissued": bool(strata),
    }
    rows = [
        {
            **same, "id": secrets.token_bytes(16), "code_hash": digest(code), "enterprise_id": one,
            "stratum_id": strata[one] if strata else NO_STRATUM,
        }
        for one, code in codes.items()
    ]  # fmt: skip
    if rows:
        db.execute(insert(Invitation), rows)
