"""What may be seen of a wave, and where."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, String
from sqlmodel import Field

from survey.core.models.answers import Source
from survey.core.models.base import Table, wave_key


class Release(Table, table=True):
    """发布: the figures that may be seen, computed at one moment, the same for every viewer and file."""

    wave_id: int = wave_key(primary_key=True)
    number: int = Field(primary_key=True)
    made_at: datetime
    figures: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class StoredStudy(Table, table=True):
    """统计: what the kernel made of a source's release (`core.study.model.Study` as JSON); replaced with each release."""

    __tablename__ = "study"
    wave_id: int = wave_key(primary_key=True)
    source: Source = Field(primary_key=True, sa_type=String(16))
    release: int
    closed: bool = False  # computed from all answers, after closing
    failed: bool = False  # could not be computed; pages show released counts alone
    made_at: datetime
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Screen(Table, table=True):
    """大屏: a read-only address of a wave's released figures, until it is revoked."""

    id: int = Field(default=None, primary_key=True)  # given by the database
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), unique=True, nullable=False))
    wave_id: int = wave_key()
    name: str = Field(max_length=40)
    made_at: datetime
    made_by: str = Field(default="", max_length=40)
    revoked_at: datetime | None = None
