"""Departments: who is rated."""

from pathlib import Path

from sqlmodel import Session, col, select

from survey.core.models import Department
from survey.core.registry.department_table import RegistryError, read_departments
from survey.settings import ROOT
from survey.storage.database import writing

__all__ = ["RegistryError", "load_departments", "refresh_departments"]

DEPARTMENTS = ROOT / "data" / "departments.csv"


def refresh_departments() -> None:
    """Take over the departments file; done at every start, so that editing the file is enough."""
    listed = read_departments(DEPARTMENTS)
    with writing() as db:
        _take_over(db, listed)


def load_departments(db: Session, path: Path = DEPARTMENTS) -> int:
    """Add or update departments from the file, retire those it no longer lists; returns how many it lists. Raises
    `RegistryError`."""
    listed = read_departments(path)
    _take_over(db, listed)
    return len(listed)


def _take_over(db: Session, listed: list[Department]) -> None:
    for one in listed:
        db.merge(one)
    for gone in db.exec(select(Department).where(col(Department.id).not_in([one.id for one in listed]))):
        gone.active = False
