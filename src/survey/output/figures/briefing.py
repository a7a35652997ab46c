"""一页简报: one click, a Word file in the form of an official paper, to be edited and passed on."""

from math import ceil

from survey.core.figures.cells import Shown
from survey.core.study.model import Measure
from survey.output.figures import advice, findings
from survey.output.figures.findings import shown
from survey.output.figures.pictures import GradeBars, RateDots
from survey.output.figures.report import Report, day
from survey.output.press.papers import Paper
from survey.output.study.compared import in_order

SECTIONS = ("一、回收情况", "二、总体评价", "三、部门情况", "四、集中诉求", "五、下步建议")
RATE = Measure.WITH_BASIC
QUOTES = "企业反映（摘录）："
DRAFT = "（由规则自动拟出，供修改）"
NUMBERS = "一二三四五六七八九"
LINES, WORDS = 25, 28  # lines on a page, characters in a line
CHART = 0.45  # lines of text that one row of a chart takes
MOST = 16  # departments drawn; a longer list would push the text off the second page


def briefing(report: Report) -> bytes:
    """The file, made in memory."""
    paper = Paper(f"{report.name}情况简报", report.host, report.made_at, report.origin)
    if report.mark:
        paper.header(f"{report.mark}（企业与评价均为编造）")
    paper.add(f"{report.name}情况简报", "公文标题")
    paper.add(f"{report.host}　{day(report.made_at)}".strip(), "落款")
    for heading, write in zip(SECTIONS, (_returned, _overall, _departments, _wishes, _steps), strict=True):
        paper.add(heading, "一级标题")
        write(paper, report)
    paper.add(advice.small_print(report), "公文附注")
    return paper.bytes()


def _returned(paper: Paper, report: Report) -> None:
    paper.add(advice.returned(report))


def _overall(paper: Paper, report: Report) -> None:
    paper.add(advice.overall(report) + advice.by_dimension(report.figures))
    if change := advice.compared(report):
        paper.add(change)
    lines = findings.dimension_cells(report.figures)
    if isinstance(cell := report.figures.pooled, Shown):
        paper.picture(GradeBars([("总体满意度", cell), *lines]))


def _departments(paper: Paper, report: Report) -> None:
    paper.add("".join(advice.departments(report)))
    rows = shown(in_order(report.figures))
    if not rows:
        return
    levels = [(row, level) for row, _ in rows if (level := report.figures.of(row, RATE).level)]
    drawn = {row.department_id for row, _ in sorted(levels, key=lambda one: one[1].value)[:MOST]}
    lines = [
        (row.department, level, report.figures.of(row).side)
        for row, level in levels
        if row.department_id in drawn
    ]
    about = {row.department for row, cell in rows if cell.approximate}
    paper.picture(RateDots(lines, len(levels) - len(lines), about))


def _wishes(paper: Paper, report: Report) -> None:
    paper.add("".join(advice.wishes(report)))
    if quotes := advice.examples(report)[: _room(report)]:
        paper.lead(QUOTES, "；".join(quotes) + "。")


def _room(report: Report) -> int:
    """How many quotes fit, so that the second page is the last: they are what can best be left out."""
    front = [advice.returned(report), advice.overall(report) + advice.by_dimension(report.figures),
             advice.compared(report), "".join(advice.departments(report))]  # fmt: skip
    charts = (
        len(findings.dimension_cells(report.figures)) + 3,
        min(MOST, len(shown(report.figures.overall))) + 3,
    )
    first = 5 + charts[0] * CHART + sum(map(_lines, front))  # title, host, three headings
    rest = ["".join(advice.wishes(report)), _draft(report)]
    small = _lines(advice.small_print(report)) * 0.3 + 0.5
    second = max(0, first - LINES) + charts[1] * CHART + 2 + sum(map(_lines, rest)) + small
    quotes = advice.examples(report)
    fitting = [
        n
        for n in range(len(quotes) + 1)
        if second + _lines(QUOTES * bool(n) + "；".join(quotes[:n])) <= LINES
    ]
    return max(fitting, default=0)


def _lines(text: str) -> int:
    """How many lines a paragraph takes: Latin letters and digits are half as wide."""
    wide = sum(1 if one > "\u2e7f" or one in "“”…" else 0.5 for one in text)
    return ceil((wide + 2) / (WORDS - 0.5)) if text else 0


def _steps(paper: Paper, report: Report) -> None:
    paper.lead(DRAFT, _draft(report))


def _draft(report: Report) -> str:
    found = [f"{number}是{step}" for number, step in zip(NUMBERS, advice.steps(report), strict=False)]
    return "；".join(found or ["暂无可由数字得出的建议"]) + "。"
