"""趋势 on the screen: where the line breaks, and the table under it."""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from survey.core.answers.form import Form
from survey.core.figures.cells import Shown
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.withholding import hides_nothing
from survey.core.models import Source, Wave
from survey.core.study.course import Course, Step
from survey.core.study.model import Measure, Study
from survey.core.study.trends import Change
from survey.core.waves.rounds import last_day
from survey.output.sentences import so_far
from survey.output.study import courses
from survey.storage.figures.released import ReleaseNote
from survey.ui import blocks
from survey.ui.blocks import safe
from survey.ui.filters import TOGETHER
from survey.ui.live import china
from survey.ui.moment import phase
from survey.ui.waiting import FINISHING, is_finishing

COMPUTING = "的统计正在计算，几秒钟后自动出现；在此之前按已公布的计数比较"
OPEN = "还没有收齐：现在不能加权，也不把同一家企业前后对照，变化的范围偏宽；收齐后自动补上"
HEAD = ("期次", "数值", "结论", "合理范围", "比上一期", "n")


def followable(forms: Sequence[Form]) -> tuple[dict[str, str], dict[str, str]]:
    """Departments and questions of the waves by id, under their newest names; `forms` oldest first."""
    departments: dict[str, str] = {}
    questions: dict[str, str] = {}
    for form in reversed(forms):
        departments = departments | {
            one.id: one.name for one in form.departments if one.id not in departments
        }
        questions = questions | {one.id: one.name.zh for one in form.questions if one.id not in questions}
    return departments, questions


def broken(course: Course) -> None:
    """Why the line is not drawn through, place by place."""
    if told := courses.breaks_told(course):
        items = "".join(f"<li>{safe(one)}</li>" for one in told)
        cure = "把“指标”换成统一的口径，可以看同一把尺子下的走势。" if _by_own_formula(course) else ""
        st.html(f'<ul class="breaks">{items}</ul><p class="card-note">{cure}</p>')


def _by_own_formula(course: Course) -> bool:
    formulas = {step.moment.formula for step in course.shown}
    return course.yardstick.id == "own" and len(formulas) > 1


def table(course: Course, waves: Sequence[Wave]) -> None:
    """One row a wave, newest first."""
    titles = "".join(f'<th scope="col">{one}</th>' for one in HEAD)
    going = {one.id: blocks.phase_mark(one) for one in waves if not phase(one).over}
    rows = "".join(_row(course, step, going.get(step.moment.wave_id, "")) for step in reversed(course.steps))
    with st.container(key="card-course"):
        st.html(
            f'<h2 class="card-title">逐期数值</h2><div class="wide"><table class="figures course"><thead><tr>{titles}</tr>'
            f"</thead><tbody>{rows}</tbody></table></div>"
        )


def _row(course: Course, step: Step, going: str) -> str:
    """`going`: the mark of a wave that is not over."""
    one, unit, level = step.moment, courses.unit_of(step, course.unit), step.level
    mark = f" {going}" if going else ""
    dates = f"{china(one.opens_at):%Y-%m-%d} 至 {last_day(one.closes_at):%Y-%m-%d}"
    start = f"<tr><td>{safe(one.title)}{mark}<small>{dates}</small></td>"
    if level is None:
        why = "" if isinstance(one.cell, Shown) else one.cell.why
        return f'{start}<td colspan="5" class="withheld-cell">{safe(why)}</td></tr>'
    moved = "—"
    if step.change and step.before:
        moved = f"{unit.signed(level.value - step.before.value)}（{unit.moves(step.change)}）"
    word = f'<td class="{WORDS.get(step.word or Change.UNSEEN, "unseen")}">{safe(courses.said_of(step))}</td>'
    cells = (unit.span((level.low, level.high)), moved, f"{level.n:,}")
    figures = "".join(f"<td>{safe(cell)}</td>" for cell in cells)
    return f"{start}<td><b>{safe(courses.told(step, level, unit))}</b></td>{word}{figures}</tr>"


WORDS = {Change.RISE: "rise", Change.FALL: "fall"}


def explained(course: Course) -> tuple[str, str, list[tuple[str, str]]]:
    """Formula, n, and what is particular to this page, for the drawer."""
    last = course.steps[-1].moment
    formula = course.yardstick.formula or FORMULAS[last.formula]
    name = formula.text if course.yardstick.measure is Measure.SCORE else course.yardstick.name
    if course.yardstick.id == "own":
        name = f"各期自己的口径；最近一期：{formula.name}"
    n = f"各期见下表；{'一次评价算一次，一家企业可以评几个部门' if last.pooled else '评价过该部门的企业数'}"
    return name, n, [("各期加权", _weights(course)), ("变化", CHANGES)]


CHANGES = (
    "变化的合理范围不含 0 才说“上升”或“下降”；前后两期能认出同一家企业的，按同一企业前后对照算，否则按两期互不相干算。"
    "口径、题目措辞、加权办法、渠道有一样不同就断开。斜率为各期按误差加权的最小二乘。"
)


def _weights(course: Course) -> str:
    if course.weighted:
        return "各期都按冻结的分层加权"
    more = "（一家企业评几个部门时按最保守的情形放宽范围）" if course.steps[-1].moment.pooled else ""
    return f"不是每一期都能按同样的分层加权，为使前后可比，各期都用未加权的数字{more}"


def name(
    departments: Mapping[str, str], questions: Mapping[str, str], department_id: str | None, question_id: str
) -> str:
    """Department and question as sentences name them; 总体满意度 goes without saying."""
    question = "" if question_id == next(iter(questions)) else questions[question_id]
    return f"{departments[department_id] if department_id else TOGETHER}{question}"


def waiting(wave: Wave, note: ReleaseNote, found: Study | None, source: Source) -> None:
    """What the newest wave still lacks, and why."""
    told = [f"最近一期{one}。" for one in _lacking(wave, note, found, source) if one]
    if told:
        st.html(f'<p class="card-note">{"".join(told)}</p>')


def _lacking(wave: Wave, note: ReleaseNote, found: Study | None, source: Source) -> Iterator[str]:
    if is_finishing(wave, note):
        yield FINISHING
        return
    if note.number and not hides_nothing(wave):
        yield so_far(source, note.final)
    if note.number and found is None:
        yield COMPUTING
    elif not phase(wave).over:
        yield OPEN
