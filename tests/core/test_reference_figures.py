"""Every printed reference figure of methods A–F and H–J, from our own functions."""

import json
from collections.abc import Callable, Sequence
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, ttest_rel, wilcoxon
from statsmodels.stats.contingency_tables import mcnemar

from survey.core.answers.response_quality import longest_run, variation
from survey.core.figures.cells import Shown
from survey.core.figures.formulas import FORMULAS, mean_grade, rate_with_basic, rate_without_basic, score
from survey.core.remarks.words import log_odds
from survey.core.statistics.estimates import Estimate, contrast, difference
from survey.core.statistics.gain import Gain, Peers, net_gain
from survey.core.statistics.influence import GRADE, WITHOUT_BASIC, Survey, codes, estimate
from survey.core.statistics.intervals import (
    cautious_interval,
    clopper_pearson,
    effective_n,
    newcombe,
    share_interval,
    wilson,
)
from survey.core.statistics.power import needed, needed_paired, sample_size, smallest_change
from survey.core.statistics.shrinkage import shrink
from survey.core.statistics.turnout import Turnout, balance, bounds
from survey.core.statistics.weights import kish, post_strata, rake
from survey.core.study.drivers import johnson, lmg
from survey.core.study.pair_counts import PairCounts
from survey.core.study.pairs import bonett_price, bonett_price_se, mcnemar_p, pair_up
from survey.core.study.ranks import adjusted, compare, rank_intervals
from survey.output.figures.rows import Line, diverging
from tests.statistics_fixture import (
    DEPARTMENTS,
    DIMENSIONS,
    EFFICIENCY,
    FOLDER,
    TAX,
    URBAN,
    both_waves,
    change_vector,
    departments,
    drift_vector,
    expected,
    frame,
    grades,
    survey,
    wide,
)

NAMES = list(expected())
LEFT_OUT = {
    "agresti_coull_81_263": "Wilson's interval serves the same purpose and stays inside [0, 1]",
    "agresti_coull_0_20 clipped": "Wilson's interval serves the same purpose and stays inside [0, 1]",
    "adjWald_fpc_61_75_415 R=statpsych::ci.prop.fpc": "no Wald interval and no finite correction of rates here",
    "J diverging bar edges neutral-centred": "好差评 has no neutral grade: zero lies between 不满意 and 基本满意",
    "D up/same/down": "of the same enterprises only who is satisfied is released, in a table of two by two",
    "K primary-only attacker intervals (all recovered)": "what subtraction tells is tested with what is withheld",
    "K with complementary: intervals of the 3 small cells": "what subtraction tells is tested with what is withheld",
}
EXAMPLE = (3, 7, 15, 35, 40)
POOLED = [[place for places in EFFICIENCY for place in places]]
URBAN_ALL = [[4 * URBAN + place for place in range(4)]]


def level(**how: bool) -> Estimate:
    return estimate(survey(1, **how), EFFICIENCY, WITHOUT_BASIC)[URBAN]


def pooled(*, clustered: bool) -> Estimate:
    """All departments' 办事效率, unweighted; without clusters each rating counts as an enterprise."""
    plain = survey(1, weighted=False, stratified=False)
    if clustered:
        return estimate(plain, POOLED, WITHOUT_BASIC)[0]
    ratings = plain.matrix[:, POOLED[0]]
    return estimate(Survey(ratings[ratings > 0][:, None]), [[0]], WITHOUT_BASIC)[0]


def naive_and_deff() -> list[float]:
    """The naive error is printed with n, ours has n − 1, in the denominator."""
    naive = pooled(clustered=False)
    shown = naive.se * sqrt((naive.n - 1) / naive.n)
    return [shown, (pooled(clustered=True).se / shown) ** 2]


def values_and_se(found: Estimate) -> list[float]:
    return [found.value, found.se]


def hand_strata(*, finite: bool = False) -> Estimate:
    """AL, AS, BL, BS: 60, 60, 40, 240 invited, 30, 20, 10, 40 answered, .8, .6, .7, .45 of them satisfied."""
    invited = dict(enumerate((60, 60, 40, 240)))
    sizes, satisfied = (30, 20, 10, 40), (24, 12, 7, 18)
    weights = post_strata(invited, dict(enumerate(sizes)))
    strata = np.repeat(np.arange(4), sizes)
    answers = np.concatenate(
        [np.repeat([4, 2], [yes, n - yes]) for yes, n in zip(satisfied, sizes, strict=True)]
    )
    fractions = {place: n / invited[place] for place, n in enumerate(sizes)} if finite else None
    by_response = np.array([weights[place] for place in strata])
    return estimate(
        Survey(answers.astype(np.uint8)[:, None], by_response, strata, fractions=fractions),
        [[0]],
        WITHOUT_BASIC,
    )[0]


def hand_raked() -> list[float]:
    """Two margins of the same four groups: A 60, B 140; L 50, S 150."""
    sizes = (30, 20, 10, 40)
    first, second = np.repeat([0, 0, 1, 1], sizes), np.repeat([0, 1, 0, 1], sizes)
    weights = rake([first, second], [{0: 60, 1: 140}, {0: 50, 1: 150}])
    return [float(weights[place]) for place in np.cumsum((0, *sizes[:-1]))]


def hand_weights() -> list[float]:
    return np.repeat([2.0, 3.0, 4.0, 6.0], (30, 20, 10, 40)).tolist()


def raked() -> list[float]:
    """税务 raked to industry, size and town of those invited."""
    answered = frame().loc[wide(1).index]
    margins, targets = [], []
    for name in ("industry", "size", "town"):
        labels = sorted(frame()[name].unique())
        margins.append(np.array([labels.index(one) for one in answered[name]]))
        totals = frame()[name].value_counts()
        targets.append({place: float(totals[label]) for place, label in enumerate(labels)})
    weights = rake(margins, targets)
    found = estimate(Survey(survey(1).matrix, weights), EFFICIENCY, WITHOUT_BASIC)[TAX]
    return [found.value, weights.min(), weights.max(), kish(weights)[0]]


def response() -> list[float]:
    cells = frame().groupby(["industry", "size"]).resp1.agg(["size", "sum"])
    rows = [Turnout(str(name), int(row["size"]), int(row["sum"])) for name, row in cells.iterrows()]
    found = balance(rows)
    total = frame().resp1
    return [total.mean(), found.r, found.worst_bias]


def urban_pairs() -> PairCounts:
    before, after = grades(1, "城管").align(grades(2, "城管"), join="inner")
    return pair_up(before.to_numpy(), after.to_numpy(), WITHOUT_BASIC)


def paired_grades() -> tuple[np.ndarray, np.ndarray]:
    before, after = grades(1, "城管").align(grades(2, "城管"), join="inner")
    both = ((before > 0) & (after > 0)).to_numpy()
    return before.to_numpy()[both].astype(float), after.to_numpy()[both].astype(float)


def pair_counts() -> list[float]:
    first, second = ((grades(wave, "城管") > 0).sum() for wave in (1, 2))
    found = urban_pairs()
    return [found.n, first - found.n, second - found.n, found.won, found.lost]


def paired_t() -> list[float]:
    """Paired differences are the kernel on two stacked waves of the paired enterprises alone."""
    before, after = paired_grades()
    matrix = np.stack([before, after], axis=1).astype(np.uint8)
    found = difference(estimate(Survey(matrix), [[0], [1]], GRADE), 1, 0)
    return [found.value, found.se, found.value / found.se, float(ttest_rel(after, before).pvalue)]


def wilcoxon_p() -> list[float]:
    before, after = paired_grades()
    return [wilcoxon(after, before, zero_method="wilcox", correction=False, method="asymptotic").pvalue]


def approval() -> list[float]:
    """Agresti: 794 / 150 / 86 / 570 of 1,600 approve in both, the first, the second, neither survey."""
    plain = mcnemar([[794, 150], [86, 570]], exact=False, correction=False)
    return [plain.statistic, plain.pvalue, mcnemar([[794, 150], [86, 570]], exact=True).pvalue]


def approval_change() -> list[float]:
    """The kernel on the 1,600 pairs; printed with n where ours has n − 1."""
    counts = {(4, 4): 794, (4, 2): 150, (2, 4): 86, (2, 2): 570}
    matrix = np.repeat(np.array(list(counts), np.uint8), list(counts.values()), axis=0)
    found = difference(estimate(Survey(matrix), [[0], [1]], WITHOUT_BASIC), 1, 0)
    se = found.se * sqrt(1599 / 1600)
    half = norm.ppf(0.975) * se
    return [found.value, se, found.value - half, found.value + half]


def unpaired() -> Sequence[float]:
    first, second = (grades(wave, "城管") for wave in (1, 2))
    return newcombe((second > 3).sum(), (second > 0).sum(), (first > 3).sum(), (first > 0).sum())


def significant_pairs() -> list[float]:
    z = compare(departments(), range(8)).z[np.triu_indices(8, 1)]
    p = 2 * norm.sf(np.abs(z))
    return [np.sum(one <= 0.05) for one in (p, adjusted(p), adjusted(p, "fdr_bh"))]


def small_departments() -> np.ndarray:
    """Five departments of 200 … 6 answers; variances from the common rate."""
    n, rates = np.array([200, 120, 40, 12, 6]), np.array([0.8, 0.7, 0.55, 11 / 12, 1])
    common = float(n @ rates / n.sum())
    return shrink(rates, common * (1 - common) / n).values


def urban_gain(*, drift: bool) -> Gain:
    """The printed figures take the mean of all departments as known."""
    waves, alone = both_waves(), departments()
    peers = Peers.of(alone.values, alone.covariance.diagonal())
    first, second = URBAN, len(DEPARTMENTS) + URBAN
    moved = contrast(waves, drift_vector())
    return net_gain(
        waves.values[first], waves.values[second],
        (waves.covariance[first, first], waves.covariance[second, second]), waves.covariance[first, second],
        Peers(peers.mean, 0.0, peers.between),
        *((moved.value, moved.se**2) if drift else ()),
    )  # fmt: skip


def gain_figures(found: Gain, p: bool = False) -> list[float]:
    chance = [2 * norm.sf(abs(found.net / found.se))] if p else []
    return [found.reliability, found.expected, found.pull, found.net, found.se, *chance]


def swiss() -> np.ndarray:
    """Fertility, the outcome, first; then Agriculture, Examination, Education, Catholic, Infant.Mortality."""
    table = np.array(json.loads((FOLDER / "swiss_corr.json").read_text()))
    order = [5, 0, 1, 2, 3, 4]
    return table[np.ix_(order, order)]


MENTIONS = np.array([[30, 25, 5, 2, 12, 200], [6, 10, 22, 28, 1, 190]])
FORMS = np.array(
    [[5, 5, 5, 5, 5, 5, 5, 5], [5, 4, 4, 3, 5, 2, 4, 5], [1, 1, 1, 5, 5, 5, 5, 2], [3, 4, 3, 4, 3, 4, 3, 4]], np.uint8
)  # fmt: skip


def net_promoters() -> list[float]:
    """Printed with n, ours has n − 1, in the denominator."""
    answers = np.repeat([5, 3, 1], (120, 50, 30)).astype(np.uint8)[:, None]
    found = estimate(Survey(answers), [[0]], (-100, -100, 0, 100, 100))[0]
    return [found.value, found.se * sqrt(199 / 200)]


def mappings() -> list[float]:
    three = [score(EXAMPLE, FORMULAS[name]) for name in ("100-80-60-40-20", "100-75-50-25-0", "10-8-6-3-0")]
    top_two, top_three = rate_without_basic(EXAMPLE) * 100, rate_with_basic(EXAMPLE) * 100
    return [mean_grade(EXAMPLE), *three, top_two, top_three, top_two - (100 - top_three)]


def bar_edges() -> list[float]:
    bars = diverging([Line("部门", cell=Shown(EXAMPLE))]).data
    ends = sorted((float(bar.base[0]), float(bar.base[0] + bar.x[0])) for bar in bars)
    return [*(start for start, _ in ends), ends[-1][1]]


COMPUTED: dict[str, Callable[[], Sequence[float]]] = {
    "wilson_81_263 PUB Newcombe1998a": lambda: wilson(81, 263),
    "clopper_81_263 PUB Newcombe1998a": lambda: clopper_pearson(81, 263),
    "wilson_15_148 PUB Newcombe1998a": lambda: wilson(15, 148),
    "clopper_15_148 PUB Newcombe1998a": lambda: clopper_pearson(15, 148),
    "wilson_0_20 PUB Newcombe1998a": lambda: wilson(0, 20),
    "clopper_0_20 PUB Newcombe1998a": lambda: clopper_pearson(0, 20),
    "wilson_1_29 PUB Newcombe1998a": lambda: wilson(1, 29),
    "clopper_1_29 PUB Newcombe1998a": lambda: clopper_pearson(1, 29),
    "wilson_81_263 R=prop.test(correct=FALSE)": lambda: wilson(81, 263),
    "wilson_14_14 R": lambda: wilson(14, 14),
    "wilson_47_60 R": lambda: wilson(47, 60),
    "clopper_47_60 R=binom.test": lambda: clopper_pearson(47, 60),
    "newcombe10_56_70_48_80 PUB Newcombe1998b": lambda: newcombe(56, 70, 48, 80),
    "newcombe10_9_10_3_10 PUB Newcombe1998b": lambda: newcombe(9, 10, 3, 10),
    "newcombe10_6_7_2_7 PUB Newcombe1998b": lambda: newcombe(6, 7, 2, 7),
    "newcombe10_5_56_0_29 PUB Newcombe1998b": lambda: newcombe(5, 56, 0, 29),
    "newcombe10_0_10_0_20 PUB Newcombe1998b": lambda: newcombe(0, 10, 0, 20),
    "newcombe10_10_10_0_20 PUB Newcombe1998b": lambda: newcombe(10, 10, 0, 20),
    "nps_120_50_30": net_promoters,
    "score_mappings[mean5,x20,(m-1)/4,100/80/60/30/0,top2,top3,net]": mappings,
    "worst_case_bounds p=.79 RR=214/360": lambda: bounds(0.79, 214 / 360),
    "B1 城管 top2 est,se no fpc R=svymean": lambda: values_and_se(level()),
    "B1 城管 top2 se fpc R=svymean(fpc)": lambda: [level(finite=True).se],
    "B1 城管 mean est,se fpc R=svymean(fpc)": lambda: values_and_se(
        estimate(survey(1, finite=True), EFFICIENCY, GRADE)[URBAN]
    ),
    "B1 n,n_eff(no fpc)": lambda: [level().n, effective_n(level())],
    "B1 wilson(n_eff,t df) = svy ci_method=wilson": lambda: share_interval(level()),
    "B1 Korn-Graubard ~ svy korn-graubard/beta .33023746,.53745142": lambda: cautious_interval(level()),
    "B2 pooled clustered est,se R": lambda: values_and_se(estimate(survey(1), POOLED, WITHOUT_BASIC)[0]),
    "B2 pooled unweighted clustered est,se R": lambda: values_and_se(pooled(clustered=True)),
    "B2 naive se, deff": naive_and_deff,
    "B3 dept est R=svyby": lambda: departments().values,
    "B3 dept se R=svyby": lambda: departments().se,
    "B3 diff 税务-城管 se R=svycontrast": lambda: [difference(departments(), TAX, URBAN).se],
    "B3 rank L R=csranks(R=200000)": lambda: [best for best, _ in rank_intervals(departments(), range(8))],
    "B3 rank U R=csranks": lambda: [worst for _, worst in rank_intervals(departments(), range(8))],
    "B3 significant pairs raw,Holm,BH R=p.adjust": significant_pairs,
    "EB tau2,mu R=metafor rma PM / sae FH": lambda: [
        (found := shrink(departments().values, departments().covariance.diagonal())).between, found.mean
    ],
    "EB shrunk R=metafor blup / sae eblupFH": lambda: shrink(
        departments().values, departments().covariance.diagonal()
    ).values,
    "EB small-n example shrunk (n=200,120,40,12,6)": small_departments,
    "C raked est,wmin,wmax,kish R=survey::rake": raked,
    "C hand poststrat raw,est,se,se_fpc": lambda: [
        61 / 100, *values_and_se(hand_strata()), hand_strata(finite=True).se
    ],
    "C hand kish deff,n_eff": lambda: kish(hand_weights()),
    "C hand rake cell weights AL,AS,BL,BS R=survey::rake": hand_raked,
    "C response rate,R-indicator,max contrast S/rho": response,
    "D Agresti approval chi2,p,exact R=mcnemar.test/binom.test": approval,
    "D Agresti diff,se,lo,hi": approval_change,
    "D fixture pairs,only1,only2,b,c": pair_counts,
    "D fixture mcnemar exact,midp R": lambda: [
        mcnemar([[0, urban_pairs().won], [urban_pairs().lost, 0]], exact=True).pvalue,
        mcnemar_p(urban_pairs().won, urban_pairs().lost),
    ],
    "D Bonett-Price R=statpsych::ci.prop.ps": lambda: [
        (found := bonett_price(urban_pairs().won, urban_pairs().lost, urban_pairs().n))[0],
        bonett_price_se(urban_pairs().won, urban_pairs().lost, urban_pairs().n),
        *found[1:],
    ],
    "D paired mean diff,se,t,p R=t.test(paired)": paired_t,
    "D wilcoxon p (no cc) R=wilcox.test(correct=FALSE,exact=FALSE)": wilcoxon_p,
    "D unpaired newcombe 80/102-43/96": unpaired,
    "D stacked change unweighted est,se R=svyby+svycontrast": lambda: values_and_se(
        contrast(both_waves(weighted=False), change_vector())
    ),
    "D stacked change weighted est,se R; =svy .contrast": lambda: values_and_se(
        contrast(both_waves(), change_vector())
    ),
    "D DiD vs other 7 est,se R=svycontrast": lambda: values_and_se(
        contrast(both_waves(), change_vector() - drift_vector())
    ),
    "D n per wave .45->.60 unpaired R=power.prop.test; paired phi=.3 R=statpsych (ceil 120)": lambda: [
        needed(0.45, 0.6), needed_paired(0.45, 0.6, 0.3)
    ],
    "D MDE pp from 70% n=30,60,100,200,400 unpaired": lambda: [
        round(100 * (smallest_change(0.7, n) or 0), 1) for n in (30, 60, 100, 200, 400)
    ],
    "D MDE pp paired phi=.5": lambda: [
        round(100 * (smallest_change(0.7, n, 0.5) or 0), 1) for n in (30, 60, 100, 200, 400)
    ],
    "D n for ±5pp,p=.5: N=100,360,1000,5000": lambda: [sample_size(n, 0.05) for n in (100, 360, 1000, 5000)],
    "E RTM hand (60%→72%, se 6pp, mu 75, tau 5pp, cov 0): rho,expected,rtm,adj,se,p": lambda: gain_figures(
        net_gain(0.6, 0.72, (0.06**2, 0.06**2), 0, Peers(0.75, 0, 0.05**2)), p=True
    ),
    "E RTM fixture 城管: rho,expected,rtm,adj,se": lambda: gain_figures(urban_gain(drift=False)),
    "E net gain fixture 城管: expected,net,se,lo,hi": lambda: [
        (found := urban_gain(drift=True)).expected, found.net, found.se, *found.interval()
    ],
    "F LMG swiss R=definition over all 120 orderings (= relaimpo lmg)": lambda: lmg(swiss()),
    "F Johnson swiss R=eigen definition": lambda: johnson(swiss()),
    "H log-odds z flat prior .01 (等待,材料,态度,热情,排队,的) = PyPI logodds 0.1.0": lambda: log_odds(
        *MENTIONS, np.full(6, 0.01)
    ),
    "H log-odds z informative prior": lambda: log_odds(*MENTIONS, MENTIONS.sum(axis=0) + 0.01),
    "I longstring R=careless": lambda: longest_run(FORMS),
    "I IRV R=careless::irv": lambda: variation(FORMS),
    "J diverging bar edges 好差评 scale": bar_edges,
}  # fmt: skip


@pytest.mark.parametrize("name", [one for one in NAMES if one not in LEFT_OUT and not one.startswith("G ")])
def test_the_printed_figure_is_ours(name: str) -> None:
    known = expected()[name]
    assert list(COMPUTED[name]()) == pytest.approx(known["value"], abs=known["tol"])


def test_only_figures_of_the_list_are_left_out() -> None:
    assert LEFT_OUT.keys() | COMPUTED.keys() == {name for name in NAMES if not name.startswith("G ")}
    assert not LEFT_OUT.keys() & COMPUTED.keys()


def test_the_composite_of_a_department_is_as_sure_as_r_says() -> None:
    found = estimate(survey(1), URBAN_ALL, GRADE)[0]
    assert (found.value, found.se) == pytest.approx((3.50973, 0.10166895), abs=5e-6)
    assert len(DIMENSIONS) == len(URBAN_ALL[0])


def test_the_same_enterprises_are_the_pivot_table_of_pandas() -> None:
    found = urban_pairs()
    before, after = (pd.Series(one > 3) for one in paired_grades())
    table = pd.crosstab(before, after)
    assert (found.both, found.won, found.lost, found.neither) == (
        table.loc[True, True], table.loc[False, True], table.loc[True, False], table.loc[False, False],
    )  # fmt: skip
    pairs, _, _, won, lost = expected()["D fixture pairs,only1,only2,b,c"]["value"]
    assert (found.n, found.won, found.lost, found.blur) == (pairs, won, lost, 0)


def test_pseudonyms_become_numbers() -> None:
    assert codes([b"x", b"y", b"x", b"y\0"]).tolist() == [0, 1, 0, 2]
