"""Lists kept as text: encodings, rare characters, strict quotes, and one sentence where nobody can read them."""

import io
from pathlib import Path

import pytest

from survey.core.intake.list_text import TextRefused, csv_rows, decoded
from survey.core.intake.rare_characters import readable, unreadable
from survey.core.plain_text import name_key

CASES = Path(__file__).resolve().parents[1] / "data" / "cases" / "lists"
ROW = "虚构甲机械有限公司,张\r\n"


def rows(text: str) -> list[tuple[int, list[str]]]:
    return list(csv_rows(io.StringIO(text, newline="")))


def refused(content: bytes) -> TextRefused:
    with pytest.raises(TextRefused) as caught:
        rows(decoded(content))
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_as_spreadsheets_write_them(encoding: str) -> None:
    assert decoded(ROW.encode(encoding)) == ROW


def test_rare_characters_are_mapped_to_what_was_meant() -> None:
    """The bytes FE50–FEA0 and what old software made of them; checked against another library's table."""
    assert decoded(b"\xfe\x59\xfe\x67\x83\x36\xcf\x39\xfe\xa0") == "龴龷䶮龻"
    assert readable("\ue863\ue816\ue7c7") == "䶮\U00020087ḿ"
    every = readable("".join(map(chr, range(0xE815, 0xE865))))
    assert len(set(every)) == 80
    assert not unreadable(every)


@pytest.mark.parametrize("mark", ["\ue000", "\ufffd", "\U000f0000", "\ufffe"])
def test_a_character_nobody_can_read_is_found(mark: str) -> None:
    assert unreadable(readable(f"虚构{mark}公司")) == mark
    assert not unreadable("虚构𠮷䶮公司🐼")


@pytest.mark.parametrize(
    ("content", "said", "line"),
    [
        ((ROW + ROW).encode() + "虚构国标有限公司,李".encode("gb18030"), "混着两种编码", 3),
        (ROW.encode("gb18030") + ROW.encode(), "混着两种编码", 1),
        (b"\xef\xbb\xbf" + ROW.encode() + b"\xff\xff", "混着两种编码", 2),
        (ROW.encode("gb18030") + b"\xff\xff\r\n", "认不出的字节", 2),
        (ROW.encode()[:-4], "混着两种编码|认不出的字节", 1),
        (b" <!DOCTYPE html><table>", "其实是网页", 0),
        (b"<?xml version='1.0'?><Workbook>", "其实是 XML 表格", 0),
        (b"MIME-Version: 1.0\r\n", "其实是网页", 0),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "旧版 Excel", 0),
        (b"PK\x03\x04", "不是 CSV", 0),
        (b"%PDF-1.7", "PDF", 0),
        (b"\x89PNG\r\n\x1a\n\0\0", "不是 Excel", 0),
    ],
)
def test_what_cannot_be_read_is_one_sentence_with_the_line(content: bytes, said: str, line: int) -> None:
    found = refused(content)
    assert any(part in str(found) for part in said.split("|"))
    assert found.line == line
    assert "请" in str(found)


def test_the_delimiter_may_be_named_or_guessed() -> None:
    assert rows("sep=;\r\n企业,联系人;行业\r\n甲;制造业,批发\r\n") == [
        (2, ["企业,联系人", "行业"]),
        (3, ["甲", "制造业,批发"]),
    ]
    assert rows("a\tb,c\td\n") == [(1, ["a", "b,c", "d"])]
    assert rows("") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            '名称,人,园区\r\n甲,"张,科创园\r\n乙,李,科创园\r\n丙,王",科创园\r\n',
            2,
        ),  # a pair of strays, lines apart
        ('名称,代码,人\r\n"甲,1,张\r\n乙,2,李\r\n', 2),  # never closed
        ('名称,人\n甲,张\n乙,"x"y\n', 3),
        ('名称,人,园区\n甲,张,科创园\n乙,王,"科创园\n丙",李,科创园\n', 3),  # closed in an earlier column
        ('名称,人,园区\n"甲,张,科创园\n乙,王,科创园"\n', 2),
    ],
)
def test_a_quote_that_swallows_rows_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(TextRefused, match=f"第 {line} 行的双引号不成对") as caught:
        rows(text)
    assert caught.value.line == line


def test_cells_of_several_lines_are_read() -> None:
    text = (
        '序号,企业名称,"联系方式\n（姓名,电话）",备注\n1,"虚构\r\n甲公司",张,"好,""很好"""\n2,甲"乙公司,李,\n'
    )
    assert rows(text) == [
        (1, ["序号", "企业名称", "联系方式\n（姓名,电话）", "备注"]),
        (3, ["1", "虚构\r\n甲公司", "张", '好,"很好"']),
        (5, ["2", '甲"乙公司', "李", ""]),
    ]


@pytest.mark.parametrize(
    "other",
    [
        "虚构(中国)有限公司ABC",
        "虚构 （中国） 有限公司ＡＢＣ",
        "虚构【中国】有限公司abc",
        "虚构（中国\u200b）有限公司ABC",
    ],
)
def test_names_that_differ_in_width_brackets_or_blanks_are_one(other: str) -> None:
    assert name_key(other) == name_key("虚构（中国）有限公司ABC")


def test_other_names_are_not_one() -> None:
    names = [
        "虚构商贸公司",
        "虚构龷商贸公司",
        "虚构龴商贸公司",
        "虚构商贸(北)公司",
        "虚构商贸北公司",
        "虚构商贸公司2",
    ]
    assert len(set(map(name_key, names))) == len(names)


def test_all_text_cases_are_read_or_refused_with_a_sentence() -> None:
    said = {}
    for path in sorted(CASES.glob("*.[cx][sl][vs]")):
        try:
            said[path.name] = len(rows(decoded(path.read_bytes())))
        except TextRefused as refusal:
            said[path.name] = (refusal.line, str(refusal)[:9])
    assert said == {
        "11_pua_gb18030.csv": 4,
        "11b_pua_meets_other.csv": 2,
        "12_html_as_xls.xls": (0, "这个文件其实是网页"),
        "18_sep_line.csv": 2,
        "19_mixed_encoding.csv": (3, "文件里混着两种编码"),
        "40_departments_gbk.csv": 17,
        "60_stray_quotes.csv": (2, "第 2 行的双引号"),
        "62_open_quote_name.csv": (2, "第 2 行的双引号"),
    }
