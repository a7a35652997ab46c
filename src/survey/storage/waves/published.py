"""Published waves: what each asks, of whom, by which open code; and the names of parts of it."""

from sqlmodel import Session, col, select

from survey.core.accounts.access import EVERYONE, SURVEY, Right, needs
from survey.core.answers.form import Form
from survey.core.figures.view import View
from survey.core.models import Department, Invitation, Source, Stratum, Wave


def has_waves(db: Session) -> bool:
    """Whether anything has been set up yet."""
    return db.exec(select(Wave.id).limit(1)).first() is not None


@needs(*SURVEY)
def waves(db: Session) -> list[Wave]:
    """All published waves, newest first."""
    order = (col(Wave.opens_at).desc(), col(Wave.id).desc())
    return list(db.exec(select(Wave).where(col(Wave.published)).order_by(*order)))


@needs(*SURVEY)
def wave(db: Session, wave_id: int) -> Wave | None:
    """A published wave."""
    found = db.get(Wave, wave_id)
    return found if found and found.published else None


def form(wave: Wave) -> Form:
    """What the wave asks."""
    return Form.thaw(wave.questionnaire, wave.departments)


@needs(*EVERYONE)
def departments(db: Session) -> list[Department]:
    """Departments that can be put into a new wave."""
    query = select(Department).where(col(Department.active)).order_by(col(Department.position))
    return list(db.exec(query))


@needs(*SURVEY)
def strata(db: Session, wave_id: int) -> list[Stratum]:
    """The wave's frozen strata."""
    return list(db.exec(select(Stratum).where(Stratum.wave_id == wave_id).order_by(col(Stratum.id))))


@needs(Right.FIGURES, Right.ROUNDS)
def open_code(db: Session, wave_id: int) -> str | None:
    """The wave's open code, the one that hangs on walls."""
    query = select(Invitation.open_code).where(
        Invitation.wave_id == wave_id, col(Invitation.open_code).is_not(None), ~col(Invitation.void),
        ~col(Invitation.trial),
    )  # fmt: skip
    return db.exec(query).first()


def default_source(db: Session, wave: Wave) -> Source:
    """What a page shows first: the verified answers, unless no enterprise was invited by a code of its own."""
    invited = select(Invitation.id).where(
        Invitation.wave_id == wave.id, col(Invitation.enterprise_id).is_not(None)
    )
    return Source.VERIFIED if wave.imported or db.exec(invited.limit(1)).first() else Source.OPEN


def part_names(db: Session, view: View) -> list[str]:
    """What a view is narrowed to, in words; nothing for a whole wave."""
    stratum = db.get(Stratum, view.stratum_id) if view.stratum_id is not None else None
    return [name for name in (view.category, stratum.name if stratum else None) if name]
