"""CSV text: the exact headers, figures beside the reasons they are missing, and no live cells."""

import csv
import io
from collections.abc import Iterable

import pytest

from survey.core.figures.cells import FormCounts, Row, Shown, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.models import Kind, Source
from survey.core.study.judged import Judged
from survey.output.figures import exports
from survey.output.figures.exports import ReleasedRemark

FORMULA = FORMULAS["10-8-6-3-0"]
FORMS = FormCounts(invited=60, collected=42, published=40)


def lines(pieces: Iterable[str]) -> list[list[str]]:
    text = "".join(pieces)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def row(cell: Shown | Withheld, overall: bool = True, asked: int | None = None) -> Row:
    question = ("overall", "总体满意度") if overall else ("efficiency", "办事效率")
    return Row("tax", "税务局", "监管执法", *question, overall, cell, asked)


def test_the_header_of_the_summary_is_exactly_the_agreed_one() -> None:
    [header] = lines(exports.summary("一季度", Judged((), FORMULA), FORMS))
    assert ",".join(header) == (
        "期次,参评类别,部门,题目,邀请,收回,已公布,接触,评价数,非常满意,满意,基本满意,不满意,非常不满意,未接触,"
        "得分,满意率（含基本满意）,满意率（不含基本满意）,差评率,加权后,合理范围下限,合理范围上限,梯队,名次范围,口径,约数,不予显示原因"
    )


def test_a_shown_row_has_its_figures_best_grade_first() -> None:
    figures = Judged(
        (row(Shown((1, 2, 4, 8, 15)), asked=38), row(Shown((0, 0, 0, 3, 9)), False, 35)), FORMULA
    )
    _, overall, efficiency = lines(exports.summary("一季度", figures, FORMS))
    # 30 raters: (15×10 + 8×8 + 4×6 + 2×3 + 1×0) / 30 × 10 = 244 / 30 × 10 = 81.33
    assert overall == [
        "一季度", "监管执法", "税务局", "总体满意度", "60", "42", "40", "30", "30",
        "15", "8", "4", "2", "1", "8", "81.33", "90.0", "76.7", "10.0",
        "", "73.2", "96.7", "尚未分档", "", FORMULA.name, "否", "",
    ]  # fmt: skip
    assert efficiency[7:15] == ["30", "12", "9", "3", "0", "0", "0", "23"]


def test_a_withheld_row_has_its_reason_and_no_figure() -> None:
    figures = Judged((row(Withheld("样本不足"), asked=38),), FORMULA)
    _, withheld = lines(exports.summary("一季度", figures, FORMS))
    assert withheld[7:24] == [""] * 17
    assert withheld[24:] == [FORMULA.name, "", "样本不足"]
    assert len(withheld) == 27


def test_untouched_is_empty_where_the_forms_behind_a_cell_are_not_known() -> None:
    figures = Judged((row(Shown((0, 0, 0, 0, 9))),), FORMULA)
    _, part = lines(exports.summary("一季度", figures, FormCounts(None, None, None)))
    assert part[4:9] == ["", "", "", "9", "9"]
    assert part[14] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0"])
@pytest.mark.parametrize("blank", ["", " ", "\u3000 ", "\u00a0"])
def test_no_cell_is_a_formula(start: str, blank: str) -> None:
    text = f"{blank}{start}1+1"
    assert exports.harmless(text) == "'" + text
    remark = ReleasedRemark("tax", "税务局", Kind.SUGGESTION, text, False)
    assert lines(exports.remarks(text, [remark]))[1][0].startswith("'")
    assert exports.harmless("1=1") == "1=1"


def test_remarks_say_kind_and_source_and_only_where_rows_are_kept_whether_the_department_was_rated_bad() -> (
    None
):
    remarks = [
        ReleasedRemark("tax", "税务局", Kind.CRITICISM, "窗口少，\n要排队", True),
        ReleasedRemark("tax", "税务局", Kind.SUGGESTION, "多开窗口", None, Source.OPEN),
    ]
    assert lines(exports.remarks("一季度", remarks)) == [
        ["期次", "来源", "部门", "类型", "内容", "该部门得差评"],
        ["一季度", "一企一码（已核验）", "税务局", "不满意", "窗口少，\n要排队", "是"],
        ["一季度", "开放扫码（未核验）", "税务局", "建议", "多开窗口", ""],
    ]


def test_long_tables_come_in_pieces() -> None:
    released = (
        ReleasedRemark("tax", "税务局", Kind.SUGGESTION, f"第 {number} 条", False) for number in range(50_000)
    )
    pieces = list(exports.remarks("一季度", released))
    assert len(pieces) > 5
    assert len(lines(pieces)) == 50_001
