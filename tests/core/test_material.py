"""What is weighted, by what, and that a weighted figure tells nothing that released counts do not."""

import numpy as np
import pytest

from survey.core.answers.form import Form, RatedDepartment
from survey.core.answers.questionnaire import load_questionnaire
from survey.core.figures.cells import Shown
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.withholding import Counted
from survey.core.study.levels import estimate_of
from survey.core.study.material import Material
from survey.core.study.model import Measure
from survey.core.study.results import measure, overall, results, weighting
from survey.core.study.scheme import UNPLACED, FrozenStratum, Sample, Scheme, margins_of
from survey.settings import ROOT

QUESTIONNAIRE = load_questionnaire(ROOT / "data/questionnaires/business.toml")
FORM = Form(QUESTIONNAIRE, (RatedDepartment("tax", "税务局", "经济管理", "", "", ""),))
STRATA = {
    1: FrozenStratum("制造", 60, 40), 2: FrozenStratum("商贸", 60, 30), 3: FrozenStratum("建筑", 30, 8), 4: FrozenStratum("物流", 30, 7),
}  # fmt: skip
SATISFIED = (0.0, 0.0, 1.0, 1.0, 1.0)
Grades = dict[int, tuple[int, ...]]


def material(grades: Grades, k: int = 5, strata: dict[int, FrozenStratum] | None = None) -> Material:
    """A closed wave with one department, rated by strata."""
    strata = STRATA if strata is None else strata
    total = tuple(int(n) for n in np.sum(list(grades.values()), axis=0))
    responses = sum(one.answered for one in strata.values())
    labels = np.repeat(list(strata), [one.answered for one in strata.values()])
    sample = Sample(np.zeros((responses, FORM.items), np.uint8), labels, np.zeros(responses, np.int64))
    counts = {0: {one: Counted(part) for one, part in grades.items()}}
    return Material(
        FORM, FORMULAS["10-8-6-3-0"], k, {0: Shown(total)}, {0: responses}, counts, responses, strata, sample
    )


def weighted(grades: Grades, k: int = 5) -> float:
    return estimate_of(material(grades, k).weighted_parts[0], SATISFIED).value


BASE: Grades = {1: (4, 4, 8, 12, 12), 2: (2, 4, 8, 8, 8), 3: (0, 1, 0, 1, 1), 4: (0, 0, 1, 1, 0)}


def test_strata_that_may_not_be_shown_are_weighted_as_one() -> None:
    """Two small strata swap what they said: nothing that is shown moves, and so must the weighted figure not."""
    swapped = BASE | {3: (0, 0, 1, 1, 1), 4: (0, 1, 0, 1, 0)}
    assert weighted(BASE) == weighted(swapped)
    assert weighted(BASE, k=1) != weighted(swapped, k=1)  # where nothing is withheld each counts by itself


def test_weights_are_invited_over_answered() -> None:
    one = {1: (0, 0, 0, 0, 40), 2: (30, 0, 0, 0, 0), 3: (8, 0, 0, 0, 0), 4: (7, 0, 0, 0, 0)}
    assert weighted(one, k=1) == pytest.approx(60 / 180)
    assert results(material(one, k=1), {what: measure(material(one, k=1), what) for what in Measure})["0"][
        Measure.WITH_BASIC
    ].plain.value == pytest.approx(40 / 85)


def test_a_stratum_without_answers_is_a_loud_failure() -> None:
    silent = STRATA | {5: FrozenStratum("餐饮", 12, 0)}
    found = weighting(material(BASE, strata=silent))
    assert "餐饮" in found.problem
    assert (
        results(
            material(BASE, strata=silent),
            {Measure.SCORE: measure(material(BASE, strata=silent), Measure.SCORE)},
        )["0"][Measure.SCORE].weighted
        is None
    )


def test_a_response_of_no_stratum_is_a_loud_failure() -> None:
    known = material(BASE)
    assert known.sample is not None
    strange = Sample(known.sample.matrix, np.append(known.sample.strata[1:], 0), known.sample.flags)
    assert Scheme.of(STRATA, strange).problem == UNPLACED


def test_strata_of_one_name_are_told_apart() -> None:
    twins = {1: FrozenStratum("制造", 60, 40), 2: FrozenStratum("制造", 60, 0)}
    assert (
        "制造（2）"
        in Scheme.of(
            twins, Sample(np.zeros((40, 5), np.uint8), np.ones(40, np.int64), np.zeros(40, np.int64))
        ).problem
    )


def test_few_answers_are_weighted_with_others() -> None:
    thin = STRATA | {4: FrozenStratum("物流", 30, 2)}
    groups = material(BASE, strata=thin).scheme.groups
    assert {3, 4} in [set(group) for group in groups]


def test_before_closing_a_form_counts_as_one_answer_for_all_departments_together() -> None:
    departments = tuple(RatedDepartment(name, name, "类", "", "", "") for name in ("a1", "b1"))
    form = Form(QUESTIONNAIRE, departments)
    cells = {form.item(place): Shown((5, 5, 10, 40, 40)) for place in range(2)}
    going = Material(form, FORMULAS["10-8-6-3-0"], 5, cells, dict.fromkeys(cells, 100), {}, 100)
    level = overall(going, {Measure.WITH_BASIC: measure(going, Measure.WITH_BASIC)})[Measure.WITH_BASIC].plain
    assert level.value == pytest.approx(0.9)
    assert level.n == 200
    assert level.effective == pytest.approx(100, rel=0.02)


def crossing(industry: str | list[str], size: str, invited: int, answered: int) -> FrozenStratum:
    """A stratum of an industry and a size, whatever it is called."""
    made = {"industry": [industry] if isinstance(industry, str) else industry, "size": [size], "park": []}
    return FrozenStratum("某一层", invited, answered, made)


@pytest.mark.parametrize("trade", ["制造", "信息传输、软件和信息技术服务业", "农 · 林 · 牧"])
def test_margins_are_known_only_where_every_stratum_has_one_value_of_all_that_is_told(trade: str) -> None:
    """Marks in the name of an industry divide nothing: the columns tell."""
    crossed = {
        1: crossing(trade, "规上", 9, 5),
        2: crossing("商贸", "规上", 9, 4),
        3: crossing(trade, "规下", 9, 0),
    }
    own, other = (0, 1) if trade < "商贸" else (1, 0)
    assert margins_of(crossed) == [{1: own, 2: other, 3: own}, {1: 0, 2: 0, 3: 1}]
    assert margins_of(crossed | {4: crossing(["建筑", "物流"], "规下", 9, 3)}) == []
    assert margins_of(crossed | {4: crossing([], "规下", 9, 3)}) == []
    assert margins_of(STRATA) == []


def test_raked_strata_meet_the_invited_of_every_margin_and_a_silent_margin_fails_loudly() -> None:
    crossed = {
        1: crossing("制造", "规上", 40, 20), 2: crossing("商贸", "规上", 30, 10), 3: crossing("制造", "规下", 20, 8),
        4: crossing("商贸", "规下", 10, 0), 5: crossing("建筑", "规上", 10, 5), 6: crossing("建筑", "规下", 10, 4),
    }  # fmt: skip
    grades = {one: (0, 0, 0, 0, stratum.answered) for one, stratum in crossed.items()}
    scheme = material(grades, strata=crossed).scheme
    stands_for = {one: scheme.weights[one] * crossed[one].answered for one in scheme.weights}
    assert scheme.margins == 2
    assert sum(stands_for.values()) == pytest.approx(120)
    assert stands_for[1] + stands_for[3] == pytest.approx(60)  # 制造
    assert stands_for[3] + stands_for[6] == pytest.approx(40)  # 规下
    silent = crossed | {5: crossing("建筑", "规上", 10, 0), 6: crossing("建筑", "规下", 10, 0)}
    assert "没有收到答卷" in material(grades, strata=silent).scheme.problem
