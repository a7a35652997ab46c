"""Figures of noised counts, drawn thousands of times: they lean to no side, and their ranges hold the truth as often
as they say."""

import random
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from survey.core.answers.form import Form, RatedDepartment
from survey.core.answers.questionnaire import load_questionnaire
from survey.core.figures.cells import Shown, blurred
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.noise import Noise, noised
from survey.core.study.levels import plain_level, pooled_level
from survey.core.study.material import Material, StrataGroup
from survey.core.study.model import Level, Measure
from survey.core.study.results import measure, results
from survey.core.study.scheme import FrozenStratum
from survey.settings import ROOT

FORMULA = FORMULAS["10-8-6-3-0"]
FORM = Form(
    load_questionnaire(ROOT / "data/questionnaires/business.toml"),
    (RatedDepartment("tax", "税务局", "经济管理", "", "", ""),),
)
TIMES = 1000
CHANCE = 2 * (0.94 * 0.06 / TIMES) ** 0.5  # by which so many draws may miss
STRATA = {  # invited, answered; how many of a hundred are satisfied
    1: (FrozenStratum("制造", 400, 60), 0.35), 2: (FrozenStratum("商贸", 60, 30), 0.6), 3: (FrozenStratum("建筑", 50, 40), 0.7),
}  # fmt: skip
TRUE = sum(one.invited * rate for one, rate in STRATA.values()) / sum(
    one.invited for one, _ in STRATA.values()
)


def grades_of(rate: float) -> list[float]:
    """The chances of five grades where so many are satisfied."""
    return [0.4 * (1 - rate), 0.6 * (1 - rate), 0.3 * rate, 0.4 * rate, 0.3 * rate]


def true_value(rate: float, what: Measure) -> float:
    return float(np.dot(grades_of(rate), what.grade_values(FORMULA)))


def hit(levels: Sequence[Level], true: float) -> float:
    """How often the range holds it."""
    return float(np.mean([one.low <= true <= one.high for one in levels]))


# --- weighted to those invited ------------------------------------------------------------------------


@cache
def weighted_levels(level: Noise, seed: int = 1) -> list[Level]:
    """The weighted 满意率 of as many waves of the same design."""
    dice, below = np.random.default_rng(seed), random.Random(seed).randrange
    found = []
    for _ in range(TIMES):
        counts = {
            one: tuple(dice.multinomial(stratum.answered, grades_of(rate)).tolist())
            for one, (stratum, rate) in STRATA.items()
        }
        groups = [
            StrataGroup(frozenset([one]), sum(own), noised(own, level, below), level)
            for one, own in counts.items()
        ]
        total = tuple(int(n) for n in np.sum(list(counts.values()), axis=0))
        material = Material(
            FORM, FORMULA, 5, {0: Shown(total)}, responses=sum(total), closed=True, groups={0: groups},
            strata={one: stratum for one, (stratum, _) in STRATA.items()},
        )  # fmt: skip
        what = Measure.WITH_BASIC
        weighted = results(material, {what: measure(material, what)})["0"][what].weighted
        assert weighted is not None
        found.append(weighted)
    return found


@pytest.mark.parametrize("level", [Noise.NONE, Noise.OVERALL, Noise.DIMENSION])
def test_weighted_figures_lean_to_no_side_and_their_ranges_hold(level: Noise) -> None:
    found = weighted_levels(level)
    values = [one.value for one in found]
    assert np.mean(values) == pytest.approx(TRUE, abs=4 * np.std(values) / TIMES**0.5)
    assert 0.93 <= hit(found, TRUE) <= 0.98


def test_noise_makes_weighted_figures_as_unsure_as_it_is() -> None:
    exact, noisy = (weighted_levels(level) for level in (Noise.NONE, Noise.DIMENSION))
    widths = [np.mean([one.high - one.low for one in some]) for some in (exact, noisy)]
    spread = [np.std([one.value for one in some]) for some in (exact, noisy)]
    assert widths[1] / widths[0] == pytest.approx(spread[1] / spread[0], rel=0.1)


def test_cutting_negative_counts_inside_the_sum_would_lean() -> None:
    """Positive control: why counts are kept as they were drawn."""
    below = random.Random(1).randrange
    few = (0, 0, 0, 0, 6)
    kept, cut = [], []
    for _ in range(3000):
        drawn = StrataGroup(frozenset([1]), 6, noised(few, Noise.DIMENSION, below), Noise.DIMENSION)
        kept.append(sum(drawn.unbiased[:2]))
        cut.append(sum(blurred(6, drawn.counts, Noise.DIMENSION).counts[:2]))
    assert abs(np.mean(kept)) < 6 * np.std(kept) / 3000**0.5
    assert np.mean(cut) > 1


# --- while answers come in ----------------------------------------------------------------------------


def live_levels(n: int, rate: float, level: Noise, what: Measure = Measure.WITH_BASIC) -> list[Level]:
    dice, below = np.random.default_rng(n), random.Random(n).randrange
    draws = dice.multinomial(n, grades_of(rate), TIMES).tolist()
    values = what.grade_values(FORMULA)
    return [plain_level(blurred(n, noised(one, level, below), level), values) for one in draws]


@pytest.mark.parametrize(
    ("n", "level", "rate", "what"),
    [
        (10, Noise.OVERALL, 0.5, Measure.SCORE),
        (10, Noise.OVERALL, 0.85, Measure.WITH_BASIC),
        (20, Noise.OVERALL, 0.9, Measure.WITH_BASIC),
        (60, Noise.OVERALL, 0.5, Measure.WITH_BASIC),
        (60, Noise.DIMENSION, 0.5, Measure.WITH_BASIC),
        (60, Noise.DIMENSION, 0.9, Measure.WITH_BASIC),
        (150, Noise.DIMENSION, 0.85, Measure.WITH_BASIC),
        (150, Noise.DIMENSION, 0.3, Measure.SCORE),
    ],
)
def test_live_ranges_hold_the_truth(n: int, level: Noise, rate: float, what: Measure) -> None:
    """Of ten raters they are wider than they need be; hardest are dimensions that 60 have rated and nearly all like
    (93.7 % of 6,000)."""
    found = hit(live_levels(n, rate, level, what), true_value(rate, what))
    assert found >= 0.94 - CHANCE
    assert found <= 0.99 or n < 30


@pytest.mark.parametrize("level", [Noise.OVERALL, Noise.DIMENSION])
def test_where_noise_hides_the_few_who_differ_the_range_says_so(level: Noise) -> None:
    seen = blurred(60, (0, 0, 10, 20, 30), level)
    exact, about = (plain_level(cell, (0, 0, 1, 1, 1)) for cell in (Shown(seen.counts), seen))
    assert (exact.value, about.value) == (1, 1)
    assert about.low < exact.low - 0.01


@pytest.mark.parametrize(("n", "level"), [(30, Noise.OVERALL), (100, Noise.DIMENSION), (200, Noise.TOGETHER)])
def test_live_figures_lean_to_no_side(n: int, level: Noise) -> None:
    values = [one.value for one in live_levels(n, 0.5, level)]
    assert np.mean(values) == pytest.approx(0.5, abs=4 * np.std(values) / TIMES**0.5)


def test_without_the_noise_in_the_range_it_would_hold_less_often() -> None:
    """Positive control."""
    values = Measure.WITH_BASIC.grade_values(FORMULA)
    dice, below = np.random.default_rng(1), random.Random(1).randrange
    held = []
    for one in dice.multinomial(60, grades_of(0.5), TIMES).tolist():
        cell = blurred(60, noised(one, Noise.DIMENSION, below), Noise.DIMENSION)
        held.append(plain_level(Shown(cell.counts), values))
    assert hit(held, 0.5) < 0.92


def test_all_departments_at_once_hold_the_truth_however_alike_their_raters_are() -> None:
    """Each of 40 forms rates five departments, all of them by one mood or each by itself."""
    values, below = Measure.WITH_BASIC.grade_values(FORMULA), random.Random(1).randrange
    dice = np.random.default_rng(1)
    for draws in (
        dice.multinomial(40, grades_of(0.6), TIMES) * 5,
        dice.multinomial(200, grades_of(0.6), TIMES),
    ):
        found = [
            pooled_level(blurred(200, noised(one, Noise.TOGETHER, below), Noise.TOGETHER), values, 40)
            for one in draws.tolist()
        ]
        assert hit(found, 0.6) >= 0.94
