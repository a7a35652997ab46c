"""Released figures → pictures. A picture's title says the finding; what is withheld is drawn as withheld."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import floor
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from survey.core import names, statistics
from survey.core.figures import Banded, Cell, Figures, Row, Shown, Withheld
from survey.core.judged import level_of, standing_of, unit_of
from survey.core.models import GRADES, Channel, Grade
from survey.core.names import CHANNEL_NAMES, MEASURE_NAMES
from survey.core.study import Measure
from survey.output import findings, look
from survey.output.compared import side
from survey.output.findings import percent, points, shown
from survey.output.rows import BAR, Line, Mark, add_marks, diverging, dot, hatch, plain, rows_figure

HEAT_LINES = 3  # of a name beside the heat map
DAY = 86_400_000  # a day on Plotly's time axis; without it a lone day is a hairline
CHANNEL_COLOURS = {
    Channel.CODE: look.BLUE,
    Channel.OFFICER: "#5E8C6A",
    Channel.OPEN: "#7A9CC6",
    Channel.TABLET: "#C9A24B",
    Channel.IMPORT: look.ALIKE,
}


@dataclass(frozen=True)
class Key:
    """One entry of the key above a picture."""

    name: str
    colour: str
    hatched: bool = False


@dataclass(frozen=True)
class Picture:
    """A chart with its words. `figure` is None when there is nothing to draw; `note` then says why."""

    title: str
    subtitle: str
    note: str
    figure: go.Figure | None = None
    key: tuple[Key, ...] = field(default=())

    @property
    def alt(self) -> str:
        return f"{self.title}。{self.subtitle}。{self.note}"


GRADE_KEY = tuple(
    Key(names.GRADE_NAMES[grade], look.GRADE_COLOURS[grade], grade in look.HATCHED) for grade in GRADES
)


def in_order(figures: Figures, question_id: str | None = None, measure: Measure = Measure.SCORE) -> list[Row]:
    """Rows of a question (总体满意度) by class, weakest department first; then who is not ranked, who has no figures."""

    def place(row: Row) -> tuple[str, bool, bool, float]:
        level = level_of(row, measure, figures.formula)
        if level is None:
            return row.category, True, True, isinstance(row.cell, Withheld)
        return row.category, False, apart(figures, row, measure), level.value

    return sorted(asked(figures, question_id), key=place)


def asked(figures: Figures, question_id: str | None = None) -> list[Row]:
    """The rows of one question, of 总体满意度 unless named."""
    if question_id is None:
        return figures.overall
    return [row for row in figures if row.question_id == question_id]


def apart(figures: Figures, row: Row, measure: Measure) -> bool:
    """Whether a department takes no part in the comparison of its class."""
    return isinstance(side(figures, row, measure), str)


def rates(figures: Figures, question_id: str | None = None, measure: Measure = Measure.WITH_BASIC) -> Picture:
    """Dots with ranges: each department's figure, compared within its class; who is not ranked stands apart."""
    rows = in_order(figures, question_id, measure)
    if not shown(rows):
        return _nothing(f"各部门{MEASURE_NAMES[measure]}", rows)
    lines, of, unit = [], {}, unit_of(measure)
    for row in rows:
        heading = f"{row.category} · 未参加比较" if apart(figures, row, measure) else row.category
        if heading not in of:
            of[heading] = Line(heading)
            lines.append(of[heading])
        line = Line(row.department, _range_words(row, figures, measure), row.cell,
                    findings.standing(figures, row, measure), row.department_id)  # fmt: skip
        lines.append(line)
    figure, places = rows_figure(lines)
    levels, averages = [], []
    for row, (line, y) in zip(rows, [one for one in places if one[0].cell is not None], strict=True):
        level = level_of(row, measure, figures.formula)
        if level is None:
            continue
        levels.append(level)
        averages += _class_average(figures, row, measure, y)
        dot(figure, line, level, unit, y)
    add_marks(figure, averages)
    figure.update_xaxes(**_scale(min(level.low for level in levels), measure))
    return Picture(
        findings.rates_title(figures, rows, measure),
        f"每个部门的{MEASURE_NAMES[measure]}和合理范围，虚线为同类平均",
        _note(figures, rows),
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


def _range_words(row: Row, figures: Figures, measure: Measure) -> str:
    """Right of a name: the figure, its ranks where there are any, its n."""
    level = level_of(row, measure, figures.formula)
    if level is None:
        return ""
    if row.results is None and measure is Measure.WITH_BASIC:
        return _score_words(row.cell, figures)
    found = standing_of(row, measure)
    place = "" if isinstance(found, Withheld) else f" · {findings.rank_words(found)}"
    return f"<b>{unit_of(measure).of(level.value)}</b>{place} · n={level.n:,}"


def grades(figures: Figures) -> Picture:
    """Diverging bars of the five grades, zero between 不满意 and 基本满意."""
    rows = in_order(figures)
    if not shown(rows):
        return _nothing("五级评价分布", rows)
    lines = _by_class(figures, rows, lambda cell: f"差评 {percent(statistics.bad_rate(cell.counts))}")
    return Picture(
        findings.grades_title(figures),
        "总体满意度的五级分布，数字为占比（%）；零线左边是差评",
        _note(figures, rows),
        diverging(lines),
        GRADE_KEY,
    )


def dimensions(figures: Figures, department_id: str) -> Picture:
    """One department: diverging bars, a row for each question."""
    rows = [row for row in figures if row.department_id == department_id]
    if not shown(rows):
        return _nothing("各维度评价", rows)
    lines = [
        Line(row.question, _score_words(row.cell, figures), row.cell, key=row.question_id) for row in rows
    ]
    return Picture(
        findings.dimensions_title(rows, figures),
        "各维度的五级分布，数字为占比（%）；零线左边是差评",
        f"n 为评价企业数。{figures.formula.text}。",
        diverging(lines),
        GRADE_KEY,
    )


def reasons(cell: Cell, names: Sequence[str]) -> Picture:
    """How often each reason chip was ticked with a bad grade."""
    counts = cell.reasons if isinstance(cell, Shown) else ()
    pairs = sorted(((n, name) for n, name in zip(counts, names, strict=False) if n), reverse=True)
    if not pairs:
        why = no_reasons(cell) if isinstance(cell, Shown) else findings.why_not(cell)
        return Picture("差评原因", "打差评时企业选的原因", f"{why}。")
    figure, places = rows_figure([Line(name, f"{count} 家", None) for count, name in pairs], headings=False)
    figure.add_bar(
        x=[count for count, _ in pairs],
        y=[y for _, y in places],
        orientation="h",
        width=BAR * 0.6,
        marker={"color": look.GRADE_COLOURS[Grade.DISSATISFIED], "pattern": hatch(Grade.DISSATISFIED)},
        hoverinfo="skip",
    )
    figure.update_xaxes(visible=False, range=[0, pairs[0][0]])
    bad = cell.reasoned if isinstance(cell, Shown) else 0
    most = "、".join(f"「{name}」" for count, name in pairs if count == pairs[0][0])
    return Picture(
        f"打差评的企业选得最多的原因是{most}",
        "选了该原因的企业数，一家可选几项",
        f"取自总体上打差评的 {bad:,} 家；再攒够几家新的差评才更新。",
        figure,
    )


def no_reasons(cell: Shown) -> str:
    """Why a department that has figures has no reasons."""
    bad = cell.bad
    if not bad:
        return "没有企业打差评"
    return "没有企业在打差评时选过原因" if cell.reasons else f"差评只有 {bad} 家，为保护企业不显示原因"


def heat(figures: Figures) -> Picture:
    """Department × question, coloured by score. Both axes are ids; names stand beside them only."""
    order, questions = in_order(figures), _questions(figures)
    if not shown(figures):
        return _nothing("部门 × 维度", list(figures))
    rows = {(row.department_id, row.question_id): row for row in figures}
    grid = [[rows.get((one.department_id, question)) for question in questions] for one in order]
    names = [_lines(one.department, 9) for one in order]
    axes = {"x": list(questions), "y": [one.department_id for one in order], "xgap": 2, "ygap": 2}
    figure = go.Figure(
        [go.Heatmap(**_scores(grid, figures), **axes), go.Heatmap(**_withheld(grid), **axes)],
        look.layout(54 + max(36, 17 * max(name.count("<br>") + 1 for name in names)) * len(order)),
    )
    ids = {"type": "category", "fixedrange": True, "showgrid": False, "tickfont": {"size": 12}}
    figure.update_xaxes(
        side="top", tickangle=0, tickvals=list(questions),
        ticktext=[_lines(name, 3) for name in questions.values()], **ids,
    )  # fmt: skip
    figure.update_yaxes(
        autorange="reversed", ticksuffix=" ", tickvals=axes["y"],
        ticktext=names, **ids,
    )  # fmt: skip
    return Picture(
        findings.heat_title(figures),
        "各部门在各维度的满意度得分，越红越低、越蓝越高",
        _note(figures, in_order(figures)),
        figure,
    )


def _questions(figures: Figures) -> dict[str, str]:
    """Names of the questions by id, in their order."""
    return {row.question_id: row.question for row in figures}


def _scores(grid: Sequence[Sequence[Row | None]], figures: Figures) -> dict[str, Any]:
    """The cells that have a score."""
    scores = [[_heat_value(row, figures) for row in line] for line in grid]
    return {
        "z": scores, "text": [["" if one is None else f"{one:.0f}" for one in line] for line in scores],
        "texttemplate": "%{text}", "hovertemplate": "%{customdata[0]} %{customdata[1]}：%{z:.1f} 分<extra></extra>",
        "customdata": [[[plain(row.department), plain(row.question)] if row else ["", ""] for row in line] for line in grid],
        "hoverongaps": False, "zmin": 30, "zmax": 100, "showscale": False,
        "colorscale": [[0, "#B2182B"], [0.3, "#EF8A62"], [0.6, "#F4F5F7"], [0.8, "#BFD9EA"], [1, "#67A9CF"]],
    }  # fmt: skip


def _withheld(grid: Sequence[Sequence[Row | None]]) -> dict[str, Any]:
    """The cells that have none: grey, and saying so."""
    hidden = [[row is None or not isinstance(row.cell, Shown) for row in line] for line in grid]
    return {
        "z": [[0 if one else None for one in line] for line in hidden], "texttemplate": "%{text}",
        "text": [[_hidden(row) if one else "" for row, one in zip(*both, strict=True)]
                 for both in zip(grid, hidden, strict=True)],
        "textfont": {"size": 11, "color": look.QUIET}, "colorscale": [[0, "#F0F1F3"], [1, "#F0F1F3"]],
        "hoverinfo": "skip", "hoverongaps": False, "showscale": False,
    }  # fmt: skip


def arrivals(days: pd.DataFrame) -> Picture:
    """Responses by day and channel."""
    if days.empty:
        return Picture("每天收回的答卷", "按渠道", "还没有收到答卷。")
    total, by_day = int(days["count"].sum()), days.groupby("day")["count"].sum()
    figure = go.Figure(layout=look.layout(220, barmode="stack", bargap=0.25))
    used = [channel for channel in Channel if (days["channel"] == channel).any()]
    for channel in used:
        part = days[days["channel"] == channel]
        figure.add_bar(
            x=[f"{day:%Y-%m-%d}" for day in part["day"]],
            y=part["count"],
            width=0.7 * DAY,
            marker={"color": CHANNEL_COLOURS[channel]},
            hovertemplate=f"%{{x|%-m月%-d日}} {CHANNEL_NAMES[channel]} %{{y}} 份<extra></extra>",
        )
    figure.update_xaxes(type="date", tickformat="%-m/%-d", fixedrange=True, showgrid=False, nticks=6)
    figure.update_yaxes(fixedrange=True, gridcolor=look.LINE, nticks=4, rangemode="tozero", tickformat=",d")
    if len(by_day) == 1:
        day = by_day.index[0]
        figure.update_xaxes(tickvals=[f"{day:%Y-%m-%d}"], range=_around(day))
    top = by_day.idxmax()
    return Picture(
        f"收回最多的一天是 {top.month} 月 {top.day} 日：{by_day.max():,} 份",
        "每天收回的答卷数，按渠道",
        f"n = {total:,} 份答卷。",
        figure,
        tuple(Key(CHANNEL_NAMES[one], CHANNEL_COLOURS[one]) for one in used),
    )


def _around(day: object) -> list[str]:
    """A week around a lone day, or its bar would fill the whole picture."""
    centre = pd.Timestamp(str(day))
    return [f"{centre - pd.Timedelta(days=4):%Y-%m-%d}", f"{centre + pd.Timedelta(days=4):%Y-%m-%d}"]


def _nothing(subject: str, rows: Sequence[Row]) -> Picture:
    """A picture without figures: says what would be here and why it is not."""
    return Picture(subject, "评价数量还不够公布", f"{findings.withheld_note(rows) or '还没有评价'}。")


def _note(figures: Figures, rows: Sequence[Row]) -> str:
    ratings = sum(cell.n for _, cell in shown(rows))
    withheld = findings.withheld_note(rows)
    return f"n = {ratings:,} 次部门评价。{figures.formula.text}。" + (f"{withheld}。" if withheld else "")


def _score_words(cell: Cell, figures: Figures) -> str:
    if not isinstance(cell, Shown):
        return ""
    score = points(statistics.score(cell.counts, figures.formula))
    return f"<b>{score}</b> 分 · {percent(statistics.rate_with_basic(cell.counts))} · n={cell.n:,}"


def _by_class(figures: Figures, rows: Sequence[Row], words: Callable[[Shown], str]) -> list[Line]:
    """Lines under a heading for each 参评类别: departments are compared only within it."""
    lines: list[Line] = []
    for category, group in groupby(rows, key=lambda row: row.category):
        lines.append(Line(category))
        lines += [
            Line(
                row.department,
                words(row.cell) if isinstance(row.cell, Shown) else "",
                row.cell,
                findings.standing(figures, row),
                row.department_id,
            )
            for row in group
        ]
    return lines


def _hidden(row: Row | None) -> str:
    return "一致" if row is not None and isinstance(row.cell, Banded) else "不显示"


def _class_average(figures: Figures, row: Row, measure: Measure, y: float) -> list[Mark]:
    """A short upright mark at the class's average beside each of its departments, where there is one."""
    x = _average_of(figures, row, measure)
    if x is None:
        return []
    return [
        {"type": "line", "x0": x, "x1": x, "y0": y - 0.17, "y1": y + 0.24, "layer": "below",
             "line": {"color": look.TEXT, "width": 1.5, "dash": "dot"}}
    ]  # fmt: skip


def _average_of(figures: Figures, row: Row, measure: Measure) -> float | None:
    """The mean of a class that its departments are told apart from."""
    if row.results is not None:
        found, level = standing_of(row, measure), level_of(row, measure, figures.formula)
        return None if isinstance(found, Withheld) or level is None else level.value - found.distance
    average = findings.class_average(figures, row.category)
    if measure is not Measure.WITH_BASIC or not row.overall or not isinstance(average, Shown):
        return None
    return statistics.rate_with_basic(average.counts)


def _heat_value(row: Row | None, figures: Figures) -> float | None:
    if row is None or not isinstance(row.cell, Shown):
        return None
    return statistics.score(row.cell.counts, figures.formula)


def _lines(name: str, most: int) -> str:
    """A name in as few lines of `most` characters as hold it, three at most, so that a phone shows it whole."""
    count = min(-(-len(name) // most), HEAT_LINES)
    each = -(-len(name) // max(count, 1))
    return "<br>".join(plain(name[start : start + each]) for start in range(0, len(name), each))
