"""Tables as CSV text: UTF-8 with BOM, row by row, and safe to open in a spreadsheet.

Percentages are plain numbers (79.3 means 79.3 %), scores have two decimals; what may not be shown is empty.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from survey.core.figures import Figures, Row, Shown
from survey.core.models import Grade, Kind
from survey.core.questionnaire import Form
from survey.core.rating_table import GRADE_WORDS

SUMMARY = (
    "期次", "参评类别", "部门", "题目", "邀请", "收回", "有效", "接触", "评价数",
    "非常满意", "满意", "基本满意", "不满意", "非常不满意", "未接触",
    "得分", "满意率（含基本满意）", "满意率（不含基本满意）", "差评率", "口径", "不予显示原因",
)  # fmt: skip
REMARKS = ("期次", "部门", "类型", "内容", "该部门得差评")
RATINGS = ("期次", "评价者", "答卷", "部门", "题目", "等级")
KIND_NAMES = {Kind.REQUEST: "要办的事", Kind.CRITICISM: "不满意", Kind.SUGGESTION: "建议"}
WORDS = {grade: word for word, grade in GRADE_WORDS.items()}
# A spreadsheet runs a cell that begins so, even after blanks and in full width.
ACTIVE = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")
BLANKS = " \u00a0\u3000\ufeff\u200b"
PIECE = 64 * 1024  # characters handed on at a time


def safe(value: Any) -> Any:
    """The value as a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.lstrip(BLANKS).startswith(ACTIVE):
        return "'" + value
    return value


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A CSV file in pieces."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([safe(value) for value in row])
        if text.tell() > PIECE:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


@dataclass(frozen=True)
class FormCounts:
    """Forms of a wave, or of the part looked at; None where that is not known."""

    invited: int | None
    collected: int | None
    valid: int | None  # those in the release the figures come from


def summary(title: str, figures: Figures, forms: FormCounts) -> Iterator[str]:
    """One row per department and question, from the same released rows that pages draw."""
    touched = {row.department_id: row.cell.n for row in figures.overall if isinstance(row.cell, Shown)}
    rows = (_summary_row(title, row, figures, forms, touched.get(row.department_id)) for row in figures)
    return csv_text(SUMMARY, rows)


def _summary_row(title: str, row: Row, figures: Figures, forms: FormCounts, touched: int | None) -> list[Any]:
    """未接触 is taken from the forms there were when this cell last moved: with all forms of the release
    it would be wrong, and with a fresh count it would tell how many have rated since."""
    about = [title, row.category, row.department, row.question, forms.invited, forms.collected, forms.valid]
    if not isinstance(row.cell, Shown):
        return [*about, *[None] * 12, figures.formula.name, row.cell.why]
    record = row.record(figures.formula)
    rates = (record[name] for name in ("rate_with_basic", "rate_without_basic", "bad_rate"))
    return [
        *about, touched, row.cell.n, *reversed(row.cell.counts),
        None if row.asked is None else row.asked - row.cell.n,
        round(record["score"], 2), *(round(100 * rate, 1) for rate in rates), figures.formula.name, "",
    ]  # fmt: skip


@dataclass(frozen=True)
class ReleasedRemark:
    """A remark that may be seen."""

    department: str
    kind: Kind
    text: str
    rated_bad: bool


def remarks(title: str, released: Iterable[ReleasedRemark]) -> Iterator[str]:
    """One row per remark, in the order given."""
    rows = (
        (title, one.department, KIND_NAMES[one.kind], one.text, "是" if one.rated_bad else "否")
        for one in released
    )
    return csv_text(REMARKS, rows)


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
    return csv_text(RATINGS, rows)
