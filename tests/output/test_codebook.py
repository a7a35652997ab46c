"""Every column of every export is explained, and nothing is explained that no export has."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter

import pandas as pd
import pytest

from survey.core.figures.cells import Figures, Row, Shown, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.registry.cells import LABELS
from survey.core.study.judged import Judged
from survey.core.study.model import Level, Measure, Move
from survey.output.figures import codebook, exports, list_columns
from survey.output.figures.codebook import LAYOUTS
from survey.output.figures.columns import Column, Layout
from survey.output.figures.export_rows import ArrivalRow, RatingRow, ReasonRow, RemarkRow
from survey.output.figures.figure_row import FigureRow
from survey.output.figures.study_row import StudyRow
from survey.output.registry import files
from survey.output.waves import reminders, sending_list


def test_every_column_says_what_it_means_in_what_unit_how_computed_and_what_empty_means() -> None:
    for layout in LAYOUTS:
        assert layout.columns
        assert len(set(layout.header)) == len(layout.header), layout.name
        for column in layout.columns:
            assert all((column.name, column.meaning, column.unit, column.computed, column.empty)), column


def test_the_codebook_file_lists_each_column_once() -> None:
    text = "".join(exports.dictionary()).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    listed = [(one["表"], one["列"]) for one in rows]
    assert listed == [(layout.name, name) for layout in LAYOUTS for name in layout.header]
    assert len(set(listed)) == len(listed)
    assert len({layout.name for layout in LAYOUTS}) == len(LAYOUTS)


def test_a_cell_that_is_empty_because_withheld_is_never_said_to_be_zero() -> None:
    figures = [
        one for one in codebook.SUMMARY.columns if one.name in ("评价数", "得分", "差评率", "非常满意")
    ]
    assert len(figures) == 4
    assert all("不是 0" in one.empty for one in figures)


def test_the_lists_of_enterprises_have_exactly_the_columns_that_are_explained() -> None:
    assert list_columns.SENDING.header == tuple(name for name, _ in sending_list.COLUMNS)
    assert list_columns.REMINDERS.header == tuple(name for name, _ in reminders.COLUMNS)
    assert list_columns.REGISTRY.header == tuple(LABELS.values())
    assert list_columns.REJECTED.header == files.REASON


def test_the_headers_of_the_csv_files_are_exactly_those_that_are_explained() -> None:
    written = (
        (exports.remarks("期", []), codebook.REMARKS),
        (exports.dictionary(), codebook.CODEBOOK),
        (exports.reasons("期", Figures((), FORMULAS["10-8-6-3-0"]), []), codebook.REASONS),
        (exports.arrivals("期", pd.DataFrame(columns=["day", "channel", "count"])), codebook.ARRIVALS),
    )
    for pieces, layout in written:
        first = next(csv.reader(io.StringIO("".join(pieces).removeprefix("\ufeff"), newline="")))
        assert tuple(first) == layout.header


def test_a_column_brings_its_value_along() -> None:
    """A new one is one line: it stands in the header and in every row, also where nothing may be shown."""
    own = Column("部门编号", "部门在名单里的编号", value=attrgetter("row.department_id"))
    wider = replace(codebook.SUMMARY, columns=(own, *codebook.SUMMARY.columns))
    for cell in (Shown((0, 0, 0, 0, 9)), Withheld("样本不足")):
        row = Row("tax", "税务局", "监管执法", "overall", "总体满意度", True, cell)
        told = FigureRow(row, Judged((row,), FORMULAS["10-8-6-3-0"]))
        assert wider.row(told) == ["tax", *codebook.SUMMARY.row(told)]
        assert len(wider.row(told)) == len(wider.header)


LEVEL = Level(0.8, 0.7, 0.9, 40, 38.5)
MOVE = Move(0.7, 0.8, 0.02, 0.18, 38, 40)
ABOUT = ("期", "监管执法", "税务局", "总体满意度")
ROWS = {
    codebook.STUDY: (
        [StudyRow(*ABOUT, Measure.WITH_BASIC, LEVEL, None, "与平均相当", "第 1–2 位", MOVE),
         StudyRow(*ABOUT, Measure.SCORE, why="样本不足")],
        {"评价数": [40, None], "加权前": [80.0, None], "合理范围上限": [90.0, None], "上期": [70.0, None],
         "变化": [10.0, None], "变化结论": ["上升", None], "两期都满意": [None, None], "不予显示原因": ["", "样本不足"]},
    ),
    codebook.REASONS: ([ReasonRow(*ABOUT[:3], 40, 9, "太慢", 4)], {"原因": ["太慢"], "选择数": [4], "差评数": [9]}),
    codebook.REMARKS: ([RemarkRow("期", "一企一码", "税务局", "建议", "快些", None)], {"内容": ["快些"], "类型": ["建议"]}),
    codebook.ARRIVALS: ([ArrivalRow("期", "2026-03-01", "导入", 7)], {"渠道": ["导入"], "收回": [7]}),
    codebook.RATINGS: ([RatingRow("期", "甲", "0f", *ABOUT[2:], "满意")], {"评价者": ["甲"], "等级": ["满意"]}),
}  # fmt: skip


@pytest.mark.parametrize("layout", ROWS, ids=lambda one: one.name)
def test_columns_of_every_download_may_stand_in_any_order(layout: Layout) -> None:
    rows, expected = ROWS[layout]
    for columns in (layout.columns, layout.columns[::-1]):
        header, *told = csv_rows(exports.csv_text(replace(layout, columns=columns), rows))
        for name, values in expected.items():
            place = header.index(name)
            assert [one[place] for one in told] == [
                "" if value is None else str(value) for value in values
            ], name


def csv_rows(pieces: Iterable[str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(pieces).removeprefix("\ufeff"), newline="")))
