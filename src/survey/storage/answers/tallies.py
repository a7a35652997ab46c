"""计数: raised with every response, read by every screen, recounted by `survey verify`."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from survey.core.answers import tally_codec
from survey.core.answers.signs import is_doubtful
from survey.core.answers.tally_codec import BESIDE_ANSWERS, REMARKED, RESPONSES, SIGNS
from survey.core.figures.withholding import Counted
from survey.core.models import (
    NO_STRATUM,
    UNVERIFIED,
    Channel,
    Respondent,
    Source,
    Table,
    source_of,
)
from survey.storage.bulk import insert_at_once

tally: Any = Table.metadata.tables["tally"]
arrival: Any = Table.metadata.tables["arrival"]


def insert_into(db: Connection, table: Any) -> Any:
    """`INSERT` of this database's dialect, for its `ON CONFLICT`."""
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


class Counters:
    """Counters to raise, added up first and then written with one statement a table."""

    def __init__(self) -> None:
        self._tally: defaultdict[tuple[int, int, str, int], Counter[tuple[int, int]]] = defaultdict(Counter)
        self._arrival: Counter[tuple[int, str, str]] = Counter()

    def add_response(
        self, key: tuple[int, int, str, int], grades: bytes, reasons: Mapping[str, list[int]], questions: int,
        respondent: int = Respondent.UNASKED,
    ) -> None:  # fmt: skip
        """Count one response under `key` (wave, stratum, channel, slot): itself, its grades, its reason chips.

        Where a grade stands, the response itself carries who gave it (身份).
        """
        counts = self._tally[key]
        counts[tally_codec.response(respondent)] += 1
        counts.update(enumerate(grades))  # what was left out too: `_tallied` skips it
        for place, chips in reasons.items():
            for chip in chips:
                counts[tally_codec.reason(int(place) * questions, chip)] += 1

    def add_signs(self, key: tuple[int, int, str, int], flags: int, grades: bytes, questions: int) -> None:
        """Count the signs of one response and, if it is doubtful, how it graded each department as a whole."""
        if not flags:
            return
        counts = self._tally[key]
        counts[tally_codec.signs(flags)] += 1
        for place, grade in enumerate(grades[::questions] if is_doubtful(flags) else b""):
            if grade:
                counts[tally_codec.doubtful_item(place), grade] += 1

    def add_remarked(self, key: tuple[int, int, str, int]) -> None:
        """Count a form that left remarks, under `key` without its stratum: one however many it left."""
        wave_id, _, channel, slot = key
        self._tally[wave_id, NO_STRATUM, channel, slot][tally_codec.remarked()] += 1

    def add_arrival(self, wave_id: int, day: date, channel: str) -> None:
        """Count one form that came on a day."""
        self._arrival[wave_id, day.isoformat(), channel] += 1

    def write(self, db: Connection) -> None:
        """Raise them all, in key order, so that writers do not deadlock."""
        arrivals = ((*key, count) for key, count in self._arrival.items())
        for table, rows in ((tally, self._tallied()), (arrival, arrivals)):
            keys = [column.name for column in table.primary_key]
            tail = (
                f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET count = {table.name}.count + excluded.count"
            )
            insert_at_once(db, table, [*keys, "count"], sorted(rows), tail)

    def _tallied(self) -> Iterator[tuple[Any, ...]]:
        """Rows of `tally`."""
        for (wave_id, stratum_id, channel, slot), counts in self._tally.items():
            for (item, grade), count in counts.items():
                if tally_codec.is_kept(item, grade):
                    yield wave_id, item, grade, stratum_id, channel, slot, count


def regroup(db: Connection, wave_id: int, strata: Mapping[int, int], channels: Mapping[str, str]) -> None:
    """Count under other strata and channels what was counted under these; the sums stay."""
    if strata or channels:
        _regroup(db, tally, wave_id, {"stratum_id": strata, "channel": channels})
        _regroup(db, arrival, wave_id, {"channel": channels})


def _regroup(db: Connection, table: Any, wave_id: int, changes: Mapping[str, Mapping[Any, Any]]) -> None:
    columns = [column for column in table.columns if column.name != "count"]
    sums: Counter[tuple[Any, ...]] = Counter()
    for *key, count in db.execute(select(*columns, table.c.count).where(table.c.wave_id == wave_id)):
        moved = (changes.get(one.name, {}).get(value, value) for one, value in zip(columns, key, strict=True))
        sums[tuple(moved)] += count
    db.execute(table.delete().where(table.c.wave_id == wave_id))
    names = [column.name for column in columns]
    rows = [{**dict(zip(names, key, strict=True)), "count": count} for key, count in sorted(sums.items())]
    if rows:
        db.execute(table.insert(), rows)


def count_responses(db: Connection, wave_id: int) -> dict[tuple[int, Channel], int]:
    """(stratum, channel) → responses, live."""
    rows = db.execute(
        select(tally.c.stratum_id, tally.c.channel, func.sum(tally.c.count))
        .where(tally.c.wave_id == wave_id, tally.c.item == RESPONSES)
        .group_by(tally.c.stratum_id, tally.c.channel)
    )
    return {(stratum, Channel(channel)): int(count) for stratum, channel, count in rows}


def count_imported(db: Connection, wave_id: int) -> int:
    """Responses that came from a file."""
    of = (tally.c.wave_id == wave_id, tally.c.item == RESPONSES, tally.c.channel == Channel.IMPORT)
    return int(db.execute(select(func.coalesce(func.sum(tally.c.count), 0)).where(*of)).scalar_one())


def count_respondents(db: Connection, wave_id: int) -> dict[Respondent, int]:
    """身份 → forms that came by open codes, live."""
    rows = db.execute(
        select(tally.c.grade, func.sum(tally.c.count))
        .where(tally.c.wave_id == wave_id, tally.c.item == RESPONSES, tally.c.channel.in_(UNVERIFIED))
        .group_by(tally.c.grade)
    )
    return {Respondent(who): int(count) for who, count in rows}


def count_signs(db: Connection, wave_id: int, source: Source) -> dict[int, int]:
    """Flags → forms of a source that bear them, live."""
    rows = db.execute(
        select(tally.c.grade, tally.c.channel, func.sum(tally.c.count))
        .where(tally.c.wave_id == wave_id, tally.c.item == SIGNS)
        .group_by(tally.c.grade, tally.c.channel)
    )
    forms: Counter[int] = Counter()
    for flags, channel, count in rows:
        forms[flags] += int(count) if source_of(channel) == source else 0
    return forms


def count_remarked(db: Connection, wave_id: int) -> dict[Source, int]:
    """How many forms left the remarks that wait."""
    rows = db.execute(
        select(tally.c.channel, tally.c.count).where(tally.c.wave_id == wave_id, tally.c.item == REMARKED)
    )
    found = dict.fromkeys(Source, 0)
    for channel, count in rows:
        found[source_of(channel)] += count
    return found


def forget_remarked(db: Connection, wave_id: int, source: Source) -> None:
    """Begin to count anew: the remarks of these forms are out."""
    channels = [one for one in Channel if source_of(one) == source]
    of = (tally.c.wave_id == wave_id, tally.c.item == REMARKED, tally.c.channel.in_(channels))
    db.execute(delete(tally).where(*of))


def read(db: Connection, wave_id: int, reasons: int) -> dict[int, dict[tuple[int, str], Counted]]:
    """item → (stratum, channel) → counts of grades and of the `reasons` reason chips; those of doubtful
    forms too, so that all are of one moment."""
    rows = db.execute(
        select(tally.c.item, tally.c.grade, tally.c.stratum_id, tally.c.channel, func.sum(tally.c.count))
        .where(tally.c.wave_id == wave_id, tally.c.item.not_in(BESIDE_ANSWERS))
        .group_by(tally.c.item, tally.c.grade, tally.c.stratum_id, tally.c.channel)
    )
    raw: dict[int, dict[tuple[int, str], list[int]]] = {}
    for item, grade, stratum, channel, count in rows:
        cell = raw.setdefault(item, {}).setdefault((stratum, channel), [0] * (5 + reasons))
        cell[tally_codec.column_of(grade)] += int(count)
    return {
        item: {key: Counted(tuple(cell[:5]), tuple(cell[5:])) for key, cell in cells.items()}
        for item, cells in raw.items()
    }
