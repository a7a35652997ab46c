"""Import a table of ratings as closed waves: in chunks, published by one flip at the end, all or nothing."""

import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from survey.actions.keys import KeyRefused, make_key, pseudonym, series_key
from survey.actions.release import make_release
from survey.actions.study import study_wave
from survey.actions.waves import QUESTIONNAIRES
from survey.core import tally_codec
from survey.core.clock import CHINA
from survey.core.form import RatedDepartment
from survey.core.frame_table import Parts, read_frame, refuse_strangers, sizes
from survey.core.grade_words import GRADE_WORDS
from survey.core.models import (
    NO_STRATUM,
    Channel,
    Department,
    Mode,
    Release,
    Response,
    StoredStudy,
    Stratum,
    Table,
    Tally,
    Wave,
    WaveState,
)
from survey.core.plain_text import name_key, one_line
from survey.core.questionnaire import Question, Questionnaire, RemarkKind, Text, load_questionnaire
from survey.core.rating_table import Columns, ImportRefused, RatingTable, read_ratings, same_name
from survey.core.statistics import FORMULAS
from survey.core.strata import columns, labels, of_columns
from survey.core.vectors import LEVELS, count_grades
from survey.settings import get_settings
from survey.storage.bulk import load_rows
from survey.storage.database import reading, transaction, writing
from survey.storage.leases import give_back, take_lease

__all__ = ["ImportPlan", "ImportRefused", "ImportResult", "clear_unfinished_imports", "import_ratings"]

OVERALL = "总体满意度"
CATEGORY = "导入"
DEFAULT_FORMULA = "10-8-6-3-0"
SERIES = "import"  # its own pseudonym key: a rater called 17 must not pair with our enterprise 17
TITLE_LIMIT = 60
CHUNK_ROWS, CHUNK_BYTES = 10_000, 16 << 20  # one transaction each; the doors write in between
RESPONSE_COLUMNS = (
    "wave_id", "stratum_id", "channel", "language", "flags", "id", "grades", "pseudonym",
)  # fmt: skip
TERM = timedelta(minutes=1)  # how long a dead import keeps the next one out

tables = Table.metadata.tables
Codes = NDArray[np.int32] | NDArray[np.int64]


@dataclass(frozen=True)
class ImportPlan:
    """What to import and which column holds what. `overall` names the 总体 question if the file's is called otherwise.

    `frame` lists who was invited (its column `rater`), with the columns `by` that make up the strata.
    """

    path: Path
    rater: str | None
    department: str
    grade: str
    question: str | None = None
    wave: str | None = None
    title: str | None = None
    mode: Mode = Mode.PSEUDONYMOUS
    overall: str | None = None
    formula: str = DEFAULT_FORMULA
    frame: Path | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportResult:
    """The new waves as (id, title, responses), and how many rows of the file are in them."""

    waves: list[tuple[int, str, int]]
    rows: int


def import_ratings(
    plan: ImportPlan, *, now: datetime, progress: Callable[[str, int, int], None]
) -> ImportResult:
    """Turn a table into closed waves that appear together, or raise `ImportRefused` and leave nothing."""
    if plan.mode == Mode.NAMED:
        raise ImportRefused([(0, "导入的期次只能是代号或不记名：文件里的评价者不是系统登记的企业。")])
    if plan.formula not in FORMULAS:
        raise ImportRefused([(0, f"没有口径「{plan.formula}」，可以用：{'、'.join(FORMULAS)}。")])
    columns = Columns(plan.department, plan.grade, plan.rater, plan.question, plan.wave)
    title = _title(plan)
    limit = TITLE_LIMIT - (len(title) + 1 if plan.title else 0)
    if not 0 < len(title) <= TITLE_LIMIT or limit < 1:
        raise ImportRefused([(0, f"期次名称要有 1 到 {TITLE_LIMIT} 个字。")])
    table = read_ratings(plan.path, columns, limit, progress)
    questions = _questions(table, plan)
    frame = _frame(plan, table)
    with _Turn(now) as turn:
        result = _Import(plan, table, questions, frame, turn, progress).run()
    for done, (wave_id, _, _) in enumerate(result.waves, 1):
        with suppress(Exception):  # kept as failed; the job tries again, and tells
            study_wave(wave_id, now)
        progress("统计", done, len(result.waves))
    return result


def _frame(plan: ImportPlan, table: RatingTable) -> dict[str, Parts]:
    """Rater → what divides the invited; nothing where it is not known who was invited."""
    if plan.frame is None:
        return {}
    if plan.rater is None or not plan.by:
        raise ImportRefused([(0, "受邀名单要同时指明评价者所在的列和分层所在的列。")])
    frame = read_frame(plan.frame, plan.rater, plan.by)
    refuse_strangers(frame, table.raters)
    return frame


def clear_unfinished_imports(db: Session) -> int:
    """Remove what an interrupted import left behind; returns how many waves that was."""
    ids = list(db.exec(select(Wave.id).where(col(Wave.imported), ~col(Wave.published))))
    for table in (Response, Tally, Release, Stratum, StoredStudy):
        db.execute(delete(table).where(col(table.wave_id).in_(ids)))
    db.execute(delete(Wave).where(col(Wave.id).in_(ids)))
    return len(ids)


class _Turn:
    """One import at a time; a failed one is cleared away at once, a killed one by the next."""

    def __init__(self, now: datetime) -> None:
        self.began, self._clock, self._holder = now, time.monotonic(), secrets.token_hex(8)

    @property
    def now(self) -> datetime:
        return self.began + timedelta(seconds=time.monotonic() - self._clock)

    def __enter__(self) -> "_Turn":
        with writing() as db:
            self.keep(db)
            clear_unfinished_imports(db)
        return self

    def keep(self, db: Session) -> None:
        """Renew the turn; raises `ImportRefused` when another import has it."""
        if not take_lease(db, "import", self._holder, self.now, TERM):
            raise ImportRefused([(0, "另一个导入正在进行，请等它完成后再试。")])

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is ImportRefused:
            return  # the turn, and what is unpublished, belongs to another import
        with writing() as db:
            if kind is not None:
                clear_unfinished_imports(db)
            give_back(db, "import", self._holder)


class _Import:
    """One import on its way into the database."""

    def __init__(
        self, plan: ImportPlan, table: RatingTable, questions: list[str], frame: dict[str, Parts], turn: _Turn,
        progress: Callable[[str, int, int], None],
    ) -> None:  # fmt: skip
        self.plan, self.table, self.turn, self.progress = plan, table, turn, progress
        self.frame = frame
        self.questionnaire = _questionnaire(questions)
        self.departments = _departments(table.departments)
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
            zip(self.table.waves, np.split(order, ends), strict=True), key=lambda one: _natural(one[0])
        )

    def _wave(self, name: str, rows: Codes) -> tuple[int, str, int]:
        used, department = np.unique(self.table.department[rows], return_inverse=True)
        title = " ".join(part for part in (self.plan.title, name) if part) or _title(self.plan)
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
            make_release(db, wave.id, self.turn.began)
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


# --- what the file's words become --------------------------------------------------------------------


def _title(plan: ImportPlan) -> str:
    return one_line(plan.title or plan.path.stem)


def _questions(table: RatingTable, plan: ImportPlan) -> list[str]:
    """The questions, the 总体 one first. Which one that is must be known: it is never worked out of the others."""
    if table.question is None:
        return [plan.overall or OVERALL]
    names = table.questions
    overall = plan.overall or (names[0] if len(names) == 1 else OVERALL)
    if overall not in names:
        have = "、".join(names)
        cure = f"题目列里没有「{overall}」；文件的题目有：{have}。请用 --overall 指明哪一题是总体评价。"
        raise ImportRefused([(0, cure)])
    return [overall, *(name for name in names if name != overall)]


def _questionnaire(names: list[str]) -> Questionnaire:
    """Questions known from our own questionnaire keep its ids, so that their trends go on."""
    known = {one.name.zh: one.id for one in load_questionnaire(QUESTIONNAIRES / "business.toml").dimensions}
    overall, *dimensions = (
        Question(id=known.get(name, _id("q", name)) if place else "overall", name=Text(zh=name))
        for place, name in enumerate(names)
    )
    return Questionnaire(
        id="imported", title=Text(zh="导入的评价"), overall=overall, dimensions=tuple(dimensions), reasons=(),
        grades={str(int(grade)): Text(zh=word) for word, grade in GRADE_WORDS.items() if grade},
        kinds=tuple[RemarkKind, ...](),
    )  # fmt: skip


def _departments(names: list[str]) -> list[RatedDepartment]:
    """Departments of our own list keep id and class; others get an id that the same name always gets."""
    with reading() as db:
        known = {name_key(one.name): one for one in db.exec(select(Department))}
        earlier = select(Wave.departments).where(col(Wave.imported)).order_by(col(Wave.id))
        ids = {name_key(one["name"]): one["id"] for departments in db.exec(earlier) for one in departments}
    return [
        RatedDepartment(one.id, name, one.category, one.duty, one.name_en, one.duty_en)
        if (one := known.get(key := name_key(name)))
        else RatedDepartment(ids.get(key) or _id("d", key), name, CATEGORY)
        for name in names
    ]


def _id(letter: str, name: str) -> str:
    return f"{letter}-{sha256(name.encode()).hexdigest()[:12]}"


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts 第 10 期 after 第 9 期."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


PERIOD = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:年|[-/.]?)\s*"
    r"(?:(?:第?(?P<q>[1-4一二三四])季度?|[Qq](?P<Q>[1-4]))|(?P<month>\d{1,2})月?(?:[-/.]?(?P<day>\d{1,2})日?)?)?"
)


def period(name: str, now: datetime) -> tuple[datetime, datetime]:
    """Start and end of a wave named like a year, quarter, month or day, not after `now`; else `now` twice."""
    found = PERIOD.fullmatch(name.strip())
    if found is None:
        return now, now
    quarter = found["Q"] or found["q"]
    first = "一二三四".find(quarter) * 3 + 1 if quarter and quarter in "一二三四" else 1
    first = int(quarter) * 3 - 2 if quarter and quarter.isascii() else first
    month, day = int(found["month"] or first), int(found["day"] or 1)
    months = 12 if not (quarter or found["month"]) else 3 if quarter else 1
    try:
        start = datetime(int(found["year"]), month, day, tzinfo=CHINA)
    except ValueError:
        return now, now
    last = start.year * 12 + start.month - 1 + months
    end = start + timedelta(days=1) if found["day"] else datetime(last // 12, last % 12 + 1, 1, tzinfo=CHINA)
    return min(start, now), min(end, now)
