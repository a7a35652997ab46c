"""异常迹象: what makes a form look careless or made up. Signs are counted and shown; no answer is deleted for one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

from survey.core.figures.cells import TOO_FEW, Shown, Withheld
from survey.settings import Settings


class Sign(IntFlag):
    """What a form may bear; all that is kept of how it came in."""

    TOO_FAST = 1
    STRAIGHT_LINED = 2
    BURST = 4
    SAME_DEVICE = 8


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
    """The signs of one body of answers as released. `effect` was last reckoned when there were
    `left_out` doubtful forms; departments follow after closing."""

    forms: int
    counts: Mapping[Sign, int]
    any: int
    doubtful: int
    effect: Effect | Withheld
    left_out: int = 0
    departments: Mapping[str, Effect | Withheld] = field(default_factory=dict)  # by id


Counts = tuple[int, ...]


@dataclass(frozen=True)
class Split:
    """总体满意度 of every department at one moment: all its released grades, and those by doubtful forms."""

    everyone: Mapping[str, Counts]
    doubtful: Mapping[str, Counts]

    def rest(self, name: str) -> Counts:
        return tuple(a - b for a, b in zip(self.everyone[name], self.doubtful[name], strict=True))

    def may_follow(self, before: "Split | None", k: int) -> bool:
        """Whether `k` raters more are in either part: a department's own growth proves so many different ones.

        Otherwise two splits could be subtracted and a newcomer's grade be read off.
        """
        old = before or Split({}, {})

        def grown(doubtful: bool) -> int:
            return max(
                (self._size(one, doubtful) - old._size(one, doubtful) for one in self.everyone), default=0
            )

        return min(grown(True), grown(False)) >= k

    def _size(self, name: str, doubtful: bool) -> int:
        if name not in self.everyone:
            return 0
        return sum(self.doubtful[name] if doubtful else self.rest(name))

    @property
    def effect(self) -> Effect:
        """All departments taken together."""
        return Effect(_pool(self.everyone.values()), _pool(self.rest(name) for name in self.everyone))

    def by_department(self, k: int) -> dict[str, Effect | Withheld]:
        """Shown once, after closing. Small parts are withheld, and the smallest of the others with them, so
        that what all departments together leave over belongs to `k` raters or more."""
        sizes = {name: min(self._size(name, True), self._size(name, False)) for name in self.everyone}
        enough = sorted((size, name) for name, size in sizes.items() if size >= k)
        few = any(sizes[name] < k and any(self.doubtful[name]) for name in sizes)
        told = {name for _, name in enough[few:]}
        return {
            name: Effect(Shown(self.everyone[name]), Shown(self.rest(name))) if name in told else Withheld(TOO_FEW)
            for name in self.everyone
        }  # fmt: skip


def _pool(parts: Iterable[Counts]) -> Shown:
    return Shown(tuple(map(sum, zip(*parts, strict=True))))


# --- as a release keeps it ---------------------------------------------------------------------------


def dump_counts(forms: int, by_flags: Mapping[int, int]) -> dict[str, Any]:
    """How many of `forms` bear each sign, any, and so many that they are doubtful."""
    return {
        "forms": forms,
        "counts": {
            str(int(sign)): sum(count for flags, count in by_flags.items() if flags & sign) for sign in Sign
        },
        "any": sum(by_flags.values()),
        "doubtful": sum(count for flags, count in by_flags.items() if is_doubtful(flags)),
    }  # fmt: skip


def dump_split(split: Split, left_out: int) -> dict[str, Any]:
    """A split as JSON, with how many doubtful forms there were."""
    return {"everyone": dict(split.everyone), "doubtful": dict(split.doubtful), "left_out": left_out}


def load_split(stored: Mapping[str, Any] | None) -> Split | None:
    """The inverse of `dump_split`."""
    if stored is None:
        return None
    return Split(
        *({name: tuple(one) for name, one in stored[part].items()} for part in ("everyone", "doubtful"))
    )


def load_signs(
    stored: Mapping[str, Any], departments: Mapping[str, str], k: int, closed: bool
) -> Signs | Withheld:
    """The signs in a release; `departments` by the item of their 总体满意度."""
    if "counts" not in stored:
        return Withheld(TOO_FEW)
    split = load_split(stored.get("split"))
    parts = split.by_department(k) if split and closed else {}
    return Signs(
        stored["forms"], {sign: stored["counts"][str(int(sign))] for sign in Sign}, stored["any"],
        stored["doubtful"], split.effect if split else Withheld(TOO_FEW),
        stored["split"]["left_out"] if split else 0, {departments[item]: one for item, one in parts.items()},
    )  # fmt: skip
