"""The bytes of a list kept as text → its characters and rows, or one Chinese sentence that says what to do.

encoding = encoding_of(file)                 # raises TextRefused
for line, cells in csv_rows(open_text(file, encoding)): …   # raises TextRefused with `.line`
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO

from survey.core.intake.rare_characters import readable
from survey.core.refusals import Refusal

Lines = Iterator[tuple[int, list[str]]]
"""(number of the line at which a row begins, from 1; its cells)."""

SAVE_ANEW = "请用 WPS 或 Excel 打开它，另存为「Excel 工作簿（*.xlsx）」再导入。"
PIECE = 1 << 20
LOOKED_AT = 10  # lines that tell the delimiter
SURE = 4  # Chinese characters in a line that cannot be UTF-8 by accident
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", f"这是旧版 Excel 文件（.xls）或加了密码的文件。{SAVE_ANEW}"),
    (b"PK\x03\x04", "这是 Excel 工作簿或压缩包，不是 CSV。请用 WPS 或 Excel 另存为「CSV UTF-8」再导入。"),
    (b"%PDF", "这是 PDF 文件，不是表格。请换成 Excel（.xlsx）或 CSV 文件。"),
)
_PAGE = re.compile(rb"<(!doctype html|html|head|body|table|meta|style|div)\b", re.I)
_XML_BOOK = re.compile(rb"<\?xml|<workbook\b", re.I)


class TextRefused(Refusal, ValueError):
    """The text cannot be read; a Chinese sentence with the cure. `line` is 0 when it is about the whole file."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.line = line


def decoded(content: bytes) -> str:
    """The characters of a text file; raises `TextRefused`."""
    file = io.BytesIO(content)
    return "".join(open_text(file, encoding_of(file)))


def open_text(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of a text file with their ends, rare characters mapped."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        for line in text:
            yield readable(line)
    finally:
        if not file.closed:  # it is its opener's to close
            text.detach()


def encoding_of(file: BinaryIO) -> str:
    """UTF-8, UTF-16 or GB18030 as Chinese spreadsheets write it; the whole file is tried; raises `TextRefused`."""
    file.seek(0)
    head = file.read(4096)
    wide = head.startswith(_WIDE)
    if not wide:
        _refuse_foreign(head)
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        if encoding == "gb18030":
            _refuse_mixed(file, head.startswith(codecs.BOM_UTF8))
        if _decodes(file, encoding):
            return encoding
    raise TextRefused(f"文件里有认不出的字节，可能没有下载完整或已损坏。{SAVE_ANEW}", _bad_line(file))


def _refuse_foreign(head: bytes) -> None:
    """Raise for what only calls itself a list."""
    for mark, sentence in _FOREIGN:
        if head.startswith(mark):
            raise TextRefused(sentence)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if start[:1] == b"<" and _PAGE.search(start):
        raise TextRefused(
            f"这个文件其实是网页（HTML），只是改了扩展名，系统导出的 .xls 常是这样。{SAVE_ANEW}"
        )
    if _XML_BOOK.match(start):
        raise TextRefused(f"这个文件其实是 XML 表格，只是改了扩展名。{SAVE_ANEW}")
    if start[:13].lower() == b"mime-version:":
        raise TextRefused(f"这个文件其实是网页（MHTML），只是改了扩展名。{SAVE_ANEW}")
    if b"\0" in head:
        raise TextRefused("这不是 Excel（.xlsx）或 CSV 文件，请换一个文件。")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_mixed(file: BinaryIO, marked: bool) -> None:
    """Raise when some lines are UTF-8 and others are not: read as GB18030, the first kind would turn into nonsense."""
    sure = likely = others = first = 0
    file.seek(0)
    for number, line in enumerate(file, 1):
        if line.isascii():
            continue
        try:
            chinese = sum("\u4e00" <= mark <= "\u9fff" for mark in line.decode())
        except UnicodeDecodeError:
            others += 1
            first = first or number
        else:
            sure += chinese >= SURE
            likely += chinese > 0
    if first and (marked or sure or likely > others):
        raise TextRefused(
            f"文件里混着两种编码：大部分是 UTF-8，第 {first} 行不是（多半是从别的表贴进来的）。{SAVE_ANEW}"
            if likely >= others
            else f"文件里混着两种编码：第 {first} 行是 GBK，另有 {likely} 行是 UTF-8。{SAVE_ANEW}",
            first,
        )


def _bad_line(file: BinaryIO) -> int:
    file.seek(0)
    for number, line in enumerate(file, 1):
        try:
            line.decode("gb18030")
        except UnicodeDecodeError:
            return number
    return 0


def csv_rows(lines: Iterable[str]) -> Lines:
    """The filled rows of a CSV text with strict quotes; a first line `sep=;` names the delimiter.

    A quote that was never closed takes the following lines into one cell: `TextRefused` names the line it began at.
    """
    lines = iter(lines)
    top = list(islice(lines, LOOKED_AT))
    named = re.fullmatch(r"\s*sep=(.)\s*", top[0], re.I) if top else None
    skipped = 1 if named else 0
    delimiter = named[1] if named else max(",\t;", key="".join(top).count)
    reader = csv.reader(chain(top[skipped:], lines), delimiter=delimiter, strict=True)
    guessed = Counter(one.count(delimiter) + 1 for one in top if delimiter in one)
    line, widths = 1 + skipped, Counter[int]()
    try:
        for row in reader:
            if reader.line_num + skipped > line:  # a row over several lines
                width = _most_often(widths) or _most_often(guessed) or 1
                too_wide = len(row) > (_most_often(widths) or len(row))
                if too_wide or _held(row, delimiter) >= max(1, width - 1):
                    raise _open_quote(line)
            if row:
                yield line, row
                widths[len(row)] += len(row) > 1  # titles have one cell
            line = reader.line_num + skipped + 1
    except csv.Error as error:
        raise _open_quote(line) from error


def _most_often(widths: "Counter[int]") -> int:
    """The width that most rows have, if more than one has it; else 0."""
    width, times = max(widths.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
    return width if times > 1 else 0


def _held(row: list[str], delimiter: str) -> int:
    """Delimiters in cells of several lines; as many as a line has mean that one was swallowed."""
    return sum(cell.count(delimiter) for cell in row if "\n" in cell or "\r" in cell)


def _open_quote(line: int) -> TextRefused:
    return TextRefused(
        f"第 {line} 行的双引号不成对，从这里起分不清哪些是一行。请在这一行补上或删去引号，"
        "或用 WPS、Excel 另存为「Excel 工作簿（*.xlsx）」再导入。",
        line,
    )
