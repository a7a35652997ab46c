"""What the figures say of one department, as Chinese sentences."""

from collections.abc import Iterable

from survey.core.figures import formulas
from survey.core.figures.cells import ALIKE, FEW, Banded, Figures, Row, Shown
from survey.core.models import Source
from survey.core.names import SOURCE_NAMES
from survey.core.study.judged import Judged
from survey.core.study.levels import plain_level
from survey.core.study.model import Measure
from survey.output import sentences
from survey.output.figures.findings import about, rate_of, score_of, shown, span, why_not


def headline(figures: Judged, row: Row, source: Source = Source.VERIFIED) -> str:
    """The first line of one department's page; open answers are never taken for verified ones."""
    mark = f"{SOURCE_NAMES[Source.OPEN]} · " if source == Source.OPEN else ""
    return mark + _headline(figures, row)


def _headline(figures: Judged, row: Row) -> str:
    if isinstance(row.cell, Banded):
        return f"{row.department}满意率{row.cell.range}（{row.cell.n:,} 家{ALIKE}）。"
    if not isinstance(row.cell, Shown):
        return f"{row.department}：{row.cell.why}。"
    if figures.computed:
        return _judged_headline(figures, row)
    cell = row.cell
    level = plain_level(cell, Measure.WITH_BASIC.grade_values(figures.formula))
    sentence = (
        f"{row.department}满意率{rate_of(cell, formulas.rate_with_basic(cell.counts), ' ')}"
        f"（{cell.n:,} 家评价；合理范围 {span(level.low, level.high)}）"
    )
    words = {-1: "明显低于同类平均", 0: "与同类平均看不出差别", 1: "明显高于同类平均"}
    found = figures.of(row).side
    verdict = found if isinstance(found, str) else words[found]
    caution = "；评价较少，结果仅供参考" if cell.n < FEW else ""
    others = any(one.department_id != row.department_id for one in figures.overall)
    against = f"，{verdict}" if others else ""  # a department sees none but itself
    return f"{sentence}{against}{caution}。"


def _judged_headline(figures: Judged, row: Row) -> str:
    """Level, range, tier and ranks."""
    found = figures.of(row)
    level = found.level
    if level is None:
        return f"{row.department}：{why_not(row.cell)}。"
    subject = f"{row.department}{'加权后的' if found.weighted else ''}满意率{about(row.cell).strip()}"
    told = sentences.level(subject, level.value, (level.low, level.high), level.n)
    return told + sentences.standing(row.department, found.standing)


def dimensions_title(rows: Iterable[Row], figures: Figures) -> str:
    """What one department's dimension bars say."""
    scores = [
        (formulas.score(cell.counts, figures.formula), row.question, score_of(cell, figures.formula))
        for row, cell in shown(rows)
        if not row.overall
    ]
    if not scores:
        return "各维度的评价数量还不够公布"
    if len(scores) == 1:
        [(_, only, told)] = scores
        return f"只有「{only}」够公布得分：{told} 分"
    (_, worst, least), (_, best, most) = (edge(scores, key=lambda one: one[0]) for edge in (min, max))
    if least == most:
        return f"各维度得分相同，都是 {least} 分"
    return f"「{worst}」最弱（{least} 分），「{best}」最好（{most} 分）"
