"""What a course over waves says, as Chinese sentences."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from survey.core.figures.cells import Shown
from survey.core.models import Source, Wave
from survey.core.names import SOURCE_NAMES
from survey.core.numerals import Unit
from survey.core.study.course import Course, Step
from survey.core.study.model import Level
from survey.core.study.trends import Change
from survey.output import sentences
from survey.output.figures.findings import about, why_not

FINEST = 4  # digits of a change per wave
ONLY_ONE = "只有这一期，再测一期才看得出变化。"


def told(step: Step, level: Level, unit: Unit) -> str:
    """A wave's figure: 「85.3 分」, of coarse 约数 「约 85 分」."""
    return about(step.moment.cell) + unit_of(step, unit).of(level.value)


def unit_of(step: Step, unit: Unit) -> Unit:
    """How a wave's figures are printed: coarse 约数 without decimals."""
    cell = step.moment.cell
    return replace(unit, digits=0) if isinstance(cell, Shown) and cell.coarse else unit


def subject_name(name: str, course: Course) -> str:
    """「税务局办事效率满意度得分」, from `name`, its department and question."""
    return f"{name}{course.yardstick.subject}"


def headline(course: Course, name: str) -> str:
    """The first line of the page: the newest figure against the one before."""
    if not course.shown:
        return f"{name}还没有可以公布的数字。"
    last = course.shown[-1]
    subject, unit = subject_name(name, course), unit_of(last, course.unit)
    if last.level is None:
        return ""
    mark = f"{SOURCE_NAMES[Source.OPEN]} · " if last.moment.source == Source.OPEN else ""
    if last.change and last.before and last is course.steps[-1]:
        near, levels = about(last.moment.cell, " "), (last.before.value, last.level.value)
        return mark + sentences.change(subject, *levels, last.change, unit, near)
    near = subject + about(last.moment.cell).strip()
    level = sentences.level(near, last.level.value, (last.level.low, last.level.high), last.level.n, unit)
    newest = course.steps[-1]
    if newest is not last:
        return f"{mark}{newest.moment.title}没有可以公布的数字；{last.moment.title}：{level}"
    only = ONLY_ONE if len(course.shown) == 1 else sentences.broken(last.reasons)
    return f"{mark}{level}{only}"


def slope_sentence(course: Course, name: str) -> str:
    """How the waves that may be compared go on the whole; empty for fewer than three."""
    found = course.slope()
    if found is None:
        return ""
    per_wave, waves = found
    unit = replace(course.unit, digits=course.unit.digits + 1)
    while unit.digits < FINEST and any(_vanishes(end, unit) for end in per_wave.interval()):
        unit = replace(unit, digits=unit.digits + 1)
    return f"最近可比的 {waves} 期：{sentences.slope(subject_name(name, course), per_wave, unit)}"


def _vanishes(value: float, unit: Unit) -> bool:
    """Whether what is not nothing would be printed as nothing."""
    return float(unit.signed(value).replace("−", "-")) == 0


def chart_title(course: Course) -> str:
    """What the picture says: how many of the steps went up or down, and how many cannot be compared."""
    if not course.shown:
        return "各期都还没有可以公布的数字"
    words = Counter(step.word for step in course.steps if step.word)
    told = [f"{words[word]} 次{word}" for word in (Change.RISE, Change.FALL) if words[word]]
    if unseen := words[Change.UNSEEN]:
        told.append(f"{unseen} 次看不出变化")
    start = f"相邻两期比较 {words.total()} 次：{'、'.join(told)}" if told else "还没有可以比较的两期"
    broken = sum(bool(step.reasons) for step in course.steps)
    return f"{start}；{broken} 处不能相接" if broken else start


def breaks_told(course: Course) -> list[str]:
    """A sentence for each place where the line breaks; places in a row that break alike are told once."""
    found: list[str] = []
    for before, step in zip(course.steps, course.steps[1:], strict=False):
        if step.reasons:
            told = sentences.broken(step.reasons)
            found.append(f"{before.moment.title} → {step.moment.title}：{told}")
    return found


def withheld_note(course: Course) -> str:
    """Why waves have no figure, each reason once."""
    reasons = Counter(
        why_not(step.moment.cell) for step in course.steps if not isinstance(step.moment.cell, Shown)
    )
    return "".join(f"{count} 期没有数字：{why}。" for why, count in reasons.items())


def said_of(step: Step) -> str:
    """The last column of the table: the tested word, or why there is none."""
    if step.word:
        return step.word
    return "不能比较" if step.reasons else "—"


def series_names(waves: Iterable[Wave]) -> dict[str, str]:
    """Each series by what it holds; `waves` newest first."""
    found: dict[str, list[Wave]] = {}
    for one in waves:
        found.setdefault(one.series, []).append(one)
    known = {"main": "定期测评", "import": "导入的评价", "demo": "演示数据"}
    return {series: f"{known.get(series, series)}（{len(held)} 期）" for series, held in found.items()}
