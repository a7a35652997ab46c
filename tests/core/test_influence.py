"""The kernel against the definition, statsmodels and R, and what must not change it."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from survey.core.figures.formulas import FORMULAS
from survey.core.models import Grade
from survey.core.statistics import vectors
from survey.core.statistics.estimates import contrast, difference, side_by_side
from survey.core.statistics.influence import (
    CHUNK,
    GRADE,
    WITH_BASIC,
    WITHOUT_BASIC,
    Domains,
    GradeValues,
    Survey,
    each,
    estimate,
    stack,
)
from survey.core.statistics.vectors import Matrix
from tests.bench.real_data import INSTEVAL

FORMS = arrays.arrays(np.uint8, st.tuples(st.integers(2, 40), st.integers(1, 4)), elements=st.integers(0, 5))
PILE = 100_000  # more than a few chunks


def column(*grades: int) -> Matrix:
    return np.array(grades, np.uint8)[:, None]


def random_survey(seed: int, rows: int = 300, items: int = 6, enterprises: int = 200) -> Survey:
    """Enterprises with one to several responses each, in four strata, with weights of their own."""
    rng = np.random.default_rng(seed)
    clusters = rng.integers(0, enterprises, rows)
    return Survey(
        rng.integers(0, 6, (rows, items), dtype=np.uint8), rng.uniform(0.5, 3, rows), clusters % 4, clusters
    )


def by_definition(survey: Survey, domains: Domains, values: GradeValues) -> tuple[np.ndarray, np.ndarray]:
    """Means and covariance, one enterprise after the other."""
    assert survey.weights is not None
    assert survey.strata is not None
    assert survey.clusters is not None
    table, pulls, means = np.array([0, *values]), [], []
    for columns in domains:
        grades = survey.matrix[:, columns]
        weight = survey.weights[:, None] * (grades > 0)
        mean = (weight * table[grades]).sum() / weight.sum()
        means.append(mean)
        pulls.append((weight * (table[grades] - mean)).sum(axis=1) / weight.sum())
    pull = np.stack(pulls, axis=1)
    covariance = np.zeros((len(domains), len(domains)))
    for stratum in np.unique(survey.strata):
        inside = survey.strata == stratum
        own = [pull[survey.clusters == one].sum(axis=0) for one in np.unique(survey.clusters[inside])]
        covariance += np.cov(np.array(own), rowvar=False).reshape(covariance.shape) * len(own)
    return np.array(means), covariance


def test_three_enterprises_by_hand() -> None:
    found = estimate(Survey(column(5, 4, 2, 0)), each(1), WITHOUT_BASIC)
    # 2 of 3 satisfied; influences (1/3, 1/3, −2/3, 0)/3, squares sum to 6/81, times 4/3 for four enterprises
    assert found.values[0] == pytest.approx(2 / 3)
    assert found.covariance[0, 0] == pytest.approx(6 / 81 * 4 / 3)
    assert (found.raters[0], found.df[0]) == (3, 2)


@pytest.mark.parametrize("seed", range(3))
def test_the_kernel_is_the_definition(seed: int) -> None:
    survey, domains = random_survey(seed), [[0], [1, 2], [3], [0, 1, 2, 3, 4, 5]]
    values = FORMULAS["10-8-6-3-0"].weights
    found = estimate(survey, domains, values)
    means, covariance = by_definition(survey, domains, values)
    assert found.values == pytest.approx(means)
    assert found.covariance == pytest.approx(covariance)


def test_chunks_do_not_show() -> None:
    survey = random_survey(5, rows=3 * CHUNK, items=2, enterprises=500)
    means, covariance = by_definition(survey, [[0], [0, 1]], GRADE)
    found = estimate(survey, [[0], [0, 1]], GRADE)
    assert (found.values, found.covariance) == (pytest.approx(means), pytest.approx(covariance))


def test_responses_of_their_own_are_as_if_each_had_a_name() -> None:
    survey = replace(random_survey(6, rows=2 * CHUNK + 7), strata=None, clusters=None)
    named = replace(survey, clusters=np.random.default_rng(1).permutation(len(survey.matrix)))
    one, other = (estimate(kind, each(6), WITH_BASIC) for kind in (survey, named))
    assert one.covariance == pytest.approx(other.covariance)
    assert one.raters.tolist() == other.raters.tolist()


@given(FORMS, st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(matrix: Matrix, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(matrix))
    survey = Survey(matrix, np.linspace(1, 2, len(matrix)), clusters=np.arange(len(matrix)) // 2)
    assert survey.weights is not None
    assert survey.clusters is not None
    shuffled = Survey(matrix[order], survey.weights[order], clusters=survey.clusters[order])
    one, other = (estimate(kind, each(matrix.shape[1]), GRADE) for kind in (survey, shuffled))
    assert one.values == pytest.approx(other.values, nan_ok=True)
    assert one.covariance == pytest.approx(other.covariance, nan_ok=True, abs=1e-12)


@given(FORMS, st.integers(1, 30))
def test_enterprises_without_contact_change_nothing(matrix: Matrix, strangers: int) -> None:
    n, items = matrix.shape
    more = np.vstack([matrix, np.zeros((strangers, items), np.uint8)])
    one, other = (estimate(Survey(kind), each(items), WITH_BASIC) for kind in (matrix, more))
    assert one.values == pytest.approx(other.values, nan_ok=True)
    assert (one.raters.tolist(), one.df.tolist()) == (other.raters.tolist(), other.df.tolist())
    # The error is that of n enterprises drawn, with or without contact: n / (n − 1) is all that moves.
    small, large = n / (n - 1), (n + strangers) / (n + strangers - 1)
    assert one.covariance / small == pytest.approx(other.covariance / large, nan_ok=True, abs=1e-12)


def test_a_department_nobody_rated_has_no_mean() -> None:
    found = estimate(Survey(np.array([[5, 0], [4, 0], [3, 0]], np.uint8)), each(2), WITH_BASIC)
    assert found.values[0] == 1
    assert np.isnan(found.values[1])
    assert np.isnan(found[1].se)


def test_a_stratum_of_one_enterprise_joins_another() -> None:
    grades, strata = column(5, 4, 2, 1, 3), np.array([0, 0, 1, 1, 2])
    alone = estimate(Survey(grades, strata=strata), each(1), GRADE)
    joined = estimate(Survey(grades, strata=np.array([0, 0, 1, 1, 0])), each(1), GRADE)
    assert np.isfinite(alone.se[0])
    assert alone.se[0] == pytest.approx(joined.se[0])


def test_an_enterprise_in_two_strata_is_refused() -> None:
    with pytest.raises(ValueError, match="two strata"):
        estimate(
            Survey(column(5, 4, 3), strata=np.array([0, 1, 1]), clusters=np.array([7, 7, 8])), each(1), GRADE
        )


def test_the_same_answers_twice_are_no_change_at_all() -> None:
    wave = Survey(column(5, 4, 2, 1, 3), clusters=np.arange(5))
    found = difference(estimate(stack(wave, wave), [[0], [1]], GRADE), 1, 0)
    assert (found.value, found.se) == (0, pytest.approx(0, abs=1e-12))


def test_an_enterprise_that_changed_its_stratum_keeps_the_one_it_had() -> None:
    grades, moved = column(5, 4, 2, 1), np.array([0, 1, 1, 1])
    before = Survey(grades, strata=np.array([0, 0, 1, 1]), clusters=np.arange(4))
    one, other = (
        estimate(stack(before, replace(before, strata=strata)), [[0], [1]], GRADE)
        for strata in (before.strata, moved)
    )
    assert one.covariance == pytest.approx(other.covariance)


def test_waves_that_share_nobody_have_no_covariance() -> None:
    before, after = Survey(column(5, 4, 2, 1)), Survey(column(5, 5, 4, 1, 2))
    apart = side_by_side(*(estimate(wave, each(1), GRADE) for wave in (before, after)))
    assert apart.covariance[0, 1] == 0
    assert difference(apart, 1, 0).se == pytest.approx(np.sqrt(np.var([5, 4, 2, 1], ddof=1) / 4 + 3.3 / 5))
    stacked = estimate(stack(before, after), [[0], [1]], GRADE)
    # With no enterprise known the nine are one sample: 9/8 instead of 4/3 and 5/4.
    assert contrast(stacked, [1, 0]).se ** 2 * 8 / 9 == pytest.approx(contrast(apart, [1, 0]).se ** 2 * 3 / 4)


def test_waves_known_by_halves_are_not_stacked() -> None:
    with pytest.raises(ValueError, match="only one"):
        stack(Survey(column(5, 4), clusters=np.arange(2)), Survey(column(5, 4)))


def test_all_alike_have_no_spread_whatever_their_weights() -> None:
    weights = np.random.default_rng(2).uniform(0.1, 9, PILE)
    found = estimate(
        Survey(np.full((PILE, 1), 5, np.uint8), weights), each(1), FORMULAS["10-8-6-3-0"].weights
    )
    assert found.values[0] == pytest.approx(100)
    assert found.se[0] < 1e-9


@pytest.mark.skipif(not INSTEVAL.exists(), reason="真实数据 ../shared/data 不在这台机器上")
def test_seventy_thousand_real_ratings_have_the_cluster_robust_errors_of_statsmodels() -> None:
    raw = pd.read_csv(INSTEVAL)
    names = sorted(raw.dept.unique())
    place = raw.dept.map(names.index).to_numpy()
    matrix = np.zeros((len(raw), len(names)), np.uint8)
    matrix[np.arange(len(raw)), place] = raw.y
    found = estimate(Survey(matrix, clusters=raw.s.to_numpy()), each(len(names)), GRADE)
    fitted = sm.OLS(raw.y.to_numpy(float), np.eye(len(names))[place]).fit(
        cov_type="cluster", cov_kwds={"groups": raw.s.to_numpy(), "use_correction": False}
    )
    raters = raw.s.nunique()
    assert found.values == pytest.approx(fitted.params)
    assert found.covariance == pytest.approx(fitted.cov_params() * raters / (raters - 1), rel=1e-9, abs=1e-15)
    assert found.raters.sum() == raw.groupby("dept").s.nunique().sum()


R_SCRIPT = """
suppressMessages(library(survey))
for (file in commandArgs(TRUE)) {
  rows <- read.csv(file)
  design <- svydesign(id=~enterprise, strata=~stratum, weights=~weight, data=rows)
  given <- subset(design, grade > 0)
  items <- svyby(~grade, ~item, given, svymean, covmat=TRUE)
  pooled <- svymean(~grade, given)
  write.csv(vcov(items), paste0(file, ".covariance"), row.names=FALSE)
  write.csv(data.frame(mean=c(coef(items), coef(pooled)), se=c(SE(items), SE(pooled))),
            paste0(file, ".means"), row.names=FALSE)
}
"""


def in_long_form(survey: Survey, path: Path) -> None:
    """One row per response and item, as R's survey package wants it."""
    rows, items = survey.matrix.shape
    pd.DataFrame(
        {
            "enterprise": np.repeat(survey.clusters, items),
            "stratum": np.repeat(survey.strata, items),
            "weight": np.repeat(survey.weights, items),
            "item": np.tile(np.arange(items), rows),
            "grade": survey.matrix.ravel(),
        }
    ).to_csv(path, index=False, float_format="%.17g")


def r_has_survey() -> bool:
    found = shutil.which("Rscript")
    return (
        bool(found) and not subprocess.run([found, "-e", "library(survey)"], capture_output=True).returncode
    )


@pytest.mark.skipif(not r_has_survey(), reason="这台机器上没有 R 的 survey 包")
def test_randomly_made_surveys_agree_with_r_to_eight_digits(tmp_path: Path) -> None:
    surveys = {str(tmp_path / f"{seed}.csv"): random_survey(seed) for seed in range(6)}
    for path, survey in surveys.items():
        in_long_form(survey, Path(path))
    script = tmp_path / "means.R"
    script.write_text(R_SCRIPT)
    subprocess.run(["Rscript", str(script), *surveys], check=True, timeout=120)
    for path, survey in surveys.items():
        found = estimate(survey, [*each(6), list(range(6))], GRADE)
        means = pd.read_csv(f"{path}.means")
        assert found.values == pytest.approx(means["mean"].to_numpy(), rel=1e-8)
        assert found.se == pytest.approx(means["se"].to_numpy(), rel=1e-8)
        covariance = pd.read_csv(f"{path}.covariance").to_numpy()
        assert found.covariance[:6, :6] == pytest.approx(covariance, rel=1e-8, abs=1e-10)


def test_a_vector_has_a_level_for_every_grade() -> None:
    assert range(vectors.LEVELS) == range(len(Grade))
    assert max(Grade) == vectors.LEVELS - 1
