"""The background jobs: who runs one, and how it fares."""

from datetime import datetime

from sqlmodel import Field

from survey.core.models.base import Table


class Lease(Table, table=True):
    """Who runs a background job until when, so that it runs once."""

    name: str = Field(primary_key=True, max_length=32)
    holder: str = Field(max_length=64)
    until: datetime


class JobState(Table, table=True):
    """How a background job's work for a wave, or for none, fares; `failures` in a row. A reason names nobody."""

    __tablename__ = "job"
    name: str = Field(primary_key=True, max_length=16)
    about: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    succeeded_at: datetime | None = None
    failures: int = 0
    failed_at: datetime | None = None
    again_at: datetime | None = None
    reason: str = Field(default="", max_length=200)
