"""A list of enterprises as people keep it in WPS or Excel → checked rows, and every bad row with its reason."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import openpyxl

from survey.core.registry_cells import Values, check_fields, plain

# What the columns are called in practice, the usual name first; the first one found in the file is taken.
SYNONYMS = {
    "name": "企业名称 单位名称 公司名称 企业全称 单位全称 名称 企业 单位 市场主体名称",
    "uscc": "统一社会信用代码 社会信用代码 统一信用代码 信用代码 统一社会信用代码证号 USCC 信用代码证号",
    "industry": "行业 所属行业 行业类别 行业分类 行业门类 产业类别",
    "size": "规模 企业规模 规模类型 企业类型 单位规模",
    "park": "园区 所在园区 所属园区 园区镇街 镇街园区 镇街 街道 所属镇街 所在镇街 所属街道 镇街道 属地 片区",
    "key": "重点企业 是否重点企业 是否重点 重点",
    "leader": "包联领导 联系领导 挂联领导 包保领导 挂钩领导 包联县领导 包联区领导",
    "officer": "服务专员 专员 服务管家 驻企服务员 助企专员 联络员 服务员 包联干部",
    "contact": "联系人 企业联系人 联系人姓名 负责人 经办人 姓名",
    "phone": "手机号 手机 手机号码 联系电话 联系人电话 联系方式 电话 电话号码 联系人手机 联系人手机号",
    "name_en": "英文名称 企业英文名称 英文名 英文全称 NAME_EN",
}
HEADER_WITHIN = 10  # rows of titles and notes that may stand above the header
MOST_ROWS = 20_000
MOST_UNPACKED = 200 << 20  # bytes; a small file that unpacks to more is no list of enterprises
MOST_CELL = 200  # characters of a rejected cell that are kept


class TableRefused(Exception):
    """The file as a whole cannot be read; the text is a Chinese sentence with the cure."""


@dataclass(frozen=True)
class Row:
    """A good row: its line in the file, the fields it fills, and its cells as they stood."""

    line: int
    values: Values
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class RejectedRow:
    """A bad row with the reasons, and its cells as they stood, to be mended and imported again."""

    line: int
    name: str
    reason: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegistryTable:
    """What a file holds."""

    file_name: str
    header: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)  # field → what the file calls it
    unused: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()


Lines = Iterator[tuple[int, list[str]]]


def read_registry(content: bytes, file_name: str) -> RegistryTable:
    """Read an XLSX or CSV list; raises `TableRefused` when it is no list of enterprises."""
    sheets = _sheets(content) if content.startswith(b"PK") else [_csv_lines(content)]
    seen: list[list[str]] = []
    for lines in sheets:
        top = [one for _, one in zip(range(HEADER_WITHIN), lines, strict=False)]
        best = max(range(len(top)), key=lambda place: len(_columns(top[place][1])), default=0)
        columns = _columns(top[best][1]) if top else {}
        if "name" in columns and len(columns) > 1:
            rest = _chain(top[best + 1 :], lines)
            return _table(file_name, top[best][1], columns, rest)
        seen += [row for _, row in top if any(row)][:1]
    raise TableRefused(_no_header(seen))


def _no_header(seen: Sequence[Sequence[str]]) -> str:
    if not seen:
        return "文件里没有内容。请选一张有「企业名称」等列的 Excel（.xlsx）或 CSV 表。"
    first = "、".join(filter(None, map(plain, seen[0])))[:60]
    return (
        f"前 {HEADER_WITHIN} 行里没有找到表头：至少要有「企业名称」和另外一列（例如「统一社会信用代码」"
        f"「联系人」）。文件的第一行是：{first}。可以先下载模板，把数据贴进去再导入。"
    )


def _chain(first: Sequence[tuple[int, list[str]]], rest: Lines) -> Lines:
    yield from first
    yield from rest


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Field → place of its column."""
    names = [_heading(one) for one in header]
    return {
        known: names.index(found)
        for known, words in SYNONYMS.items()
        if (found := next((word for word in words.split() if word in names), None))
    }


def _heading(text: str) -> str:
    """A column's name without marks, blanks, units and what stands in brackets."""
    text = re.sub(r"[（(【\[].*?[)）】\]]", "", plain(text))
    return re.sub(r"[\s*＊:：/、\-_（）()]|必填|选填", "", text).upper()


def _table(file_name: str, header: list[str], columns: dict[str, int], lines: Lines) -> RegistryTable:
    rows: list[Row] = []
    rejected: list[RejectedRow] = []
    repeated = _Repeats()
    for count, (line, cells) in enumerate((one for one in lines if any(map(str.strip, one[1]))), 1):
        if count > MOST_ROWS:
            raise TableRefused(
                f"文件里有 {MOST_ROWS:,} 行以上，一次最多导入 {MOST_ROWS:,} 行，请分成几个文件。"
            )
        given = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
        if _heading(given["name"]) == _heading(header[columns["name"]]):
            continue  # a header repeated at the top of each printed page
        values, problems = check_fields(given)
        problems = problems or repeated.check(line, values)
        kept = tuple(one[:MOST_CELL] for one in cells[: len(header)])
        if problems:
            rejected.append(RejectedRow(line, plain(given["name"])[:40], "；".join(problems), kept))
        else:
            rows.append(Row(line, values, kept))
    used = {place: name for name, place in columns.items()}
    return RegistryTable(
        file_name, tuple(header), {name: plain(header[place]) for name, place in columns.items()},
        tuple(plain(one) for place, one in enumerate(header) if place not in used and plain(one)),
        tuple(rows), tuple(rejected),
    )  # fmt: skip


class _Repeats:
    """Tells when an enterprise stands twice in one file: the same code, or the same name and no code."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._nameless: dict[str, int] = {}  # names of rows without a code

    def check(self, line: int, values: Values) -> list[str]:
        name, code = values["name"], values.get("uscc")
        if code and code in self._codes:
            return [f"信用代码和第 {self._codes[code]} 行相同"]
        same = self._nameless if code else self._names
        if name in same:
            return [f"和第 {same[name]} 行的企业名称相同，其中一行没有填信用代码，分不清是不是同一家"]
        self._names[name] = line
        if code:
            self._codes[code] = line
        else:
            self._nameless[name] = line
        return []


# --- files ------------------------------------------------------------------------------------------


def _csv_lines(content: bytes) -> Lines:
    """(line, cells) of a CSV file, as WPS and Excel write it in China."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableRefused(
            "这是旧版 Excel 文件（.xls）或加了密码的文件。请在 WPS 或 Excel 里另存为 .xlsx 再导入。"
        )
    text = _decoded(content)
    top = "".join(text.split("\n", HEADER_WITHIN)[:HEADER_WITHIN])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=top.count))
    last = 0
    try:
        for row in reader:
            yield last + 1, row
            last = reader.line_num
    except csv.Error as error:
        raise TableRefused(
            f"第 {last + 1} 行起读不下去，可能是引号不成对。请另存为 .xlsx 再导入。"
        ) from error


def _decoded(content: bytes) -> str:
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableRefused("这不是 Excel（.xlsx）或 CSV 文件，请换一个文件。")
    names = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in names:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableRefused("文件的编码认不出来。请在 WPS 或 Excel 里另存为 .xlsx 再导入。")


def _sheets(content: bytes) -> Iterator[Lines]:
    """The sheets of a workbook, read row by row: a stray cell far below costs nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise TableRefused("文件展开后太大，不像企业名单。请只留下名单所在的工作表再导入。")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except TableRefused:
        raise
    except Exception as error:  # openpyxl raises a dozen kinds for broken files
        raise TableRefused("Excel 文件打不开，可能已损坏或加了密码。请另存为 .xlsx 再导入。") from error
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # WPS sometimes writes wrong ones
        yield _sheet_lines(sheet.iter_rows(values_only=True))


def _sheet_lines(rows: Iterable[Sequence[Any]]) -> Lines:
    empty = 0
    for line, row in enumerate(rows, 1):
        cells = [_as_text(one) for one in row[:100]]
        empty = 0 if any(cells) else empty + 1
        if empty > MOST_ROWS:
            return
        yield line, cells


def _as_text(value: Any) -> str:
    """A cell's value as its owner would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    return str(value)
