"""Ratings as offices keep them: read, or told by line; nothing is dropped and nobody is taken for another."""

import csv
import io
from pathlib import Path

import pytest

from survey.core.intake.grade_words import grade_of
from survey.core.intake.rating_table import Columns, ImportRefused, RatingTable, read_ratings

CASES = Path(__file__).resolve().parents[1] / "data/cases/ratings"


def read(path: Path, rater: str | None = "企业") -> RatingTable:
    return read_ratings(path, Columns("部门", "等级", rater), 60, lambda *_: None)


def refused(path: Path, rater: str | None = "企业") -> list[tuple[int, str]]:
    with pytest.raises(ImportRefused) as error:
        read(path, rater)
    return error.value.problems


def test_codes_that_a_spreadsheet_made_numbers_of_are_refused_line_by_line() -> None:
    problems = refused(CASES / "30_ratings_sci.csv", "企业代码")
    assert [line for line, _ in problems] == list(range(2, 10))
    assert all("9.19999E+17" in why and "设为“文本”格式" in why for _, why in problems)


@pytest.mark.parametrize("code", ["919999000000000000", "9.2e17", "9E+17"])
def test_a_code_that_lost_its_last_digits_is_no_rater(tmp_path: Path, code: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"企业,部门,等级\n{code},税务局,5\n", encoding="utf-8")
    assert "后几位已经丢失" in refused(file)[0][1]


def test_grades_are_read_as_people_write_them_and_a_sum_is_told_by_its_line() -> None:
    assert refused(CASES / "31_ratings_variants.csv") == [(6, "这一行是「合计」，不是评价，请删去这一行")]


def test_all_but_the_sum_are_read(tmp_path: Path) -> None:
    file, lines = tmp_path / "a.csv", (CASES / "31_ratings_variants.csv").read_text("utf-8").splitlines()
    file.write_text("\n".join(lines[:-1]), encoding="utf-8")
    table = read(file)
    assert table.grade.tolist() == [5, 5, 5, 4]
    assert [table.departments[one] for one in table.department] == [
        "税务局", "税务局（高新区）", "税务局（高新区）", "税务局",
    ]  # fmt: skip


def test_names_that_differ_in_width_brackets_or_blanks_are_one_department() -> None:
    table = read(CASES / "32_ratings_brackets.csv")
    assert table.departments == ["税务局（高新区）"]
    assert table.grade.tolist() == [5, 5, 4, 4]
    assert len(table.raters) == 4


def test_an_enterprise_written_in_two_ways_is_one_and_latin_codes_are_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = ["虚构（绵阳）公司", "虚构(绵阳) 公司", "aB1", "AB1"]
    file.write_text("企业,部门,等级\n" + "".join(f"{one},税务局,5\n" for one in rows), encoding="utf-8")
    assert read(file).raters == ["虚构（绵阳）公司", "aB1", "AB1"]


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("5", 5), ("５", 5), ("5分", 5), ("5.00", 5), ("5.", 5), (" 4 分 ", 4), ("满意。", 4), ("非常 满意", 5), ("3星", 3),
        ("“不满意”", 2), ("0", 0), ("未接触", 0),
        ("4.5", None), ("6", None), ("-1", None), ("50", None), ("5/5", None), ("", None), ("还行", None), ("1e0", None),
    ],
)  # fmt: skip
def test_what_is_a_grade(text: str, grade: int | None) -> None:
    assert grade_of(text) == grade


MUTATIONS = ("", " ", "\u3000", "#REF!", "合计", "\ue5e5", '"', "总 计", "平均分", "\ufffd", "九", "5;4")


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("cell", MUTATIONS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_whatever_stands_in_a_cell_it_is_read_or_told_by_its_line(
    tmp_path: Path, place: int, cell: str, encoding: str
) -> None:
    """One cell of the fifth row is wrong: the row is told, or its text is there."""
    rows = [[f"企业{n}", "税务局", "5"] for n in range(8)]
    rows[3][place] = cell
    text = "企业,部门,等级\n\n" + "\n".join(",".join(row) for row in rows) + "\n,,\n"
    file = tmp_path / "a.csv"
    file.write_bytes(text.encode(encoding, "surrogatepass"))
    problems: list[tuple[int, str]] = []
    try:
        table = read(file)
    except ImportRefused as error:
        problems = error.problems
    if problems:
        assert [line for line, _ in problems] == [6]
        return
    assert len(table) == 8
    assert cell in (table.raters if place == 0 else table.departments)


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"PK\x03\x04" + b"\0" * 60)
    assert "不是 CSV" in refused(file)[0][1]


def test_columns_are_found_however_their_names_are_spaced(tmp_path: Path) -> None:
    file, text = tmp_path / "a.csv", io.StringIO()
    csv.writer(text).writerows([["企 业", "部门 ", "等级\n"], ["甲公司", "税务局", "4"]])
    file.write_text(text.getvalue(), encoding="utf-8")
    assert read(file).grade.tolist() == [4]
