"""A CSV of single ratings → compact codes, or every bad line with its reason."""

import codecs
import csv
import io
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from survey.core.models import Grade
from survey.core.plain_text import clean

GRADE_WORDS = {
    "非常满意": Grade.VERY_SATISFIED,
    "满意": Grade.SATISFIED,
    "基本满意": Grade.BASICALLY_SATISFIED,
    "不满意": Grade.DISSATISFIED,
    "非常不满意": Grade.VERY_DISSATISFIED,
    "未接触": Grade.UNTOUCHED,
}
GRADE_CODES = {
    **{word: int(grade) for word, grade in GRADE_WORDS.items()},
    **{f"{int(grade)}{end}": int(grade) for grade in Grade for end in ("", ".0")},
}
GRADE_WRONG = "等级「{}」不认识，只能是 0 到 5 的整数（5 非常满意，0 未接触）或等级名称"
MOST = {"部门": 500, "题目": 50, "期次": 200}  # more means that the wrong column was named
LONGEST = {"部门": 40, "题目": 40, "评价者": 200}
REPORT_EVERY = 20_000  # rows between two steps of the progress bar

Codes = NDArray[np.int32]
Progress = Callable[[str, int, int], None]


class ImportRefused(Exception):
    """Nothing was imported; `problems` are (line, Chinese reason), line 0 for the file as a whole."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__(f"{len(problems)} 处不能导入：{problems[0][1]}")
        self.problems = problems


@dataclass(frozen=True)
class Columns:
    """Which column of the file holds what; None: the file does not tell."""

    department: str
    grade: str
    rater: str | None = None
    question: str | None = None
    wave: str | None = None


@dataclass(frozen=True)
class RatingTable:
    """Single ratings in file order: one code per rating and column, and the texts behind the codes."""

    department: Codes
    grade: Codes  # the grade itself, 0–5
    rater: Codes | None
    question: Codes | None
    wave: Codes | None
    departments: list[str]
    raters: list[str]
    questions: list[str]
    waves: list[str]

    def __len__(self) -> int:
        return len(self.grade)


class Texts:
    """The texts of one column, coded in order of first appearance; a text that will not do has a reason."""

    def __init__(self, what: str, longest: int) -> None:
        self.names: list[str] = []
        self._what, self._longest, self._most = what, longest, MOST.get(what)
        self._known: dict[str, int | str] = {}

    def code(self, raw: str) -> int | str:
        """The code of a text, or the reason against it."""
        found = self._known.get(raw)
        if found is None:
            found = self._known[raw] = self._judge(clean(raw))
        return found

    def _judge(self, text: str) -> int | str:
        if not text:
            return f"{self._what}是空的"
        if len(text) > self._longest:
            return f"{self._what}「{text[:12]}…」有 {len(text)} 个字，最多 {self._longest} 个"
        if isinstance(known := self._known.get(text), int):
            return known
        if len(self.names) == self._most:
            raise ImportRefused([(0, f"{self._what}超过 {self._most} 个，{self._what}的列名可能写错了。")])
        self.names.append(text)
        self._known[text] = len(self.names) - 1
        return len(self.names) - 1


class GradeTexts:
    """Grades as numbers or Chinese words."""

    def __init__(self) -> None:
        self._known: dict[str, int | str] = {}

    def code(self, raw: str) -> int | str:
        """The grade 0–5, or the reason against it."""
        found = self._known.get(raw)
        if found is None:
            text = clean(raw)
            known = GRADE_CODES.get(text)
            wrong = GRADE_WRONG.format(text[:12]) if text else "等级是空的"
            found = self._known[raw] = wrong if known is None else known
        return found


def read_ratings(path: Path, columns: Columns, wave_title_limit: int, progress: Progress) -> RatingTable:
    """Read the whole table in one pass; raises `ImportRefused` with every bad line."""
    texts = {name: Texts(name, longest) for name, longest in {**LONGEST, "期次": wave_title_limit}.items()}
    parts: dict[str, tuple[str | None, Texts | GradeTexts]] = {
        "部门": (columns.department, texts["部门"]),
        "等级": (columns.grade, GradeTexts()),
        "评价者": (columns.rater, texts["评价者"]),
        "题目": (columns.question, texts["题目"]),
        "期次": (columns.wave, texts["期次"]),
    }
    used = {what: (name, coder) for what, (name, coder) in parts.items() if name is not None}
    stores = {what: array("i") for what in used}
    problems: list[tuple[int, str]] = []
    with open_file(path) as raw:
        rows = each_row(raw, encoding_of(path), problems, progress)
        _, header = next(rows)
        found = places(header, [name for name, _ in used.values()])
        coders = [coder.code for _, coder in used.values()]
        _fill(rows, len(header), list(zip(coders, found, stores.values(), strict=True)), problems)
    if problems:
        raise ImportRefused(sorted(problems))
    codes = {what: np.frombuffer(store, np.int32) for what, store in stores.items() if store}
    if not codes:
        raise ImportRefused([(0, f"文件 {path.name} 里没有一行评价。")])
    return RatingTable(
        codes["部门"], codes["等级"], codes.get("评价者"), codes.get("题目"), codes.get("期次"),
        texts["部门"].names, texts["评价者"].names, texts["题目"].names, texts["期次"].names,
    )  # fmt: skip


Column = tuple[Callable[[str], int | str], int, "array[int]"]


def _fill(
    rows: Iterable[tuple[int, list[str]]],
    width: int,
    columns: Sequence[Column],
    problems: list[tuple[int, str]],
) -> None:
    """Code every row into its columns' stores; a bad row becomes a problem instead."""
    for line, row in rows:
        if len(row) != width:
            if not any(row):
                continue  # a blank line, or what spreadsheets leave below a table
            if len(row) < width or any(row[width:]):
                problems.append((line, f"这一行有 {len(row)} 列，表头有 {width} 列"))
                continue
        codes = [code(row[place]) for code, place, _ in columns]
        if bad := [one for one in codes if isinstance(one, str)]:
            if any(row):
                problems.append((line, "；".join(bad)))
            continue
        for number, (_, _, store) in zip(codes, columns, strict=True):
            store.append(number)  # type: ignore[arg-type]


def each_row(
    raw: BinaryIO, encoding: str, problems: list[tuple[int, str]], progress: Progress
) -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of the header and every row; a quoted field may run over several lines."""
    file, size = io.TextIOWrapper(raw, encoding, newline=""), os.fstat(raw.fileno()).st_size
    first = file.readline()
    if not first.strip():
        raise ImportRefused([(0, "文件是空的，或第一行不是表头。")])
    delimiter = max(",\t;", key=first.count)
    yield 1, [clean(name) for name in next(csv.reader([first], delimiter=delimiter))]
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    last = 0
    try:
        for count, row in enumerate(reader):
            yield last + 2, row
            last = reader.line_num
            if count % REPORT_EVERY == 0:
                progress("读取", raw.tell(), size)
    except csv.Error:
        problems.append((last + 2, "引号不成对，从这一行起无法读下去"))
    progress("读取", size, size)


def places(header: list[str], wanted: Sequence[str]) -> list[int]:
    """Where the wanted columns stand."""
    if missing := [name for name in wanted if name not in header]:
        have = "、".join(header)
        raise ImportRefused([(1, f"文件里没有名为「{'」「'.join(missing)}」的列；文件有这些列：{have}。")])
    if twice := [name for name in wanted if header.count(name) > 1]:
        raise ImportRefused([(1, f"表头里有两个「{twice[0]}」列，请改成不同的名称。")])
    return [header.index(name) for name in wanted]


def open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise ImportRefused([(0, f"打不开文件 {path}（{error.strerror}）。")]) from error


def encoding_of(path: Path) -> str:
    """UTF-8, or GB18030 as Chinese spreadsheets write it; the whole file is tried."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    decoder.decode(piece)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise ImportRefused([(0, f"文件 {path.name} 的编码不是 UTF-8 也不是 GB18030，请另存为 CSV UTF-8。")])
