"""What could be seen at all: said before a rectification begins, not after."""

from math import ceil, sqrt

from scipy.optimize import brentq
from scipy.stats import norm

LEVEL, POWER = 0.95, 0.8


def needed(before: float, after: float, level: float = LEVEL, power: float = POWER) -> float:
    """Enterprises per wave, two independent groups, to see a share move from `before` to `after`."""
    mean = (before + after) / 2
    null = _z((1 + level) / 2) * sqrt(2 * mean * (1 - mean))
    shift = _z(power) * sqrt(before * (1 - before) + after * (1 - after))
    return float((null + shift) ** 2 / (before - after) ** 2)


def needed_paired(
    before: float, after: float, correlation: float, level: float = LEVEL, power: float = POWER
) -> float:
    """The same when the same enterprises are asked twice; `correlation` of their two answers."""
    old, new = before * (1 - before), after * (1 - after)
    variance = old + new - 2 * correlation * sqrt(old * new)
    return float(variance * (_z((1 + level) / 2) + _z(power)) ** 2 / (before - after) ** 2)


def smallest_change(before: float, n: int, correlation: float | None = None) -> float | None:
    """The smallest rise, 0–1, that `n` enterprises per wave would show; None if not even a rise to 100 % would."""

    def missing(after: float) -> float:
        least = needed(before, after) if correlation is None else needed_paired(before, after, correlation)
        return least - n

    top = 1 - 1e-9
    if before >= top or missing(top) > 0:
        return None
    return float(brentq(missing, before + 1e-6, top)) - before


def sample_size(population: int, half_width: float, share: float = 0.5, level: float = LEVEL) -> int:
    """Answers needed of `population` enterprises for a range of ± `half_width` (with the finite correction)."""
    infinite = _z((1 + level) / 2) ** 2 * share * (1 - share) / half_width**2
    return ceil(infinite / (1 + (infinite - 1) / population))


def _z(probability: float) -> float:
    return float(norm.ppf(probability))
