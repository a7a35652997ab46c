"""What is weighted, by what, and that a weighted figure tells nothing that released counts do not."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from survey.core.answers.form import Form, RatedDepartment
from survey.core.answers.questionnaire import load_questionnaire
from survey.core.figures.by_stratum import stratum_parts
from survey.core.figures.cells import Shown
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.noise import Noise
from survey.core.figures.withholding import Counted
from survey.core.models import NO_STRATUM
from survey.core.study.levels import estimate_of
from survey.core.study.material import Material, StrataGroup
from survey.core.study.model import Level, Measure
from survey.core.study.results import measure, overall, results, weighting
from survey.core.study.scheme import UNPLACED, FrozenStratum, Scheme, margins_of
from survey.core.study.structure import Structure
from survey.settings import ROOT

QUESTIONNAIRE = load_questionnaire(ROOT / "data/questionnaires/business.toml")
FORM = Form(QUESTIONNAIRE, (RatedDepartment("tax", "税务局", "经济管理", "", "", ""),))
STRATA = {
    1: FrozenStratum("制造", 60, 40), 2: FrozenStratum("商贸", 60, 30), 3: FrozenStratum("建筑", 30, 8), 4: FrozenStratum("物流", 30, 7),
}  # fmt: skip
SATISFIED = (0.0, 0.0, 1.0, 1.0, 1.0)
Grades = Mapping[int, tuple[int, ...]]


def material(
    grades: Grades, k: int = 1, strata: dict[int, FrozenStratum] | None = None, noise: Noise = Noise.NONE
) -> Material:
    """A closed wave with one department, rated by strata, as its final release holds it."""
    strata = STRATA if strata is None else strata
    total = tuple(int(n) for n in np.sum(list(grades.values()), axis=0))
    invited = {one: each.invited / max(each.answered, 1) for one, each in strata.items()}
    parts = stratum_parts({one: Counted(part) for one, part in grades.items()}, invited, k, noise)
    return Material(
        FORM,
        FORMULAS["10-8-6-3-0"],
        k,
        {0: Shown(total)},
        responses=sum(one.answered for one in strata.values()),
        closed=True,
        groups={0: [StrataGroup(frozenset(ids), n, counts, Noise(level)) for ids, n, counts, level in parts]},
        strata=strata,
    )


def weighted(grades: Grades, k: int = 1) -> float:
    return estimate_of(material(grades, k).weighted_parts[0], SATISFIED).value


BASE: dict[int, tuple[int, ...]] = {
    1: (4, 4, 8, 12, 12),
    2: (2, 4, 8, 8, 8),
    3: (0, 1, 0, 1, 1),
    4: (0, 0, 1, 1, 0),
}


def test_a_weighted_figure_is_made_of_what_was_released_and_knows_no_more() -> None:
    """Two small strata that were released together swap what they said: nothing moves."""
    large = {one: tuple(3 * count for count in counts) for one, counts in BASE.items()}
    swapped = large | {3: large[4], 4: large[3]}
    found = [material(each, k=5, noise=Noise.OVERALL) for each in (large, swapped)]
    assert [sorted(one.strata) for one in found[0].groups[0]] == [[1], [2, 3, 4]]
    one, other = ([(part.weight, part.answered) for part in each.weighted_parts[0]] for each in found)
    assert one == other
    assert weighted(large) != weighted(swapped)  # where nothing is withheld each counts by itself


def test_noised_strata_are_brought_to_their_sum_and_cut_nowhere() -> None:
    group = StrataGroup(frozenset([1]), 12, (-3, 1, 0, 2, 8), Noise.OVERALL)
    assert group.unbiased == pytest.approx((-2.2, 1.8, 0.8, 2.8, 8.8))
    assert sum(group.unbiased) == pytest.approx(12)


def test_weights_are_invited_over_answered() -> None:
    one = {1: (0, 0, 0, 0, 40), 2: (30, 0, 0, 0, 0), 3: (8, 0, 0, 0, 0), 4: (7, 0, 0, 0, 0)}
    assert weighted(one) == pytest.approx(60 / 180)
    found = results(material(one), {what: measure(material(one), what) for what in Measure})["0"]
    plain, best = found[Measure.WITH_BASIC].plain, found[Measure.WITH_BASIC].weighted
    assert plain.value == pytest.approx(40 / 85)
    assert best is not None
    assert best.value == pytest.approx(60 / 180)


def test_an_item_without_strata_leaves_all_unweighted() -> None:
    assert measure(material(BASE), Measure.SCORE).weighted
    assert not measure(replace(material(BASE), groups={}), Measure.SCORE).weighted
    assert not measure(replace(material(BASE), closed=False), Measure.SCORE).weighted


def test_a_stratum_without_answers_is_a_loud_failure() -> None:
    silent = material(BASE, strata=STRATA | {5: FrozenStratum("餐饮", 12, 0)})
    assert "餐饮" in weighting(silent).problem
    found = results(silent, {Measure.SCORE: measure(silent, Measure.SCORE)})["0"][Measure.SCORE]
    assert found.weighted is None


def test_a_response_of_no_stratum_is_a_loud_failure() -> None:
    assert Scheme.of(STRATA | {NO_STRATUM: FrozenStratum("", 0, 1)}).problem == UNPLACED
    assert Scheme.of({}) == Scheme(), "where nobody was invited by name there is nothing to fail"


def test_strata_of_one_name_are_told_apart() -> None:
    twins = {1: FrozenStratum("制造", 60, 40), 2: FrozenStratum("制造", 60, 0)}
    assert "制造（2）" in Scheme.of(twins).problem


def test_few_answers_are_weighted_with_others() -> None:
    thin = STRATA | {4: FrozenStratum("物流", 30, 2)}
    groups = material(BASE, strata=thin).scheme.groups
    assert {3, 4} in [set(group) for group in groups]


def test_before_closing_a_form_counts_as_one_answer_for_all_departments_together() -> None:
    departments = tuple(RatedDepartment(name, name, "类", "", "", "") for name in ("a1", "b1"))
    form = Form(QUESTIONNAIRE, departments)
    cells = {form.item(place): Shown((5, 5, 10, 40, 40)) for place in range(2)}
    going = Material(form, FORMULAS["10-8-6-3-0"], 5, cells, dict.fromkeys(cells, 100), 100)

    def together(of: Material) -> Level:
        return overall(of, {Measure.WITH_BASIC: measure(of, Measure.WITH_BASIC)})[Measure.WITH_BASIC].plain

    level = together(going)
    assert level.value == pytest.approx(0.9)
    assert level.n == 200
    assert level.effective == pytest.approx(100, rel=0.02)
    closed = together(replace(going, closed=True, structure=Structure(design=1.5)))
    assert closed.effective == pytest.approx(200 / 1.5, rel=0.02)
    assert level.low < closed.low < closed.value == level.value


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
