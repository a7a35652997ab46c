"""Tables as CSV text: UTF-8 with BOM, row by row, and harmless to open in a spreadsheet.

Percentages are plain numbers (79.3 means 79.3 %), scores have two decimals; what may not be shown is empty.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.core.answers.form import Form
from survey.core.figures.cells import Figures, FormCounts, Shown, Withheld
from survey.core.intake.grade_words import GRADE_WORDS
from survey.core.models import Channel, Grade, Kind, Source
from survey.core.names import CHANNEL_NAMES, KIND_NAMES, SOURCE_NAMES
from survey.core.study.judged import Judged
from survey.output.figures import codebook
from survey.output.figures.charts_reasons import no_reasons
from survey.output.figures.columns import Layout
from survey.output.figures.export_rows import ArrivalRow, RatingRow, ReasonRow, RemarkRow
from survey.output.figures.figure_row import FigureRow

WORDS = {grade: word for word, grade in GRADE_WORDS.items()}
# A spreadsheet runs a cell that begins so, even after blanks and in full width.
ACTIVE = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")
BLANKS = " \u00a0\u3000\ufeff\u200b"
PIECE = 64 * 1024  # characters handed on at a time


def harmless(value: Any) -> Any:
    """The value as a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.lstrip(BLANKS).startswith(ACTIVE):
        return "'" + value
    return value


def csv_text(layout: Layout, rows: Iterable[Any]) -> Iterator[str]:
    """A CSV file of a layout in pieces, each cell asked of its column."""
    return lines(layout.header, map(layout.row, rows))


def lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A CSV file in pieces that WPS and Excel read, with no live formula."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        if text.tell() > PIECE:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def summary_rows(title: str, figures: Judged, forms: FormCounts) -> Iterator[FigureRow]:
    """One row per department and question, from the same released rows that pages draw."""
    touched = {row.department_id: row.cell.n for row in figures.overall if not isinstance(row.cell, Withheld)}
    return (FigureRow(row, figures, title, forms, touched.get(row.department_id)) for row in figures)


def summary(title: str, figures: Judged, forms: FormCounts) -> Iterator[str]:
    """部门汇总 as CSV."""
    return csv_text(codebook.SUMMARY, summary_rows(title, figures, forms))


@dataclass(frozen=True)
class ReleasedRemark:
    """A remark that may be seen. `rated_bad` is None where text and grade are kept apart; without a department both
    its id and its name are empty."""

    department_id: str
    department: str
    kind: Kind
    text: str
    rated_bad: bool | None = None
    source: Source = Source.VERIFIED


def remark_rows(title: str, released: Iterable[ReleasedRemark]) -> Iterator[RemarkRow]:
    """One row per remark, in the order given."""
    for one in released:
        bad = None if one.rated_bad is None else "是" if one.rated_bad else "否"
        yield RemarkRow(title, SOURCE_NAMES[one.source], one.department, KIND_NAMES[one.kind], one.text, bad)


def remarks(title: str, released: Iterable[ReleasedRemark]) -> Iterator[str]:
    """留言 as CSV."""
    return csv_text(codebook.REMARKS, remark_rows(title, released))


def reason_rows(title: str, figures: Figures, names: Sequence[str]) -> Iterator[ReasonRow]:
    """One row per department and ticked reason; where there is none, one row that says why."""
    for row in figures.overall:
        about = (title, row.category, row.department)
        if not isinstance(row.cell, Shown):
            yield ReasonRow(*about, why=row.cell.why)
            continue
        counts = (row.cell.n, row.cell.reasoned or row.cell.bad)
        ticked = sorted(
            ((n, name) for n, name in zip(row.cell.reasons, names, strict=False) if n), reverse=True
        )
        for n, name in ticked:
            yield ReasonRow(*about, *counts, name, n)
        if not ticked:
            known = row.cell.reasons or not counts[1]
            yield ReasonRow(*about, *counts, None, 0 if known else None, no_reasons(row.cell))


def reasons(title: str, figures: Figures, names: Sequence[str]) -> Iterator[str]:
    """差评原因 as CSV."""
    return csv_text(codebook.REASONS, reason_rows(title, figures, names))


def arrivals(title: str, days: pd.DataFrame) -> Iterator[str]:
    """回收进度 as CSV: one row per day and channel."""
    rows = (
        ArrivalRow(title, f"{day:%Y-%m-%d}", CHANNEL_NAMES[Channel(channel)], int(count))
        for day, channel, count in days.itertuples(index=False)
    )
    return csv_text(codebook.ARRIVALS, rows)


def dictionary() -> Iterator[str]:
    """数据字典 as CSV."""
    return lines(codebook.CODEBOOK.header, codebook.lines())


@dataclass(frozen=True)
class Answered:
    """A response as far as its wave's mode tells: who (代号, 企业名称 or nothing) and the packed grades."""

    id: bytes
    rater: str
    grades: bytes


def ratings(title: str, form: Form, responses: Iterable[Answered]) -> Iterator[str]:
    """One row per grade given, 未接触 left out; `survey import ratings` can read it back."""
    names = [(one.name, question.name.zh) for one in form.departments for question in form.questions]
    rows = (
        RatingRow(title, one.rater, one.id.hex()[:16], *names[item], WORDS[Grade(grade)])
        for one in responses
        for item, grade in enumerate(one.grades)
        if grade
    )
    return csv_text(codebook.RATINGS, rows)
