"""When a code takes a form: one rule for every door."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from survey.core.waves.phase import Timetable, phase_of


class NotTaken(StrEnum):
    """Why a form was not shown or not stored; the phone's catalogue says each in its own words."""

    UNKNOWN_CODE = "unknown_code"
    NOT_OPEN = "not_open"
    NOT_READY = "not_ready"  # the hour of opening is past, and nobody has opened
    CLOSED = "closed"
    VOID = "void"
    USED = "used"
    CHANGED = "changed"  # the same id brought another form before
    CHANGED_OPEN = "changed_open"  # so, by an open code, by which it may come again as a form of its own
    SETTLED = "settled"  # an id used before closing, so that nobody can tell whether it says the same
    TRIAL_FULL = "trial_full"


class Code(Timetable, Protocol):
    """What of a code and its wave the rule hangs on."""

    @property
    def void(self) -> bool: ...


def why_not_taken(code: Code, now: datetime) -> NotTaken | None:
    """Why a code takes no form now. One may come from opening until closing plus the stated grace."""
    if code.void:
        return NotTaken.VOID
    phase = phase_of(code, now)
    if not phase.started:
        return NotTaken.NOT_OPEN
    return None if phase.taking else NotTaken.CLOSED
