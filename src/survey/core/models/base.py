"""What all tables are made with: their base, and the columns that several of them have."""

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, LargeBinary
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Table(SQLModel, registry=registry()):
    """Base of every table. Its own registry lets Streamlit reload these files while the app runs."""


def random_key(primary_key: bool = True) -> Any:
    """A key that tells nothing of the order in which rows came."""
    return Field(sa_column=Column(LargeBinary(16), primary_key=primary_key, nullable=False))


def hash_column(primary_key: bool = False, nullable: bool = False, index: bool = False) -> Any:
    """A SHA-256."""
    column: Column[bytes] = Column(LargeBinary(32), primary_key=primary_key, nullable=nullable, index=index)
    return Field(default=None, sa_column=column)


def wave_key(primary_key: bool = False) -> Any:
    """The wave that a row belongs to."""
    return Field(sa_column=Column(Integer, ForeignKey("wave.id"), primary_key=primary_key, nullable=False))


def value_list() -> Any:
    """A list of values, empty at first."""
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False))


# Row order and hidden row numbers would tell in which order enterprises answered.
UNORDERED = {"sqlite_with_rowid": False}
