"""A list's file → its sheets: an Excel workbook or strict CSV."""

import io
from collections.abc import Iterable

from survey.core.intake.list_text import csv_rows, decoded
from survey.core.intake.sheets import MOST_CELLS, Sheet, SheetLine, too_many_cells
from survey.core.intake.workbook import read_workbook


def read_sheets(content: bytes) -> list[Sheet]:
    """The sheets of an XLSX or CSV file; raises `TextRefused`."""
    if content.startswith(b"PK"):
        return read_workbook(content)
    return [Sheet("", list(_csv_lines(decoded(content))), delimited=True)]


def _csv_lines(text: str) -> Iterable[SheetLine]:
    count = 0
    for number, cells in csv_rows(io.StringIO(text, newline="")):
        count += len(cells)
        if count > MOST_CELLS:
            raise too_many_cells()
        if any(map(str.strip, cells)):
            yield SheetLine(number, cells)
