"""交办事项: what enterprises asked to have done."""

from datetime import date
from enum import StrEnum

from sqlalchemy import String
from sqlmodel import Field

from survey.core.models.answers import Kind
from survey.core.models.base import UNORDERED, Table, hash_column, random_key, wave_key


class CaseState(StrEnum):
    """How far a case has come."""

    RECEIVED = "received"


class Case(Table, table=True):
    """交办事项: asked for with 请帮我办, so the officer may read it at once; contact only if given."""

    __tablename__ = "ledger_case"
    __table_args__ = UNORDERED
    id: bytes = random_key()
    wave_id: int = wave_key()
    department_id: str | None = Field(default=None, max_length=32)
    kind: Kind = Field(sa_type=String(16))
    text: str
    receipt_hash: bytes = hash_column(index=True)
    contact: str = Field(default="", max_length=100)
    received_on: date
    state: str = Field(CaseState.RECEIVED, max_length=16)
    integrity: bool = False  # 反映廉洁问题: for 纪检监察 alone
