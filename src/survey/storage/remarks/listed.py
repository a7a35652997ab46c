"""Remarks as the one who acts may read them: released, masked for all but the officer, a handler's own alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from survey.core.accounts.access import SEES_FIGURES, Right, actor, may, needs, own_department
from survey.core.figures.withholding import hides_nothing
from survey.core.models import Enterprise, Kind, Remark, RemarkTheme, Source, Theme, Wave, WaveState
from survey.core.remarks.masking import all_masked
from survey.core.remarks.themes import Labels, labels
from survey.core.remarks.words import load_themes

UNNAMED = "none"  # the department of a remark that names none


@dataclass(frozen=True)
class SeenRemark:
    """A remark as the one who acts may read it. `rated_bad` is None where text and grade are kept apart."""

    id: bytes
    department_id: str | None
    kind: Kind
    text: str
    source: Source
    rated_bad: bool | None


# Columns and no objects: a wave may have twenty thousand.
READ = select(
    *(col(getattr(Remark, one)) for one in ("id", "department_id", "kind", "text", "source", "rated_bad"))
)


@needs(*SEES_FIGURES)
def released(
    db: Session, wave_id: int, department_id: str | None = None, limit: int | None = 20
) -> list[SeenRemark]:
    """Released remarks, newest batch first, in random order within a batch (their keys are random)."""
    query = READ.where(Remark.wave_id == wave_id, col(Remark.batch).is_not(None))
    department_id = own_department() if own_department() is not None else department_id
    if department_id is not None:
        query = query.where(Remark.department_id == department_id)
    found = db.exec(query.order_by(col(Remark.batch).desc(), col(Remark.id)).limit(limit))
    return _seen(db, wave_id, list(found))


@needs(Right.CASES)
def left(db: Session, wave_id: int, department_id: str | None = None) -> list[SeenRemark]:
    """Remarks of a closed wave that were too few for a batch: for the officer alone, who sees to them."""
    query = READ.join(Wave).where(Remark.wave_id == wave_id, col(Remark.batch).is_(None))
    if department_id is not None:
        query = query.where(Remark.department_id == department_id)
    found = db.exec(query.where(Wave.state == WaveState.CLOSED).order_by(col(Remark.id)))
    return _seen(db, wave_id, list(found))


def _seen(db: Session, wave_id: int, found: Sequence[Any]) -> list[SeenRemark]:
    """Names and numbers are struck out for everyone but the officer; a text stands beside no grade."""
    wave = db.get(Wave, wave_id)
    together = wave is not None and hides_nothing(wave)
    texts = tuple(one.text for one in found)
    if found and not may(actor(), Right.CASES):
        texts = all_masked(texts, _enterprises(db))
    return [
        SeenRemark(
            one.id, one.department_id, Kind(one.kind), text, Source(one.source), one.rated_bad if together else None
        )
        for one, text in zip(found, texts, strict=True)
    ]  # fmt: skip


def _enterprises(db: Session) -> frozenset[str]:
    """All names of the registry, Chinese and English."""
    pairs = db.exec(select(Enterprise.name, Enterprise.name_en))
    return frozenset(name for pair in pairs for name in pair if name)


@needs(*SEES_FIGURES)
def over(db: Session, wave: Wave) -> int:
    """Remarks of a closed wave that were too few for a batch; 0 while it is open.

    A live count would tell how many texts, and so how many bad ratings, the form that has just come brought.
    """
    if wave.state != WaveState.CLOSED:
        return 0
    query = select(func.count()).select_from(Remark)
    return db.exec(query.where(Remark.wave_id == wave.id, col(Remark.batch).is_(None))).one()


@dataclass(frozen=True)
class ToldRemarks:
    """What a page tells of remarks: the released ones, how many stay out in the end, and for the officer those."""

    released: list[SeenRemark]
    too_few: int
    left: list[SeenRemark]


@needs(*SEES_FIGURES)
def told(db: Session, wave: Wave, department_id: str | None = None, limit: int | None = 20) -> ToldRemarks:
    """The remarks of a wave, or of one department."""
    officer = may(actor(), Right.CASES)
    return ToldRemarks(
        released(db, wave.id, department_id, limit),
        over(db, wave),
        left(db, wave.id, department_id) if officer else [],
    )


# --- looking for them ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Labelled:
    """A remark with its themes: confirmed by a person, and suggested by words alone."""

    remark: SeenRemark
    labels: Labels


@dataclass(frozen=True)
class RemarkSearch:
    """Which remarks are looked for; empty means all."""

    text: str = ""
    department_id: str = ""
    kind: str = ""
    theme: str = ""

    def finds(self, one: Labelled) -> bool:
        """In the text as its reader sees it: what is struck out cannot be found by trying."""
        remark = one.remark
        return (
            self.text.casefold() in remark.text.casefold()
            and self.department_id in ("", remark.department_id or UNNAMED)
            and self.kind in ("", remark.kind)
            and (not self.theme or self.theme in one.labels)
        )


@needs(*SEES_FIGURES)
def labelled(db: Session, wave_id: int) -> list[Labelled]:
    """All that may be read of a wave, with themes; suggestions come from the text as it may be read."""
    found = released(db, wave_id, limit=None)
    given = _confirmed(db, wave_id)
    suggested = labels(tuple(one.text for one in found), tuple(themes(db).items()))
    return [
        Labelled(
            one,
            Labels(
                given.get(one.id, ()), tuple(label for label in more if label not in given.get(one.id, ()))
            ),
        )
        for one, more in zip(found, suggested, strict=True)
    ]


def _confirmed(db: Session, wave_id: int) -> dict[bytes, tuple[str, ...]]:
    query = select(RemarkTheme.remark_id, RemarkTheme.label).join(
        Remark, col(Remark.id) == RemarkTheme.remark_id
    )
    found: dict[bytes, tuple[str, ...]] = {}
    for remark_id, label in db.exec(query.where(Remark.wave_id == wave_id).order_by(RemarkTheme.label)):
        found[remark_id] = (*found.get(remark_id, ()), label)
    return found


@needs(*SEES_FIGURES)
def themes(db: Session) -> dict[str, tuple[str, ...]]:
    """Label → words that suggest it, in order; those of the file until somebody edits them."""
    found = db.exec(select(Theme).order_by(col(Theme.position), col(Theme.label)))
    return {one.label: tuple(one.words) for one in found} or load_themes()


@needs(Right.CASES)
def confirmed_under(db: Session, label: str) -> int:
    """How many remarks were confirmed under a theme."""
    return db.exec(select(func.count()).select_from(RemarkTheme).where(RemarkTheme.label == label)).one()
