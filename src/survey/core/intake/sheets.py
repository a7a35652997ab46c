"""What a list's file holds before anybody asks what it means: sheets of lines of text cells."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from survey.core.intake.list_text import TextRefused

NOT_CALCULATED = "\0公式"
"""Stands in a cell whose formula the file keeps without its result; no file can hold this text itself."""
MOST_CELLS = 600_000  # cells read from one file: twenty thousand enterprises with thirty columns
MOST_COLUMNS = 100  # columns kept of a line; what stands further right is a stray cell


class TableRefused(TextRefused):
    """The file as a whole cannot be read; the text is a Chinese sentence with the cure."""


@dataclass
class SheetLine:
    """A line with at least one filled cell: its number in the file from 1, and its cells."""

    number: int
    cells: list[str]
    hidden: bool = False
    spans: dict[int, int] = field(default_factory=dict)  # first → last column of cells merged sideways

    def width(self) -> int:
        """Columns of the widest merged cell."""
        return max((last - first + 1 for first, last in self.spans.items()), default=1)


@dataclass
class Sheet:
    """One sheet: its lines in order; hidden columns are blank in them."""

    name: str
    lines: list[SheetLine] = field(default_factory=list)
    hidden: bool = False
    hidden_columns: tuple[str, ...] = ()  # what stands at their top
    delimited: bool = False  # from a CSV file, where a line that is too long is a broken one


def too_many_cells() -> TableRefused:
    return TableRefused(
        f"文件里有 {MOST_CELLS:,} 个以上的格子，不像企业名单。请只留下名单所在的行、列和工作表，另存之后再导入。"
    )


Box = tuple[int, int, int, int]
"""First row from 1, first column from 0, last row, last column of merged cells."""


def fill_merged(lines: list[SheetLine], boxes: Iterable[Box]) -> None:
    """Give every line the value of the cells merged over several lines, and tell it which are merged sideways.

    Only lines with something else in them are filled: a cell merged far below the table makes no enterprises.
    """
    numbers = [line.number for line in lines]
    done = 0
    for top, left, bottom, right in boxes:
        first, last = bisect_left(numbers, top), bisect_left(numbers, bottom + 1)
        done += last - first + 1
        if done > MOST_CELLS:
            raise too_many_cells()
        if first == last or left >= MOST_COLUMNS:
            continue
        head = lines[first]
        value = _cell(head, left) if head.number == top else ""
        for line in lines[first:last]:
            if right > left:
                line.spans[left] = min(right, MOST_COLUMNS - 1)
            if value and line is not head:
                line.cells += [""] * (left + 1 - len(line.cells))
                line.cells[left] = value


def _cell(line: SheetLine, place: int) -> str:
    return line.cells[place] if place < len(line.cells) else ""
