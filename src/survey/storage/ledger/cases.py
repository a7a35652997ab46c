"""交办事项 as those may read them whom they concern, and how many wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, func
from sqlmodel import Session, col, select

from survey.core.accounts.access import SEES_CASES, Right, actor, may, needs, own_department
from survey.core.answers.receipts import digest
from survey.core.models import Case, CaseState, Kind, Table
from survey.core.workdays import HAND_OVER, workdays_since

tables = Table.metadata.tables


@dataclass(frozen=True)
class CaseView:
    """An enterprise's own case, as its receipt page shows it."""

    department_id: str | None
    kind: str
    text: str
    state: str
    received_on: Any
    integrity: bool = False


def case_by_receipt(db: Connection, receipt_text: str) -> CaseView | None:
    """The case asked for with this receipt, if any."""
    case = tables["ledger_case"]
    found = db.execute(sa.select(case).where(case.c.receipt_hash == digest(receipt_text))).mappings().first()
    if found is None:
        return None
    return CaseView(
        found["department_id"], found["kind"], found["text"], found["state"], found["received_on"],
        found["integrity"],
    )  # fmt: skip


@needs(*SEES_CASES)
def cases(db: Session, wave_id: int, today: date) -> list[Case]:
    """What enterprises asked to have done, newest day first: integrity matters for 纪检监察 alone, who see no others.

    A department reads those from before `today`, a day's together: else it saw whose form has just come.
    """
    query = select(Case).where(Case.wave_id == wave_id)
    if not may(actor(), Right.CASES, Right.OWN_CASES):
        query = query.where(col(Case.integrity))
    elif not may(actor(), Right.INTEGRITY):
        query = query.where(~col(Case.integrity))
    if (own := own_department()) is not None:
        query = query.where(Case.department_id == own, Case.received_on < today)
    return list(db.exec(query.order_by(col(Case.received_on).desc(), col(Case.id))))


@needs(Right.FIGURES)
def asked_for(db: Session, wave_id: int, today: date) -> list[tuple[str | None, Kind]]:
    """(department, kind) of what enterprises asked to have done, integrity matters excepted; no texts. Those of today
    follow tomorrow, together: else the form that has just come would be told by its case."""
    query = select(Case.department_id, Case.kind).where(
        Case.wave_id == wave_id, ~col(Case.integrity), Case.received_on < today
    )
    return [(department, Kind(kind)) for department, kind in db.exec(query.order_by(col(Case.id)))]


@dataclass(frozen=True)
class OpenCases:
    """交办事项 not struck off yet: how many, since which day; and by department id those that are overdue."""

    count: int
    oldest: date | None
    overdue: Mapping[str | None, int]


@needs(Right.FIGURES)
def open_cases(db: Session, wave_id: int, today: date) -> OpenCases:
    """What waits to be done since before today, integrity matters excepted; no texts. Overdue: not handed over within three working days
    (清单交办)."""
    query = select(Case.department_id, col(Case.received_on), func.count()).group_by(
        col(Case.department_id), col(Case.received_on)
    )
    rows = list(
        db.exec(
            query.where(
                Case.wave_id == wave_id,
                ~col(Case.integrity),
                Case.state == CaseState.RECEIVED,
                Case.received_on < today,
            )
        )
    )
    overdue: dict[str | None, int] = {}
    for department, day, count in rows:
        if workdays_since(day, today) > HAND_OVER:
            overdue[department] = overdue.get(department, 0) + count
    return OpenCases(
        sum(count for *_, count in rows), min((day for _, day, _ in rows), default=None), overdue
    )
