"""Departments and enterprises: who is rated and who rates."""

import csv
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from survey.core.models import Department
from survey.settings import ROOT
from survey.storage.database import writing

DEPARTMENTS = ROOT / "data" / "departments.csv"
NEEDED = ("id", "name", "category", "duty")
ENGLISH = ("name_en", "duty_en")


class RegistryError(Exception):
    """A registry file with a mistake; the text names file, line and cure in Chinese."""


def refresh_departments() -> None:
    """Take over the departments file; done at every start, so that editing the file is enough."""
    with writing() as db:
        load_departments(db)


def load_departments(db: Session, path: Path = DEPARTMENTS) -> int:
    """Add or update departments from the CSV file, retire those it no longer lists; returns how many it lists."""
    listed: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := set(NEEDED) - set(reader.fieldnames or ()):
            raise RegistryError(f"部门文件 {path.name} 缺少列 {'、'.join(sorted(missing))}，请补上。")
        for place, row in enumerate(reader):
            if empty := [name for name in NEEDED[:3] if not row[name].strip()]:
                raise RegistryError(f"部门文件 {path.name} 第 {place + 2} 行的 {empty[0]} 是空的，请填写。")
            known: dict[str, Any] = {name: row[name].strip() for name in (*NEEDED, *ENGLISH) if name in row}
            db.merge(Department(**known, position=place))
            listed.add(known["id"])
    for gone in db.exec(select(Department).where(col(Department.id).not_in(listed))):
        gone.active = False
    return len(listed)
