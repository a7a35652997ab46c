"""One moment for a whole run: what a page tells in several places, it tells as of the same moment."""

from contextvars import ContextVar
from datetime import UTC, datetime

from survey.core.models import Wave
from survey.core.waves.phase import Phase, phase_of

_begun: ContextVar[datetime | None] = ContextVar("begun", default=None)


def begin() -> datetime:
    """A run, or a piece that draws itself anew, begins now."""
    now = datetime.now(UTC)
    _begun.set(now)
    return now


def moment() -> datetime:
    """When this run began."""
    return _begun.get() or datetime.now(UTC)


def phase(wave: Wave) -> Phase:
    """Where a wave stands in this run."""
    return phase_of(wave, moment())
