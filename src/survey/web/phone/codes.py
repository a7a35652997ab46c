"""The code in an address: what it leads to, and whether it shows a form."""

from datetime import datetime

from survey.core.answers.taking import NotTaken, why_not_taken
from survey.core.waves.phase import phase_of
from survey.storage.answers import doors
from survey.storage.answers.doors import CodeStatus

CODE_LENGTH = 64  # longer than any code we give out; the rest is not looked up


def find(code: str) -> CodeStatus | None:
    """What a code leads to."""
    could_be_one = 0 < len(code) <= CODE_LENGTH and code.isascii()
    return doors.find_code(
        code if could_be_one else "-"
    )  # nobody's; the time taken must not tell which it was


def why_no_form(status: CodeStatus, now: datetime) -> NotTaken | None:
    """Why a code shows no form, if so."""
    if status.kind == "trial":
        return NotTaken.UNKNOWN_CODE if phase_of(status, now).started else None
    used = status.used and status.kind == "enterprise"
    return why_not_taken(status, now) or (NotTaken.USED if used else None)
