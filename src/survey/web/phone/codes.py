"""The code in an address: what it leads to, and whether it shows a form."""

from datetime import datetime

from survey.core.answers.taking import NotTaken, why_not_taken
from survey.core.waves.phase import phase_of
from survey.storage.answers import doors
from survey.storage.answers.doors import CodeStatus

CODE_LENGTH = 64  # longer than any code we give out; the rest is not looked up


def could_be_one(code: str) -> str:
    """The code, or for what cannot be one a code that is nobody's: the time taken must not tell which it was."""
    return code if 0 < len(code) <= CODE_LENGTH and code.isascii() else "-"


def find(code: str) -> CodeStatus | None:
    """What a code leads to."""
    return doors.find_code(could_be_one(code))


def why_no_form(status: CodeStatus, now: datetime) -> NotTaken | None:
    """Why a code shows no form, if so."""
    if status.kind == "trial":
        return NotTaken.UNKNOWN_CODE if phase_of(status, now).started else None
    used = status.used and status.kind == "enterprise"
    return why_not_taken(status, now) or (NotTaken.USED if used else None)
