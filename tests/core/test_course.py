"""A figure over waves: from the study where that holds it, else from counts; joined only where it may be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from survey.core.figures.cells import TOO_FEW, Cell, Shown, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.models import Source
from survey.core.study.course import YARDSTICKS, Course, Moment, follow
from survey.core.study.levels import plain_level, pooled_level
from survey.core.study.model import Level, Measure, Move, Result
from survey.core.study.trends import Change
from tests.conftest import NOW

OWN, LINEAR, RATE = YARDSTICKS["own"], YARDSTICKS["score-3"], YARDSTICKS["with_basic"]
MIXED = Shown((6, 6, 6, 6, 6))


def wave(number: int, cell: Cell = MIXED, formula: str = "10-8-6-3-0") -> Moment:
    opened = NOW + timedelta(days=30 * number)
    return Moment(number, f"第 {number} 期", opened, opened, formula, "总体", cell, 0)


def studied(one: Moment, value: float, weighted: bool, strata: str = "制造业、服务业") -> Moment:
    level = Level(value, value - 5, value + 5, 30, 25)
    result = Result(replace(level, value=value - 1), level if weighted else None)
    return replace(one, results={Measure.SCORE: result}, strata=strata)


def words(course: Course) -> list[Change | None]:
    return [step.word for step in course.steps]


def test_the_same_answers_are_no_change_and_better_ones_a_rise() -> None:
    course = follow([wave(1), wave(2), wave(3, Shown((0, 0, 0, 5, 55)))], OWN)
    assert words(course) == [None, Change.UNSEEN, Change.RISE]
    assert [len(run) for run in course.runs()] == [3]


def test_another_formula_breaks_a_score_and_not_a_rate_nor_a_common_score() -> None:
    waves = [wave(1), wave(2, formula="rate-with-basic")]
    assert "口径不同" in follow(waves, OWN).steps[1].reasons[0]
    assert [len(run) for run in follow(waves, OWN).runs()] == [1, 1]
    for yardstick in (LINEAR, RATE):
        assert words(follow(waves, yardstick)) == [None, Change.UNSEEN]


def test_a_common_formula_is_reckoned_from_counts_even_where_a_study_has_the_own_one() -> None:
    [step] = follow([studied(wave(1), 80, True)], LINEAR).steps
    assert step.level == plain_level(MIXED, FORMULAS["100-75-50-25-0"].weights)
    [step] = follow([studied(wave(1, formula="100-75-50-25-0"), 80, True)], LINEAR).steps
    assert step.level is not None
    assert step.level.value == 80


def test_one_wave_that_cannot_be_weighted_leaves_all_unweighted() -> None:
    course = follow([studied(wave(1), 80, True), studied(wave(2), 82, False)], OWN)
    assert not course.weighted
    assert [step.level.value for step in course.shown if step.level] == [79, 81]
    assert words(course) == [None, Change.UNSEEN]


def test_weights_to_other_strata_are_left_off_so_that_the_waves_may_be_compared() -> None:
    alike = follow([studied(wave(1), 80, True), studied(wave(2), 82, True)], OWN)
    assert alike.weighted
    assert [step.level.value for step in alike.shown if step.level] == [80, 82]
    other = follow([studied(wave(1), 80, True), studied(wave(2), 82, True, "东园、西园")], OWN)
    assert not other.weighted
    assert [step.level.value for step in other.shown if step.level] == [79, 81]
    assert not other.steps[1].reasons


def test_another_source_and_another_wording_break_the_line() -> None:
    course = follow([wave(1), replace(wave(2), source=Source.OPEN), replace(wave(3), wording="另一题")], OWN)
    assert [len(step.reasons) for step in course.steps] == [0, 1, 2]


@pytest.mark.parametrize(
    ("against", "weighted", "word"),
    [(1, True, Change.RISE), (7, True, Change.UNSEEN), (1, False, Change.UNSEEN)],
)
def test_a_change_tested_by_enterprise_counts_only_for_the_same_two_figures(
    against: int, weighted: bool, word: Change
) -> None:
    move = Move(80, 82, 0.5, 3.5, 30, 30, weighted, 28)
    later = replace(studied(wave(2), 82, True), earlier=against, moves={Measure.SCORE: move})
    assert words(follow([studied(wave(1), 80, True), later], OWN))[1] is word


def test_a_wave_without_a_figure_is_a_gap_that_nothing_crosses() -> None:
    course = follow([wave(1), wave(2, Withheld(TOO_FEW)), wave(3)], OWN)
    assert words(course) == [None, None, None]
    assert not any(step.reasons for step in course.steps)
    assert [len(run) for run in course.runs()] == [1, 1]
    assert course.slope() is None


def test_the_slope_is_of_the_waves_since_the_last_break() -> None:
    rising = [wave(number, Shown((0, 0, 60 - 10 * number, 10 * number, 0))) for number in range(1, 6)]
    found = follow(rising, RATE), follow(rising, YARDSTICKS["without_basic"])
    flat, steep = (one.slope() for one in found)
    assert flat is not None
    assert flat[0].value == pytest.approx(0, abs=1e-9)
    assert steep is not None
    assert (steep[1], steep[0].value) == (5, pytest.approx(1 / 6, abs=0.01))
    assert steep[0].interval()[0] > 0
    broken = [*rising[:2], *(replace(one, wording="另一题") for one in rising[2:])]
    since = follow(broken, RATE).slope()
    assert since is not None
    assert since[1] == 3


def test_waves_in_which_all_agree_do_not_decide_the_slope_alone() -> None:
    course = follow([wave(1, Shown((0, 0, 0, 0, 40))), wave(2), wave(3, Shown((0, 0, 0, 0, 40)))], RATE)
    found = course.slope()
    assert found is not None
    assert found[0].se > 0.01


def test_ratings_of_several_departments_by_one_enterprise_are_not_so_many_enterprises() -> None:
    values, cell = OWN.grade_values("10-8-6-3-0"), Shown((20, 40, 60, 100, 80))
    alone, pooled = plain_level(cell, values), pooled_level(cell, values, 60)
    assert pooled.value == alone.value
    assert (pooled.high - pooled.low) / (alone.high - alone.low) == pytest.approx(5**0.5, rel=0.05)
    assert pooled_level(cell, values, 300) == alone
    [step] = follow([replace(wave(1, cell), pooled=True, forms=60)], OWN).steps
    assert step.level == pooled
