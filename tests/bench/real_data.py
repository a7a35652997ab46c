"""Public rating data kept beside the project, as tables of single ratings."""

import csv
from pathlib import Path

from tests.conftest import SHARED

INSTEVAL = SHARED / "data" / "eth_insteval" / "InstEval.csv"
UK_COUNTS = SHARED / "data" / "uk_opg_satisfaction" / "monthly_tidy.csv"
LEVELS = ("very-dissatisfied", "dissatisfied", "neither", "satisfied", "very-satisfied")


def expand_uk(path: Path) -> Path:
    """Write one row per rating (service, month, grade) from the published counts."""
    with UK_COUNTS.open(encoding="utf-8") as source, path.open("w", encoding="utf-8") as target:
        target.write("service,month,grade\n")
        for row in csv.DictReader(source):
            for grade, level in enumerate(LEVELS, 1):
                target.write(f"{row['service']},{row['month']},{grade}\n" * int(float(row[level])))
    return path
