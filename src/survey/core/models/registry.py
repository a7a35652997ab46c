"""企业名录: who is asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from survey.core.models.base import Table


class Enterprise(Table, table=True):
    """企业: who rates."""

    id: int = Field(default=None, primary_key=True)  # given by the database
    uscc: str | None = Field(default=None, max_length=18, unique=True)
    name: str = Field(max_length=80)
    industry: str = Field(default="", max_length=60)
    size: str = Field(default="", max_length=20)
    park: str = Field(default="", max_length=40)
    name_en: str = Field(default="", max_length=120)
    key: bool = False  # 重点企业
    leader: str = Field(default="", max_length=20)  # 包联领导
    officer: str = Field(default="", max_length=20)  # 服务专员
    contact: str = Field(default="", max_length=20)
    phone: str = Field(default="", max_length=20)
    archived: bool = False
    made_by: str = Field(default="", max_length=40)  # 企业添加簿: the account that added it
    made_at: datetime | None = None
    renamed_by: str = Field(default="", max_length=40)  # who last gave it another name or USCC
    renamed_at: datetime | None = None


class RegistryImport(Table, table=True):
    """One import of the registry: what it changed, so that it can be undone whole."""

    __tablename__ = "registry_import"
    id: int = Field(default=None, primary_key=True)
    at: datetime
    who: str = Field(default="", max_length=40)
    file_name: str = Field(default="", max_length=200)
    added: list[int] = Field(sa_column=Column(JSON, nullable=False))  # ids
    changed: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))  # rows as they were
    undone: bool = False

    @property
    def edited(self) -> int:
        """How many enterprises were there before and have been changed."""
        return len(self.changed) - len(self.added)
