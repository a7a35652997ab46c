"""The background jobs by name, and how long a piece of work that failed waits before it is tried again."""

from datetime import datetime, timedelta
from enum import StrEnum


class Job(StrEnum):
    """In the order in which a round does them."""

    DEVICES = "devices"
    OPEN = "open"
    CLOSE = "close"
    LISTS = "lists"
    ANCHOR = "anchor"
    RELEASE = "release"
    FINAL = "final"
    STUDY = "study"
    SEAL = "seal"


WHOLE = 0
"""In the place of a wave's number: a job's work for no wave in particular, and the finding of waves to work for."""
TOLD_EVERY = timedelta(minutes=1)  # rounds come every 1.5 s; their success is written down so often only
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=10)


def patience(job: Job, failures: int) -> timedelta:
    """How long to wait after so many failures in a row: 5 s, twice as long each time, ten minutes at most.

    The seal, which has tried for a while by itself and keeps phones waiting, waits for the ten minutes at once.
    """
    return LONGEST if job is Job.SEAL else min(SHORTEST * 2 ** min(failures - 1, 20), LONGEST)


def may_try(again_at: datetime | None, now: datetime) -> bool:
    """Whether the wait is over. One longer than any can be was reckoned by a clock that was ahead."""
    return again_at is None or not now < again_at <= now + LONGEST


def is_worth_telling(succeeded_at: datetime | None, now: datetime) -> bool:
    """Whether a success is to be written down: the one before is a minute old, or of a clock that was ahead."""
    return succeeded_at is None or not now - TOLD_EVERY < succeeded_at <= now
