"""Tables on worksheets: one look for all, formats taken from the codebook's units, text always text."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.theme import THEME_XML_2007
from xlsxwriter.worksheet import Worksheet

from survey.core.figures.cells import Banded, Withheld
from survey.output import look
from survey.output.figures.columns import Column
from survey.output.figures.report import Report

FACE = "微软雅黑"
HIDDEN = "不予显示"
FORMATS = {"家": "#,##0", "份": "#,##0", "分": "0.0", "%": "0%", "值": "0.0"}
WIDEST = 50
NARROW = {"期次": 22, "口径": 16}  # the same in every row, and told in full on 说明
FIRST = 2  # the row of the first record: a title line and the header stand above


@dataclass
class Book:
    """A workbook in memory and the formats its sheets share."""

    report: Report
    file: io.BytesIO = field(default_factory=io.BytesIO)
    formats: dict[tuple[Any, ...], Format] = field(default_factory=dict)

    def __post_init__(self) -> None:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.workbook = Workbook(self.file, options)
        # Charts name a Latin face only; the theme says in what Chinese is set.
        self.workbook.use_custom_theme(io.StringIO(_theme()))
        self.workbook.set_properties(
            {
                "title": f"{self.report.wave.title} 测评报告",
                "author": self.report.host,
                "comments": " ".join(filter(None, (self.report.mark, self.report.origin))),
                "created": self.report.made_at.replace(tzinfo=None),
            }
        )

    def format(self, **more: Any) -> Format:
        """A format of the house face, made once."""
        key = tuple(sorted(more.items()))
        if key not in self.formats:
            plain = {"font_name": FACE, "font_size": 10, "valign": "vcenter", "font_color": look.TEXT}
            self.formats[key] = self.workbook.add_format({**plain, **more})
        return self.formats[key]

    def sheet(self, name: str, tab: str = look.BLUE) -> Worksheet:
        """A new sheet, ready to be printed on A4 across, with 演示数据 and the release on every page."""
        sheet = self.workbook.add_worksheet(name)
        sheet.set_tab_color(tab)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        title, origin = (text[:60].replace("&", "&&") for text in (self.report.name, self.report.origin))
        # The blanks after the sizes keep a year from being read as part of the size.
        sheet.set_header(f'&L&"{FACE}"&9 {title}&C&"{FACE}"&9 {name}&R&"{FACE},Bold"&10 {self.report.mark}')
        sheet.set_footer(f'&L&"{FACE}"&8 {origin}&R&"{FACE}"&8 第 &P 页，共 &N 页')
        return sheet

    def bytes(self) -> bytes:
        self.workbook.close()
        return self.file.getvalue()


def _theme() -> str:
    empty, hans = '<a:ea typeface=""/>', '<a:font script="Hans" typeface="宋体"/>'
    ours = str(THEME_XML_2007).replace(empty, f'<a:ea typeface="{FACE}"/>')
    return ours.replace(hans, f'<a:font script="Hans" typeface="{FACE}"/>')


@dataclass(frozen=True)
class TablePlace:
    """Where a table came to lie."""

    sheet: Worksheet
    rows: int

    @property
    def last(self) -> int:
        return FIRST + self.rows - 1


def table(
    book: Book, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], note: str = ""
) -> TablePlace:
    """A sheet with a title line, a frozen header with filters, and the rows."""
    sheet, rows = book.sheet(name), [list(row) for row in rows]
    title(book, sheet, name, note)
    head = {"bold": True, "bg_color": "#E8EEF6", "bottom": 1, "bottom_color": look.BLUE, "text_wrap": True}
    for place, column in enumerate(columns):
        side = {"align": "right"} if unit(column) in FORMATS else {"align": "left", "indent": 1}
        sheet.write_string(1, place, column.name, book.format(**side, **head))
        sheet.set_column(place, place, _width(column, [row[place] for row in rows]))
    sheet.set_row(1, 34)
    for line, row in enumerate(rows, FIRST):
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            cell(book, sheet, line, place, column, value, hidden=value is None and bool(_why(columns, row)))
    sheet.freeze_panes(FIRST, 0)
    sheet.autofilter(1, 0, max(1, FIRST + len(rows) - 1), len(columns) - 1)
    sheet.repeat_rows(0, 1)
    return TablePlace(sheet, len(rows))


def title(book: Book, sheet: Worksheet, name: str, note: str) -> None:
    """The first line of a sheet: what it is, of which wave and release, and whether it is for show only."""
    words = [name, book.report.name, book.report.part, book.report.release, note, book.report.mark]
    sheet.write_string(0, 0, " · ".join(filter(None, words)), book.format(bold=True, font_size=12))
    sheet.set_row(0, 26)


def cell(
    book: Book, sheet: Worksheet, line: int, place: int, column: Column, value: Any, *, hidden: bool = False
) -> None:
    """One cell by its column's unit; a withheld figure is a grey word, never empty and never 0."""
    under = {"bottom": 4, "bottom_color": look.LINE}
    if isinstance(value, Withheld | Banded) or (hidden and column.empty.startswith(HIDDEN)):
        sheet.write_string(line, place, HIDDEN, book.format(font_color=look.ALIKE, align="right", **under))
    elif value is None or value == "":
        sheet.write_blank(line, place, None, book.format(**under))
    elif isinstance(value, date):
        sheet.write_datetime(
            line, place, value, book.format(num_format="yyyy-mm-dd", align="left", indent=1, **under)
        )
    elif isinstance(value, str):
        # A long text in a narrow column is cut off rather than spilled over its neighbours.
        how = {"align": "fill"} if column.name in NARROW else {
            "text_wrap": len(value) > WIDEST // 2, "indent": 1,
        }  # fmt: skip
        sheet.write_string(line, place, value, book.format(**how, **under))
    else:
        number = value / 100 if unit(column) == "%" else value
        sheet.write_number(
            line, place, number, book.format(num_format=FORMATS.get(unit(column), "General"), **under)
        )


def unit(column: Column) -> str:
    return column.unit[:1]


def _why(columns: Sequence[Column], row: Sequence[Any]) -> str:
    """The reason at the end of a row without figures."""
    return str(row[-1] or "") if columns[-1].name == "不予显示原因" else ""


def _width(column: Column, values: Sequence[Any]) -> float:
    """Wide enough for its cells; a long header is broken in two."""
    if column.name in NARROW:
        return NARROW[column.name]
    texts = [
        value if isinstance(value, str) else "0000-00-00"[: 10 if isinstance(value, date) else 6]
        for value in values
    ]
    return min(WIDEST, max([7.5, wide(column.name) / 2 + 3, *(wide(text) + 3 for text in texts)]))


def wide(text: str) -> float:
    """How wide a text stands, in half-width characters."""
    return sum(1.95 if ord(one) > 0x2E7F else 1.05 for one in text)


def face(size: int = 10, **more: Any) -> Mapping[str, Any]:
    """A chart's type."""
    return {"name": FACE, "size": size, "color": look.TEXT, **more}
