"""The lists that real offices brought, one file each: what is read of them, and what is said of the rest."""

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from survey.core.intake.list_text import TextRefused
from survey.core.registry.plan import compare
from survey.core.registry.rows import RegistryTable
from survey.core.registry.table import read_registry
from survey.output.registry import files

CASES = Path(__file__).resolve().parents[1] / "data" / "cases" / "lists"


def case(name: str, *, hidden_rows: bool = False) -> RegistryTable:
    [path] = CASES.glob(f"{name}*")
    return read_registry(path.read_bytes(), path.name, hidden_rows)


def refusal(name: str) -> str:
    with pytest.raises(TextRefused) as refused:
        case(name)
    return str(refused.value)


def column(table: RegistryTable, field: str) -> list[object]:
    return [row.values.get(field, "") for row in table.rows]


def made(*rows: list[object], merged: tuple[str, ...] = ()) -> RegistryTable:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for box in merged:
        book.active.merge_cells(box)
    file = io.BytesIO()
    book.save(file)
    return read_registry(file.getvalue(), "名单.xlsx")


def test_every_case_has_its_place_here() -> None:
    """A file that is added to the cases is either read below or refused below."""
    text = Path(__file__).read_text(encoding="utf-8")
    named = set(re.findall(r"\"(\d\d[a-z]?)_?", text))
    assert {path.name.partition("_")[0] for path in CASES.iterdir()} <= named


def test_merged_attributes_are_given_to_every_enterprise() -> None:
    table = case("01_")
    assert column(table, "park") == ["永兴片区"] * 3 + ["科创园"] * 3
    assert column(table, "officer") == ["测试专员甲"] * 3 + ["测试专员乙"] * 3
    assert column(table, "phone") == [f"199000001{number:02d}" for number in range(6)]
    assert table.complete


def test_all_visible_sheets_are_read() -> None:
    table = case("02_")
    assert list(dict.fromkeys(column(table, "park"))) == ["永兴片区", "石桥铺片区", "科创园"]
    assert len(table.rows) == 12
    assert table.sheets == ("永兴片区", "石桥铺片区", "科创园")
    assert table.rows[-1].place == "「科创园」第 6 行"
    assert table.complete


def test_hidden_sheets_are_said_not_read() -> None:
    table = case("03_")
    assert column(table, "name") == [f"虚构在营{number}号有限公司" for number in range(1, 5)]
    assert table.hidden == ("工作表「2024年旧名单」是隐藏的，没有读。要导入它，请先取消隐藏",)


def test_filtered_rows_are_left_out_unless_chosen() -> None:
    table = case("04_")
    assert [row.line for row in table.rows] == [2, 4, 6]
    assert table.hidden == ("表里有 3 行隐藏着（或被筛选掉），没有读：第 3、5、7 行",)
    assert table.hidden_rows == 3
    chosen = case("04_", hidden_rows=True)
    assert [row.line for row in chosen.rows] == [2, 3, 4, 5, 6, 7]
    assert chosen.hidden == ()


def test_two_header_rows_are_read_as_one() -> None:
    table = case("05_")
    assert table.rows[0].values == {
        "name": "虚构双表头1号有限公司", "uscc": "91999999MAT0005001", "industry": "制造业", "size": "小型",
        "contact": "人0", "phone": "19900000500",
    }  # fmt: skip
    table = case("05c")
    assert column(table, "contact") == ["人0", "人1", "人2"]
    assert column(table, "phone") == ["19900005100", "19900005101", "19900005102"]
    assert table.complete


def test_two_header_rows_tell_two_people_apart() -> None:
    table = read_registry(
        "企业名称,法定代表人,,联系人,\n,姓名,电话,姓名,电话\n虚构甲公司,王,0816-2530001,张,19900000001\n".encode(),
        "",
    )
    assert table.rows[0].values == {"name": "虚构甲公司", "contact": "张", "phone": "19900000001"}
    again = read_registry(files.to_mend(table.header, [_as_rejected(table)]), "")
    assert again.rows[0].values == table.rows[0].values


def _as_rejected(table: RegistryTable):  # type: ignore[no-untyped-def]
    from survey.core.registry.rows import RejectedRow

    return RejectedRow(line=3, name="", reason="试", cells=table.rows[0].cells)


def test_group_titles_and_feet_are_no_enterprises_and_are_listed() -> None:
    table = case("06_")
    assert column(table, "name") == [f"虚构分组{number}号有限公司" for number in (1, 2, 3)]
    assert {one.line: one.kind for one in table.asides} == {
        2: "分组标题", 5: "分组标题", **dict.fromkeys(range(7, 13), "表尾或说明"),
    }  # fmt: skip
    assert (table.rejected, table.complete) == ((), False)


@pytest.mark.parametrize(
    "name",
    ["合计网络科技公司", "说明书印刷公司", "注塑制品公司", "审核咨询公司", "日期食品公司", "第一组合公司"],
)
def test_enterprises_whose_names_begin_like_a_foot_stay_enterprises(name: str) -> None:
    assert column(read_registry(f"企业名称,行业\n{name},\n".encode(), ""), "name") == [name]


def test_error_values_are_refused_with_line_and_cure() -> None:
    table = case("07_")
    assert [(one.line, one.reason) for one in table.rejected] == [
        (2, "企业名称是公式错误 #REF!，请改成真正的内容"),
        (3, "企业名称是公式错误 #NAME?，请改成真正的内容"),
        (4, "企业名称是公式错误 #VALUE!，请改成真正的内容"),
        (
            5,
            "园区是公式错误 #N/A，请改成真正的内容，没有就留空；联系人是公式错误 #REF!，请改成真正的内容，没有就留空",
        ),
    ]
    assert table.rows == ()


def test_formulas_without_a_result_are_told() -> None:
    table = case("08_")
    assert [one.line for one in table.rejected] == [2, 3, 4, 5]
    assert "园区是公式，文件里没有它的结果（用 Excel 打开、保存一次再导入）" in table.rejected[3].reason
    assert "手机号是公式" in table.rejected[3].reason


def test_an_escaped_line_end_is_a_blank() -> None:
    [row] = case("09_").rows
    assert (row.values["name"], row.values["park"], row.values["contact"]) == (
        "虚构换行有限公司 （分公司）", "科创园", "张 三",
    )  # fmt: skip
    [row] = read_registry("企业名称,联系人\n虚构_x000D_甲公司,张\n".encode(), "").rows
    assert row.values["name"] == "虚构 甲公司"


def test_the_legal_form_is_no_size() -> None:
    table = case("10_")
    assert (len(table.rows), "size" in table.columns) == (5, False)
    assert "企业类型" in table.unused
    table = case("10b")
    assert column(table, "size") == ["小型"]
    assert table.unused == ("企业类型",)
    table = read_registry("企业名称,企业类型\n虚构甲公司,小型\n虚构乙公司,微型企业\n".encode(), "")
    assert column(table, "size") == ["小型", "微型企业"]


def test_rare_characters_are_kept_apart() -> None:
    assert column(case("11_"), "name") == [
        "虚构䶮𠮷商贸有限公司",
        "虚构䶮商贸有限公司",
        "虚构龴岗商贸有限公司",
    ]
    table = case("11b")
    known = {
        "id": 1,
        "name": "虚构商贸有限公司",
        "uscc": None,
        "contact": "旧人",
        "phone": "19900000001",
        "archived": False,
    }
    plan = compare([known], table)
    assert (len(plan.added), plan.changed) == (1, ())
    table = read_registry(
        "企业名称,联系人\n虚构\ue123商贸有限公司,张\n虚构丙商贸\ufffd公司,李\n".encode(), ""
    )
    assert table.rows == ()
    assert "U+E123" in table.rejected[0].reason
    assert "已经丢失的字" in table.rejected[1].reason


def test_what_is_no_table_is_refused_with_the_way_to_save_it_anew() -> None:
    assert "其实是网页（HTML）" in refusal("12_")
    assert "第 3 行不是" in refusal("19_")
    for name in ("12_", "19_"):
        assert "另存为「Excel 工作簿（*.xlsx）」" in refusal(name)


def test_names_that_differ_in_brackets_width_or_blanks_are_one_enterprise() -> None:
    table = case("13_")
    assert [row.line for row in table.rows] == [2, 4, 6]
    assert [one.line for one in table.rejected] == [3, 5, 7]
    assert "只差在括号、全半角或空格" in table.rejected[0].reason
    known = {"id": 1, "name": "虚构(中国) 有限公司", "uscc": None, "contact": "旧人", "archived": False}
    plan = compare([known], table)
    assert [change.fields for change in plan.changed] == [{"contact": ("旧人", "人")}]
    assert "保留名录里的写法" in plan.notes[0]


def test_the_strict_form_is_read() -> None:
    assert column(case("14_"), "name") == ["虚构严格有限公司"]


def test_phones_are_mended_or_left_empty_and_listed_whole() -> None:
    table = case("15_")
    assert column(table, "phone") == [
        "19900001500", "", "", "", "19900001505", "19900001506", "19900001507", "19900001508", "19900001509", "",
        "19900001511", "", "",
    ]  # fmt: skip
    said = {row.line: row.gaps[0] for row in table.rows if row.gaps}
    for line, whole in {
        3: "1.99E+10", 4: "199****1502", 5: "19900001503 19900001504", 11: "+852 2345 6789",
        13: "19900001512 19900001513", 14: "95533",
    }.items():  # fmt: skip
        assert f"手机号「{whole}」" in said.pop(line)
    assert (said, table.rejected, table.complete) == ({}, (), False)


def test_codes_and_contacts_stay_as_they_were() -> None:
    table = case("16_")
    assert ([row.line for row in table.rows], len(table.rejected)) == ([2], 7)
    assert "第 9 位是俄文字母「М」，只是样子像英文字母 M" in table.rejected[1].reason
    [row] = case("17_").rows
    assert (row.values["contact"], row.values["phone"]) == ("经办乙", "19900001700")
    [row] = case("18_").rows
    assert row.values["industry"] == "制造业,批发,零售,建筑,餐饮"
    assert column(case("20_"), "name") == ["e签宝", "Ⅲ厂", "么么", "TCL", "𠮷野", "ཀཁག", "شركة"]
    assert len(case("20_").rejected) == 10
    [row] = case("70_").rows
    assert (row.line, row.values["name"]) == (4, "虚构标题有限公司")


def test_marks_of_key_enterprises_are_known() -> None:
    table = case("21_")
    assert column(table, "key") == [True] * 10
    table = read_registry("企业名称,重点企业\n甲公司,非重点\n乙公司,否\n丙公司,☒\n丁公司,★★★\n".encode(), "")
    assert column(table, "key") == [False, False, True]
    assert "重点企业「☒」不认识" in table.rejected[0].reason


def test_lists_of_something_else_and_broken_quotes_are_refused() -> None:
    assert "没有找到表头" in refusal("40_")
    assert refusal("60_").startswith("第 2 行的双引号不成对")
    assert refusal("62_").startswith("第 2 行的双引号不成对")


# --- what the same kinds of fault look like elsewhere ------------------------------------------------


def test_a_comma_in_a_name_shifts_nothing() -> None:
    table = read_registry("企业名称,联系人\n虚构A,B公司,张\n虚构丙公司,李\n".encode(), "")
    assert column(table, "name") == ["虚构丙公司"]
    assert "这一行有 3 格，表头有 2 格" in table.rejected[0].reason


def test_a_second_table_below_is_told() -> None:
    table = read_registry("企业名称,联系人\n虚构甲公司,张\n\n联系人,单位名称\n李,虚构乙公司\n".encode(), "")
    assert column(table, "name") == ["虚构甲公司"]
    assert [one.line for one in table.rejected] == [4, 5]
    assert "另一张表" in table.rejected[1].reason


def test_a_table_above_a_better_header_is_told() -> None:
    table = read_registry(
        "企业名称,联系人\n虚构甲公司,张\n企业名称,联系人,电话\n虚构乙公司,李,\n".encode(), ""
    )
    assert column(table, "name") == ["虚构乙公司"]
    assert [(one.line, one.kind) for one in table.asides] == [(1, "在表头上方"), (2, "在表头上方")]


def test_sheets_without_a_header_are_told_and_sheets_may_call_columns_differently() -> None:
    book = openpyxl.Workbook()
    book.active.title = "甲园"
    for row in (["企业名称", "电话"], ["虚构甲公司", "19900000001"], ["虚构丙公司", "95533"]):
        book.active.append(row)
    second = book.create_sheet("乙园")
    for row in (
        ["联系电话", "单位名称"],
        ["19900000002", "虚构乙公司"],
        ["问张", "虚构丁公司"],
        ["", ""],
        [None, "12"],
    ):
        second.append(row)
    book.create_sheet("图表")["A1"] = "说明：见上"
    file = io.BytesIO()
    book.save(file)
    table = read_registry(file.getvalue(), "")
    assert column(table, "name") == ["虚构甲公司", "虚构丙公司", "虚构乙公司", "虚构丁公司"]
    assert table.unread == ("工作表「图表」里没有找到「企业名称」等列，没有读（1 行）",)
    assert not table.complete
    plan = compare([], table)
    assert [one.place for one in plan.to_mend] == ["「甲园」第 3 行", "「乙园」第 3 行", "「乙园」第 5 行"]
    again = read_registry(files.to_mend(table.header, plan.to_mend), "")
    assert [row.gaps for row in again.rows] == [row.gaps for row in plan.gaps]


def test_hidden_columns_are_said_not_read() -> None:
    book = openpyxl.Workbook()
    for row in (["企业名称", "手机号", "联系电话"], ["虚构甲公司", "19900000001", "19900000002"]):
        book.active.append(row)
    book.active.column_dimensions["B"].hidden = True
    file = io.BytesIO()
    book.save(file)
    table = read_registry(file.getvalue(), "")
    assert column(table, "phone") == ["19900000002"]
    assert "「手机号」" in table.hidden[0]


def test_a_cell_merged_beyond_the_table_makes_no_enterprises() -> None:
    table = made(["企业名称", "园区"], ["虚构甲公司", "科创园"], ["虚构乙公司"], merged=("B2:B1000",))
    assert column(table, "park") == ["科创园", "科创园"]
    assert table.complete


def test_one_enterprise_with_two_contacts_is_told() -> None:
    table = made(["企业名称", "联系人"], ["虚构甲公司", "张"], [None, "李"], merged=("A2:A3",))
    assert column(table, "contact") == ["张"]
    assert [one.line for one in table.rejected] == [3]


def test_a_line_merged_across_the_table_is_a_title() -> None:
    table = made(
        ["企业名称", "信用代码", "联系人"],
        ["永兴片区"],
        ["虚构甲公司", None, "张"],
        ["虚构乙公司"],
        merged=("A2:C2",),
    )
    assert column(table, "name") == ["虚构甲公司", "虚构乙公司"]
    assert [one.text for one in table.asides] == ["永兴片区"]
    assert "1 行只有名称、没有别的内容，请看看是不是企业：第 4 行「虚构乙公司」" in compare([], table).notes


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("xl/workbook.bin", "xlsb"),
        ("word/document.xml", "Word"),
        ("content.xml", "ods"),
        ("a.txt", "没有 Excel 工作簿"),
    ],
)
def test_other_packages_are_named(part: str, said: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(part, "x")
    with pytest.raises(TextRefused, match=said):
        read_registry(file.getvalue(), "")


def test_dates_numbers_and_cached_formulas_read_as_they_look() -> None:
    from datetime import date

    table = made(
        ["企业名称", "联系人", "成立日期"], ["虚构甲公司", 7.0, date(2020, 1, 2)], ["虚构乙公司", True, 1.5]
    )
    assert [row.cells for row in table.rows] == [
        ("虚构甲公司", "7", "2020-01-02"),
        ("虚构乙公司", "是", "1.5"),
    ]
