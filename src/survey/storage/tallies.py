"""计数: raised with every response, read by every screen, recounted by `survey verify`."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from survey.core.figures import Counted
from survey.core.models import REASON, RESPONSES, Channel, Table

tally: Any = Table.metadata.tables["tally"]
arrival: Any = Table.metadata.tables["arrival"]


def insert_into(db: Connection, table: Any) -> Any:
    """`INSERT` of this database's dialect, for its `ON CONFLICT`."""
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def add(db: Connection, table: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Raise counters: insert each row or add its `count`. Rows in key order, so that writers do not deadlock."""
    keys = [column.name for column in table.primary_key]
    ordered = sorted(rows, key=lambda row: [row[key] for key in keys])
    if not ordered:
        return
    statement = insert_into(db, table)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=keys, set_={"count": table.c.count + statement.excluded.count}
        ),
        ordered,
    )


def counters(
    grades: bytes, reasons: Mapping[str, list[int]] | None, questions: int
) -> Counter[tuple[int, int]]:
    """(item, grade) counts that one response raises: itself, its grades, its reason chips."""
    counts = Counter({(RESPONSES, 0): 1})
    counts.update((item, grade) for item, grade in enumerate(grades) if grade)
    for place, chips in (reasons or {}).items():
        counts.update((int(place) * questions, REASON + chip) for chip in chips)
    return counts


def count_responses(db: Connection, wave_id: int) -> dict[tuple[int, Channel], int]:
    """(stratum, channel) → responses, live."""
    rows = db.execute(
        select(tally.c.stratum_id, tally.c.channel, func.sum(tally.c.count))
        .where(tally.c.wave_id == wave_id, tally.c.item == RESPONSES)
        .group_by(tally.c.stratum_id, tally.c.channel)
    )
    return {(stratum, Channel(channel)): int(count) for stratum, channel, count in rows}


def read(db: Connection, wave_id: int, reasons: int) -> dict[int, dict[tuple[int, str], Counted]]:
    """item → (stratum, channel) → counts of grades and of the `reasons` reason chips."""
    rows = db.execute(
        select(tally.c.item, tally.c.grade, tally.c.stratum_id, tally.c.channel, func.sum(tally.c.count))
        .where(tally.c.wave_id == wave_id, tally.c.item >= 0)
        .group_by(tally.c.item, tally.c.grade, tally.c.stratum_id, tally.c.channel)
    )
    raw: dict[int, dict[tuple[int, str], list[int]]] = {}
    for item, grade, stratum, channel, count in rows:
        cell = raw.setdefault(item, {}).setdefault((stratum, channel), [0] * (5 + reasons))
        place = grade - 1 if grade < REASON else 5 + grade - REASON
        cell[place] += int(count)
    return {
        item: {key: Counted(tuple(cell[:5]), tuple(cell[5:])) for key, cell in cells.items()}
        for item, cells in raw.items()
    }
