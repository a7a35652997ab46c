"""What the first lines say of departments that have moved."""

from survey.core.study.model import Earlier, Measure, Move, Study
from survey.output.figures import glance

NAMES = {"0": "税务局", "5": "住建局", "10": "综合行政执法局"}


def moved(**moves: Move) -> Study:
    items = {
        item: {Measure.WITH_BASIC: moves[name]}
        for item, name in (("0", "tax"), ("5", "building"), ("10", "urban"))
        if name in moves
    }
    return Study(1, True, earlier=Earlier(7, "上期", {}, items))


def test_departments_that_have_surely_moved_are_named_the_most_first() -> None:
    rise, fall, unsure = (
        Move(0.6, 0.9, 0.1, 0.5, 50, 50, sure=True),
        Move(0.9, 0.8, -0.2, -0.01, 50, 50, sure=True),
        Move(0.7, 0.85, 0.01, 0.3, 50, 50),
    )
    told = glance.movers(moved(tax=fall, building=unsure, urban=rise), NAMES)
    assert told == "综合行政执法局上升 30 个百分点；税务局下降 10 个百分点；其余 1 个可比的部门看不出变化。"


def test_that_nobody_has_surely_moved_is_said_of_those_compared() -> None:
    unsure = Move(0.7, 0.85, 0.01, 0.3, 50, 50)
    assert (
        glance.movers(moved(tax=unsure, urban=unsure), NAMES)
        == "2 个可比的部门都看不出变化；1 个部门没有可比的数字。"
    )
    assert glance.movers(Study(1, True), NAMES) == ""
    assert glance.movers(None, NAMES) == ""
