"""A form remembers what it was opened with, so that two people at once lose nothing.

Three values of each column meet when a form is saved: as its person saw it, as it stands now, and as they left it.
A column they did not touch keeps what others made of it; one that only they changed is written; one that both
changed, each in their own way, is asked about.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]


def plain(value: Any) -> str:
    """A value in words."""
    return "（空）" if value in (None, "") else str(value)


def itself(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class EditedField:
    """What people edit: how it is called, how a value is said, and what makes two values the same."""

    title: str
    say: Callable[[Any], str] = plain
    key: Callable[[Any], Any] = itself
    told: Callable[[Any, Any], str] | None = None  # from one value to another, where two `say` would not tell

    def same(self, one: Any, other: Any) -> bool:
        return bool(self.key(one) == self.key(other))

    def step(self, before: Any, now: Any) -> str:
        """A change in words: 「联系电话」：a → b."""
        how = self.told(before, now) if self.told else f"{self.say(before)} → {self.say(now)}"
        return f"「{self.title}」：{how}"


Columns = Mapping[str, EditedField]


@dataclass
class Seen:
    """What a person had before them when they began; `note` is for the action, to tell what it kept of others."""

    values: Values
    entry: int = 0  # the newest line of the audit log then
    yielded: frozenset[str] = frozenset()  # asked about, and left to the others
    note: str = field(default="", compare=False)


@dataclass(frozen=True)
class Moved:
    """A column that somebody changed since a form was opened; `mine` is None if its person left it alone."""

    name: str
    title: str
    told: str
    theirs: str
    value: Any
    mine: str | None = None


@dataclass(frozen=True)
class Merge:
    """What is to be written, what others changed besides, and what both changed."""

    values: dict[str, Any]
    others: tuple[Moved, ...]
    both: tuple[Moved, ...]


def merge(columns: Columns, seen: Seen, now: Values, given: Values) -> Merge:
    """The three values of every column, compared. `given` may leave columns out; `seen` must know those it holds."""
    if unseen := given.keys() - seen.values.keys():
        raise ValueError(f"a form gave {sorted(unseen)} and did not say what it had seen there")
    values, others, both = dict[str, Any](), list[Moved](), list[Moved]()
    for name, before in seen.values.items():
        column, is_now = columns[name], now[name]
        after = before if name in seen.yielded else given.get(name, before)
        mine, theirs = not column.same(before, after), not column.same(before, is_now)
        moved = Moved(name, column.title, column.step(before, is_now), column.say(is_now), is_now)
        if mine and theirs and not column.same(after, is_now):
            both.append(
                Moved(name, column.title, moved.told, moved.theirs, is_now, _mine(column, is_now, after))
            )
        elif mine and not theirs:
            values[name] = after
        elif theirs and not mine:
            others.append(moved)
    return Merge(values, tuple(others), tuple(both))


def _mine(column: EditedField, now: Any, after: Any) -> str:
    return column.told(now, after) if column.told else column.say(after)


def sentence(who: Sequence[str], me: str, moved: Sequence[Moved]) -> str:
    """Who changed what since a form was opened."""
    others = [one for one in who if one != me]
    people = "、".join(others) if others else "您在别的页面" if who else "有人"
    return f"您打开之后，{people}改了{'；'.join(one.told for one in moved)}"
