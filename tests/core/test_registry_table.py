"""Lists of enterprises as people keep them: columns found, cells mended, every bad row told with its reason."""

import io
from pathlib import Path

import openpyxl
import pytest
from stdnum.cn import uscc

from survey.core.intake.list_text import TextRefused
from survey.core.registry.cells import check_fields
from survey.core.registry.rows import RegistryTable
from survey.core.registry.table import read_registry
from survey.output.registry import files
from tests import registry_lists

GOOD = "91510700MA00000009"
CODE = GOOD[:17] + str(uscc.calc_check_digit(GOOD[:17]))


def read(text: str, encoding: str = "utf-8-sig") -> RegistryTable:
    return read_registry(text.encode(encoding), "名单.csv")


def reason(**cells: str) -> str:
    _, problems = check_fields({"name": "甲公司", **cells})
    return "；".join(problems)


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_list_as_officials_keep_it_is_read(tmp_path: Path, ending: str) -> None:
    """Title row, blank line, bracketed column names, damaged codes and phones; 25 rows faulty, each its own way."""
    path = registry_lists.write_list(tmp_path / f"名单{ending}")
    table = read_registry(path.read_bytes(), path.name)
    assert len(table.rows) == 340
    gaps = {row.line: row.gaps for row in table.rows if row.gaps}
    assert {one.line for one in table.rejected} | gaps.keys() == set(registry_lists.faults())
    assert len(gaps) == registry_lists.GAPS
    assert table.unused == ("序号", "备注")
    # The same list before anybody damaged it.
    whole = dict(enumerate(registry_lists.make_rows(repaired=True), registry_lists.FIRST_LINE))
    for row in table.rows:
        number = int(whole[row.line][0]) - 1
        assert row.values["uscc"] == registry_lists.made_up_uscc(number)
        assert row.values.get("phone", "") == ("" if row.gaps else f"199{number:08d}")
        assert row.values["name"] == f"虚构第{number + 1:05d}号科技有限公司"
    assert sum(row.values.get("key", False) for row in table.rows) > 30


def test_the_mended_list_has_nothing_to_refuse(tmp_path: Path) -> None:
    path = registry_lists.write_list(tmp_path / "名单.xlsx", repaired=True)
    table = read_registry(path.read_bytes(), path.name)
    assert (len(table.rows), table.rejected) == (360, ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_as_wps_and_excel_write_it(encoding: str, delimiter: str) -> None:
    text = f"单位名称,信用代码,联系电话\r\n甲公司,{CODE},0816-2530000\r\n".replace(",", delimiter)
    [row] = read(text, encoding).rows
    assert row.values == {"name": "甲公司", "uscc": CODE, "phone": "0816-2530000"}
    assert row.line == 2


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("名称,社会信用代码,街道,是否重点", ["name", "uscc", "park", "key"]),
        ("*企业全称（盖章）,USCC,镇街/园区,企业规模", ["name", "uscc", "park", "size"]),
        ("公 司 名 称,行业类别,包保领导,联络员", ["name", "industry", "leader", "officer"]),
        ("企业,负责人,手机,英文名", ["name", "contact", "phone", "name_en"]),
        ("企业名称,姓名,联系方式,电话", ["name", "contact", "phone"]),
    ],
)
def test_columns_are_known_by_their_usual_names(header: str, fields: list[str]) -> None:
    table = read(f"某某区名单\n\n{header}\n甲公司,,,\n")
    assert sorted(table.columns) == sorted(fields)
    assert [row.line for row in table.rows] == [4]


def test_headers_repeated_on_every_printed_page_and_feet_are_no_enterprises() -> None:
    table = read("企业名称,联系人\n甲公司,张\n企业名称,联系人\n乙公司,李\n\n合计,2\n填表人：王五,\n")
    assert [row.values["name"] for row in table.rows] == ["甲公司", "乙公司"]
    assert [(one.line, one.reason) for one in table.rejected] == [(6, "「合计」像是表尾的说明，不是企业")]
    assert [(one.line, one.kind) for one in table.asides] == [(3, "重复的表头"), (7, "表尾或说明")]


def test_an_enterprise_may_stand_in_a_file_only_once() -> None:
    table = read(f"名称,信用代码\n甲公司,{CODE}\n乙公司,{CODE}\n丙公司,\n丙公司,\n甲公司,\n")
    assert [row.line for row in table.rows] == [2, 4]
    assert [one.line for one in table.rejected] == [3, 5, 6]
    assert table.rejected[0].reason == "信用代码和第 2 行相同"
    assert "和第 4 行的企业名称相同" in table.rejected[1].reason


def test_codes_that_a_spreadsheet_turned_into_numbers_are_told_so() -> None:
    book = openpyxl.Workbook()
    book.active.append(["企业名称", "统一社会信用代码", "手机号"])
    book.active.append(["甲公司", 915107000000123456, 13800138000])
    file = io.BytesIO()
    book.save(file)
    [row] = read_registry(file.getvalue(), "名单.xlsx").rejected
    assert "后几位已经丢失" in row.reason or "校验不符" in row.reason
    assert "后几位已经丢失" in reason(uscc="9.15107E+17")
    assert "后几位已经丢失" in reason(uscc="915107000000123000")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("138 0013 8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("+86-138-0013-8000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("'13800138000", "13800138000"),
        ("13800138000.0", "13800138000"),
        ("（0816）2530000", "08162530000"),
        ("0816—2530000", "0816-2530000"),
        ("010-12345678转801", "010-12345678-801"),
        ("400-810-1234", "400-810-1234"),
        ("—", None),
    ],
)
def test_phones_are_mended(written: str, kept: str | None) -> None:
    values, problems = check_fields({"name": "甲公司", "phone": written})
    assert not problems
    if kept and kept.startswith("0816"):
        assert values["phone"] == "0816-2530000"
    else:
        assert values.get("phone") == kept


@pytest.mark.parametrize(
    "code", [f" {CODE} ", CODE.lower(), f"'{CODE}", f"{CODE[:6]} {CODE[6:]}", f"“{CODE}”"]
)
def test_codes_are_mended(code: str) -> None:
    assert check_fields({"name": "甲公司", "uscc": code}) == ({"name": "甲公司", "uscc": CODE}, [])


def test_every_reason_says_what_is_wrong() -> None:
    assert "第 10 位是字母 O" in reason(uscc="91510700MO00000001")
    assert "旧注册号" in reason(uscc="510700000012345")
    assert "校验不符" in reason(uscc=CODE[:-1] + ("A" if CODE[-1] != "A" else "B"))
    assert "有两个号码" in reason(phone="13800138000、13900139000")
    assert "没有区号" in reason(phone="2530000")
    assert "行业有 61 个字，最多 60 个" in reason(industry="业" * 61)
    assert reason(phone="1380013800", key="大概") == (
        "手机号「1380013800」有 10 位，不是 11 位手机号；重点企业「大概」不认识，请填“是”或“否”"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件里没有内容"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧版 Excel"),
        (b"PK\x03\x04 broken", "打不开"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "不是 Excel"),
        ("甲公司,13800138000\n".encode(), "没有找到表头"),
        ("企业名称\n甲公司\n".encode(), "没有找到表头"),
        ('企业名称,联系人\n甲公司,"张\n'.encode() + b'"x"y\n' * 3, "第 2 行的双引号不成对"),
    ],
)
def test_what_is_no_list_is_refused_with_a_cure(content: bytes, said: str) -> None:
    with pytest.raises(TextRefused, match=said):
        read_registry(content, "名单.csv")


def test_the_list_may_stand_on_the_second_sheet() -> None:
    book = openpyxl.Workbook()
    book.active.append(["填报说明：请于本周五前报送"])
    book.create_sheet("名单").append(["企业名称", "联系人"])
    book["名单"].append(["甲公司", "张"])
    file = io.BytesIO()
    book.save(file)
    assert [row.values["name"] for row in read_registry(file.getvalue(), "名单.xlsx").rows] == ["甲公司"]


def test_a_stray_cell_far_below_costs_nothing() -> None:
    book = openpyxl.Workbook()
    book.active.append(["企业名称", "联系人"])
    book.active.append(["甲公司", "张"])
    book.active["XFD1048576"] = "x"
    file = io.BytesIO()
    book.save(file)
    assert len(read_registry(file.getvalue(), "名单.xlsx").rows) == 1


def test_the_rejected_rows_can_be_mended_and_imported_again() -> None:
    header = "企业名称,统一社会信用代码,联系人"
    first = read(f"{header}\n甲公司,=1+1,张\n,{CODE},李\n")
    again = read_registry(files.to_mend(first.header, first.rejected), "不能导入的行.xlsx")
    assert [one.reason for one in again.rejected] == [one.reason for one in first.rejected]
    assert again.rejected[0].cells[3] == "=1+1"  # text, never a formula
    third = read_registry(files.to_mend(again.header, again.rejected), "再来一次.xlsx")
    assert third.header == ("原行号", "要改的地方", *header.split(","))


def test_the_template_is_a_list_that_can_be_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(files.template()))
    book["企业名录"].append(["甲公司", CODE, "制造业"])
    file = io.BytesIO()
    book.save(file)
    table = read_registry(file.getvalue(), "模板.xlsx")
    assert table.rows[0].values == {"name": "甲公司", "uscc": CODE, "industry": "制造业"}
    assert (len(table.columns), table.unused, table.rejected) == (11, (), ())
