"""先改什么 in words: each dimension's 满意率 and how strongly it goes with 总体满意度, and who is weakest in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from survey.core.answers.form import Form
from survey.core.figures import formulas
from survey.core.figures.cells import Cell, Row, Shown, pool
from survey.core.statistics import intervals
from survey.core.study.judged import Judged
from survey.core.study.model import DriverSet, Level, Measure, Share, Standing, Study
from survey.core.study.priorities import Priority, Quadrant, lines, priorities
from survey.output import sentences

MEASURE = Measure.WITH_BASIC
WORST = 3  # departments of a class
REASONS = 3  # most ticked
ALIKE = "各维度的差别没有超出误差（不等于没有差别）：先改哪个维度，这些数字说不清，请结合差评原因和留言判断。"
BY_CLOSING = "各维度与总体满意度的关联，要等收齐全部答卷才能算"
UNTOLD = "本期没有作关联分析"
HIDDEN = "有的维度不予显示，不作关联分析"


@dataclass(frozen=True)
class Dimension:
    """A dimension as rated: its cell, and where that is shown its level, its share, and what follows."""

    id: str
    name: str
    cell: Cell
    level: Level | None = None
    driver: Share | None = None
    priority: Priority | None = None


def ratings(dimensions: Sequence[Dimension]) -> int:
    """Ratings of the dimension that most rated."""
    return max((one.level.n for one in dimensions if one.level), default=0)


@dataclass(frozen=True)
class Placed:
    """A dimension of which level and share are known, and so its quadrant."""

    id: str
    name: str
    level: Level
    driver: Share
    priority: Priority


@dataclass(frozen=True)
class Weak:
    """A department in one dimension: its level and its place in the class; `reasons` of bad ratings overall."""

    row: Row
    level: Level | None
    place: Standing
    reasons: tuple[tuple[str, int], ...]
    overall: Cell


def associated(form: Form, found: Study, department_id: str) -> DriverSet:
    """关联 of one department, or of all together (""), in the form's order of dimensions."""
    told = found.drivers.get(department_id, DriverSet(why=_unlinked(found)))
    by_id = {one.question_id: one for one in told.shares}
    if set(by_id) != {one.id for one in form.questionnaire.dimensions}:
        return DriverSet(why=told.why or UNTOLD)
    return replace(told, shares=tuple(by_id[one.id] for one in form.questionnaire.dimensions))


def _unlinked(found: Study) -> str:
    """Why nothing is said of how a department's dimensions go with 总体满意度."""
    if not found.closed:
        return BY_CLOSING
    return HIDDEN if found.drivers else UNTOLD


def dimensions(form: Form, figures: Judged, found: Study, department_id: str) -> list[Dimension]:
    """Every dimension of one department, or of all together."""
    drivers = associated(form, found, department_id)
    shares = drivers.shares or [None] * len(form.questionnaire.dimensions)
    all_of = [
        Dimension(asked.id, asked.name.zh, *_rated(figures, found, department_id, asked.id), share)
        for asked, share in zip(form.questionnaire.dimensions, shares, strict=True)
    ]
    return _judged(all_of)


def _rated(figures: Judged, found: Study, department_id: str, question: str) -> tuple[Cell, Level | None]:
    rows = [
        row for row in figures if row.question_id == question and department_id in ("", row.department_id)
    ]
    if department_id and rows:
        return rows[0].cell, level_of(figures, rows[0])
    cell = pool(row.cell for row in rows)
    return cell, _pooled(cell, found, rows) if isinstance(cell, Shown) else None


def level_of(figures: Judged, row: Row) -> Level | None:
    """满意率 of one row with its range; None where it is not shown."""
    if not isinstance(row.cell, Shown):
        return None
    result = figures.result_of(row, MEASURE)
    return result.best if result else _counted(row.cell, row.cell.n)


def _pooled(cell: Shown, found: Study, rows: Sequence[Row]) -> Level:
    """An enterprise rates several departments: together its ratings are as sure as those of 总体满意度 are.

    Where that is not told, as sure as the enterprises that rated the best known department.
    """
    overall = found.overall.get(MEASURE)
    if overall:
        return _counted(cell, cell.n * min(overall.plain.effective / overall.plain.n, 1.0))
    return _counted(cell, max(row.cell.n for row in rows if isinstance(row.cell, Shown)))


def _counted(cell: Shown, effective: float) -> Level:
    rate = formulas.rate_with_basic(cell.counts)
    low, high = intervals.wilson(rate * effective, effective)
    return Level(rate, low, high, cell.n, effective)


def _judged(found: list[Dimension]) -> list[Dimension]:
    """With what follows for each that has both a level and a share."""
    able = [(one.level, one.driver) for one in found if one.level and one.driver]
    if len(able) < 2:
        return found
    levels, shares = zip(*able, strict=True)
    told = iter(priorities([one.value for one in levels], [(one.low, one.high) for one in levels], shares))
    return [
        Dimension(one.id, one.name, one.cell, one.level, one.driver, next(told)) if one.level and one.driver else one
        for one in found
    ]  # fmt: skip


def placed(found: Sequence[Dimension]) -> list[Placed]:
    """Those that have a place among the quadrants, the best rated first."""
    able = [
        Placed(one.id, one.name, one.level, one.driver, one.priority)
        for one in found
        if one.level and one.driver and one.priority
    ]
    return sorted(able, key=lambda one: -one.level.value)


def meeting(found: Sequence[Placed]) -> tuple[float, float]:
    """Where the quadrants meet: satisfaction and share."""
    return lines([one.level.value for one in found], [one.driver for one in found])


def alike(found: Sequence[Dimension]) -> bool:
    """Whether no dimension's level is told from the mean of all."""
    levels = [one.level for one in found if one.level]
    mean = sum(one.value for one in levels) / len(levels) if levels else 0.0
    return len(levels) > 1 and all(one.low <= mean <= one.high for one in levels)


def headline(scope: str, found: Sequence[Dimension]) -> str:
    """The first line: what to mend first, or why that cannot be said."""
    first = [one.name for one in found if one.priority and one.priority.quadrant is Quadrant.FIX]
    if first:
        return (
            f"{scope}：宜先改{'、'.join(f'“{name}”' for name in first)}——满意率偏低，又与总体满意度关联较强。"
        )
    if any(one.priority for one in found):
        return f"{scope}：没有哪个维度可以明确列为优先改进。"
    levels = [one for one in found if one.level]
    if not levels:
        return f"{scope}：各维度的评价数量还不够公布。"
    if len(levels) < len(found):
        return f"{scope}：有的维度不予显示或只给范围，先改哪个维度还不能判断。"
    lowest = min(levels, key=lambda one: one.level.value if one.level else 1)
    return f"{scope}：“{lowest.name}”满意率最低，但先改哪个维度还不能判断。"


def by_urgency(one: Dimension) -> tuple[bool, float]:
    """优先改进 first, then the lowest 满意率."""
    fix = one.priority is not None and one.priority.quadrant is Quadrant.FIX
    return not fix, one.level.value if one.level else 2.0


def weakest(form: Form, figures: Judged, question: str, department_id: str) -> list[Weak]:
    """The lowest departments of each class in one dimension, those not shown left out; or one department alone."""
    overall = {row.department_id: row.cell for row in figures.overall}
    rows = [
        Weak(
            row,
            level_of(figures, row),
            _place(figures, row),
            *_reasons(form, overall[row.department_id]),
        )
        for row in figures
        if row.question_id == question
        and isinstance(row.cell, Shown)
        and department_id in ("", row.department_id)
    ]
    rows.sort(key=lambda one: (one.row.category, one.level.value if one.level else 1))
    return [
        one for _, group in groupby(rows, key=lambda one: one.row.category) for one in list(group)[:WORST]
    ]


def _place(figures: Judged, row: Row) -> Standing:
    result = figures.result_of(row, MEASURE)
    return result.place if result else Standing()


def _reasons(form: Form, cell: Cell) -> tuple[tuple[tuple[str, int], ...], Cell]:
    names = [one.name.zh for one in form.questionnaire.reasons]
    counts = cell.reasons if isinstance(cell, Shown) else ()
    told = sorted(
        ((name, count) for name, count in zip(names, counts, strict=False) if count), key=lambda one: -one[1]
    )
    return tuple(told[:REASONS]), cell


def below(figures: Judged, question: str) -> dict[str, str]:
    """Who is clearly above and below its class in a dimension, by class: only there they are compared."""
    rows = sorted((row for row in figures if row.question_id == question), key=lambda row: row.category)
    return {
        category: sentences.tiers(
            (row.department, _place(figures, row)) for row in group if isinstance(row.cell, Shown)
        )
        for category, group in groupby(rows, key=lambda row: row.category)
    }
