"""Whether the clock may be trusted with what cannot be undone. See docs/decisions/0037."""

from datetime import datetime, timedelta

# Further ahead than the time that has passed; setting a clock right is mostly seconds.
JUMP = timedelta(minutes=5)
SETTLED = 600.0  # seconds without another jump, in which somebody can set it right


class Steadiness:
    """Compares the clock, which people and networks set, with one that nobody sets, from one look to the next."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None
        self._jumped: float | None = None

    def steady(self, now: datetime, passed: float) -> bool:
        """Whether the clock has not jumped ahead of late; `passed`: seconds since whenever (`time.monotonic`)."""
        if self._last is not None:
            before, then = self._last
            if now - before - timedelta(seconds=passed - then) > JUMP:
                self._jumped = passed
        self._last = now, passed
        return self._jumped is None or passed - self._jumped >= SETTLED
