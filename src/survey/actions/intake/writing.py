"""An import on its way into the database, in chunks."""

import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, update
from sqlmodel import Session, col

from survey.actions.figures.release import make_final_release
from survey.actions.intake.plan import ImportPlan, ImportResult
from survey.actions.intake.turn import Turn
from survey.actions.intake.words import departments_of, natural, period, questionnaire_of, title_of
from survey.actions.waves.keys import KeyRefused, make_key, pseudonym, series_key
from survey.core.answers import tally_codec
from survey.core.answers.form import RatedDepartment
from survey.core.intake.frame_table import Parts, sizes
from survey.core.intake.rating_table import ImportRefused, RatingTable, same_name
from survey.core.models import (
    NO_STRATUM,
    Channel,
    Mode,
    Stratum,
    Table,
    Tally,
    Wave,
    WaveState,
)
from survey.core.statistics.vectors import LEVELS, count_grades
from survey.core.waves.strata import columns, labels, of_columns
from survey.settings import get_settings
from survey.storage.bulk import load_rows
from survey.storage.database import transaction, writing

SERIES = "import"  # its own pseudonym key: a rater called 17 must not pair with our enterprise 17
CHUNK_ROWS, CHUNK_BYTES = 10_000, 16 << 20  # one transaction each; the doors write in between
RESPONSE_COLUMNS = (
    "wave_id", "stratum_id", "channel", "language", "flags", "id", "grades", "pseudonym",
)  # fmt: skip

tables = Table.metadata.tables
Codes = NDArray[np.int32] | NDArray[np.int64]


class Importing:
    """One import on its way into the database."""

    def __init__(
        self, plan: ImportPlan, table: RatingTable, questions: list[str], frame: dict[str, Parts], turn: Turn,
        progress: Callable[[str, int, int], None],
    ) -> None:  # fmt: skip
        self.plan, self.table, self.turn, self.progress = plan, table, turn, progress
        self.frame = frame
        self.questionnaire = questionnaire_of(questions)
        self.departments = departments_of(table.departments)
        place = {name: number for number, name in enumerate(questions)}
        order = np.array([place[name] for name in table.questions] or [0], np.int32)
        self.question = (
            order[table.question] if table.question is not None else np.zeros(len(table), np.int32)
        )
        self.done = 0

    def run(self) -> ImportResult:
        """Write every wave, then show them all at once."""
        made = [self._wave(name, rows) for name, rows in self._split()]
        with writing() as db:
            self.turn.keep(db)
            db.execute(update(Wave).where(col(Wave.id).in_([one[0] for one in made])).values(published=True))
        self.progress("公布", len(made), len(made))
        return ImportResult(made, len(self.table))

    def _split(self) -> list[tuple[str, Codes]]:
        """Wave names in natural order, each with the places of its rows."""
        if self.table.wave is None:
            return [("", np.arange(len(self.table)))]
        order = np.argsort(self.table.wave, kind="stable")
        ends = np.searchsorted(self.table.wave[order], np.arange(1, len(self.table.waves)))
        return sorted(
            zip(self.table.waves, np.split(order, ends), strict=True), key=lambda one: natural(one[0])
        )

    def _wave(self, name: str, rows: Codes) -> tuple[int, str, int]:
        used, department = np.unique(self.table.department[rows], return_inverse=True)
        title = " ".join(part for part in (self.plan.title, name) if part) or title_of(self.plan)
        with writing() as db:
            self.turn.keep(db)
            wave = self._new_wave(name, title, [self.departments[one] for one in used])
            if wave.mode == Mode.PSEUDONYMOUS:
                self._make_key(db)
            db.add(wave)
            db.flush()
            strata = self._strata(db, wave)
        items = len(used) * len(self.questionnaire.questions)
        item = department * len(self.questionnaire.questions) + self.question[rows]
        responses = self._write(wave, rows, item, items, strata)
        with writing() as db:
            make_final_release(db, wave.id, self.turn.began, {})
        return wave.id, title, responses

    def _strata(self, db: Session, wave: Wave) -> Codes:
        """The stratum of each rater; `NO_STRATUM` for all where nobody knows who was invited."""
        invited = sizes(self.frame)
        made = {parts: of_columns(self.plan.by, parts) for parts in invited}
        new = {
            one: Stratum(wave_id=wave.id, name=name, invited=invited[one], **columns(made[one]))
            for one, name in labels(made).items()
        }
        db.add_all(new.values())
        db.flush()
        ids = [new[self.frame[same_name(one)]].id if self.frame else NO_STRATUM for one in self.table.raters]
        return np.array(ids or [NO_STRATUM], np.int64)

    @staticmethod
    def _make_key(db: Session) -> None:
        try:
            make_key(db, SERIES)
        except KeyRefused as refused:
            raise ImportRefused([(0, str(refused))]) from refused

    def _new_wave(self, name: str, title: str, departments: list[RatedDepartment]) -> Wave:
        opens, closes = period(name, self.turn.began)
        pseudonymous = self.table.rater is not None and self.plan.mode == Mode.PSEUDONYMOUS
        return Wave(
            title=title, series=SERIES, mode=Mode.PSEUDONYMOUS if pseudonymous else Mode.ANONYMOUS,
            state=WaveState.CLOSED, opens_at=opens, closes_at=closes, imported=True, published=False,
            questionnaire=self.questionnaire.model_dump(mode="json"),
            departments=[asdict(one) for one in departments],
            formula=self.plan.formula, host_name=get_settings().host_name,
        )  # fmt: skip

    def _write(self, wave: Wave, rows: Codes, item: Codes, items: int, strata: Codes) -> int:
        """Write the responses in the order of their random ids, which says nothing of the file's."""
        rater = self.table.rater[rows] if self.table.rater is not None else None
        number, raters = group_responses(rater, item)
        ids, shuffle = _random_ids(len(raters)), np.random.default_rng().permutation(len(raters))
        number, raters = np.argsort(shuffle)[number], raters[shuffle]
        order = np.argsort(number, kind="stable")
        number, item, grade = number[order], item[order], self.table.grade[rows][order]
        counts = {int(one): np.zeros((items, LEVELS), np.int64) for one in np.unique(strata)}
        step = max(1, min(CHUNK_ROWS, CHUNK_BYTES // items))
        for start in range(0, len(raters), step):
            stop = min(start + step, len(raters))
            low, high = np.searchsorted(number, [start, stop])
            grades = np.zeros((stop - start, items), np.uint8)
            grades[number[low:high] - start, item[low:high]] = grade[low:high]
            mine = strata[raters[start:stop]]
            for one in np.unique(mine).tolist():
                counts[one] += count_grades(grades[mine == one])
            self._insert(wave, ids[start:stop], grades, raters[start:stop], mine)
            self.done += int(high - low)
            self.progress("写入", self.done, len(self.table))
        for one, found in counts.items():
            _insert_tallies(wave, one, found, int((strata[raters] == one).sum()))
        return len(raters)

    def _insert(
        self, wave: Wave, ids: NDArray[Any], grades: NDArray[np.uint8], raters: Codes, strata: Codes
    ) -> None:
        names = self.table.raters if wave.mode == Mode.PSEUDONYMOUS else None
        secret = series_key(wave.series) if names else b""
        packed, keys, width = grades.tobytes(), ids.tobytes(), grades.shape[1]
        shared = (Channel.IMPORT.value, "zh", 0)
        rows = [
            (
                wave.id,
                stratum,
                *shared,
                keys[16 * one : 16 * (one + 1)],
                packed[width * one : width * (one + 1)],
                pseudonym(secret, names[rater]) if names else None,
            )
            for one, (rater, stratum) in enumerate(zip(raters.tolist(), strata.tolist(), strict=True))
        ]
        with writing() as db:
            self.turn.keep(db)
            load_rows(db.connection(), tables["response"], RESPONSE_COLUMNS, rows)


def group_responses(rater: Codes | None, item: Codes) -> tuple[Codes, Codes]:
    """The response number of every row, and the rater of every response.

    A rater's k-th rating of the same item goes into the rater's k-th response. Without raters every row
    is a response.
    """
    if rater is None:
        return np.arange(len(item)), np.zeros(len(item), np.int32)
    order = np.lexsort((item, rater))  # stable: the file's order within a rater's item
    place = np.arange(len(item))
    starts = np.ones(len(item), bool)
    starts[1:] = (np.diff(rater[order]) != 0) | (np.diff(item[order]) != 0)
    again = np.empty(len(item), np.int64)
    again[order] = place - np.maximum.accumulate(np.where(starts, place, 0))
    most = int(again.max()) + 1
    responses, number = np.unique(rater.astype(np.int64) * most + again, return_inverse=True)
    return number, responses // most


def _random_ids(count: int) -> NDArray[Any]:
    """Random 128-bit ids in rising order: `[count, 2]` big-endian halves."""
    ids = np.frombuffer(os.urandom(16 * count), ">u8").reshape(count, 2)
    return ids[np.lexsort((ids[:, 1], ids[:, 0]))]


def _insert_tallies(wave: Wave, stratum: int, counts: NDArray[np.int64], responses: int) -> None:
    if not responses:
        return
    shared = {"wave_id": wave.id, "stratum_id": stratum, "channel": Channel.IMPORT, "slot": 0}
    item, grade = tally_codec.response()
    rows = [{**shared, "item": item, "grade": grade, "count": responses}]
    for item, grade in np.argwhere(counts[:, 1:]).tolist():
        rows.append({**shared, "item": item, "grade": grade + 1, "count": int(counts[item, grade + 1])})
    with transaction() as db:
        db.execute(insert(Tally), rows)
