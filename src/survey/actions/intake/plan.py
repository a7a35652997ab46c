"""What of a table of ratings is to be imported, and what came of it."""

from dataclasses import dataclass
from pathlib import Path

from survey.core.models import (
    Mode,
)

DEFAULT_FORMULA = "10-8-6-3-0"


@dataclass(frozen=True)
class ImportPlan:
    """What to import and which column holds what. `overall` names the 总体 question if the file's is called otherwise.

    `frame` lists who was invited (its column `rater`), with the columns `by` that make up the strata.
    """

    path: Path
    rater: str | None
    department: str
    grade: str
    question: str | None = None
    wave: str | None = None
    title: str | None = None
    mode: Mode = Mode.PSEUDONYMOUS
    overall: str | None = None
    formula: str = DEFAULT_FORMULA
    frame: Path | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportResult:
    """The new waves as (id, title, responses), and how many rows of the file are in them."""

    waves: list[tuple[int, str, int]]
    rows: int
