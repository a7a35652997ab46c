"""Released figures → pictures. A picture's title says the finding; what is withheld is drawn as withheld."""

from collections.abc import Callable, Sequence
from itertools import groupby
from math import floor
from typing import Any

from survey.core.figures import formulas
from survey.core.figures.cells import Cell, Figures, Row, Shown, by_grade
from survey.core.names import MEASURE_NAMES
from survey.core.study.judged import Judged
from survey.core.study.model import Measure
from survey.output import look
from survey.output.figures import findings, findings_comparison, findings_department
from survey.output.figures.findings import level_of, percent, rate_of, score_of, shown, unit_for
from survey.output.figures.picture import GRADE_KEY, Key, Picture, note, nothing
from survey.output.figures.rows import Line, Mark, add_marks, diverging, dot, rows_figure
from survey.output.study.compared import in_order


def rates(figures: Judged, question_id: str | None = None, measure: Measure = Measure.WITH_BASIC) -> Picture:
    """Dots with ranges: each department's figure, compared within its class; who is not ranked stands apart."""
    rows = in_order(figures, question_id, measure)
    if not shown(rows):
        return nothing(f"各部门{MEASURE_NAMES[measure]}", rows)
    lines, of = [], {}
    for row in rows:
        heading = f"{row.category} · 未参加比较" if figures.of(row, measure).apart else row.category
        if heading not in of:
            of[heading] = Line(heading)
            lines.append(of[heading])
        line = Line(row.department, _range_words(row, figures, measure), row.cell,
                    figures.of(row, measure).lean, row.department_id)  # fmt: skip
        lines.append(line)
    figure, places = rows_figure(lines)
    levels, averages = [], []
    for row, (line, y) in zip(rows, [one for one in places if one[0].cell is not None], strict=True):
        found = figures.of(row, measure)
        if found.level is None:
            continue
        levels.append(found.level)
        averages += _class_average(found.average, y)
        dot(figure, line, found.level, unit_for(row.cell, measure), y)
    add_marks(figure, averages)
    figure.update_xaxes(**_scale(min(level.low for level in levels), measure))
    return Picture(
        findings_comparison.rates_title(figures, rows, measure),
        f"每个部门的{MEASURE_NAMES[measure]}和合理范围，虚线为同类平均",
        note(figures, rows),
        figure,
        (
            Key("低于同类", look.BELOW),
            Key("看不出差别", look.ALIKE),
            Key("高于同类", look.ABOVE),
        ),
    )


def _scale(lowest: float, measure: Measure) -> dict[str, Any]:
    """The axis of a measure, from the lowest range to the top."""
    if measure is Measure.SCORE:
        return {
            "range": [floor(lowest / 10) * 10 - 2, 103],
            "tickformat": ".0f",
            "dtick": 10 if lowest > 40 else 25,
        }
    return {
        "range": [floor(lowest * 10) / 10 - 0.02, 1.03], "tickformat": ".0%", "dtick": 0.1 if lowest > 0.4 else 0.25,
    }  # fmt: skip


def _range_words(row: Row, figures: Judged, measure: Measure) -> str:
    """Right of a name: the figure, its ranks where there are any, its n."""
    found = figures.of(row, measure)
    if found.level is None:
        return ""
    if not figures.computed and measure is Measure.WITH_BASIC:
        return _score_words(row.cell, figures)
    standing = found.standing
    place = f" · {findings.rank_words(standing)}" if standing.tier else ""
    return f"<b>{level_of(row.cell, found.level.value, measure)}</b>{place} · n={found.level.n:,}"


def grades(figures: Judged) -> Picture:
    """Diverging bars of the five grades, zero between 不满意 and 基本满意."""
    rows = in_order(figures)
    if not shown(rows):
        return nothing("五级评价分布", rows)
    lines = _by_class(figures, rows, lambda cell: f"差评 {rate_of(cell, formulas.bad_rate(cell.counts))}")
    return Picture(
        findings.grades_title(figures),
        "总体满意度的五级分布，数字为占比（%）；零线左边是差评",
        note(figures, rows),
        diverging(lines),
        GRADE_KEY,
    )


def dimensions(figures: Figures, department_id: str) -> Picture:
    """One department: diverging bars, a row for each question."""
    rows = [row for row in figures if row.department_id == department_id]
    if not shown(rows):
        return nothing("各维度评价", rows)
    lines = [
        Line(row.question, _score_words(row.cell, figures), by_grade(row.cell), key=row.question_id)
        for row in rows
    ]
    return Picture(
        findings_department.dimensions_title(rows, figures),
        "各维度的五级分布，数字为占比（%）；零线左边是差评",
        f"n 为评价企业数。{figures.formula.text}。",
        diverging(lines),
        GRADE_KEY,
    )


def _score_words(cell: Cell, figures: Figures) -> str:
    if not isinstance(cell, Shown):
        return ""
    rate = formulas.rate_with_basic(cell.counts)
    return f"<b>{score_of(cell, figures.formula)}</b> 分 · {percent(rate)} · n={cell.n:,}"


def _by_class(figures: Judged, rows: Sequence[Row], words: Callable[[Shown], str]) -> list[Line]:
    """Lines under a heading for each 参评类别: departments are compared only within it."""
    lines: list[Line] = []
    for category, group in groupby(rows, key=lambda row: row.category):
        lines.append(Line(category))
        lines += [
            Line(
                row.department,
                words(row.cell) if isinstance(row.cell, Shown) else "",
                by_grade(row.cell),
                figures.of(row).lean,
                row.department_id,
            )
            for row in group
        ]
    return lines


def _class_average(x: float | None, y: float) -> list[Mark]:
    """A short upright mark at the class's average beside each of its departments, where there is one."""
    if x is None:
        return []
    return [
        {"type": "line", "x0": x, "x1": x, "y0": y - 0.17, "y1": y + 0.24, "layer": "below",
             "line": {"color": look.TEXT, "width": 1.5, "dash": "dot"}}
    ]  # fmt: skip
