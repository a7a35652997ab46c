"""体检: whether a department's score may be believed, and why not, in sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from survey.core.figures import formulas
from survey.core.numerals import SHARE, percent
from survey.core.statistics.intervals import newcombe, none_of
from survey.core.statistics.turnout import Balance, Shift, Turnout
from survey.core.study.ranks import FEWEST_RATERS

CROWDED = 0.9  # at the top grade: of ten forms one or fewer still says anything about differences
FULL = 0.98  # at the top grade: one form in fifty decides the order
SURE = 0.02  # 差评率 that 0 of n should be able to rule out before it is called low
STRAIGHT = 0.3  # forms of one grade throughout; among honest forms it is about one in thirty
HURRIED = 0.1  # forms too fast, or in a burst: one in ten no longer happens by itself
SILENT = 0.5  # below this share answered, the silent outnumber the heard
UNHEARD = 0.2  # below this, whatever the silent think decides
LEANING = 0.25  # standard deviations by which uneven answering could move a mean


class Verdict(IntEnum):
    """The worse, the higher."""

    TRUSTED = 0
    CAREFUL = 1
    UNRANKED = 2

    @property
    def text(self) -> str:
        return ("可信", "仅供参考", "不能用来排名")[self]


@dataclass(frozen=True)
class Evidence:
    """What is known of the forms that rated one department, of the verified source unless said."""

    counts: tuple[int, ...]  # grades 1 … 5
    straight: int = 0  # forms of one grade throughout
    fast: int = 0
    burst: int = 0
    open_counts: tuple[int, ...] = (0, 0, 0, 0, 0)  # the open source, never added in
    turnout: Turnout | None = None
    balance: Balance | None = None
    shift: Shift | None = None
    exact: bool = True  # 约数 say nothing of whether anybody was dissatisfied, or how many were not

    @property
    def n(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Doubt:
    """One reason: how far it lowers the verdict, and the sentence."""

    verdict: Verdict
    why: str


@dataclass(frozen=True)
class Examination:
    """The verdict and every reason, the gravest first; no reason: 可信."""

    verdict: Verdict
    findings: tuple[Doubt, ...]


def examine(evidence: Evidence) -> Examination:
    """All checks of one department."""
    if not evidence.n:
        why = "没有已核验的评价，开放扫码的结果不能用来排名" if sum(evidence.open_counts) else "没有评价"
        return Examination(Verdict.UNRANKED, (Doubt(Verdict.UNRANKED, why),))
    found = [finding for check in CHECKS if (finding := check(evidence))]
    found.sort(key=lambda finding: -finding.verdict)
    return Examination(found[0].verdict if found else Verdict.TRUSTED, tuple(found))


def _size(evidence: Evidence) -> Doubt | None:
    if evidence.n >= FEWEST_RATERS:
        return None
    return Doubt(Verdict.UNRANKED, f"只有 {evidence.n} 家评价，不足 {FEWEST_RATERS} 家")


def _ceiling(evidence: Evidence) -> Doubt | None:
    share = evidence.counts[4] / evidence.n
    if share < CROWDED or not evidence.exact:
        return None
    if share >= FULL:
        return Doubt(
            Verdict.UNRANKED, f"{percent(share)} 的评价是最高一档，分数已到顶，一两份答卷就能改变先后"
        )
    return Doubt(Verdict.CAREFUL, f"{percent(share)} 的评价是最高一档，能看出的差别很小")


def _no_bad(evidence: Evidence) -> Doubt | None:
    most = none_of(evidence.n)
    if formulas.bad(evidence.counts) or most <= SURE or not evidence.exact:
        return None
    return Doubt(
        Verdict.CAREFUL,
        f"{evidence.n} 家中没有差评，只能说明差评率大致不超过 {percent(most)}，不能说没有不满意",
    )


def _straight(evidence: Evidence) -> Doubt | None:
    share = evidence.straight / evidence.n
    if share < STRAIGHT:
        return None
    return Doubt(Verdict.CAREFUL, f"{percent(share)} 的答卷从头到尾打同一档，各维度之间的差别不足为凭")


def _hurried(evidence: Evidence) -> Doubt | None:
    """One sign asks for care, two independent ones for no ranking."""
    signs = [
        f"{evidence.n} 家中约 {flagged} 家{what}"
        for flagged, what in ((evidence.fast, "填得过快"), (evidence.burst, "在短时间内集中到达"))
        if flagged / evidence.n >= HURRIED
    ]
    if not signs:
        return None
    verdict = Verdict.UNRANKED if len(signs) > 1 else Verdict.CAREFUL
    return Doubt(verdict, "、".join(signs) + "；只有一种迹象往往有正当原因，请先看回收页")


def _sources(evidence: Evidence) -> Doubt | None:
    others = sum(evidence.open_counts)
    if others < FEWEST_RATERS or evidence.n < FEWEST_RATERS:
        return None
    satisfied, open_satisfied = map(formulas.satisfied, (evidence.counts, evidence.open_counts))
    low, high = newcombe(satisfied, evidence.n, open_satisfied, others)
    if low <= 0 <= high:
        return None
    gap = SHARE.moved(satisfied / evidence.n - open_satisfied / others)
    where = "高于" if low > 0 else "低于"
    return Doubt(Verdict.CAREFUL, f"一企一码的满意率明显{where}开放扫码，相差 {gap}，请查明原因")


def _silence(evidence: Evidence) -> Doubt | None:
    if evidence.turnout is None or evidence.turnout.rate >= SILENT:
        return None
    share = percent(evidence.turnout.rate)
    if evidence.turnout.rate < UNHEARD:
        return Doubt(Verdict.UNRANKED, f"邀请的企业只有 {share} 作答，结果主要取决于没有作答的企业怎么想")
    return Doubt(Verdict.CAREFUL, f"邀请的企业只有 {share} 作答，没有作答的比作答的多")


def _leaning(evidence: Evidence) -> Doubt | None:
    if evidence.shift is not None and evidence.shift.notable:
        moved = abs(evidence.shift.after - evidence.shift.before)
        return Doubt(Verdict.CAREFUL, f"各类企业作答不均，加权后变动 {moved:.1f} 个百分点，请以加权后为准")
    if evidence.balance is not None and evidence.balance.worst_bias > LEANING:
        return Doubt(Verdict.CAREFUL, "各类企业作答比例相差较大，结果可能偏向作答多的企业")
    return None


CHECKS: tuple[Callable[[Evidence], Doubt | None], ...] = (
    _size, _ceiling, _no_bad, _straight, _hurried, _sources, _silence, _leaning,
)  # fmt: skip
