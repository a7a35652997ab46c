"""体检 in words: what may be believed of each department, and what weighting changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from survey.core.figures.cells import Figures, Row, Shown
from survey.core.models import Source
from survey.core.numerals import Unit
from survey.core.statistics.turnout import NOTABLE, Shift
from survey.core.study.judged import Judged
from survey.core.study.model import Measure, Result, Study, Trust
from survey.core.study.trust import Doubt, Examination, Verdict
from survey.output import sentences

SOUND = "各项检查没有发现问题"
SO_FAR = "暂未发现问题"
UNVERIFIED = "开放扫码没有核验，不知道是哪些企业填的，不能代表全体"
POINTS = Unit(1, 1, "%", "个百分点")  # of shares 0–100: what weighting moves is often less than a whole point


@dataclass(frozen=True)
class Checked:
    """A department, its verdict and every reason, gravest first."""

    row: Row
    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Weighed:
    """A department's 满意率 (with 基本满意) in points before and after weighting, and its n; `key` is its id."""

    name: str
    shift: Shift
    n: int
    key: str = ""


def checked(figures: Figures, found: Study, source: Source) -> list[Checked]:
    """Every department by class, the gravest first."""
    rows = [
        one for row in figures.overall if (one := _checked(row, found.trust.get(row.department_id), source))
    ]
    return sorted(rows, key=lambda one: (one.row.category, -one.verdict))


def _checked(row: Row, found: Trust | None, source: Source) -> Checked | None:
    """Where no figure is shown, the release's own sentence is the only reason: others would tell more than it may."""
    if not isinstance(row.cell, Shown):
        return Checked(row, Verdict.UNRANKED, (row.cell.why,))
    if found is None:
        return None
    if source == Source.OPEN:
        return Checked(row, Verdict.UNRANKED, (UNVERIFIED, *found.reasons))
    return Checked(row, Verdict(found.verdict), found.reasons)


def headline(found: Sequence[Checked], closed: bool) -> str:
    """「16 个部门中，9 个可信，5 个仅供参考，2 个不能用来排名。」; one alone is told with its reasons."""
    if len(found) == 1:
        [one] = found
        if not closed and one.verdict is Verdict.TRUSTED:
            return f"{one.row.department}：{SO_FAR}。"
        return examined(one.row.department, one.verdict, one.reasons)
    counts = Counter(one.verdict for one in found)
    if len(counts) == 1:
        return f"{len(found)} 个部门都{called(found[0].verdict, closed)}。"
    told = "，".join(f"{counts[one]} 个{called(one, closed)}" for one in Verdict if counts[one])
    return f"{len(found)} 个部门中，{told}。"


def examined(department: str, verdict: Verdict, reasons: Sequence[str]) -> str:
    """The sentence of one department."""
    found = Examination(verdict, tuple(Doubt(verdict, reason) for reason in reasons))
    return sentences.examination(department, found)


def called(verdict: Verdict, closed: bool) -> str:
    """可信 is said only when everything has been checked, and that is after closing."""
    return SO_FAR if verdict is Verdict.TRUSTED and not closed else verdict.text


def weighed(figures: Judged) -> list[Weighed]:
    """Departments that could be weighted, those it moved most first."""
    rows = [
        one
        for row in figures.overall
        if (one := moved(row.department, figures.result_of(row, Measure.WITH_BASIC), row.department_id))
    ]
    return sorted(rows, key=lambda one: (-abs(one.shift.after - one.shift.before), one.name))


def moved(name: str, result: Result | None, key: str = "") -> Weighed | None:
    """One figure before and after weighting; None where it was not weighted."""
    if result is None or result.weighted is None:
        return None
    shift = Shift(result.plain.value * 100, result.weighted.value * 100)
    return Weighed(name, shift, result.plain.n, key)


def weighed_title(found: Sequence[Weighed]) -> str:
    """What the dumbbells say."""
    notable = [one for one in found if one.shift.notable]
    if len(found) == 1:
        return f"加权前后满意率变动 {POINTS.moved(found[0].shift.after - found[0].shift.before)}"
    if not notable:
        return f"加权前后，各部门满意率的变动都不超过 {NOTABLE:.0f} 个百分点"
    most = notable[0]
    gap = POINTS.moved(most.shift.after - most.shift.before)
    return f"{len(notable)} 个部门加权后变动超过 {NOTABLE:.0f} 个百分点，{most.name}最多：{gap}"
