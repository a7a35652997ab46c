"""What the figures say, as Chinese sentences. Titles of charts and first lines of pages come from here."""

from collections import Counter
from collections.abc import Iterable, Sequence

from survey.core.figures import formulas
from survey.core.figures.cells import ALIKE, FEW, Banded, Cell, Figures, Row, Shown, Withheld, pool
from survey.core.figures.formulas import Formula
from survey.core.figures.withholding import COUNTS_ONLY
from survey.core.models import Source
from survey.core.names import SOURCE_NAMES
from survey.core.numerals import SHARE, WHOLE, Unit
from survey.core.study.judged import Judged, unit_of
from survey.core.study.model import Measure, Standing
from survey.output import sentences
from survey.output.study.compared import comparison, named

MOSTLY = 0.9


def titled(title: str, source: Source) -> str:
    """A wave's title as files carry it: with open answers every row says so."""
    return f"{title} · {SOURCE_NAMES[source]}" if source == Source.OPEN else title


def percent(share: float) -> str:
    """Whole percents: samples here are too small for more."""
    return f"{share:.0%}"


def points(score: float) -> str:
    """A 0–100 score with one decimal."""
    return f"{score:.1f}"


def span(low: float, high: float) -> str:
    """合理范围 as printed."""
    return f"{low * 100:.0f}–{high * 100:.0f}%"


def about(cell: Cell, before: str = "") -> str:
    """「约 」 before a figure made of 约数; what stands `before` it otherwise."""
    return "约 " if isinstance(cell, Shown) and cell.approximate else before


def rate_of(cell: Cell, share: float, before: str = "") -> str:
    """A share of a cell's ratings: 「86%」, of 约数 「约 86%」."""
    return about(cell, before) + percent(share)


def score_of(cell: Shown, formula: Formula, before: str = "") -> str:
    """A cell's score without its unit: 「85.3」, of coarse 约数 in whole points, 「约 85」."""
    score = formulas.score(cell.counts, formula)
    return about(cell, before) + (f"{score:.0f}" if cell.coarse else points(score))


def unit_for(cell: Cell, measure: Measure) -> Unit:
    """How a measure of a cell is printed: scores made of coarse 约数 in whole points."""
    whole = measure is Measure.SCORE and isinstance(cell, Shown) and cell.coarse
    return WHOLE if whole else unit_of(measure)


def level_of(cell: Cell, value: float, measure: Measure, before: str = "") -> str:
    """A level as a study tells it, with its unit: 「85.3 分」, of 约数 「约 85 分」."""
    return about(cell, before) + unit_for(cell, measure).of(value)


def shown(rows: Iterable[Row]) -> list[tuple[Row, Shown]]:
    """The rows that have figures, with them."""
    return [(row, row.cell) for row in rows if isinstance(row.cell, Shown)]


def headline(
    figures: Judged, collected: int, source: Source = Source.VERIFIED, part: Sequence[str] = ()
) -> str:
    """The first line of the dashboard: `collected` forms of a source and what they say, or what a part says."""
    by = SOURCE_NAMES[Source.OPEN] if source == Source.OPEN else ""
    if part and collected:
        return _part_headline(figures, f"{by}只看{'、'.join(part)}")
    if not collected:
        return f"{by}还没有收到答卷。"
    cell, start = figures.pooled, f"{by}已收回 {collected:,} 份答卷"
    if isinstance(cell, Banded):
        return f"{start}，{in_band(cell)}。"
    if not isinstance(cell, Shown):
        return f"{start}，{not_yet(cell) or '数量还不够公布评价，先看回收进度'}。"
    return f"{start}，{_overall(figures, cell)}；{_low_first(figures)}。"


def not_yet(cell: Cell) -> str:
    """That a wave tells no figures until it has closed; nothing where something else is the reason."""
    return COUNTS_ONLY if cell == Withheld(COUNTS_ONLY) else ""


def _overall(figures: Judged, cell: Shown) -> str:
    """Score and 满意率 of all departments together, this one with its range as soon as it is known."""
    found = figures.study.overall if figures.study else {}
    if not {Measure.SCORE, Measure.WITH_BASIC} <= found.keys():
        score = score_of(cell, figures.formula, " ")
        return f"总体满意度{score} 分、满意率{rate_of(cell, formulas.rate_with_basic(cell.counts), ' ')}"
    score, rate = (
        level_of(cell, found[Measure.SCORE].best.value, Measure.SCORE, " "),
        found[Measure.WITH_BASIC].best,
    )
    span = SHARE.span((rate.low, rate.high))
    return f"总体满意度{score}、满意率{rate_of(cell, rate.value, ' ')}（合理范围 {span}）"


def _part_headline(figures: Judged, name: str) -> str:
    """Of a class or stratum: the wave's forms are not its own, so only the ratings in it are counted."""
    cell = figures.pooled
    if isinstance(cell, Banded):
        return f"{name}：{in_band(cell)}。"
    if not isinstance(cell, Shown):
        return f"{name}：{not_yet(cell) or '评价数量不够公布'}。"
    score = score_of(cell, figures.formula, " ")
    rate = rate_of(cell, formulas.rate_with_basic(cell.counts), " ")
    return f"{name}：总体满意度{score} 分、满意率{rate}（{cell.n:,} 次评价）；{stand_out(figures)}。"


def in_band(cell: Banded) -> str:
    """What is told of departments taken together when too many of them are told as a band."""
    return f"满意率{cell.range}（{cell.n:,} 次评价，其中不少几乎一致，为保护企业只给范围）"


def stand_out(
    figures: Judged, rows: Sequence[Row] | None = None, measure: Measure = Measure.WITH_BASIC
) -> str:
    """Which departments stand out of their class, the low ones first."""
    found = comparison(figures, figures.overall if rows is None else rows, measure)
    told = [
        f"{named(names)}{words}"
        for names, words in ((found.low, "明显低于同类平均"), (found.high, "明显高于同类平均"))
        if names
    ]
    if told or not found.count:
        return "，".join(told) or "没有可以比较的部门"
    return f"参加比较的 {found.count} 个部门看不出明显差别"


def _low_first(figures: Judged) -> str:
    """For a first line: the low ones by name, the high ones counted where there are low ones."""
    found = comparison(figures, figures.overall)
    if not found.low or not found.high:
        return stand_out(figures)
    return f"{named(found.low)}明显低于同类平均，另有 {len(found.high)} 个部门明显高于"


def standings(
    figures: Judged, rows: Iterable[Row], measure: Measure
) -> dict[str, list[tuple[Row, Standing]]]:
    """Class → its departments, each with where it stands in it, in the order given."""
    found: dict[str, list[tuple[Row, Standing]]] = {}
    for row in rows:
        found.setdefault(row.category, []).append((row, figures.of(row, measure).standing))
    return found


def tiers(found: Iterable[tuple[Row, Standing]]) -> str:
    """The sentence of one class."""
    return sentences.tiers([(row.department, one) for row, one in found])


def contact(row: Row) -> str:
    """接触率: of the forms asked, how many rated the department."""
    n = 0 if isinstance(row.cell, Withheld) else row.cell.n
    return percent(n / row.asked) if n and row.asked else "—"


def rank_words(found: Standing) -> str:
    """The ranks a department may have: 第 4–6 位（共 8）."""
    place = f"{found.best}" if found.best == found.worst else f"{found.best}–{found.worst}"
    return f"第 {place} 位（共 {found.of}）"


def grades_title(figures: Figures) -> str:
    """What the diverging bars say."""
    cell = figures.pooled
    if isinstance(cell, Banded):
        return f"合计满意率{cell.range}，几乎一致的部门只给范围"
    if not isinstance(cell, Shown):
        return not_yet(cell) or "评价数量还不够公布"
    bad = cell.bad
    if not bad:
        return f"{cell.n:,} 次评价中{'几乎' if cell.approximate else ''}没有差评，分数已到顶，看不出差别"
    most = sorted(shown(figures.overall), key=lambda one: -one[1].bad)
    start, share = f"差评占{rate_of(cell, bad / cell.n, ' ')}", 0.0
    if figures.ratings < MOSTLY * cell.n:  # most of it came to departments that are not told of
        return start
    for count, (_, one) in enumerate(most[:3], 1):
        share += one.bad / bad
        if share >= 0.5:
            names = "、".join(row.department for row, _ in most[:count])
            return f"{start}，其中过半集中在{names}" if len(most) > 2 * count else f"{start}，主要在{names}"
    return f"{start}，分散在各部门：最多的 3 个部门合占{rate_of(cell, share, ' ')}"


def heat_title(figures: Figures) -> str:
    """What the heat map says: the dimension that is weakest taken over all departments."""
    scores = [
        (formulas.score(cell.counts, figures.formula), name, cell)
        for name, cell in dimension_cells(figures)
        if cell.n >= FEW
    ]
    if not scores:
        return f"评价不到 {FEW} 次，维度之间先不比较"
    _, weakest, cell = min(scores, key=lambda one: one[0])
    told = {row.department_id for row, _ in shown(row for row in figures if not row.overall)}
    some = f"（{len(told)} 个部门合计）" if len(told) < len(figures.overall) else ""
    return f"「{weakest}」是得分最低的维度：{score_of(cell, figures.formula)} 分{some}"


def dimension_cells(figures: Figures) -> list[tuple[str, Shown]]:
    """Name and cell of every dimension over all departments that are shown."""
    pools: dict[str, tuple[str, list[Cell]]] = {}
    for row in figures:
        if not row.overall:
            pools.setdefault(row.question_id, (row.question, []))[1].append(row.cell)
    pooled = ((name, pool(cells)) for name, cells in pools.values())
    return [(name, cell) for name, cell in pooled if isinstance(cell, Shown)]


def why_not(cell: Cell) -> str:
    """Why a cell has no counts, without its n and band; nothing for one that has."""
    return "" if isinstance(cell, Shown) else ALIKE if isinstance(cell, Banded) else cell.why


def withheld_note(rows: Iterable[Row]) -> str:
    """How many departments have no figure, and why."""
    rows = list(rows)
    reasons = Counter(why for row in rows if (why := why_not(row.cell)))
    if not reasons:
        return ""
    if reasons.total() == len(rows) and len(reasons) == 1:
        return next(iter(reasons))
    return "；".join(f"{count} 个部门未显示：{why}" for why, count in reasons.items())
