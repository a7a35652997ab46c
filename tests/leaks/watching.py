"""One cell from its first rater to its final release under a rule, as the real one or a control publishes it."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from survey.core.answers import signs
from survey.core.figures import withholding
from survey.core.figures.cells import TOO_FEW, Banded, Shown, Withheld, dump_cell, load_cell
from survey.core.figures.noise import Below, Noise, noised
from survey.core.figures.withholding import Counted, final_cell, live_cell, raters_of
from survey.core.study import pairs

K, LONE = 5, 1
Live = Callable[[Any, Counted, Counted, Noise], Any]
"""What was published, what was counted then, what is counted now, how strong the noise is → what is published."""
Final = Callable[[Counted, Noise], Any]


class Dice:
    """The noise of releases from a seed; remembers what was drawn, which a final cell may keep to itself."""

    def __init__(self, seed: int) -> None:
        self._below = random.Random(seed).randrange
        self.drawn: list[tuple[int, ...]] = []

    def __call__(self, counts: Sequence[int], level: Noise, below: Below | None = None) -> tuple[int, ...]:
        self.drawn.append(noised(counts, level, below or self._below))
        return self.last

    @property
    def last(self) -> tuple[int, ...]:
        return self.drawn[-1] if self.drawn else ()


@contextmanager
def seeded(seed: int) -> Iterator[Dice]:
    """Within, all that is blurred is blurred by one sequence of draws."""
    dice = Dice(seed)
    with pytest.MonkeyPatch.context() as patch:
        for module in (withholding, signs, pairs):
            patch.setattr(module, "noised", dice)
        patch.setattr(signs, "draw", lambda level: dice((0,), level)[0])
        yield dice


@dataclass(frozen=True)
class Rule:
    """How a cell is published while answers come in, and once all are in."""

    live: Live
    final: Final


def counted(bad: int, n: int) -> Counted:
    """Whoever knows how everybody grades who is satisfied, and who is not, sees through noise best: two grades."""
    return Counted((0, bad, 0, 0, n - bad))


def real(insiders: int = 1, k: int = K) -> Rule:
    """The rule as it is."""
    return Rule(
        lambda before, _then, now, level: live_cell(before, now, k, level),
        lambda now, level: final_cell(now, k, level, insiders),
    )


def exact(now: Counted) -> Any:
    return dump_cell(Shown(now.counts) if now.n >= K else Withheld(TOO_FEW))


THRESHOLD_ONLY = Rule(lambda _before, _then, now, _level: exact(now), lambda now, _level: exact(now))
"""A control: exact counts from k raters on, and anew with every rater."""


def _waiting(before: Any, then: Counted, now: Counted) -> Any:
    if now.n - raters_of(before) < K:
        return TOO_FEW if before is None else before
    new = now.since(then.counts)
    alike = raters_of(before) and new.n - new.bad <= LONE
    return before if alike else _banded_at_one(now)


def _banded_at_one(now: Counted) -> Any:
    if min(now.bad, now.n - now.bad) > LONE:
        return exact(now)
    edge = 20 * (now.n - LONE) // now.n / 20
    return dump_cell(Banded(now.n, edge, 1.0) if 2 * now.bad <= now.n else Banded(now.n, 0.0, 1 - edge))


WAITING = Rule(lambda before, then, now, _level: _waiting(before, then, now), lambda now, _level: exact(now))
"""A control: exact counts for every k raters, who wait while nearly all of them are dissatisfied; all at closing."""


@dataclass(frozen=True)
class Seen:
    """A published state of `n` raters. `drawn`: the noisy counts; of a final cell also where they stay hidden."""

    n: int
    stored: Any
    drawn: tuple[int, ...]
    level: Noise


def watch(rule: Rule, bad: Sequence[bool], level: Noise, dice: Dice) -> list[Seen]:
    """All that is ever published of a cell whose raters come one by one and say this; the last is final."""
    stored, then, now = None, Counted(), Counted()
    found = []
    for n in range(1, len(bad) + 1):
        now = counted(sum(bad[:n]), n)
        told = rule.live(stored, then, now, level)
        if told != stored and raters_of(told):
            found.append(Seen(n, told, dice.last, level))
            then = now
        stored = told
    told = rule.final(now, level)
    return [*found, Seen(now.n, told, dice.last, level)]


def shape(stored: Any) -> Any:
    """What a stored cell tells however the noise fell: anything may have been drawn in its place."""
    if isinstance(stored, str):
        return stored
    if isinstance(stored, list):
        return tuple(stored[0])
    return ("noise", stored["n"]) if "noise" in stored else (stored["n"], stored["low"], stored["high"])


def is_about(stored: Any) -> bool:
    """约数 or a range: something is told of a draw."""
    cell = load_cell(stored)
    return isinstance(cell, Banded) or (isinstance(cell, Shown) and cell.approximate)


@lru_cache(maxsize=1000)
def shapes(final: Final, n: int) -> tuple[Any, ...]:
    """What would be told of `n` raters if none, one, … all were dissatisfied."""
    return tuple(shape(final(counted(bad, n), Noise.OVERALL)) for bad in range(n + 1))


def histories(rule: Rule, n: int, dice: Dice) -> tuple[Any, Any]:
    """All 2ⁿ things that n raters can say, and for each the number of the history of published states it shares."""
    worlds = np.array(list(product((False, True), repeat=n)))
    known: dict[Any, int] = {}
    told = [
        tuple((one.n, shape(one.stored)) for one in watch(rule, world, Noise.OVERALL, dice))
        for world in worlds
    ]
    return worlds, np.array([known.setdefault(one, len(known)) for one in told])


def given_away(worlds: Any, told: Any, insider: int | None = None) -> float:
    """In what share of worlds the history leaves somebody's answer no choice; to an `insider` somebody else's."""
    if insider is not None:
        told = np.unique(2 * told + worlds[:, insider], return_inverse=True)[1]
    sizes = np.bincount(told)
    bad = np.array([np.bincount(told, one) for one in worlds.T])
    sure = (bad == 0) | (bad == sizes)
    if insider is not None:
        sure[insider] = False
    return float(sure.any(axis=0)[told].mean())
