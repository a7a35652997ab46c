"""Made-up lists spoiled as offices spoil them, by a seed, with what is right for every line: `mutant(seed)`.

A list is drafted as rows that know whom they are about; mutations change the draft; it is written as XLSX or CSV.
`judge` compares what a reader made of the file with the draft.
"""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from survey.core.plain_text import name_key
from survey.core.registry.rows import RegistryTable
from tests.registry_lists import made_up_uscc

HEADINGS = {
    "name": ["企业名称", "单位名称", "*企业全称（盖章）", "公 司 名 称"], "uscc": ["统一社会信用代码", "信用代码"],
    "industry": ["行业", "所属行业"], "size": ["规模", "企业划型"], "park": ["园区", "所在园区", "镇街/园区"],
    "key": ["重点企业", "是否重点企业"], "officer": ["服务专员", "专员"], "contact": ["联系人", "联系人姓名"],
    "phone": ["手机号", "联系电话", "联系方式"], "#": ["序号"], "#note": ["备注"],
}  # fmt: skip
STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
}
RIGHT, GAP, TOLD, HIDDEN, NOBODY = "right", "without phone", "right or told", "hidden", "no enterprise"


@dataclass
class Row:
    """A line: its cells by column, what they mean, and what must become of it."""

    cells: dict[str, Any]
    means: dict[str, Any] = field(default_factory=dict)
    must: str = RIGHT
    line: int = 0


@dataclass
class Part:
    """A sheet."""

    name: str
    rows: list[Row]
    hidden: bool = False
    merged: list[str] = field(default_factory=list)  # columns merged where neighbours agree


@dataclass
class Draft:
    """A whole list before it is written."""

    dice: random.Random
    xlsx: bool
    columns: list[str]
    parts: list[Part]
    done: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    two_headers: bool = False
    strict_form: bool = False
    hidden_column: bool = False
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    sep_line: bool = False
    after: Callable[[bytes], bytes] = lambda content: content
    refusals: list[str] = field(default_factory=list)  # what may be said against the whole file
    headings: dict[str, str] = field(default_factory=dict)

    def enterprises(self) -> list[Row]:
        """Rows that are still right."""
        return [row for part in self.parts if not part.hidden for row in part.rows if row.must == RIGHT]

    def one(self) -> Row:
        return self.dice.choice(self.enterprises())

    def first(self) -> str:
        """The first column that people see."""
        return next(name for name in self.columns if name != "#old")

    def shown(self) -> Part:
        """The first sheet that people see."""
        return next(part for part in self.parts if not part.hidden)

    def insert(self, cells: dict[str, Any], must: str = NOBODY, means: dict[str, Any] | None = None) -> None:
        rows = self.shown().rows
        rows.insert(self.dice.randrange(1, len(rows) + 1), Row(cells, means or {}, must))


def mutant(seed: int) -> tuple[Draft, bytes]:
    """The draft and the file of one seed."""
    dice = random.Random(seed)
    draft = _draft(dice, seed)
    fitting = [one for one in MUTATIONS if draft.xlsx or one not in ONLY_XLSX]
    fitting = [one for one in fitting if not draft.xlsx or one not in ONLY_CSV]
    for change in dice.sample(fitting, dice.randint(1, 5)):
        if len(draft.enterprises()) > 2:
            change(draft)
            draft.done.append(change.__name__)
    return draft, _xlsx(draft) if draft.xlsx else _csv(draft)


def _draft(dice: random.Random, seed: int) -> Draft:
    columns = ["name", "uscc", "industry", "size", "park", "key", "officer", "contact", "phone"]
    if dice.random() < 0.4:
        dice.shuffle(columns)
    if dice.random() < 0.5:
        columns = ["#", *columns, "#note"]
    rows = []
    for number in range(dice.randint(5, 14)):
        means = {
            "name": f"虚构{dice.choice('甲乙丙丁戊己庚辛')}{seed}{chr(0x4E00 + number * 7)}科技有限公司",
            "uscc": made_up_uscc(seed * 100 + number), "industry": dice.choice(["制造业", "建筑业"]),
            "size": dice.choice(["大型", "小型"]), "park": dice.choice(["永兴片区", "科创园"]),
            "key": dice.random() < 0.3, "officer": dice.choice(["测试专员甲", "测试专员乙"]),
            "contact": f"测试{number}", "phone": f"199{seed % 10000:04d}{number:04d}",
        }  # fmt: skip
        cells = means | {
            "key": "是" if means["key"] else "否",
            "#": number + 1,
            "#note": dice.choice(["", "见附件"]),
        }
        rows.append(Row(cells, means))
    draft = Draft(dice, dice.random() < 0.6, columns, [Part("名单", rows)])
    draft.headings = {name: dice.choice(words) for name, words in HEADINGS.items()}
    draft.encoding = dice.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    return draft


# --- harmless: nothing may be lost, nothing need be said of an enterprise --------------------------------


def titles_above(draft: Draft) -> None:
    draft.titles = draft.dice.sample(
        ["高新区企业名单", "填报单位：虚构管委会", "单位：家", "（2026年3月）"], 2
    )


def two_header_rows(draft: Draft) -> None:
    draft.two_headers = True


def blank_lines(draft: Draft) -> None:
    draft.insert({}, NOBODY)
    draft.insert({"name": " ", "park": "　"}, NOBODY)


def blanks_and_widths(draft: Draft) -> None:
    row = draft.one()
    row.cells["name"] = f"　{row.cells['name'][:4]} {row.cells['name'][4:]} "
    row.cells["uscc"] = "".join(chr(ord(mark) + 0xFEE0) for mark in row.cells["uscc"])
    row.cells["contact"] = f"{row.cells['contact']}\u200b"


def line_breaks(draft: Draft) -> None:
    row = draft.one()
    row.cells["name"] = (
        row.cells["name"][:-4] + ("_x000D_\n" if draft.xlsx else "\r\n") + row.cells["name"][-4:]
    )


def rare_characters(draft: Draft) -> None:
    row = draft.one()
    row.means["name"] += "䶮龴厂"
    row.cells["name"] += "\ue863\ue81e厂"


def phones_that_can_be_mended(draft: Draft) -> None:
    forms = ["{0}（{1}）", "{1}{0}", "+86 {0}", "0086-{0}", "{0};", "tel:{0}", "'{0}", "{0}.0"]
    for form in draft.dice.sample(forms, 3):
        row = draft.one()
        if row.cells["phone"] == row.means["phone"]:
            row.cells["phone"] = form.format(row.means["phone"], "张三")


def key_marks(draft: Draft) -> None:
    for mark in ("★", "☑", "√ 是", "有", "T", "对", "市重点", "是（省级）"):
        row = draft.one()
        row.cells["key"], row.means["key"] = mark, True


def legal_form(draft: Draft) -> None:
    draft.columns.insert(draft.dice.randrange(len(draft.columns)), "#form")
    draft.headings["#form"] = "企业类型"
    for row in draft.enterprises():
        row.cells["#form"] = "有限责任公司(自然人投资或控股)"


def group_titles(draft: Draft) -> None:
    first = next(name for name in draft.columns if not name.startswith("#"))
    draft.insert(
        {first: f"{draft.dice.choice('一二三')}、{draft.dice.choice(['工业', '服务业'])}企业（3家）"}
    )
    draft.insert({draft.first(): "（二）科创园企业"})


def feet(draft: Draft) -> None:
    for text in draft.dice.sample(
        ["合计：9家", "共计9家企业", "（以下空白）", "制表：测试甲", "数据截至2026年3月", "备注：无"], 3
    ):
        draft.shown().rows.append(Row({draft.first(): text}, {}, NOBODY))


def printed_pages(draft: Draft) -> None:
    draft.insert({name: draft.headings[name] for name in draft.columns if name in draft.headings})


def sheets(draft: Draft) -> None:
    rows = draft.shown().rows
    cut = len(rows) // 2
    rest = [part for part in draft.parts if part is not draft.shown()]
    draft.parts = [Part("永兴片区", rows[:cut]), Part("科创园", rows[cut:]), *rest]


def merged_cells(draft: Draft) -> None:
    draft.shown().rows.sort(key=lambda row: (str(row.cells.get("park")), str(row.cells.get("officer"))))
    draft.shown().merged = ["park", "officer"]


def strict_open_xml(draft: Draft) -> None:
    draft.strict_form = True


def hidden_column(draft: Draft) -> None:
    draft.columns.insert(draft.dice.randrange(len(draft.columns)), "#old")
    draft.headings["#old"] = draft.headings["phone"]
    draft.hidden_column = True
    for row in draft.enterprises():
        row.cells["#old"] = "19911112222"


def hidden_sheet(draft: Draft) -> None:
    row = Row({"name": "虚构已注销公司", "phone": "19900000009"}, {"name": "虚构已注销公司"}, HIDDEN)
    draft.parts.insert(draft.dice.randint(0, 1), Part("2024年旧名单", [row], hidden=True))


def hidden_rows(draft: Draft) -> None:
    for row in draft.dice.sample(draft.enterprises(), 2):
        row.must = HIDDEN


def other_delimiter(draft: Draft) -> None:
    draft.delimiter = draft.dice.choice([";", "\t"])
    draft.sep_line = draft.dice.random() < 0.5


# --- harm: the enterprise may be refused, but never silently ---------------------------------------------


def phones_that_cannot(draft: Draft) -> None:
    for text in draft.dice.sample(
        ["1.99E+10", "199****1502", "19900001503 19900001504", "+852 2345 6789", "95533", "问张经理"], 2
    ):
        row = draft.one()
        row.cells["phone"], row.must = text, GAP
        del row.means["phone"]


def error_cell(draft: Draft) -> None:
    row = draft.one()
    row.cells[draft.dice.choice(["name", "park", "contact", "uscc"])] = draft.dice.choice(
        ["#REF!", "#N/A", "#NAME?", "#VALUE!"]
    )
    row.must = TOLD


def formula_without_result(draft: Draft) -> None:
    row = draft.one()
    row.cells[draft.dice.choice(["name", "park", "uscc", "key"])] = '=CONCATENATE("虚构","公式公司")'
    row.must = TOLD


def unknown_character(draft: Draft) -> None:
    row = draft.one()
    row.cells["name"] = row.cells["name"].replace("科技", draft.dice.choice(["\ue123科技", "\ufffd科技"]))
    row.must = TOLD


def look_alike_code(draft: Draft) -> None:
    row = draft.one()
    row.cells["uscc"], row.must = row.cells["uscc"].replace("M", "М"), TOLD


def number_code(draft: Draft) -> None:
    row = draft.one()
    row.cells["uscc"], row.must = "9.19999E+17", TOLD


def same_enterprise_again(draft: Draft) -> None:
    row = draft.one()
    name = row.cells["name"] = row.means["name"] = f"{row.means['name']}（北）"
    draft.insert(
        row.cells | {"name": name.replace("（", " (").replace("）", ")"), "uscc": ""},
        TOLD,
        {known: value for known, value in row.means.items() if known != "uscc"},
    )
    row.must = TOLD  # whichever stands first


def comma_in_a_name(draft: Draft) -> None:
    row = draft.one()
    row.cells["name"], row.must = "\0" + row.cells["name"], TOLD  # written without quotes below
    if "\n" in row.cells["name"]:
        draft.refusals.append("双引号不成对")


def one_stray_quote(draft: Draft) -> None:
    row = draft.one()
    written = draft.after
    mark = row.cells["contact"]

    def spoil(content: bytes) -> bytes:
        encoding = "utf-16-le" if draft.encoding == "utf-16" else draft.encoding.removesuffix("-sig")
        before, after = (f"{draft.delimiter}{quote}{mark}".encode(encoding) for quote in ("", '"'))
        return written(content).replace(before, after, 1)

    draft.after, row.must = spoil, TOLD
    draft.refusals.append("双引号不成对")


def two_stray_quotes(draft: Draft) -> None:
    rows = draft.parts[0].rows
    first, last = sorted(draft.dice.sample([place for place, row in enumerate(rows) if row.must == RIGHT], 2))
    column = draft.dice.choice(["contact", "officer", "phone", "park"])
    rows[first].cells[column], rows[last].cells[column] = (
        f"\1{rows[first].cells[column]}",
        f"{rows[last].cells[column]}\1",
    )
    draft.refusals.append("双引号不成对")
    for row in rows[first : last + 1]:
        row.must = TOLD if row.must == RIGHT else row.must


def pasted_line_of_another_encoding(draft: Draft) -> None:
    if draft.encoding.startswith("utf-8"):
        written = draft.after
        draft.after = lambda content: written(content) + "虚构国标有限公司,张\r\n".encode("gb18030")
        draft.refusals.append("混着两种编码")


ONLY_XLSX = [
    sheets,
    merged_cells,
    strict_open_xml,
    hidden_column,
    hidden_sheet,
    hidden_rows,
    formula_without_result,
]
ONLY_CSV = [
    other_delimiter,
    comma_in_a_name,
    one_stray_quote,
    two_stray_quotes,
    pasted_line_of_another_encoding,
]
HARMLESS = [
    titles_above, two_header_rows, blank_lines, blanks_and_widths, line_breaks, rare_characters,
    phones_that_can_be_mended, key_marks, legal_form, group_titles, feet, printed_pages,
]  # fmt: skip
HARMFUL = [
    phones_that_cannot, error_cell, unknown_character, look_alike_code, number_code, same_enterprise_again,
]  # fmt: skip
MUTATIONS = [*HARMLESS, *HARMFUL, *ONLY_XLSX, *ONLY_CSV]


# --- writing ---------------------------------------------------------------------------------------------


def _header(draft: Draft) -> list[list[str]]:
    names = [draft.headings[name] for name in draft.columns]
    if not draft.two_headers:
        return [names]
    lower = {"contact", "phone"}
    upper = ["联系方式" if name in lower else shown for name, shown in zip(draft.columns, names, strict=True)]
    under = [shown if name in lower else "" for name, shown in zip(draft.columns, names, strict=True)]
    for place in range(len(upper) - 1, 0, -1):
        if upper[place] == upper[place - 1] == "联系方式":
            upper[place] = ""
    return [upper, under]


def _cells(draft: Draft, row: Row) -> list[Any]:
    return [row.cells.get(name, "") for name in draft.columns]


def _xlsx(draft: Draft) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for part in draft.parts:
        sheet = book.create_sheet(part.name)
        sheet.sheet_state = "hidden" if part.hidden else "visible"
        line = 0
        for cells in [[title] for title in draft.titles] + _header(draft):
            line += 1
            _write(sheet, line, cells)
        for row in part.rows:
            line += 1
            row.line = line
            _write(sheet, line, _cells(draft, row))
            if row.must == HIDDEN and not part.hidden:
                sheet.row_dimensions[line].hidden = True
        for name in part.merged:
            _merge(sheet, draft.columns.index(name) + 1, part.rows, name)
        if draft.hidden_column:
            letter = openpyxl.utils.get_column_letter(draft.columns.index("#old") + 1)
            sheet.column_dimensions[letter].hidden = True
    file = io.BytesIO()
    book.active = next(place for place, part in enumerate(draft.parts) if not part.hidden)
    book.save(file)
    return _in_strict_form(file.getvalue()) if draft.strict_form else file.getvalue()


def _write(sheet: Worksheet, line: int, cells: list[Any]) -> None:
    for place, value in enumerate(cells, 1):
        if value != "":
            sheet.cell(line, place, value)


def _merge(sheet: Worksheet, column: int, rows: list[Row], name: str) -> None:
    start = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or rows[place].cells.get(name) != rows[start].cells.get(name):
            if place - start > 1 and rows[start].cells.get(name):
                sheet.merge_cells(
                    start_row=rows[start].line,
                    end_row=rows[place - 1].line,
                    start_column=column,
                    end_column=column,
                )
            start = place


def _in_strict_form(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            for common, strict in STRICT.items():
                part = part.replace(common, strict)
            new.writestr(name, part)
    return file.getvalue()


def _csv(draft: Draft) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=draft.delimiter)
    line = 1
    if draft.sep_line:
        file.write(f"sep={draft.delimiter}\r\n")
        line += 1
    for cells in [[title] for title in draft.titles] + _header(draft):
        writer.writerow(cells)
        line += 1
    for row in draft.parts[0].rows:
        row.line = line
        before = file.tell()
        writer.writerow(_cells(draft, row))
        file.seek(before)
        line += file.read().count("\n")
    text = file.getvalue()
    text = text.replace("\0", f"虚构{draft.delimiter}").replace("\1", '"')
    return draft.after(text.encode(draft.encoding))


# --- judging ---------------------------------------------------------------------------------------------


def judge(draft: Draft, table: RegistryTable) -> list[str]:
    """What is wrong with a reader's table: lost, changed, or invented enterprises, and lines nobody was told of."""
    wrong: list[str] = []
    rows = {(row.sheet, row.line): row for row in table.rows}
    refused = {(one.sheet, one.line): one for one in table.rejected}
    asides = {(one.sheet, one.line) for one in table.asides}
    unknown = set(rows)
    several = bool(table.sheets)
    for part in draft.parts:
        for row in part.rows:
            place = (part.name if several else "", row.line)
            found = rows.get(place) if not part.hidden else None
            unknown -= {place} if not part.hidden else set()
            if row.must == HIDDEN:
                said = " ".join(table.hidden)
                if found or (part.name if part.hidden else str(row.line)) not in said:
                    wrong.append(f"{place}: hidden, but read or not said")
            elif row.must == NOBODY:
                filled = any(str(cell).strip() for cell in row.cells.values())
                if found or (filled and place not in asides | refused.keys()):
                    wrong.append(f"{place}: no enterprise, but read or not said: {row.cells}")
            elif found:
                got = found.values | {"name": name_key(found.values["name"])}
                meant = row.means | {"name": name_key(row.means["name"])}
                if got != meant or bool(found.gaps) != (row.must == GAP):
                    wrong.append(f"{place}: changed: {got} for {meant}, {found.gaps}")
            elif row.must in (RIGHT, GAP) or place not in refused or not refused[place].reason:
                wrong.append(f"{place}: lost ({row.must}): {refused.get(place)}")
    named = [(name_key(row.values["name"]), row.values.get("uscc")) for row in table.rows]
    doubled = {name for name, code in named if not code and [one for one, _ in named].count(name) > 1}
    wrong += [f"twice: {name}" for name in doubled]
    wrong += [f"{place}: invented: {rows[place]}" for place in unknown]
    told = bool(table.rejected or table.asides or table.unread or any(row.gaps for row in table.rows))
    if table.complete == told:
        wrong.append(
            "complete, though something was left out" if told else "not complete, though nothing was left out"
        )
    return wrong
