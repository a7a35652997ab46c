"""A list of enterprises as people keep it in WPS or Excel → checked rows, and every other line with its reason."""

from collections import Counter
from collections.abc import Sequence

from survey.core.intake.list_file import read_sheets
from survey.core.intake.sheets import NOT_CALCULATED, Sheet, SheetLine, TableRefused
from survey.core.plain_text import name_key
from survey.core.registry.asides import ABOVE, REPEATED, aside
from survey.core.registry.cells import Values, check_each, plain
from survey.core.registry.headers import HEADER_WITHIN, Header, find_header
from survey.core.registry.rows import Aside, ListRow, RegistryTable, RejectedRow, place_of

MOST_ROWS = 20_000
MOST_CELL = 200  # characters of a rejected cell that are kept
MOST_ASIDES = 500  # more titles and notes than a page can show are refused rows
NAMED_AT_MOST = 10  # lines named in a sentence
OPTIONAL = frozenset({"phone"})  # fields whose fault does not keep an enterprise out
EXPLANATION = ("填写说明", ("列", "怎么填"))  # the template's own sheet and its header: nothing to read


def read_registry(content: bytes, file_name: str, hidden_rows: bool = False) -> RegistryTable:
    """Read an XLSX or CSV list, hidden rows too if wanted; raises `TextRefused` when it is no list of enterprises.

    A file from outside is read by `actions.intake.lists.read_list`, in a process of its own.
    """
    sheets = read_sheets(content)
    told = _Told()
    found: list[tuple[Sheet, Header]] = []
    for sheet in sheets:
        lines = told.visible(sheet, len(sheets) > 1, hidden_rows)
        if header := find_header(lines):
            found.append((Sheet(sheet.name, lines, delimited=sheet.delimited), header))
        elif lines and not _is_explanation(sheet):
            told.unread.append((sheet.name, lines))
    if not found:
        raise TableRefused(_no_header(told))
    return _table(file_name, found, told)


def _is_explanation(sheet: Sheet) -> bool:
    name, top = EXPLANATION
    return (sheet.name, tuple(sheet.lines[0].cells)) == (name, top)


class _Told:
    """What was left out, to be said."""

    def __init__(self) -> None:
        self.hidden: list[str] = []
        self.unread: list[tuple[str, list[SheetLine]]] = []
        self.rows = 0

    def visible(self, sheet: Sheet, several: bool, hidden_rows: bool) -> list[SheetLine]:
        """The lines of a sheet that are to be read."""
        where = f"工作表「{sheet.name}」" if several else "表里"
        if sheet.hidden:
            self.hidden.append(f"工作表「{sheet.name}」是隐藏的，没有读。要导入它，请先取消隐藏")
            return []
        hidden = [line.number for line in sheet.lines if line.hidden]
        self.rows += len(hidden)
        if hidden and not hidden_rows:
            self.hidden.append(f"{where}有 {len(hidden):,} 行隐藏着（或被筛选掉），没有读：{_lines(hidden)}")
        if sheet.hidden_columns:
            names = "、".join(f"「{plain(one)[:20]}」" for one in sheet.hidden_columns[:NAMED_AT_MOST])
            self.hidden.append(f"{where}有隐藏的列，没有读：{names}。要导入它们，请先取消隐藏")
        return [line for line in sheet.lines if hidden_rows or not line.hidden]


def _lines(numbers: Sequence[int]) -> str:
    named = "、".join(str(one) for one in numbers[:NAMED_AT_MOST])
    return f"第 {named} {'行等' if len(numbers) > NAMED_AT_MOST else '行'}"


def _no_header(told: _Told) -> str:
    hidden = f"另外，{'；'.join(told.hidden)}。" if told.hidden else ""
    if not told.unread:
        return f"文件里没有内容。请选一张有「企业名称」等列的 Excel（.xlsx）或 CSV 表。{hidden}"
    first = "、".join(filter(None, map(plain, told.unread[0][1][0].cells)))[:60]
    return (
        f"前 {HEADER_WITHIN} 行里没有找到表头：至少要有「企业名称」和另外一列（例如「统一社会信用代码」"
        f"「联系人」）。文件的第一行是：{first}。可以先下载模板，把数据贴进去再导入。{hidden}"
    )


def _table(file_name: str, found: Sequence[tuple[Sheet, Header]], told: _Told) -> RegistryTable:
    several = len(found) > 1
    # One list of columns for all sheets: what fills a field has one name, though the sheets call it differently.
    usual: dict[str, str] = {}
    for _, header in found:
        for known, place in header.places.items():
            usual.setdefault(known, header.names[place])
    named = [header.renamed(usual) for _, header in found]
    reading = _Reading(tuple(dict.fromkeys(name for one in named for name in one)) if several else named[0])
    for (sheet, header), names in zip(found, named, strict=True):
        reading.read(sheet, header, names, sheet.name if several else "")
    unread = tuple(
        f"工作表「{name}」里没有找到「企业名称」等列，没有读（{len(lines):,} 行）"
        for name, lines in told.unread
    )
    return RegistryTable(
        file_name, reading.header, _columns(found), _unused(found), tuple(reading.rows), tuple(reading.rejected),
        tuple(reading.asides), tuple(told.hidden), unread, told.rows,
        tuple(sheet.name for sheet, _ in found) if several else (),
    )  # fmt: skip


def _columns(found: Sequence[tuple[Sheet, Header]]) -> dict[str, str]:
    """Field → what the sheets call it."""
    called: dict[str, dict[str, None]] = {}
    for _, header in found:
        for known, place in header.places.items():
            called.setdefault(known, {})[plain(header.names[place])] = None
    return {known: "、".join(names) for known, names in called.items()}


def _unused(found: Sequence[tuple[Sheet, Header]]) -> tuple[str, ...]:
    names = (
        plain(name)
        for _, header in found
        for place, name in enumerate(header.names)
        if place not in header.places.values()
    )
    return tuple(dict.fromkeys(filter(None, names)))


class _Reading:
    """The rows of all sheets, one after the other, under one list of columns."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = tuple(header)
        self.rows: list[ListRow] = []
        self.rejected: list[RejectedRow] = []
        self.asides: list[Aside] = []
        self._repeats = _Repeats()
        self._count = 0

    def read(self, sheet: Sheet, header: Header, names: Sequence[str], shown: str) -> None:
        """Take a sheet's lines below its header; `shown` is its name when it has to be said."""
        to = range(len(names)) if tuple(names) == self.header else [self.header.index(name) for name in names]
        other = 0  # line of a second header with other columns
        usual = _usual_width(sheet, len(header.names))
        for line in sheet.lines:
            if line.number < header.titles or header.starts <= line.number <= header.upto:
                continue
            self._count += 1
            if self._count > MOST_ROWS:
                raise TableRefused(
                    f"文件里有 {MOST_ROWS:,} 行以上，一次最多导入 {MOST_ROWS:,} 行，请分成几个文件。"
                )
            kept = [""] * len(self.header)
            for place, cell in zip(to, line.cells, strict=False):
                kept[place] = kept[place] or ("" if cell == NOT_CALCULATED else cell[:MOST_CELL])
            other = other or (line.number if header.contradicts(line) else 0)
            where = (line.number, shown, tuple(kept))
            if line.number < header.starts:
                self._put_aside(line, shown, ABOVE)
            elif other:
                self._reject(
                    where, "", [f"第 {other} 行起是另一张表，列和上面的不同；请把它放到单独的工作表里再导入"]
                )
            else:
                self._take(line, header, where, usual)

    def _put_aside(self, line: SheetLine, shown: str, kind: str) -> None:
        text = " ".join(dict.fromkeys(filter(None, map(plain, line.cells))))
        self.asides.append(Aside(line=line.number, sheet=shown, text=text[:MOST_CELL], kind=kind))

    def _reject(self, where: tuple[int, str, tuple[str, ...]], name: str, reasons: Sequence[str]) -> None:
        line, shown, kept = where
        self.rejected.append(
            RejectedRow(line=line, sheet=shown, name=name[:40], reason="；".join(reasons), cells=kept)
        )

    def _take(
        self, line: SheetLine, header: Header, where: tuple[int, str, tuple[str, ...]], usual: int
    ) -> None:
        given = {
            known: line.cells[place] if place < len(line.cells) else ""
            for known, place in header.places.items()
        }
        shown = where[1]
        kind = REPEATED if header.repeats(line) else aside(line, given)
        if kind and len(self.asides) < MOST_ASIDES:
            return self._put_aside(line, shown, kind)
        values, problems = check_each(given)
        gaps = tuple(problems.pop(one) for one in OPTIONAL & problems.keys())
        reasons = list(problems.values())
        if usual and len(line.cells) > usual:
            reasons.append(
                f"这一行有 {len(line.cells)} 格，表头有 {len(header.names)} 格，多半是某一格里有逗号而没有加双引号"
            )
        reasons = reasons or self._repeats.check(place_of(shown, line.number), values)
        if reasons:
            name = "" if given["name"] == NOT_CALCULATED else plain(given["name"])
            return self._reject(where, name, [*reasons, *gaps])
        self.rows.append(ListRow(line=line.number, sheet=shown, values=values, cells=where[2], gaps=gaps))
        return None


def _usual_width(sheet: Sheet, header: int) -> int:
    """How many cells a line of a CSV file may have: as its header, or as most lines, which may end in a comma; else 0."""
    if not sheet.delimited:
        return 0
    widths = Counter(len(line.cells) for line in sheet.lines if not any(map(str.strip, line.cells[header:])))
    width, times = max(widths.items(), key=lambda one: one[1], default=(header, 0))
    return max(header, width if times > len(sheet.lines) // 2 else header)


class _Repeats:
    """Tells when an enterprise stands twice in one file: the same code, or the same name and no code."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._names: dict[str, tuple[str, str]] = {}
        self._nameless: dict[str, tuple[str, str]] = {}  # names of rows without a code

    def check(self, place: str, values: Values) -> list[str]:
        """The reason against a row that stands at `place`, if there is one; remembers it otherwise."""
        name, code = values["name"], values.get("uscc")
        if code and code in self._codes:
            return [f"信用代码和{self._codes[code]}相同"]
        key = name_key(name)
        if known := (self._nameless if code else self._names).get(key):
            return [_same_name(name, *known)]
        self._names.setdefault(key, (place, name))
        if code:
            self._codes[code] = place
        else:
            self._nameless[key] = (place, name)
        return []


def _same_name(name: str, place: str, other: str) -> str:
    if name == other:
        return f"和{place}的企业名称相同，其中一行没有填信用代码，分不清是不是同一家"
    return f"和{place}「{other}」只差在括号、全半角或空格，其中一行没有填信用代码，看作同一家"
