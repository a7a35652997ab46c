"""Departments and enterprises: who is rated and who rates."""

import csv
from pathlib import Path
from typing import Any

from sqlmodel import Session

from survey.core.models import Department
from survey.settings import ROOT

DEPARTMENTS = ROOT / "data" / "departments.csv"
NEEDED = ("id", "name", "category", "duty")


class RegistryError(Exception):
    """A registry file with a mistake; the text names file, line and cure in Chinese."""


def load_departments(db: Session, path: Path = DEPARTMENTS) -> int:
    """Add or update departments from the CSV file; returns how many it lists."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := set(NEEDED) - set(reader.fieldnames or ()):
            raise RegistryError(f"部门文件 {path.name} 缺少列 {'、'.join(sorted(missing))}，请补上。")
        for place, row in enumerate(reader):
            if empty := [name for name in NEEDED[:3] if not row[name].strip()]:
                raise RegistryError(f"部门文件 {path.name} 第 {place + 2} 行的 {empty[0]} 是空的，请填写。")
            known: dict[str, Any] = {name: row[name].strip() for name in (*NEEDED, "name_en") if name in row}
            db.merge(Department(**known, position=place))
    return place + 1
