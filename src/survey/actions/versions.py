"""Every change of what is there already says what its person saw, and is compared with the present row.

The caller has locked the row: `SELECT … FOR UPDATE` on PostgreSQL, the one writer on SQLite. `seen=None` acts on
whatever is there, which is right for jobs, commands and tests only; `tests/test_versions.py` looks that no page does.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session

from survey.core import versions
from survey.core.accounts.access import actor
from survey.core.refusals import NotAllowed
from survey.core.versions import Columns, Moved, Seen, Values
from survey.storage.accounts import people

ASK = "您填的还在，请选保留哪一个。"


class Stale(NotAllowed):
    """Somebody has changed since then what this person is about to change.

    `asked`: what both changed; `settled`: the values that the person has seen now.
    """

    def __init__(
        self, text: str, asked: tuple[Moved, ...] = (), settled: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(text)
        self.asked = asked
        self.settled = dict(settled or {})


def merge(
    db: Session, about: Collection[str], columns: Columns, seen: Seen | None, now: Values, given: Values
) -> dict[str, Any]:
    """The columns to write. What others changed besides is kept and told in `seen.note`; raises `Stale`.

    `about`: what the audit log calls the row, by which it tells who else was there.
    """
    seen = seen or Seen(now)
    found = versions.merge(columns, seen, now, given)
    if found.both:
        also = _told(db, about, seen, found.others)
        text = _told(db, about, seen, found.both) + "。" + ASK
        raise Stale(
            text + (f"\n{also}，保存时一并保留。" if also else ""),
            found.both,
            {one.name: one.value for one in found.both},
        )
    if found.others:
        seen.note = _told(db, about, seen, found.others) + "，已一并保留。"
    return found.values


def unmoved(
    db: Session, about: Collection[str], columns: Columns, seen: Seen | None, now: Values, cure: str
) -> None:
    """Raises `Stale` if anything that was seen is otherwise now; `cure` says what has not been done and what to do."""
    if seen is None:
        return
    moved = versions.merge(columns, seen, now, {}).others
    if moved:
        raise Stale(
            f"{_told(db, about, seen, moved)}。{cure}", settled={one.name: one.value for one in moved}
        )


def _told(db: Session, about: Collection[str], seen: Seen, moved: tuple[Moved, ...]) -> str:
    if not moved:
        return ""
    return versions.sentence(people.who_since(db, about, seen.entry), actor().name, moved)
