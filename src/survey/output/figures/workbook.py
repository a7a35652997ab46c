"""One XLSX of a wave: what the screen shows, with native charts that can be edited and pasted."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
from xlsxwriter.chart import Chart

from survey.core import names
from survey.core.figures import formulas
from survey.core.figures.cells import Banded, Row, Shown, Withheld
from survey.core.labels import told_apart
from survey.core.models import GRADES, Channel, Grade
from survey.core.names import CHANNEL_NAMES
from survey.output import look
from survey.output.figures import codebook, exports, findings
from survey.output.figures.charts_arrivals import CHANNEL_COLOURS, STEPPED, in_steps
from survey.output.figures.columns import Layout
from survey.output.figures.explanation import explain
from survey.output.figures.figure_row import FigureRow
from survey.output.figures.report import Report
from survey.output.figures.sheets import FIRST, Book, TablePlace, face, table
from survey.output.figures.study_table import study_rows
from survey.output.study.compared import in_order

ONE_PAGE = 24  # departments whose table and charts are still readable on one printed page
BEST_FIRST = tuple(reversed(GRADES))


def workbook(report: Report) -> bytes:
    """The file, made in memory."""
    book, title = Book(report), findings.titled(report.wave.title, report.source)
    explain(book)
    _export(book, codebook.SUMMARY, exports.summary_rows(title, report.figures, report.forms))
    _matrix(book)
    _spread(book)
    _days(book)
    _export(book, codebook.STUDY, study_rows(title, report.figures, report.form),
            "每个数字的合理范围、梯队和变化")  # fmt: skip
    names = [one.name.zh for one in report.form.questionnaire.reasons]
    _export(book, codebook.REASONS, exports.reason_rows(title, report.figures, names), "选了该原因的企业数")
    _export(book, codebook.REMARKS, exports.remark_rows(report.wave.title, report.remarks),
            "已公布的留言，次序打乱")  # fmt: skip
    return book.bytes()


def _export(book: Book, layout: Layout, rows: Iterable[Any], note: str = "") -> None:
    """A sheet with the rows of a download."""
    table(book, layout.name, layout.columns, map(layout.row, rows), note)


# --- 维度 ------------------------------------------------------------------------------------------


def _matrix(book: Book) -> None:
    """Department × question, coloured by score."""
    report, [category, department, question] = book.report, codebook.MATRIX.columns
    names = told_apart([one.name.zh for one in report.form.questions])
    columns = [category, department, *(replace(question, name=name) for name in names)]
    made = table(book, "维度", columns, _scores(report), "满意度得分，越红越低、越蓝越高")
    if made.rows:
        made.sheet.conditional_format(
            FIRST, 2, made.last, 1 + len(names),
            {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num", "min_value": 50,
             "mid_value": 72, "max_value": 100, "min_color": "#EF8A62", "mid_color": "#F4F5F7",
             "max_color": "#67A9CF"},
        )  # fmt: skip
    made.sheet.set_column(2, 1 + len(names), 13)
    _notes(book, made)


def _scores(report: Report) -> Iterator[list[Any]]:
    rows = {(row.department_id, row.question_id): row for row in report.figures}
    for one in in_order(report.figures):
        found = [rows[one.department_id, question.id] for question in report.form.questions]
        yield [one.category, one.department, *(_score(row, report) for row in found)]


def _score(row: Row, report: Report) -> float | Withheld | Banded:
    if not isinstance(row.cell, Shown):
        return row.cell
    return formulas.score(row.cell.counts, report.figures.formula)


def _notes(book: Book, made: TablePlace) -> None:
    """Under a table: the formula, and why cells are withheld."""
    whys = dict.fromkeys(filter(None, (findings.why_not(row.cell) for row in book.report.figures)))
    notes = [book.report.figures.formula.text, *(f"不予显示：{why}" for why in whys)]
    for line, text in enumerate(notes, made.last + 2):
        made.sheet.write_string(line, 0, text, book.format(font_size=9, font_color=look.QUIET))


# --- 等级分布 --------------------------------------------------------------------------------------


def _spread(book: Book) -> None:
    """The five grades and the score of every department, and two native charts of those that are shown."""
    report = book.report
    rows = sorted(in_order(report.figures), key=lambda row: not isinstance(row.cell, Shown))
    columns = codebook.SPREAD.columns
    made = table(
        book,
        "等级分布",
        columns,
        (codebook.SPREAD.row(FigureRow(row, report.figures, exact=True)) for row in rows),
        "总体满意度",
    )
    shown = sum(isinstance(row.cell, Shown) for row in rows)
    if not shown:
        return
    beside = 0
    for chart, width in ((_grades_chart(book, shown), 680), (_scores_chart(book, shown), 440)):
        chart.set_size({"width": width, "height": 110 + 28 * shown})
        made.sheet.insert_chart(made.last + 2, 0, chart, {"object_position": 3, "x_offset": beside})
        beside += width + 12
    if shown <= ONE_PAGE:
        made.sheet.fit_to_pages(1, 1)


def _grades_chart(book: Book, shown: int) -> Chart:
    chart = book.workbook.add_chart({"type": "bar", "subtype": "percent_stacked"})
    last = FIRST + shown - 1
    for place, grade in enumerate(BEST_FIRST, 3):
        chart.add_series(
            {
                "name": names.GRADE_NAMES[grade],
                "categories": ["等级分布", FIRST, 1, last, 1],
                "values": ["等级分布", FIRST, place, last, place],
                "gap": 45,
                **_fill(grade),
                # A share below 6 % has no room for its figure.
                "data_labels": {"value": True, "num_format": "[>=0.06]0%;;", "font": face(9, color=look.INK_ON[grade])},
            }
        )  # fmt: skip
    _dress(chart, findings.grades_title(book.report.figures))
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom", "font": face(9)})
    return chart


def _fill(grade: Grade) -> dict[str, Any]:
    """A grade's colour; the two reds hatched, for mono print."""
    colour = look.GRADE_COLOURS[grade]
    if grade not in look.HATCHED:
        return {"fill": {"color": colour}, "border": {"color": look.CARD, "width": 0.75}}
    pattern = "wide_upward_diagonal" if look.HATCHED[grade] == "/" else "outlined_diamond"
    return {
        "pattern": {"pattern": pattern, "fg_color": "#F7C4AE" if grade == Grade.DISSATISFIED else "#C8505C",
                    "bg_color": colour},
        "border": {"color": look.CARD, "width": 0.75},
    }  # fmt: skip


def _scores_chart(book: Book, shown: int) -> Chart:
    chart = book.workbook.add_chart({"type": "bar"})
    last = FIRST + shown - 1
    chart.add_series(
        {
            "name": "得分",
            "categories": ["等级分布", FIRST, 1, last, 1],
            "values": ["等级分布", FIRST, 8, last, 8],
            "gap": 60,
            "fill": {"color": look.BLUE},
            "data_labels": {"value": True, "num_format": "0.0", "font": face(9)},
        }
    )
    _dress(chart, "总体满意度得分；合理范围重叠的不宜排先后")
    chart.set_x_axis({"visible": False, "min": 0, "max": 105, "major_gridlines": {"visible": False}})
    chart.set_legend({"none": True})
    return chart


def _dress(chart: Chart, title: str) -> None:
    """Our type, a quiet frame, departments from top to bottom."""
    chart.set_title({"name": title, "name_font": face(12, bold=True), "overlay": False})
    chart.set_y_axis(
        {"reverse": True, "num_font": face(9), "line": {"color": look.LINE}, "major_tick_mark": "none"}
    )
    chart.set_chartarea({"border": {"color": look.LINE}})


# --- 回收进度 --------------------------------------------------------------------------------------


def _days(book: Book) -> None:
    """Forms by day, stacked by channel, with the running total as a line."""
    table_of_days = by_day(book.report.days)
    day, channel, total, running = codebook.DAYS.columns
    channels = [one for one in Channel if one in table_of_days]
    columns = [day, *(replace(channel, name=CHANNEL_NAMES[one]) for one in channels), total, running]
    note = STEPPED.rstrip("。") if in_steps(book.report.days, book.report.k > 1) else ""
    made = table(book, "回收进度", columns, _day_rows(table_of_days), note or "份")
    if made.rows:
        made.sheet.insert_chart(
            1, len(columns) + 1, _days_chart(book, made, channels), {"object_position": 3}
        )


def by_day(days: pd.DataFrame) -> pd.DataFrame:
    """A row for every day from the first form to the last, a column for every channel used."""
    if days.empty:
        return pd.DataFrame()
    wide = days.pivot_table(index="day", columns="channel", values="count", aggfunc="sum", fill_value=0)
    every = pd.date_range(min(days["day"]), max(days["day"])).date
    return wide.reindex(every, fill_value=0)


def _day_rows(days: pd.DataFrame) -> Iterator[list[Any]]:
    running = 0
    channels = [one for one in Channel if one in days]
    for moment, row in days.iterrows():
        counts = [int(row[one]) for one in channels]
        running += sum(counts)
        yield [moment, *counts, sum(counts), running]


def _days_chart(book: Book, made: TablePlace, channels: list[Channel]) -> Chart:
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    days = ["回收进度", FIRST, 0, made.last, 0]
    for place, channel in enumerate(channels, 1):
        chart.add_series({"name": CHANNEL_NAMES[channel], "categories": days, "gap": 40,
                          "values": ["回收进度", FIRST, place, made.last, place],
                          "fill": {"color": CHANNEL_COLOURS[channel]}})  # fmt: skip
    line = book.workbook.add_chart({"type": "line"})
    place = len(channels) + 2
    line.add_series({"name": "累计（右轴）", "categories": days, "y2_axis": True,
                     "values": ["回收进度", FIRST, place, made.last, place],
                     "line": {"color": look.TEXT, "width": 1.5}})  # fmt: skip
    chart.combine(line)
    total = int(book.report.days["count"].sum())
    about = "约" if in_steps(book.report.days, book.report.k > 1) else ""
    chart.set_title({"name": f"每天收回的答卷，共{about} {total:,} 份", "name_font": face(12, bold=True)})
    chart.set_x_axis(
        {"date_axis": True, "num_format": "m/d", "num_font": face(9), "line": {"color": look.LINE}}
    )
    grid = {"visible": True, "line": {"color": look.LINE}}
    chart.set_y_axis({"num_font": face(9), "major_gridlines": grid, "line": {"none": True}, "min": 0})
    line.set_y2_axis({"num_font": face(9), "line": {"none": True}, "min": 0})
    chart.set_legend({"position": "bottom", "font": face(9)})
    chart.set_chartarea({"border": {"color": look.LINE}})
    chart.set_size({"width": 620, "height": 340})
    return chart
