"""Who works at the office door, and what they did there."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, String
from sqlmodel import Field

from survey.core.models.base import Table, hash_column


class Role(StrEnum):
    """Who works at the office door; `core.accounts.access` says what each may do."""

    ADMIN = "admin"  # 系统管理员
    OFFICER = "officer"  # 营商专班
    HANDLER = "handler"  # 部门经办人, of one department
    DISCIPLINE = "discipline"  # 纪检监察
    VIEWER = "viewer"  # 领导
    AUDITOR = "auditor"  # 审计员


class Outcome(StrEnum):
    """How what is in the audit log ended."""

    OK = "ok"
    REFUSED = "refused"
    FAILED = "failed"


class User(Table, table=True):
    """Someone who works at the office door."""

    __tablename__ = "office_user"
    id: int = Field(default=None, primary_key=True)  # given by the database
    name: str = Field(max_length=40, unique=True)
    role: Role = Field(sa_type=String(16))
    password_hash: str = Field(max_length=200)
    demo: bool = False
    department_id: str | None = Field(default=None, max_length=32)  # of a 部门经办人
    must_change: bool = False  # the password was given by someone else
    password_set_at: datetime | None = None
    former: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # hashes
    expires_on: date | None = None  # last day the account is good
    disabled: bool = False


class Login(Table, table=True):
    """A signed-in browser: SHA-256 of its cookie."""

    token_hash: bytes = hash_column(primary_key=True)
    user_id: int = Field(foreign_key="office_user.id", index=True)
    expires_at: datetime
    seen_at: datetime | None = None  # when a person last did something


class SignInFailure(Table, table=True):
    """Wrong passwords in a row under a keyed hash of who asked for whom."""

    __tablename__ = "sign_in_failure"
    key: bytes = hash_column(primary_key=True)
    count: int = 0
    last_at: datetime


class AuditEntry(Table, table=True):
    """审计日志: who did what when, with what result; each entry is hashed together with the one before."""

    __tablename__ = "audit_entry"
    id: int = Field(primary_key=True)  # 1, 2, 3 … without a gap
    at: datetime
    who: str = Field(max_length=40)
    role: str = Field(default="", max_length=16)
    what: str = Field(max_length=40)
    about: str = Field(default="", max_length=200)
    result: str = Field(max_length=16)  # a `Outcome`
    hash: bytes = hash_column()


class AuditPool(Table, table=True):
    """Entries of one kind that came again within ten minutes: counted here until they are told as one."""

    __tablename__ = "audit_pool"
    what: str = Field(max_length=40, primary_key=True)
    about: str = Field(max_length=200, primary_key=True)
    result: str = Field(max_length=16, primary_key=True)
    who: str = Field(max_length=40)
    role: str = Field(default="", max_length=16)
    since: datetime  # when the first came, which is an entry already
    until: datetime  # when the last came
    more: int = 0  # after the first
