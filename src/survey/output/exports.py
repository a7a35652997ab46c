"""Tables as CSV text: UTF-8 with BOM, row by row, and harmless to open in a spreadsheet.

Percentages are plain numbers (79.3 means 79.3 %), scores have two decimals; what may not be shown is empty.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.core.figures import Banded, Figures, FormCounts, Row, Shown, Withheld
from survey.core.form import Form
from survey.core.grade_words import GRADE_WORDS
from survey.core.judged import Judged
from survey.core.models import Channel, Grade, Kind, Source
from survey.core.names import CHANNEL_NAMES, KIND_NAMES, SOURCE_NAMES
from survey.core.study import Measure
from survey.output import codebook
from survey.output.charts_reasons import no_reasons
from survey.output.columns import Layout
from survey.output.findings import rank_words

RATE = Measure.WITH_BASIC
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


def csv_text(layout: Layout, rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A CSV file of a layout in pieces."""
    return lines(layout.header, rows)


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


def summary_rows(title: str, figures: Judged, forms: FormCounts) -> Iterator[list[Any]]:
    """One row per department and question, from the same released rows that pages draw."""
    touched = {row.department_id: row.cell.n for row in figures.overall if not isinstance(row.cell, Withheld)}
    return (_summary_row(title, row, figures, forms, touched.get(row.department_id)) for row in figures)


def summary(title: str, figures: Judged, forms: FormCounts) -> Iterator[str]:
    """部门汇总 as CSV."""
    return csv_text(codebook.SUMMARY, summary_rows(title, figures, forms))


def _summary_row(title: str, row: Row, figures: Judged, forms: FormCounts, touched: int | None) -> list[Any]:
    """未接触 is taken from the forms there were when this cell last moved: with all forms of the release
    it would be wrong, and with a fresh count it would tell how many have rated since."""
    about = [
        title,
        row.category,
        row.department,
        row.question,
        forms.invited,
        forms.collected,
        forms.published,
    ]
    if isinstance(row.cell, Withheld):
        return [*about, *[None] * 17, figures.formula.name, row.cell.why]
    untouched = None if row.asked is None else row.asked - row.cell.n
    if isinstance(row.cell, Banded):
        return [
            *about, touched, row.cell.n, *[None] * 5, untouched, *[None] * 9, figures.formula.name, row.cell.why
        ]  # fmt: skip
    record = row.record(figures.formula)
    rates = (record[name] for name in ("rate_with_basic", "rate_without_basic", "bad_rate"))
    return [
        *about, touched, row.cell.n, *reversed(row.cell.counts),
        untouched, round(record["score"], 2), *(round(100 * rate, 1) for rate in rates), *compared(row, figures, 1), figures.formula.name, "",
    ]  # fmt: skip


def compared(row: Row, figures: Judged, digits: int | None = None) -> list[Any]:
    """加权后, both ends of the range, tier and ranks of a shown row's 满意率; percentages as plain numbers."""
    found = figures.of(row, RATE)
    level, weighted = found.level, found.weighted
    shares = [weighted.value if weighted else None, *((level.low, level.high) if level else (None, None))]
    numbers = (None if one is None else 100 * one for one in shares)
    told = (one if one is None or digits is None else round(one, digits) for one in numbers)
    return [*told, *ranked(row, figures, RATE)]


def ranked(row: Row, figures: Judged, measure: Measure) -> list[Any]:
    """Tier and ranks of a shown row, or in their place why there are none."""
    found = figures.of(row, measure).standing
    if not found.tier:
        return [f"未参加比较：{found.why}" if figures.computed else "尚未分档", None]
    return [found.tier.value, rank_words(found)]


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


def remark_rows(title: str, released: Iterable[ReleasedRemark]) -> Iterator[list[Any]]:
    """One row per remark, in the order given."""
    for one in released:
        bad = None if one.rated_bad is None else "是" if one.rated_bad else "否"
        yield [title, SOURCE_NAMES[one.source], one.department, KIND_NAMES[one.kind], one.text, bad]


def remarks(title: str, released: Iterable[ReleasedRemark]) -> Iterator[str]:
    """留言 as CSV."""
    return csv_text(codebook.REMARKS, remark_rows(title, released))


def reason_rows(title: str, figures: Figures, names: Sequence[str]) -> Iterator[list[Any]]:
    """One row per department and ticked reason; where there is none, one row that says why."""
    for row in figures.overall:
        about = [title, row.category, row.department]
        if not isinstance(row.cell, Shown):
            yield [*about, None, None, None, None, row.cell.why]
            continue
        counts = [row.cell.n, row.cell.reasoned or row.cell.bad]
        ticked = sorted(
            ((n, name) for n, name in zip(row.cell.reasons, names, strict=False) if n), reverse=True
        )
        for n, name in ticked:
            yield [*about, *counts, name, n, ""]
        if not ticked:
            known = row.cell.reasons or not counts[1]
            yield [*about, *counts, None, 0 if known else None, no_reasons(row.cell)]


def reasons(title: str, figures: Figures, names: Sequence[str]) -> Iterator[str]:
    """差评原因 as CSV."""
    return csv_text(codebook.REASONS, reason_rows(title, figures, names))


def arrivals(title: str, days: pd.DataFrame) -> Iterator[str]:
    """回收进度 as CSV: one row per day and channel."""
    rows = (
        [title, f"{day:%Y-%m-%d}", CHANNEL_NAMES[Channel(channel)], int(count)]
        for day, channel, count in days.itertuples(index=False)
    )
    return csv_text(codebook.ARRIVALS, rows)


def dictionary() -> Iterator[str]:
    """数据字典 as CSV."""
    return csv_text(codebook.CODEBOOK, codebook.lines())


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
        (title, one.rater, one.id.hex()[:16], *names[item], WORDS[Grade(grade)])
        for one in responses
        for item, grade in enumerate(one.grades)
        if grade
    )
    return csv_text(codebook.RATINGS, rows)
