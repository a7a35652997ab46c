"""体检 in words and pictures: verdicts by class, and what weighting moved."""

import pytest

from survey.core.figures.cells import Banded, Withheld
from survey.core.models import Source
from survey.core.statistics.turnout import Shift
from survey.core.study.model import Study, Trust
from survey.core.study.trust import Verdict
from survey.output.study import charts_trust, trust
from survey.output.study.trust import Weighed
from tests import handmade

ASKED = handmade.form("甲", "乙", "丙")
SOUND = Trust(Verdict.TRUSTED, ())
DOUBTED = Trust(Verdict.CAREFUL, ("理由一", "理由二"))


def checked(
    trusts: dict[str, Trust], source: Source = Source.VERIFIED, **cells: object
) -> list[trust.Checked]:
    rows = {(name, "overall"): cell for name, cell in cells.items()}
    return trust.checked(handmade.figures(ASKED, rows), Study(1, True, trust=trusts), source)  # type: ignore[arg-type]


def test_the_first_line_counts_verdicts_and_the_gravest_stand_first() -> None:
    found = checked(
        {"甲": SOUND, "乙": DOUBTED, "丙": SOUND},
        甲=handmade.shown(90), 乙=handmade.shown(80), 丙=handmade.shown(70),
    )  # fmt: skip
    assert trust.headline(found, True) == "3 个部门中，2 个可信，1 个仅供参考。"
    assert found[0].row.department == "乙局"
    assert found[0].reasons == ("理由一", "理由二")


def test_nothing_is_called_sound_before_everything_could_be_checked() -> None:
    found = checked({"甲": SOUND, "乙": SOUND}, 甲=handmade.shown(90), 乙=handmade.shown(80))
    shown = [one for one in found if not one.reasons]
    assert trust.headline(shown, False) == "2 个部门都暂未发现问题。"
    assert trust.headline(shown, True) == "2 个部门都可信。"
    assert trust.headline(shown[:1], False) == "甲局：暂未发现问题。"


def test_open_answers_are_never_called_sound() -> None:
    found = {one.row.department_id: one for one in checked({"甲": SOUND}, Source.OPEN, 甲=handmade.shown(90))}
    assert found["甲"].verdict == Verdict.UNRANKED
    assert found["甲"].reasons == (trust.UNVERIFIED,)


def test_one_department_is_told_with_its_reasons() -> None:
    [one] = [one for one in checked({"乙": DOUBTED}, 乙=handmade.shown(80)) if one.row.department_id == "乙"]
    assert trust.headline([one], True) == "乙局：仅供参考。理由一；理由二。"


@pytest.mark.parametrize("cell", [Withheld("样本不足"), Banded(40, 0.95, 1.0)])
def test_what_is_not_shown_gives_no_reason_but_its_own(cell: Withheld | Banded) -> None:
    gave = Trust(Verdict.CAREFUL, ("97% 的评价是最高一档",))
    found = {one.row.department_id: one for one in checked({"甲": gave}, 甲=cell)}["甲"]
    assert (found.verdict, found.reasons) == (Verdict.UNRANKED, (cell.why,))


def test_the_most_moved_department_stands_first_and_names_the_picture() -> None:
    cells = {("甲", "overall"): handmade.shown(80), ("乙", "overall"): handmade.shown(80)}
    results = {
        str(ASKED.item(0)): handmade.result(0.80, weighted=0.79),
        str(ASKED.item(1)): handmade.result(0.80, weighted=0.765),
    }
    rows = trust.weighed(handmade.judged_by(Study(1, True, results), ASKED, cells))
    assert [one.name for one in rows] == ["乙局", "甲局"]
    picture = charts_trust.weighting(rows)
    assert picture.title == "1 个部门加权后变动超过 2 个百分点，乙局最多：3.5 个百分点"
    assert picture.figure is not None
    assert any("80.0% → <b>76.5%</b> · −3.5" in one.text for one in picture.figure.layout.annotations)


def test_small_moves_are_called_small() -> None:
    rows = [Weighed("甲局", Shift(80, 79.1), 100), Weighed("乙局", Shift(80, 81.9), 100)]
    assert charts_trust.weighting(rows).title == "加权前后，各部门满意率的变动都不超过 2 个百分点"
    assert charts_trust.weighting([]).figure is None


def test_both_ends_of_a_dumbbell_lie_inside_the_picture() -> None:
    figure = charts_trust.weighting([Weighed("甲局", Shift(100, 99.2), 100)]).figure
    assert figure is not None
    low, high = figure.layout.xaxis.range
    assert low < 99.2 < 100 < high
