"""How answers hang together: the kernel's figures, in steps that tell of nobody."""

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.answers.form import Form, RatedDepartment
from survey.core.answers.questionnaire import load_questionnaire
from survey.core.figures.cells import Banded, Shown, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.noise import Noise
from survey.core.statistics.influence import WITH_BASIC, Survey, each, estimate
from survey.core.study.material import Material, correlations
from survey.core.study.model import DriverSet, Measure, Share
from survey.core.study.pair_counts import PairCounts
from survey.core.study.pairs import blurred, correlation, pair_up
from survey.core.study.scheme import FrozenStratum, Sample
from survey.core.study.structure import Linked, Structure, dump_structure, load_structure, usable
from survey.core.study.structuring import (
    FEWEST,
    as_final,
    coarse_drivers,
    coarse_signs,
    correlations_of,
    design_of,
    linked_of,
    outwards,
    structure_of,
)
from survey.settings import ROOT

QUESTIONNAIRE = load_questionnaire(ROOT / "data/questionnaires/business.toml")
FORM = Form(
    QUESTIONNAIRE, tuple(RatedDepartment(name, name, "类", "", "", "") for name in ("tax", "water", "fire"))
)
WIDTH = len(FORM.questions)


def answers(n: int, seed: int = 1, touched: float = 0.8) -> np.ndarray:
    """Enterprises with a mood of their own, so that their ratings of all departments hang together."""
    dice = np.random.default_rng(seed)
    mood = dice.normal(0, 1, n)[:, None]
    grades = np.clip(np.round(3.2 + mood + dice.normal(0, 1, (n, FORM.items))), 1, 5)
    return np.where(dice.random((n, FORM.items)) < touched, grades, 0).astype(np.uint8)


def closed(matrix: np.ndarray, names: Sequence[int] | None = None, k: int = 5) -> Material:
    """A closed wave whose answers are looked at for the last time."""
    n = len(matrix)
    sample = Sample(matrix, np.ones(n, np.int64), np.zeros(n, np.int64), names)
    going = Material(FORM, FORMULAS["10-8-6-3-0"], k, {}, sample=sample)
    return as_final(going, insiders=1)


# --- a design effect ----------------------------------------------------------------------------------


def test_the_design_effect_is_the_kernels_against_as_many_single_answers() -> None:
    matrix, items = answers(300), [WIDTH * place for place in range(3)]
    effects = []
    for what in Measure:
        values = what.grade_values(FORMULAS["10-8-6-3-0"])
        single = matrix[:, items][matrix[:, items] > 0][:, None]
        together = estimate(Survey(matrix), [items], values)[0]
        effects.append((together.se / estimate(Survey(single), [[0]], values)[0].se) ** 2)
    found = design_of(closed(matrix))
    assert found is not None
    assert max(effects) <= found < max(effects) + 0.5
    assert found % 0.5 == 0
    assert 1 < max(effects) < 3, "moods are shared, yet three departments are not one"


def test_the_design_effect_is_not_told_of_few_and_never_below_one() -> None:
    assert design_of(closed(answers(FEWEST - 1))) is None
    alternating = np.zeros((60, FORM.items), np.uint8)
    alternating[:, 0], alternating[:, WIDTH] = np.tile([1, 5], 30), np.tile([5, 1], 30)
    assert design_of(closed(alternating)) == 1.0


@given(st.floats(0, 20), st.sampled_from([0.05, 0.1, 0.5]))
def test_steps_go_outwards(value: float, step: float) -> None:
    found = outwards(value, step)
    assert value - 1e-9 <= found < value + step + 1e-9
    assert found / step == pytest.approx(round(found / step))


# --- correlations -------------------------------------------------------------------------------------


def test_correlations_are_the_kernels_least_in_steps_downwards() -> None:
    matrix = answers(400)
    found = correlations_of(closed(matrix))
    assert found.keys() == {one.id for one in FORM.questions}
    known = np.min(
        [
            correlations(
                estimate(Survey(matrix), each(FORM.items), what.grade_values(FORMULAS["10-8-6-3-0"]))
            )
            for what in Measure
        ],
        axis=0,
    )
    for number, question in enumerate(FORM.questions):
        items = [WIDTH * place + number for place in range(3)]
        told, true = np.array(found[question.id]), known[np.ix_(items, items)]
        assert np.diagonal(told).tolist() == [1, 1, 1]
        assert (told <= true + 1e-9).all()
        assert (told > true - 0.1 - 1e-9).all()
        assert (told * 10 == np.round(told * 10)).all()
        assert told[0, 1] > 0


def test_only_departments_with_exact_counts_and_enough_common_raters_are_correlated() -> None:
    matrix = answers(400)
    matrix[:, 0] = np.where(matrix[:, 0] > 0, 5, 0)  # all rate the first alike: a range
    matrix[FEWEST - 1 :, 2 * WIDTH] = 0  # the third has too few raters in common with any
    overall, *dimensions = correlations_of(closed(matrix)).values()
    assert overall == np.eye(3).tolist()
    assert all(np.array(one)[0, 1] > 0 for one in dimensions)


@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_usable_correlations_have_no_negative_roots_and_ones_on_the_diagonal(seed: int, size: int) -> None:
    dice = np.random.default_rng(seed)
    rough = np.round(dice.uniform(-1, 1, (size, size)), 1)
    rough = np.triu(rough, 1) + np.triu(rough, 1).T + np.eye(size)
    found = usable(rough.tolist())
    assert np.linalg.eigvalsh(found).min() > -1e-9
    assert np.diagonal(found) == pytest.approx(np.ones(size))
    assert found == pytest.approx(found.T)


def test_correlations_that_may_be_used_stay() -> None:
    right = np.array([[1, 0.3, 0.2], [0.3, 1, 0], [0.2, 0, 1]])
    assert usable(right).tolist() == right.tolist()


def test_a_study_takes_the_released_correlations_by_question_and_none_between_questions() -> None:
    structure = structure_of(closed(answers(400)), None)
    released = replace(closed(answers(400)), sample=None, structure=structure)
    found = released.together(WITH_BASIC)
    assert found is not None
    for number, question in enumerate(FORM.questions):
        items = [WIDTH * place + number for place in range(3)]
        assert found[np.ix_(items, items)] == pytest.approx(usable(structure.correlations[question.id]))
        others = [item for item in range(FORM.items) if item not in items]
        assert not found[np.ix_(items, others)].any()
    assert replace(released, structure=None).together(WITH_BASIC) is None


# --- signs, drivers -----------------------------------------------------------------------------------


@given(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)))
def test_shares_of_signs_are_told_to_five_percent(shares: tuple[float, float, float]) -> None:
    for told, true in zip(coarse_signs(*shares), shares, strict=True):
        assert abs(told - true) <= 0.025 + 1e-9
        assert told == pytest.approx(round(told * 20) / 20)


@given(st.floats(0, 1), st.floats(0, 0.3), st.floats(0, 1))
def test_drivers_are_told_to_five_percent_and_their_ranges_outwards(
    share: float, half: float, explained: float
) -> None:
    found = coarse_drivers(
        {"": DriverSet((Share("speed", share, share - half, share + half),), explained, 90)}
    )
    [told] = found[""].shares
    assert told.low - 1e-9 <= share - half
    assert share + half <= told.high + 1e-9
    assert told.high - told.low < 2 * half + 0.1 + 1e-9
    for one in (told.share, told.low, told.high, found[""].r_squared):
        assert one * 20 == pytest.approx(round(one * 20), abs=1e-6)
    assert (found[""].n, told.question_id) == (90, "speed")


# --- the same enterprises asked twice -----------------------------------------------------------------


def twice(n: int, names: Sequence[int], seed: int = 1) -> tuple[Material, Material]:
    """Two waves: the enterprises 0 … n − 1, then those named."""
    before, after = answers(n, seed, touched=1.0), answers(len(names), seed + 1, touched=1.0)
    return closed(before, list(range(n))), closed(after, list(names))


def test_the_same_enterprises_are_found_by_their_marks_and_told_with_noise() -> None:
    before, after = twice(80, list(reversed(range(20, 90))))
    found = linked_of(after, (7, before))
    assert found is not None
    assert found.wave_id == 7
    assert set(found.pairs) == {str(WIDTH * place) for place in range(3)}
    then, now = before.answers.matrix[20:80], after.answers.matrix[::-1][:60]
    for item, measures in found.pairs.items():
        assert measures.keys() == {Measure.WITH_BASIC, Measure.WITHOUT_BASIC}
        for what, told in measures.items():
            true = pair_up(then[:, int(item)], now[:, int(item)], what.grade_values(FORMULAS["10-8-6-3-0"]))
            assert (told.n, told.blur) == (60, Noise.OVERALL.variance)
            for one in ("both", "won", "lost", "neither"):
                assert abs(getattr(told, one) - getattr(true, one)) < 40  # a draw beyond: once in 10¹⁶


@pytest.mark.parametrize(
    ("first", "names"),
    [
        (FEWEST - 1, range(FEWEST - 1)),  # too few pairs
        (40, range(38)),  # two of the first wave alone
        (40, range(43)),  # three of the second
    ],
)
def test_too_few_pairs_and_enterprises_alone_beside_them_are_not_told(first: int, names: range) -> None:
    before, after = twice(first, list(names))
    found = linked_of(after, (7, before))
    assert found is not None
    assert found.pairs == {}


def test_without_marks_nobody_is_found_again() -> None:
    before, after = closed(answers(60)), closed(answers(60))
    assert linked_of(after, (7, before)) is None
    assert structure_of(after, (7, before)).linked is None


def test_noise_of_pairs_is_drawn_for_each_of_the_four() -> None:
    true = PairCounts(40, 12, 5, 21, 78)
    drawn = [blurred(true) for _ in range(2000)]
    bound = 6 * (Noise.OVERALL.variance / len(drawn)) ** 0.5
    for name in ("both", "won", "lost", "neither"):
        values = [getattr(one, name) for one in drawn]
        assert abs(float(np.mean(values)) - getattr(true, name)) < bound
        assert len(set(values)) > 3


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60))
def test_the_correlation_of_pairs_is_phi_as_numpy_has_it(pairs: list[tuple[bool, bool]]) -> None:
    then, now = np.array(pairs).T
    found = pair_up(np.where(then, 5, 1).astype(np.uint8), np.where(now, 4, 2).astype(np.uint8))
    if len(set(then)) < 2 or len(set(now)) < 2:
        assert correlation(found) == 0
        return
    phi = np.corrcoef(then, now)[0, 1]
    assert correlation(found) == pytest.approx(max(phi, 0))


def test_a_correlation_in_doubt_is_nearer_to_none() -> None:
    exact = PairCounts(30, 10, 10, 30, 80)
    assert correlation(exact) == pytest.approx(0.5)
    noised = replace(exact, blur=Noise.OVERALL.variance)
    assert 0 < correlation(noised) < 0.5
    assert correlation(PairCounts(10, 30, 30, 10, 80)) == 0
    assert correlation(PairCounts(-1, 5, 5, 32, 40, blur=1.9)) == 0
    assert correlation(PairCounts(0, 0, 0, 0, 0, blur=1.9)) == 0


# --- as a whole ---------------------------------------------------------------------------------------


def test_a_structure_is_stored_and_found_again() -> None:
    before, after = twice(80, list(range(20, 90)))
    found = structure_of(after, (7, before))
    assert found.design is not None
    assert found.drivers.keys() >= {""}
    assert isinstance(found.linked, Linked)
    assert load_structure(json.loads(json.dumps(dump_structure(found)))) == found
    assert load_structure(None) is None


def test_of_no_answers_nothing_is_told() -> None:
    assert structure_of(closed(np.zeros((0, FORM.items), np.uint8)), None) == Structure()


def test_cells_are_taken_as_the_final_release_tells_them() -> None:
    matrix = answers(60)
    matrix[:, 0], matrix[4:, 1] = 5, 0
    found = closed(matrix)
    assert isinstance(found.cells[0], Banded)
    assert isinstance(found.cells[1], Withheld)
    assert isinstance(found.cells[2], Shown)
    assert found.exact == set(range(2, FORM.items))


def test_strata_nobody_has_counted_yet_keep_a_structure_from_nothing() -> None:
    """The answers are looked at before the final release says how many of each stratum there are."""
    made = {"industry": ["制造"], "size": ["规上"], "park": []}
    strata = {
        1: FrozenStratum("制造 · 规上", 200, 0, made),
        2: FrozenStratum("制造 · 规下", 200, 0, made | {"size": ["规下"]}),
    }
    known = structure_of(replace(closed(answers(200)), strata=strata), None)
    assert known == structure_of(closed(answers(200)), None)
