"""A made-up list of enterprises as an official keeps it: title row, harmless damage, and 25 faulty rows.

`write_list(path)` writes 360 enterprises of which 25 are faulty, each in its own way: 340 can be imported, 5 of them
without a phone (`GAPS`).
`write_list(path, repaired=True)` writes the same 360 with the faults mended. Always the same; nobody in it exists.
"""

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path

import xlsxwriter
from stdnum.cn import uscc

ENTERPRISES, FAULTY, GAPS = 360, 25, 5
TITLE = "高新区参评企业名录（虚构数据，仅供测试）"
HEADER = (
    "序号", "企业名称（全称）", "统一社会信用代码", "所属行业", "规模", "园区/镇街", "是否重点企业", "包联领导",
    "服务专员", "联系人", "手机号码", "企业英文名称", "备注",
)  # fmt: skip
NAME, CODE, INDUSTRY, SIZE, PARK, KEY, LEADER, OFFICER, CONTACT, PHONE, ENGLISH = range(1, 12)
FIRST_LINE = 4  # title, blank line and header stand above
INDUSTRIES = ("制造业", "信息传输、软件和信息技术服务业", "批发和零售业", "建筑业", "住宿和餐饮业")
SIZES = ("大型", "中型", "小型", "微型")
PARKS = ("永兴片区", "石桥铺片区", "科创园", "综合保税区")
OFFICERS = ("测试专员甲", "测试专员乙", "测试专员丙", "测试专员丁", "测试专员戊", "测试专员己")
Cells = list[str | int | float]


def write_list(path: Path, *, repaired: bool = False, enterprises: int = ENTERPRISES) -> Path:
    """Write the list as XLSX, or as CSV in GB18030 when the name ends so."""
    rows = [[TITLE], [], list(HEADER), *make_rows(enterprises, repaired=repaired)]
    path.write_bytes(_csv(rows) if path.suffix == ".csv" else _xlsx(rows))
    return path


def make_rows(enterprises: int = ENTERPRISES, *, repaired: bool = False) -> list[Cells]:
    """The rows below the header."""
    dice = random.Random(20260310)
    rows = [_enterprise(number, dice) for number in range(enterprises)]
    for number, damage in enumerate(HARMLESS * (enterprises // 40)):
        damage(rows[number * 4 + 2])
    if not repaired:
        for line, fault in faults(enterprises).items():
            FAULTS[fault](rows[line - FIRST_LINE], rows)
    return rows


def faults(enterprises: int = ENTERPRISES) -> dict[int, str]:
    """Line → the kind of its fault: every kind once, spread over the list."""
    step = enterprises // FAULTY
    return {FIRST_LINE + 7 + place * step: kind for place, kind in enumerate(FAULTS)}


def made_up_uscc(number: int) -> str:
    """A well-formed code in a district number that does not exist."""
    start = f"91999999MAT{number:06d}"
    return start + str(uscc.calc_check_digit(start))


def _enterprise(number: int, dice: random.Random) -> Cells:
    return [
        number + 1, f"虚构第{number + 1:05d}号科技有限公司", made_up_uscc(number), dice.choice(INDUSTRIES),
        dice.choice(SIZES), dice.choice(PARKS), "是" if number % 9 == 0 else "否",
        f"测试领导{'一二三四五'[number % 5]}", OFFICERS[number % len(OFFICERS)], f"测试联系人{number % 97}",
        f"199{number:08d}", f"Fictional Test Company {number + 1} Ltd." if number % 12 == 0 else "", "",
    ]  # fmt: skip


def _set(place: int, change: Callable[[str], str | int | float]) -> Callable[[Cells], None]:
    def damage(row: Cells) -> None:
        row[place] = change(str(row[place]))

    return damage


def _full_width(text: str) -> str:
    return "".join(chr(ord(mark) + 0xFEE0) for mark in text)


# What spreadsheets and people do to a list that must be put right without a word.
HARMLESS: tuple[Callable[[Cells], None], ...] = (
    _set(CODE, _full_width), _set(CODE, str.lower), _set(CODE, lambda code: f"'{code}"),
    _set(CODE, lambda code: f" {code[:8]} {code[8:]} "), _set(PHONE, int), _set(PHONE, lambda one: f"{one}.0"),
    _set(PHONE, lambda one: f"+86 {one[:3]}-{one[3:7]}-{one[7:]}"), _set(NAME, lambda name: f"　{name} "),
    _set(KEY, lambda word: "√" if word == "是" else ""),
)  # fmt: skip


def _fault(place: int, change: Callable[[str], str | int | float]) -> Callable[[Cells, list[Cells]], None]:
    def spoil(row: Cells, _rows: list[Cells]) -> None:
        row[place] = change(str(row[place]))

    return spoil


def _same_code(row: Cells, rows: list[Cells]) -> None:
    row[CODE] = rows[0][CODE]


def _same_name_without_code(row: Cells, rows: list[Cells]) -> None:
    row[NAME], row[CODE] = rows[1][NAME], ""


def _wrong_digit(code: str) -> str:
    return code[:-1] + ("1" if code[-1] == "0" else "0")


FAULTS: dict[str, Callable[[Cells, list[Cells]], None]] = {
    "没有企业名称": _fault(NAME, lambda _: ""),
    "信用代码错一位": _fault(CODE, _wrong_digit),
    "信用代码少一位": _fault(CODE, lambda code: code[:-1]),
    "信用代码多一位": _fault(CODE, lambda code: code + "1"),
    "信用代码里有字母 O": _fault(CODE, lambda code: code[:11] + "O" + code[12:]),
    "15 位旧注册号": _fault(CODE, lambda _: "510700000012345"),
    "信用代码成了科学计数": _fault(CODE, lambda _: "9.19999E+17"),
    "信用代码后几位成了 0": _fault(CODE, lambda _: "919999990000123000"),
    "信用代码列填了手机号": _fault(CODE, lambda _: "19900000001"),
    "信用代码和别家相同": _same_code,
    "和别家同名又没有信用代码": _same_name_without_code,
    "企业名称是数字": _fault(NAME, lambda _: "12345"),
    "企业名称太长": _fault(NAME, lambda name: name + "长" * 80),
    "行业太长": _fault(INDUSTRY, lambda _: "制造业" * 21),
    "规模太长": _fault(SIZE, lambda _: "中型" * 12),
    "园区太长": _fault(PARK, lambda _: "科创园" * 14),
    "重点企业写了别的话": _fault(KEY, lambda _: "待定"),
    "包联领导写了一串人": _fault(LEADER, lambda _: "、".join(["测试领导一"] * 5)),
    "服务专员写了一串人": _fault(OFFICER, lambda _: "、".join(OFFICERS)),
    "联系人太长": _fault(CONTACT, lambda one: one * 4),
    "手机号少一位": _fault(PHONE, lambda one: "1990000123"),
    "手机号不是号段": _fault(PHONE, lambda _: "12300000000"),
    "手机号里有字": _fault(PHONE, lambda _: "问张经理"),
    "一格两个手机号": _fault(PHONE, lambda one: "19900000001/19900000002"),
    "座机没有区号": _fault(PHONE, lambda _: "2530000"),
}


def _xlsx(rows: list[Cells]) -> bytes:
    """As Excel would keep it: text as text, numbers as numbers."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet("名录")
    for line, row in enumerate(rows):
        sheet.write_row(line, 0, row)
    book.close()
    return file.getvalue()


def _csv(rows: list[Cells]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("gb18030")
