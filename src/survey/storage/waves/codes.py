"""Reads about codes: who may get one, who has one, and the 发码对账表."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from survey.core.accounts.access import Right, needs
from survey.core.models import Enterprise, Invitation, Participation, WaveEvent, WaveStep
from survey.core.waves.code_ledger import Ledger
from survey.storage.waves.arriving import came

USED = exists().where(col(Participation.key) == col(Invitation.code_hash))


def _issued(wave_id: int) -> tuple[ColumnElement[bool], ...]:
    """What makes a row an enterprise's code of this wave: neither open code nor 试填."""
    return (
        col(Invitation.wave_id) == wave_id,
        col(Invitation.enterprise_id).is_not(None),
        ~col(Invitation.trial),
    )


@dataclass(frozen=True)
class RegistryPart:
    """A filtered part of the registry; empty means all."""

    industries: Sequence[str] = ()
    sizes: Sequence[str] = ()
    parks: Sequence[str] = ()
    officers: Sequence[str] = ()
    key_only: bool = False
    reachable_only: bool = False


@needs(Right.ROUNDS)
def choices(db: Session) -> dict[str, list[str]]:
    """What the registry can be filtered by."""
    columns = {"industries": Enterprise.industry, "sizes": Enterprise.size, "parks": Enterprise.park,
               "officers": Enterprise.officer}  # fmt: skip
    return {
        name: [one for one in db.exec(select(column).distinct().order_by(column)) if one]
        for name, column in columns.items()
    }


@needs(Right.ROUNDS)
def uninvited(db: Session, wave_id: int, part: RegistryPart) -> list[Enterprise]:
    """Enterprises of a part that have no code of this wave yet, in the order they are printed."""
    has = exists().where(*_issued(wave_id), col(Invitation.enterprise_id) == col(Enterprise.id))
    query = select(Enterprise).where(~col(Enterprise.archived), ~has)
    for column, wanted in (
        (Enterprise.industry, part.industries), (Enterprise.size, part.sizes),
        (Enterprise.park, part.parks), (Enterprise.officer, part.officers),
    ):  # fmt: skip
        if wanted:
            query = query.where(col(column).in_(wanted))
    if part.key_only:
        query = query.where(col(Enterprise.key))
    if part.reachable_only:
        query = query.where(col(Enterprise.phone) != "")
    return list(db.exec(query.order_by(col(Enterprise.officer), col(Enterprise.id))))


def _live(wave_id: int) -> SelectOfScalar[Enterprise]:
    query = select(Enterprise).join(Invitation, col(Invitation.enterprise_id) == col(Enterprise.id))
    return query.where(*_issued(wave_id), ~col(Invitation.void))


@needs(Right.ROUNDS)
def unused(db: Session, wave_id: int) -> list[Enterprise]:
    """Enterprises whose valid code has not been used; counted and listed for 换码 only."""
    query = _live(wave_id).where(~USED).order_by(col(Enterprise.officer), col(Enterprise.id))
    return list(db.exec(query))


@needs(Right.ROUNDS)
def held(db: Session, wave_id: int, enterprise_ids: Collection[int]) -> dict[int, bytes]:
    """Enterprise id → the row of its valid code, of those asked for: tells whether a code was replaced since."""
    query = select(Invitation.enterprise_id, Invitation.id).where(*_issued(wave_id), ~col(Invitation.void))
    wanted = set(enterprise_ids)
    return {one: bytes(row) for one, row in db.execute(query) if one in wanted}


@needs(Right.ROUNDS)
def search(db: Session, wave_id: int, words: str, limit: int = 8) -> list[Enterprise]:
    """Enterprises with a code of this wave, by a part of name or USCC. Does not tell who answered."""
    like = f"%{words.strip().replace('%', '').replace('_', '')}%"
    found = or_(col(Enterprise.name).like(like), col(Enterprise.uscc).like(like))
    return list(db.exec(_live(wave_id).where(found).order_by(col(Enterprise.id)).limit(limit)))


@needs(Right.ROUNDS)
def ledger(db: Session, wave_id: int) -> Ledger:
    """The counts of a wave's codes and forms."""
    void, helped = col(Invitation.void), col(Invitation.on_behalf) != ""
    row = db.exec(
        select(
            func.count(func.distinct(col(Invitation.enterprise_id))), func.count(),
            *(func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in (
                col(Invitation.printed) > 0, col(Invitation.reissued), void, ~void, ~void & USED, ~void & ~USED,
                ~void & USED & helped, ~void & USED & ~helped, void & USED,
            )),
        ).where(*_issued(wave_id))
    ).one()  # fmt: skip
    enterprise_keys = select(Invitation.code_hash).where(*_issued(wave_id))
    open_used = db.exec(
        select(func.count())
        .select_from(Participation)
        .where(Participation.wave_id == wave_id, col(Participation.key).not_in(enterprise_keys))
    ).one()
    responses = sum(came(db, wave_id).values())
    counts: list[int] = [int(one) for one in (*row, open_used, responses)]
    return Ledger(*counts)


def sealed_at(db: Session, wave_id: int) -> datetime | None:
    """When a wave was sealed."""
    query = select(WaveEvent.at).where(WaveEvent.wave_id == wave_id, WaveEvent.what == WaveStep.SEALED)
    return db.exec(query).first()
