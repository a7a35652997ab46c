"""Sentences of the briefing, each from released figures, each with its n and range. What is withheld is not told."""

from collections import Counter
from collections.abc import Iterator, Sequence

from survey.core.figures import formulas
from survey.core.figures.cells import FEW, Banded, Cell, Figures, Row, Shown, Withheld
from survey.core.models import Kind, Source
from survey.core.names import KIND_NAMES
from survey.core.remarks.masking import masked, short
from survey.core.study.judged import Judged
from survey.core.study.levels import plain_level
from survey.core.study.model import Level, Measure
from survey.core.waves.phase import Phase
from survey.output.figures.exports import ReleasedRemark
from survey.output.figures.findings import (
    dimension_cells,
    in_band,
    level_of,
    percent,
    rate_of,
    score_of,
    shown,
    span,
)
from survey.output.figures.glance import changed, ticked
from survey.output.figures.report import Report, minute
from survey.output.study.compared import apart_told, comparison

EXAMPLES, LONGEST = 3, 22  # how many remarks are quoted, and how long
NAMED = 3  # departments named in one sentence


def returned(report: Report) -> str:
    """一、回收情况."""
    back = report.returned
    text = f"本期测评时间为 {report.period}。"
    if back.invited:
        share = percent(back.answered / back.invited)
        text += f"邀请企业 {back.invited:,} 家，{back.answered:,} 家已作答，回收率 {share}；"
    text += f"共收回答卷 {back.collected:,} 份"
    if back.unverified:
        text += f"，其中开放扫码（未核验）{back.unverified:,} 份"
    if report.source == Source.OPEN:
        text += "。以下评价只来自开放扫码，填写人未经核验"
    elif back.unverified:
        text += "，不计入以下评价"
    return f"{text}。" if report.published.number else f"{text}。评价数量还不够公布。"


def overall(report: Report) -> str:
    """二、总体评价."""
    cell = report.figures.pooled
    if isinstance(cell, Banded):
        return f"总体{in_band(cell)}。"
    if not isinstance(cell, Shown):
        return f"{cell.why}。"
    score, rate = _overall_levels(report.figures, cell)
    bad = f"差评率{rate_of(cell, formulas.bad_rate(cell.counts), ' ')}"
    if not cell.bad:
        bad = f"{'几乎' if cell.approximate else ''}没有差评，分数已到顶，看不出差别"
    weighted = "加权后" if _weighted(report.figures) else ""
    return (
        f"{weighted}总体满意度得分{level_of(cell, score.value, Measure.SCORE, ' ')}（{cell.n:,} 次评价），"
        f"满意率{with_range(cell, rate, words='合理范围 ')}，{bad}。"
    )


def _weighted(figures: Judged) -> bool:
    return figures.study is not None and any(one.weighted for one in figures.study.overall.values())


def _overall_levels(figures: Judged, cell: Shown) -> list[Level]:
    """Score and 满意率 of all departments together: the study's, or what the counts tell."""
    found = figures.study.overall if figures.study else {}
    return [
        found[one].best if one in found else plain_level(cell, one.grade_values(figures.formula))
        for one in (Measure.SCORE, Measure.WITH_BASIC)
    ]


def with_range(cell: Cell, level: Level, *, n: bool = False, words: str = "") -> str:
    """满意率 with its range, and with its n; the first one on a page names what stands in brackets."""
    count = f"n={level.n:,}，" if n else ""
    return f"{rate_of(cell, level.value, ' ')}（{count}{words}{span(level.low, level.high)}）"


def compared(report: Report) -> str:
    """The tested change against the wave before, or why the two cannot be compared; nothing where there is none."""
    study = report.figures.study
    return changed(report.wave, study) if study and study.earlier and not report.part else ""


def weakest(figures: Figures) -> tuple[str, Shown, str, Shown] | None:
    """The dimensions with the lowest and the highest score over all departments, with their cells."""
    cells = [(name, cell) for name, cell in dimension_cells(figures) if cell.n >= FEW]
    if len(cells) < 2:
        return None
    ordered = sorted(cells, key=lambda one: formulas.score(one[1].counts, figures.formula))
    return *ordered[0], *ordered[-1]


def by_dimension(figures: Figures) -> str:
    """Which dimension is lowest and which highest."""
    found = weakest(figures)
    if found is None:
        return ""
    low, least, high, most = found
    lowest, highest = (score_of(one, figures.formula, " ") for one in (least, most))
    if not _differ(found, figures):
        return f"各维度得分相同，都是{lowest} 分。"
    told = ((high, "最高", highest, most), (low, "最低", lowest, least))
    listed = (f"“{name}”{words}（{score.strip()} 分，n={cell.n:,}）" for name, words, score, cell in told)
    return f"各维度中{'，'.join(listed)}。"


def _differ(found: tuple[str, Shown, str, Shown], figures: Figures) -> bool:
    """Whether lowest and highest differ as printed."""
    return len({score_of(one, figures.formula) for one in (found[1], found[3])}) > 1


def departments(report: Report) -> Iterator[str]:
    """三、部门情况."""
    return told_of(report.figures)


def told_of(figures: Judged) -> Iterator[str]:
    """Below, above, alike and not compared: together all departments."""
    found = comparison(figures, figures.overall)
    levels = {row.department: figures.of(row).level for row in figures.overall}
    cells = {row.department: row.cell for row in figures.overall}
    for names, words, best_first in ((found.low, "明显低于", False), (found.high, "明显高于", True)):
        rated = [(name, level) for name in names if (level := levels[name])]
        if rated:
            rated.sort(key=lambda one: one[1].value, reverse=best_first)
            listed = "、".join(
                f"{name}{with_range(cells[name], level, n=True)}" for name, level in rated[:NAMED]
            )
            more = f"等 {len(rated)} 个部门" if len(rated) > NAMED else ""
            yield f"满意率{words}同类平均的有{listed}{more}。"
    if found.same:
        rest = "其余" if found.low or found.high else "参加比较的"
        yield f"{rest} {len(found.same)} 个部门与同类平均看不出差别，不排先后。"
    few = sum(0 < level.n < FEW for name in (*found.low, *found.same, *found.high) if (level := levels[name]))
    if few:
        yield f"其中 {few} 个部门评价不到 {FEW} 家，仅供参考。"
    if found.left:
        yield f"{apart_told(found)}。"


def reasons(report: Report) -> list[tuple[str, int]]:
    """Reasons by how often ticked, over the departments whose reasons may be seen."""
    return ticked(report.figures, [one.name.zh for one in report.form.questionnaire.reasons])


def wishes(report: Report) -> Iterator[str]:
    """四、集中诉求: kinds and departments of released remarks, requests in hand, most ticked reasons."""
    if report.remarks:
        kinds = Counter(one.kind for one in report.remarks)
        split = "、".join(f"{KIND_NAMES[kind]} {kinds[kind]:,} 条" for kind in Kind if kinds[kind])
        yield f"已公布留言 {len(report.remarks):,} 条（{split}）{_most(report)}。"
    if report.asked:
        yield f"企业请求帮办 {len(report.asked):,} 件。"
    if found := reasons(report)[:2]:
        listed = "、".join(f"“{name}”{count:,} 次" for name, count in found)
        yield f"差评原因选得最多的是{listed}。"
    if not report.remarks and not report.asked:
        yield "还没有可以公布的留言。"


def _most(report: Report) -> str:
    """The departments most remarks are about; one whose figures are withheld is not told of."""
    seen = {row.department_id: row.department for row, _ in shown(report.figures.overall)}
    counts = Counter(one.department_id for one in report.remarks if one.department_id in seen)
    listed = "、".join(f"{seen[one]}（{count} 条）" for one, count in counts.most_common(2) if count > 1)
    return f"，较集中的是{listed}" if listed else ""


def examples(report: Report) -> list[str]:
    """Short quotes, one for a department, requests and criticisms first, none of a withheld department."""
    seen = {row.department_id for row, _ in shown(report.figures.overall)} | {""}
    order = {Kind.REQUEST: 0, Kind.CRITICISM: 1, Kind.SUGGESTION: 2}
    weight = Counter(one.department_id for one in report.remarks)
    ranked = sorted(report.remarks, key=lambda one: (order[one.kind], -weight[one.department_id]))
    found: dict[str, ReleasedRemark] = {}
    for one in ranked:
        if one.department_id in seen and len(one.text.strip()) >= 8:
            found.setdefault(one.department_id, one)
    return [_quote(one) for one in list(found.values())[:EXAMPLES]]


def _quote(one: ReleasedRemark) -> str:
    return f"“{short(masked(one.text), LONGEST)}”（{one.department or '未指明部门'}）"


def steps(report: Report) -> Iterator[str]:
    """五、下步建议: drafts by rule; the lowest dimension, those clearly below, the reasons, the requests."""
    figures, low = report.figures, below(report.figures)
    if low:
        names = "、".join(row.department for row in low[:NAMED]) + ("等" if len(low) > NAMED else "")
        yield f"请{names}对照差评原因限期整改"
    if (found := weakest(figures)) and _differ(found, figures):
        yield f"围绕“{found[0]}”这一短板研究改进措施"
    if ticked := reasons(report):
        yield f"针对“{ticked[0][0]}”等原因自查自改"
    if report.asked:
        yield f"企业请求帮办的 {len(report.asked):,} 件，逐件办理并答复企业"
    back = report.returned
    if report.phase is Phase.OPEN and back.invited > back.answered:
        yield f"尚有 {back.invited - back.answered:,} 家未作答，截止前提醒一次，不重复打扰"
    if any(isinstance(row.cell, Withheld) for row in figures.overall):
        yield "对样本不足的部门，下期多邀请与其打过交道的企业"


def below(figures: Judged) -> Sequence[Row]:
    """Departments clearly below their class."""
    return [row for row in figures.overall if figures.of(row).lean < 0]


def small_print(report: Report) -> str:
    """口径, how to read a range, what is withheld, where the figures come from."""
    least = f"评价不到 {report.k} 家的部门不予显示，评价几乎一致的只给范围。" if report.k > 1 else ""
    late = f"，待公布 {report.published.waiting:,} 份未计入" if report.published.waiting else ""
    so_far = f"{report.so_far}。" if report.so_far else ""
    seal = f"数据指纹 {report.wave.fingerprint}。" if report.wave.fingerprint else ""
    return (
        f"附注：{report.figures.formula.text}；未接触不计入。满意率含基本满意，合理范围为 Wilson 95% 区间，n 为评价数，"
        f"括号内百分数为合理范围；部门只与同类平均比较；差评原因一家可选几项。{least}数字取自{report.release}，含答卷 {report.published.responses:,} 份{late}，与看板一致。{so_far}"
        f"{seal}本稿生成于 {minute(report.made_at)}。"
    )
