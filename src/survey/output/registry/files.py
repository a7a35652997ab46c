"""The registry as workbooks: the template, the rejected rows to mend, the list itself. Codes stay text."""

import io
from collections.abc import Iterable, Sequence

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from survey.core.models import Enterprise
from survey.core.registry.cells import LABELS
from survey.core.registry.rows import RejectedRow
from survey.core.registry.table import EXPLANATION

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FACE = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
WIDTHS = {"企业名称": 34, "统一社会信用代码": 24, "英文名称": 30, "要改的地方": 46, "手机号": 16}
SPARE_ROWS = 2_000  # rows of the template that are ready to be typed into as text
REASON = ("原行号", "要改的地方")
EXPLAINED = (
    ("企业名称", "必填，和营业执照一致"),
    ("统一社会信用代码", "18 位。再次导入时按它找到同一家企业；没有的按企业名称对应"),
    ("行业、规模、园区", "用来筛选和分层，行业可写国标全称，同一类请用同一种写法"),
    ("重点企业", "填“是”或“否”"),
    ("包联领导、服务专员", "每格写一个人"),
    ("联系人、手机号", "收链接和短信的人；手机号也可以是带区号的座机，一格一个号码"),
    ("英文名称", "外资企业可填，英文表单和信函上用"),
)


def template() -> bytes:
    """An empty list with every column as text, and a sheet that explains them."""
    file = io.BytesIO()
    with Workbook(file, OPTIONS) as book:
        sheet = _sheet(book, "企业名录", tuple(LABELS.values()), ())
        text = book.add_format({**FACE, "num_format": "@"})
        for row in range(1, SPARE_ROWS):
            sheet.set_row(row, None, text)
        sheet.data_validation(1, _place("重点企业"), SPARE_ROWS, _place("重点企业"),
                              {"validate": "list", "source": ["是", "否"]})  # fmt: skip
        _sheet(book, *EXPLANATION, EXPLAINED, (24, 70))
    return file.getvalue()


def _place(label: str) -> int:
    return list(LABELS.values()).index(label)


def to_mend(header: Sequence[str], rows: Iterable[RejectedRow]) -> bytes:
    """Rows with what is wrong with them before the original columns: mend them here and import this file."""
    file = io.BytesIO()
    with Workbook(file, OPTIONS) as book:
        # A list that was refused before already has our columns.
        places = [place for place, name in enumerate(header) if name not in REASON]
        lines = (
            (
                one.place if one.sheet else f"{one.line}",
                one.reason,
                *(one.cells[place] for place in places if place < len(one.cells)),
            )
            for one in rows
        )
        _sheet(book, "要改的行", (*REASON, *(header[place] for place in places)), lines)
    return file.getvalue()


def listing(enterprises: Iterable[Enterprise]) -> bytes:
    """Enterprises under the same columns that an import reads."""
    file = io.BytesIO()
    with Workbook(file, OPTIONS) as book:
        _sheet(book, "企业名录", tuple(LABELS.values()), (_cells(one) for one in enterprises))
    return file.getvalue()


def _cells(one: Enterprise) -> tuple[str, ...]:
    return tuple(
        ("是" if one.key else "否") if name == "key" else getattr(one, name) or "" for name in LABELS
    )


def _sheet(
    book: Workbook,
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[int] = (),
) -> Worksheet:
    """A sheet whose cells are all text: a spreadsheet neither counts nor runs them."""
    sheet = book.add_worksheet(name)
    text = book.add_format({**FACE, "num_format": "@"})
    head = book.add_format(
        {**FACE, "bold": True, "bg_color": "#E8EEF6", "bottom": 1, "bottom_color": "#C9CED6"}
    )
    for place, one in enumerate(header):
        sheet.set_column(place, place, widths[place] if widths else WIDTHS.get(one, 14))
        sheet.write_string(0, place, one, head)
    for line, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell, text)
    sheet.freeze_panes(1, 0)
    return sheet
