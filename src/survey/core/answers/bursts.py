"""Whether forms come far more often than they have come so far. Kept in memory only, minute by minute."""

from bisect import bisect_left
from collections import deque
from math import inf, log

MINUTES = 10
BY_DAY = 3  # forms come in a third of the day's hours, so that their rate by day is thrice the mean
RARE = 1e-6  # chance of a false alarm in one window; a wave of three weeks has 3,000 of them


def rare_count(mean: float, chance: float = RARE) -> int:
    """How many of a Poisson count of this mean come up with less than `chance` (by Chernoff's bound, so rather more)."""

    def is_rare(count: int) -> bool:
        return mean - count + count * log(count / mean) > -log(chance)

    return bisect_left(range(int(10 * mean) + 100), True, lo=int(mean) + 1, key=is_rare)


class Pace:
    """The forms of one body of answers, in this process: those of the last ten minutes, and how many came before."""

    def __init__(self) -> None:
        self._recent: deque[list[int]] = deque()  # minute, forms
        self._count = self._before = 0
        self._first: int | None = None

    def add(self, minute: int, forms: int) -> None:
        """Count forms that are stored. Minutes are whole ones since 1970."""
        self._first = minute if self._first is None else self._first
        if self._recent and self._recent[-1][0] >= minute:
            self._recent[-1][1] += forms
        else:
            self._recent.append([minute, forms])
        self._count += forms

    def limit(self, minute: int, least: int) -> float:
        """How many forms in ten minutes are as many as may be; more are a burst. Infinite without a history."""
        while self._recent and self._recent[0][0] <= minute - MINUTES:
            gone = self._recent.popleft()[1]
            self._count, self._before = self._count - gone, self._before + gone
        passed = minute - MINUTES - self._first if self._first is not None else 0
        if passed < MINUTES:
            return inf
        return max(least, rare_count(BY_DAY * self._before * MINUTES / passed))

    @property
    def recent(self) -> int:
        """Forms of the last ten minutes, as of the last look at `limit`."""
        return self._count
