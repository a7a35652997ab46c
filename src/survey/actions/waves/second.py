"""Where one person alone may not open a 期次: asked by whatever opens one."""

from datetime import datetime

from sqlmodel import Session

from survey.core.models import Wave
from survey.core.refusals import NotAllowed
from survey.storage.registry import enterprises
from survey.storage.waves import proposals
from survey.storage.waves.proposals import Approval


def need_second(db: Session, wave: Wave, now: datetime) -> Approval:
    """Raise `NotAllowed` for a locked draft that takes two and has one. Where nobody else could agree, it is `alone`.

    The registry is locked: nobody becomes another enterprise between this look and the opening.
    """
    enterprises.lock(db)
    found = proposals.standing(db, wave, now)
    if found.needed and not found.alone and not found.agreed:
        raise NotAllowed(found.told)
    return found
