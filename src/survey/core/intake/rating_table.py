"""A CSV of single ratings → compact codes, or every bad line with its reason."""

import os
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from stdnum.cn import uscc

from survey.core.intake.grade_words import GradeTexts
from survey.core.intake.list_text import TextRefused, csv_rows, encoding_of, open_text
from survey.core.intake.rare_characters import unreadable
from survey.core.plain_text import clean, name_key
from survey.core.refusals import Refusal
from survey.core.registry.cells import LOST

SUM = re.compile(r"(?:合计|总计|小计|共计|累计|平均|平均分|平均值|均值|总分)")
SUM_ROW = "这一行是「{}」，不是评价，请删去这一行"
ERROR_CELL = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!)", re.I)
NUMBER_LOST = re.compile(r"[+-]?\d+(?:\.\d+)?[eE]\+?\d+|\d{15}000+")
CHINESE = re.compile(r"[\u3400-\u9fff]")
MOST = {"部门": 500, "题目": 50, "期次": 200}  # more means that the wrong column was named
LONGEST = {"部门": 40, "题目": 40, "评价者": 200}
REPORT_EVERY = 20_000  # rows between two steps of the progress bar

Codes = NDArray[np.int32]
Progress = Callable[[str, int, int], None]


class ImportRefused(Refusal):
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


class CodedTexts:
    """The texts of one column, coded in order of first appearance; a text that will not do has a reason."""

    def __init__(self, what: str, longest: int) -> None:
        self.names: list[str] = []
        self._what, self._longest, self._most = what, longest, MOST.get(what)
        self._known: dict[str, int | str] = {}
        self._codes: dict[str, int] = {}

    def code(self, raw: str) -> int | str:
        """The code of a text, or the reason against it."""
        found = self._known.get(raw)
        if found is None:
            lost = unreadable(raw)
            found = self._known[raw] = (
                f"{self._what}「{raw[:12]}」里有认不出的字，请改成正确的字"
                if lost
                else self._judge(clean(raw))
            )
        return found

    def _judge(self, text: str) -> int | str:
        if why := self._wrong(text):
            return why
        key = same_name(text)
        if key in self._codes:
            return self._codes[key]
        if len(self.names) == self._most:
            raise ImportRefused([(0, f"{self._what}超过 {self._most} 个，{self._what}的列名可能写错了。")])
        self.names.append(text)
        self._codes[key] = len(self.names) - 1
        return self._codes[key]

    def _wrong(self, text: str) -> str:
        """The reason against a text, if there is one."""
        if not text:
            return f"{self._what}是空的"
        if len(text) > self._longest:
            return f"{self._what}「{text[:12]}…」有 {len(text)} 个字，最多 {self._longest} 个"
        if SUM.fullmatch(name_key(text)):
            return SUM_ROW.format(text)
        if ERROR_CELL.fullmatch(text):
            return f"{self._what}「{text}」是表格里的公式错误，请改正后再导出"
        if self._what == "评价者" and NUMBER_LOST.fullmatch(text) and not uscc.is_valid(text):
            return f"{self._what}「{text}」{LOST}"
        return ""


def same_name(text: str) -> str:
    """Equal for names that differ only in width, brackets or blanks; codes in Latin letters are taken as they are."""
    return name_key(text) if CHINESE.search(text) else text


def read_ratings(path: Path, columns: Columns, wave_title_limit: int, progress: Progress) -> RatingTable:
    """Read the whole table in one pass; raises `ImportRefused` with every bad line."""
    texts = {
        name: CodedTexts(name, longest) for name, longest in {**LONGEST, "期次": wave_title_limit}.items()
    }
    parts: dict[str, tuple[str | None, CodedTexts | GradeTexts]] = {
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
        rows = each_row(raw, problems, progress)
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
            if any(cell.strip() for cell in row):
                sums = [one for one in bad if one.startswith("这一行是")]
                problems.append((line, "；".join(sums[:1] or bad)))
            continue
        for number, (_, _, store) in zip(codes, columns, strict=True):
            store.append(number)  # type: ignore[arg-type]


def each_row(
    raw: BinaryIO, problems: list[tuple[int, str]], progress: Progress
) -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of the header and every row; a quoted field may run over several lines."""
    size, headed = os.fstat(raw.fileno()).st_size, False
    try:
        for count, (line, row) in enumerate(csv_rows(open_text(raw, encoding_of(raw)))):
            if headed:
                yield line, row
            elif any(cell.strip() for cell in row):
                headed = True
                yield line, [clean(name) for name in row]
            if count % REPORT_EVERY == 0:
                progress("读取", raw.tell(), size)
    except TextRefused as refused:
        own = f"第 {refused.line} 行的"
        about_line = str(refused).startswith(own)
        problem = (refused.line if about_line else 0, str(refused).removeprefix(own))
        if not headed:
            raise ImportRefused([problem]) from refused
        problems.append(problem)
    if not headed:
        raise ImportRefused([(0, "文件是空的，或第一行不是表头。")])
    progress("读取", size, size)


def places(header: list[str], wanted: Sequence[str]) -> list[int]:
    """Where the wanted columns stand."""
    keys = [name_key(name) for name in header]
    if missing := [name for name in wanted if name_key(name) not in keys]:
        have = "、".join(header)
        raise ImportRefused([(1, f"文件里没有名为「{'」「'.join(missing)}」的列；文件有这些列：{have}。")])
    if twice := [name for name in wanted if keys.count(name_key(name)) > 1]:
        raise ImportRefused([(1, f"表头里有两个「{twice[0]}」列，请改成不同的名称。")])
    return [keys.index(name_key(name)) for name in wanted]


def open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise ImportRefused([(0, f"打不开文件 {path}（{error.strerror}）。")]) from error
