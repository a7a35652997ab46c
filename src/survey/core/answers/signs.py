"""异常迹象: what makes a form look careless or made up. Signs are counted and shown; no answer is deleted for one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

from survey.core.figures.cells import TOO_FEW, Shown, Withheld
from survey.core.figures.noise import Noise, draw, noised, projected
from survey.core.figures.withholding import Counted
from survey.settings import Settings


class Sign(IntFlag):
    """What a form may bear; all that is kept of how it came in."""

    TOO_FAST = 1
    STRAIGHT_LINED = 2
    BURST = 4
    SAME_DEVICE = 8


UNTIL_CLOSED = "异常迹象在截止、收齐答卷后公布"
SEVERAL = 2  # signs that make a form doubtful, fixed before anything is counted: one alone is often innocent


def is_doubtful(flags: int) -> bool:
    """Whether a form bears so many signs that figures are also shown without it."""
    return flags.bit_count() >= SEVERAL


def is_too_fast(seconds: float | None, given: int, settings: Settings) -> bool:
    """Whether `given` grades in so many seconds cannot have been read. A form of unknown opening is not judged."""
    if seconds is None or not given:
        return False
    return seconds < max(settings.fast_least, settings.fast_seconds * given)


def is_straight_lined(grades: bytes, questions: int, least: int) -> bool:
    """Whether all grades are the same, of at least `least` in two departments or more."""
    given = grades.translate(None, b"\0")
    if len(given) < least or given.count(given[0]) < len(given):
        return False
    return sum(any(grades[at : at + questions]) for at in range(0, len(grades), questions)) > 1


# --- what is told of them ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Effect:
    """One figure with all answers, and without the doubtful ones."""

    everyone: Shown
    without: Shown


@dataclass(frozen=True)
class Signs:
    """The signs of one body of answers as released; departments by id where enough forms are doubtful.

    `about`: all counts of forms but `forms` are 约数.
    """

    forms: int
    counts: Mapping[Sign, int]
    any: int
    doubtful: int
    effect: Effect | Withheld
    departments: Mapping[str, Effect | Withheld] = field(default_factory=dict)
    about: bool = False


def dump_signs(
    forms: int, by_flags: Mapping[int, int], everyone: Mapping[str, Shown], doubtful: Mapping[str, Counted], k: int
) -> dict[str, Any]:  # fmt: skip
    """What a release keeps: how many of `forms` bear each sign, any, or so many that they are doubtful; and by item
    the grades of doubtful forms, where they and the others are `k`. Where k hides anything, all with noise: two exact
    sums, subtracted, would tell what the doubtful ones said."""

    def told(count: int) -> int:
        return count if k == 1 else max(0, count + draw(Noise.OVERALL))

    level = Noise.NONE if k == 1 else Noise.OVERALL
    enough = [name for name, one in everyone.items() if min(doubtful[name].n, one.n - doubtful[name].n) >= k]
    return {
        "forms": forms,
        "counts": {str(int(sign)): told(sum(n for flags, n in by_flags.items() if flags & sign)) for sign in Sign},
        "any": told(sum(by_flags.values())),
        "doubtful": told(sum(n for flags, n in by_flags.items() if is_doubtful(flags))),
        "by_item": {name: [doubtful[name].n, list(noised(doubtful[name].counts, level))] for name in enough},
    }  # fmt: skip


def load_signs(
    stored: Mapping[str, Any], everyone: Mapping[str, Shown], departments: Mapping[str, str],
    level: Noise = Noise.NONE,
) -> Signs | Withheld:  # fmt: skip
    """The signs in a release, which holds them with noise of this level; `everyone`: released cells, `departments`: ids,
    by the item of their 总体满意度."""
    if "counts" not in stored:
        return Withheld(UNTIL_CLOSED)
    told = {
        name: _effect(everyone[name], n, doubtful, level.variance)
        for name, (n, doubtful) in stored["by_item"].items()
        if name in everyone
    }
    whole = (
        Effect(_sum(one.everyone for one in told.values()), _sum(one.without for one in told.values()))
        if told
        else Withheld(TOO_FEW)
    )
    parts: dict[str, Effect | Withheld] = dict.fromkeys(departments.values(), Withheld(TOO_FEW))
    parts |= {departments[name]: one for name, one in told.items()}
    return Signs(
        stored["forms"], {sign: stored["counts"][str(int(sign))] for sign in Sign}, stored["any"],
        stored["doubtful"], whole, parts, level > Noise.NONE,
    )  # fmt: skip


def _effect(everyone: Shown, n: int, doubtful: list[int], blur: float) -> Effect:
    rest = [all - some for all, some in zip(everyone.counts, doubtful, strict=True)]
    return Effect(Shown(everyone.counts), Shown(projected(rest, everyone.n - n), blur=blur))


def _sum(parts: Iterable[Shown]) -> Shown:
    found = list(parts)
    counts = tuple(map(sum, zip(*(one.counts for one in found), strict=True)))
    return Shown(counts, blur=sum(one.blur for one in found))
