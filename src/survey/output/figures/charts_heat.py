"""Department × question, coloured by score."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from survey.core.figures import formulas
from survey.core.figures.cells import Banded, Figures, Row, Shown
from survey.core.study.judged import Judged
from survey.output import look
from survey.output.figures import findings
from survey.output.figures.findings import shown
from survey.output.figures.picture import Picture, note, nothing
from survey.output.figures.rows import plain
from survey.output.study.compared import in_order

HEAT_LINES = 3  # of a name beside the heat map


def heat(figures: Judged) -> Picture:
    """Department × question, coloured by score. Both axes are ids; names stand beside them only."""
    order, questions = in_order(figures), _questions(figures)
    if not shown(figures):
        return nothing("部门 × 维度", list(figures))
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
        note(figures, order) + _why(figures),
        figure,
    )


def _why(figures: Figures) -> str:
    """Why dimensions are not told; why 总体满意度 is not, stands in the note of every picture."""
    whys = dict.fromkeys(why for row in figures if not row.overall and (why := findings.why_not(row.cell)))
    return f"不显示的维度：{'；'.join(whys)}。" if whys else ""


def _questions(figures: Figures) -> dict[str, str]:
    """Names of the questions by id, in their order."""
    return {row.question_id: row.question for row in figures}


def _scores(grid: Sequence[Sequence[Row | None]], figures: Figures) -> dict[str, Any]:
    """The cells that have a score."""
    scores = [[_heat_value(row, figures) for row in line] for line in grid]
    return {
        "z": scores, "text": [[_told(row, figures) for row in line] for line in grid],
        "texttemplate": "%{text}", "hovertemplate": "%{customdata[0]} %{customdata[1]}：%{customdata[2]} 分<extra></extra>",
        "customdata": [[_about(row, figures) for row in line] for line in grid],
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


def _told(row: Row | None, figures: Figures) -> str:
    """A cell's score in whole points; 约数 say so."""
    value = _heat_value(row, figures)
    return "" if row is None or value is None else f"{findings.about(row.cell).strip()}{value:.0f}"


def _about(row: Row | None, figures: Figures) -> list[str]:
    """What is told of a cell that is pointed at: department, question, score."""
    if row is None or not isinstance(row.cell, Shown):
        return ["", "", ""]
    return [plain(row.department), plain(row.question), findings.score_of(row.cell, figures.formula)]


def _hidden(row: Row | None) -> str:
    return "一致" if row is not None and isinstance(row.cell, Banded) else "不显示"


def _heat_value(row: Row | None, figures: Figures) -> float | None:
    if row is None or not isinstance(row.cell, Shown):
        return None
    return formulas.score(row.cell.counts, figures.formula)


def _lines(name: str, most: int) -> str:
    """A name in as few lines of `most` characters as hold it, three at most, so that a phone shows it whole."""
    count = min(-(-len(name) // most), HEAT_LINES)
    each = -(-len(name) // max(count, 1))
    return "<br>".join(plain(name[start : start + each]) for start in range(0, len(name), each))
