"""Reads about the registry of enterprises: search, filters, counts, and imports that can be undone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from survey.core.accounts.access import Right, needs
from survey.core.figures.withholding import hides_nothing
from survey.core.models import Enterprise, Invitation, RegistryImport, Reminder, Table, Wave, WaveState

PAGE = 20  # enterprises on one page
FILTERS = ("industry", "size", "park", "officer")
table = Table.metadata.tables["enterprise"]


@dataclass(frozen=True)
class EnterpriseSearch:
    """What is looked for; empty means all. `text` is a part of the name, USCC, contact or phone."""

    text: str = ""
    industry: str = ""
    size: str = ""
    park: str = ""
    officer: str = ""
    key_only: bool = False
    archived: bool = False


@dataclass(frozen=True)
class Counts:
    """How many enterprises there are."""

    listed: int
    archived: int
    key: int
    without_uscc: int
    without_contact: int


@needs(Right.ROUNDS)
def counts(db: Session) -> Counts:
    """The registry at a glance; all but `archived` are of those still listed."""
    one = table.c
    listed = ~one.archived
    conditions = (
        listed,
        one.archived,
        sa.and_(listed, one.key),
        sa.and_(listed, one.uscc.is_(None)),
        sa.and_(listed, or_(one.contact == "", one.phone == "")),
    )
    return Counts(*db.execute(sa.select(*(func.count(one.id).filter(each) for each in conditions))).one())


def _where(search: EnterpriseSearch) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [col(Enterprise.archived) == search.archived]
    found += [
        col(getattr(Enterprise, name)) == wanted for name in FILTERS if (wanted := getattr(search, name))
    ]
    if search.key_only:
        found.append(col(Enterprise.key).is_(True))
    for word in search.text.split():
        places = (Enterprise.name, Enterprise.uscc, Enterprise.contact, Enterprise.phone, Enterprise.name_en)
        found.append(or_(*(col(place).icontains(word, autoescape=True) for place in places)))
    return found


@needs(Right.ROUNDS)
def how_many(db: Session, search: EnterpriseSearch) -> int:
    """How many enterprises a search finds."""
    return db.exec(select(func.count()).select_from(Enterprise).where(*_where(search))).one()


@needs(Right.ROUNDS)
def page(db: Session, search: EnterpriseSearch, number: int = 1) -> list[Enterprise]:
    """One page of what a search finds, in the order they came in; numbered from 1."""
    query = select(Enterprise).where(*_where(search)).order_by(col(Enterprise.id))
    return list(db.exec(query.offset((number - 1) * PAGE).limit(PAGE)))


@needs(Right.ROUNDS)
def everything(db: Session, search: EnterpriseSearch) -> list[Enterprise]:
    """All that a search finds, for a file."""
    return list(db.exec(select(Enterprise).where(*_where(search)).order_by(col(Enterprise.id))))


@needs(Right.ROUNDS)
def choices(db: Session, archived: bool = False) -> dict[str, list[str]]:
    """The values each filter can take."""
    return {
        name: list(
            db.exec(select(column).where(Enterprise.archived == archived, column != "").distinct().order_by(column))
        )
        for name in FILTERS
        if (column := col(getattr(Enterprise, name))) is not None
    }  # fmt: skip


@needs(Right.ROUNDS)
def enterprise(db: Session, enterprise_id: int) -> Enterprise | None:
    """One enterprise."""
    return db.get(Enterprise, enterprise_id)


@needs(Right.ROUNDS)
def rows(db: Session) -> list[dict[str, Any]]:
    """The whole registry as plain rows: ten thousand entities would take four times as long."""
    return [dict(one) for one in db.execute(sa.select(table).order_by(table.c.id)).mappings()]


@needs(Right.ROUNDS)
def with_codes(db: Session, ids: Iterable[int]) -> set[int]:
    """Which of these enterprises have ever had a code or a reminder."""
    had: sa.CompoundSelect[int] = sa.union(
        sa.select(col(Invitation.enterprise_id)).where(col(Invitation.enterprise_id).is_not(None)),
        sa.select(col(Reminder.enterprise_id)),
    )
    return set(ids) & set(db.scalars(had))


@needs(Right.ROUNDS)
def behind_open_codes(db: Session) -> dict[int, tuple[str, str]]:
    """The enterprises that hold a code of a wave that is open and hides who answered what: id → name, wave."""
    query = select(Enterprise.id, Enterprise.name, Wave).join(
        Invitation, col(Invitation.enterprise_id) == col(Enterprise.id)
    )
    query = query.join(Wave, col(Wave.id) == col(Invitation.wave_id))
    found = db.exec(query.where(Wave.state == WaveState.OPEN, ~col(Invitation.void)))
    return {one: (name, wave.title) for one, name, wave in found if not hides_nothing(wave)}


@dataclass(frozen=True)
class BookLine:
    """A line of the 企业添加簿: an enterprise, and the file that brought it."""

    enterprise: Enterprise
    file_name: str


@needs(Right.ROUNDS, Right.AUDIT)
def book(db: Session) -> Iterator[BookLine]:
    """企业添加簿: who made which enterprise when, in the order they came in; archived ones too."""
    imports = db.exec(select(RegistryImport).where(~col(RegistryImport.undone)))
    files = {number: one.file_name for one in imports for number in one.added}
    for one in db.exec(select(Enterprise).order_by(col(Enterprise.id))):
        yield BookLine(one, files.get(one.id, ""))


@needs(Right.ROUNDS)
def last_import(db: Session) -> RegistryImport | None:
    """The newest import that has not been undone."""
    query = select(RegistryImport).where(~col(RegistryImport.undone)).order_by(col(RegistryImport.id).desc())
    return db.exec(query.limit(1)).first()


def lock(db: Session) -> None:
    """Nobody else changes the registry until this transaction ends; SQLite's writers wait anyway."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(sa.text("LOCK TABLE enterprise IN SHARE ROW EXCLUSIVE MODE"))
