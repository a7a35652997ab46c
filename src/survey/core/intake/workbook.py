"""An XLSX workbook → its sheets with what people see of them: hidden sheets, rows and columns, merged cells, errors.

openpyxl either reads everything into memory or tells nothing of merged and hidden cells, refuses the Strict form and
stumbles over broken styles; the parts a list needs are few, so they are read here (docs/decisions/0021).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, ParseError

from survey.core.intake.cell_references import box_of, place_of, row_number
from survey.core.intake.list_text import SAVE_ANEW
from survey.core.intake.package import Package, opened, tag_of
from survey.core.intake.rare_characters import readable
from survey.core.intake.sheets import (
    MOST_CELLS,
    MOST_COLUMNS,
    NOT_CALCULATED,
    Box,
    Sheet,
    SheetLine,
    fill_merged,
    too_many_cells,
)

MOST_UNPACKED = (
    64 << 20
)  # bytes of the parts that are read; twenty thousand enterprises take less than a third
MOST_PARTS = 5_000
BROKEN = f"Excel 文件打不开，可能已损坏或加了密码。{SAVE_ANEW}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
DATE_FORMATS = (*range(14, 18), 22, *range(27, 37), *range(50, 59))  # built in, those of Chinese Excel too
_TRUE = frozenset({"1", "true"})
_OTHERS = {
    "xl/workbook.bin": "这是二进制工作簿（.xlsb）。",
    "word/document.xml": "这是 Word 文档，不是表格。",
    "content.xml": "这是 OpenDocument 文件（.ods）。",
    "index/document.iwa": "这是 Numbers 文件。",
}


def read_workbook(content: bytes) -> list[Sheet]:
    """All sheets in order, hidden ones without their lines; raises `TableRefused`."""
    with opened(content) as package:
        return _Workbook(package).sheets()


class _Workbook:
    """The sheets of a package, and what their cells refer to."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._cells = 0
        self._strings: list[str] = []
        self._dates: set[int] = set()
        self._epoch = datetime(1899, 12, 30)

    def sheets(self) -> list[Sheet]:
        """Every sheet, the visible ones read."""
        book = self._package.main(_OTHERS, "压缩包里没有 Excel 工作簿。")
        related = self._package.related(book)
        for kind, target in related.values():
            if kind == "sharedStrings":
                self._strings = list(self._shared(target))
            if kind == "styles":
                self._dates = self._date_styles(target)
        found = []
        for item in self._package.elements(book):
            if tag_of(item) == "workbookPr" and item.get("date1904") in _TRUE:
                self._epoch = datetime(1904, 1, 1)
            if tag_of(item) == "sheet":
                key = next((value for name, value in item.attrib.items() if name.endswith("}id")), "")
                kind, target = related.get(key, ("", ""))
                if kind == "worksheet":
                    found.append((item.get("name", ""), item.get("state", "visible") != "visible", target))
        return [
            Sheet(name, hidden=True) if hidden else self._sheet(name, path) for name, hidden, path in found
        ]

    def _shared(self, path: str) -> Iterator[str]:
        count = 0
        for item in self._package.elements(path):
            if tag_of(item) == "si":
                count += 1
                if count > MOST_CELLS:
                    raise too_many_cells()
                yield _written(item)
                item.clear()

    def _date_styles(self, path: str) -> set[int]:
        """Numbers of the cell styles that show a date; broken styles show none."""
        dates = set(DATE_FORMATS)
        styles: list[int] = []
        try:
            for item in self._package.elements(path):
                if tag_of(item) == "numFmt" and _shows_date(item.get("formatCode", "")):
                    dates.add(int(item.get("numFmtId", "")))
                elif tag_of(item) == "cellXfs":
                    styles = [int(one.get("numFmtId", "0")) for one in item]
        except (ParseError, ValueError):
            return set()
        return {place for place, number in enumerate(styles) if number in dates}

    # --- one sheet ------------------------------------------------------------------------------

    def _sheet(self, name: str, path: str) -> Sheet:
        self._refuse_many_cells(path)
        drawn = _Drawn()
        for item in self._package.elements(path):
            tag = tag_of(item)
            if tag == "c":
                self._cells += 1
                if self._cells > MOST_CELLS:
                    raise too_many_cells()
                self._cell(drawn, item)
                item.clear()
            elif tag == "row":
                drawn.end_line(item)
                item.clear()
            elif tag == "col":
                drawn.column(item)
            elif tag == "mergeCell":
                drawn.boxes.append(box_of(item.get("ref", "")))
        return drawn.sheet(name)

    def _refuse_many_cells(self, path: str) -> None:
        """A quick look at the bytes, so that a sheet of a million cells costs no reading."""
        if self._package.count(path, b"<c ", b"<c>") > MOST_CELLS:
            raise too_many_cells()

    def _cell(self, drawn: "_Drawn", item: Element) -> None:
        reference = item.get("r")
        place = place_of(reference)[1] if reference else drawn.next
        drawn.next = place + 1
        if place < MOST_COLUMNS and (text := self._text(item)):
            drawn.cells[place] = text

    def _text(self, item: Element) -> str:
        """A cell's value as its owner would write it."""
        kind, value, formula = item.get("t", "n"), None, False
        for child in item:
            match tag_of(child):
                case "v":
                    value = child.text or ""
                case "is":
                    value = _written(child)
                case "f":
                    formula = True
        if formula and (value is None or (value == "" and kind != "str")):
            return NOT_CALCULATED
        if not value:
            return ""
        match kind:
            case "s":
                return self._strings[int(value)]
            case "b":
                return "是" if value in _TRUE else "否"
            case "n":
                return self._number(value, int(item.get("s", "0")))
            case "d":
                return value.removesuffix("Z").removesuffix(".000").removesuffix("T00:00:00")
            case _:
                return value if kind == "inlineStr" else _unescaped(value)

    def _number(self, value: str, style: int) -> str:
        try:
            number = float(value)
            if style in self._dates:
                return f"{self._epoch + timedelta(days=number):%Y-%m-%d}"
            return str(int(number)) if number.is_integer() else value
        except (ValueError, OverflowError):
            return value


@dataclass
class _Drawn:
    """What has been read of a sheet so far."""

    lines: list[SheetLine] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    cells: dict[int, str] = field(default_factory=dict)  # of the line that is being read
    next: int = 0  # column of a cell that does not say where it stands
    number: int = 0

    def column(self, item: Element) -> None:
        if item.get("hidden") in _TRUE or item.get("width") == "0":
            first, last = int(item.get("min", "1")), int(item.get("max", "1"))
            self.hidden.update(range(first - 1, min(last, MOST_COLUMNS)))

    def end_line(self, row: Element) -> None:
        self.number = row_number(row.get("r", "")) or self.number + 1
        if self.cells:
            hidden = row.get("hidden") in _TRUE or row.get("ht") == "0"
            cells = [self.cells.get(place, "") for place in range(max(self.cells) + 1)]
            self.lines.append(SheetLine(self.number, cells, hidden))
        self.cells, self.next = {}, 0

    def sheet(self, name: str) -> Sheet:
        self.lines.sort(key=lambda line: line.number)
        fill_merged(self.lines, self.boxes)
        tops: dict[int, str] = {}
        for line in self.lines:
            for place in self.hidden:
                if place < len(line.cells) and line.cells[place]:
                    tops.setdefault(place, line.cells[place])
                    line.cells[place] = ""
        return Sheet(name, [one for one in self.lines if any(one.cells)], hidden_columns=tuple(tops.values()))


def _shows_date(code: str) -> bool:
    """Whether a number format shows a year or a day: outside of quotes and brackets."""
    return bool(re.search(r"[yd]", re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.', "", code.split(";")[0]), re.I))


def _written(item: Element) -> str:
    """The text of a string with its differently drawn pieces, without reading aids."""
    parts = []
    for child in item:
        if tag_of(child) == "t":
            parts.append(child.text or "")
        elif tag_of(child) == "r":
            parts += [one.text or "" for one in child if tag_of(one) == "t"]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    """`_x000D_` and the like as the characters they stand for; halves of pairs that are alone become U+FFFD."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return readable(text)
