"""整数噪声: what is added to counts that may not be told exactly. Blind to what is counted, unbounded, drawn once.

A draw is the difference of two geometric numbers of ratio a (the two-sided geometric mechanism, Ghosh, Roughgarden and
Sundararajan 2009): P(z) = (1−a)/(1+a)·a^|z|, variance 2a/(1−a)². Integers and rational ratios only, so that no
floating-point tail tells what a count was.
"""

import secrets
from collections.abc import Callable, Sequence
from enum import IntEnum
from fractions import Fraction
from itertools import count as counting

from survey.core.keyed import mac


class Noise(IntEnum):
    """How strongly counts are blurred: 总体满意度 of a department, its dimensions, departments together."""

    NONE = 0
    OVERALL = 1
    DIMENSION = 3
    TOGETHER = 4

    @property
    def ratio(self) -> Fraction:
        """a. Standard deviations: 1.39, 4.3, 5.6."""
        return _RATIOS[self]

    @property
    def variance(self) -> float:
        """Of one count's noise."""
        return float(2 * self.ratio / (1 - self.ratio) ** 2)

    def of_rate(self, n: int) -> float:
        """Variance that noise adds to a rate of `n` ratings, 0–1: 1.2 times that of one noised count, since the
        counts are brought back to their known sum."""
        return 1.2 * self.variance / n**2 if n else 0.0


_RATIOS = {
    Noise.NONE: Fraction(0), Noise.OVERALL: Fraction(3, 8), Noise.DIMENSION: Fraction(18, 25),
    Noise.TOGETHER: Fraction(7, 9),
}  # fmt: skip
Below = Callable[[int], int]
"""A uniform number in 0 … n−1."""


def draw(level: Noise, below: Below = secrets.randbelow) -> int:
    """One draw."""
    return _geometric(level.ratio, below) - _geometric(level.ratio, below)


def _geometric(ratio: Fraction, below: Below) -> int:
    found = 0
    while below(ratio.denominator) < ratio.numerator:
        found += 1
    return found


def remembered(key: bytes) -> Below:
    """Numbers that come out the same whenever they are drawn under the same key, and tell nothing to who lacks it
    (HMAC-SHA-256 as a pseudorandom function, by rejection)."""
    turn = counting()

    def below(n: int) -> int:
        while True:
            found = int.from_bytes(mac(key, next(turn).to_bytes(8))[:8])
            if found < 2**64 - 2**64 % n:
                return found % n

    return below


def noised(counts: Sequence[int], level: Noise, below: Below = secrets.randbelow) -> tuple[int, ...]:
    """Every count with a draw of its own; may be negative. Drawn also where the result will not be shown."""
    return tuple(count + draw(level, below) for count in counts)


def projected(counts: Sequence[int], n: int) -> tuple[int, ...]:
    """The nearest counts that add up to `n`, none negative: the simplex projection (Duchi and others 2008), rounded to
    integers by largest remainder. Whole counts all leave the same remainder: who is rounded up then turns with the
    counts, since always beginning with the first would make every figure look worse by more than half a rating."""
    ordered = sorted(counts, reverse=True)
    theta, total = Fraction(0), 0
    for place, count in enumerate(ordered, 1):
        total += count
        level = Fraction(total - n, place)
        if count >= level:
            theta = level
    exact = [max(Fraction(count) - theta, Fraction(0)) for count in counts]
    whole = [int(one) for one in exact]
    turn = sum(place * count for place, count in enumerate(counts))
    left = sorted(
        range(len(exact)), key=lambda place: (whole[place] - exact[place], (place + turn) % len(counts))
    )
    for place in left[: n - sum(whole)]:
        whole[place] += 1
    return tuple(whole)
