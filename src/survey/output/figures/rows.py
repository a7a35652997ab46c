"""Charts made of named rows: a name and its figures stand above each bar, so no label is ever clipped."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

from survey.core import names
from survey.core.figures import formulas
from survey.core.figures.cells import Banded, Cell, Shown, Withheld
from survey.core.models import GRADES, Grade
from survey.core.numerals import Unit
from survey.core.study.model import Level
from survey.output import look
from survey.output.figures.findings import about

ROW, HEADER = 1.0, 0.62  # one department, one class heading; in units of ROW_PIXELS
ROW_PIXELS = 58
BAR = 0.38
Mark = dict[str, Any]
LIFT = 0.4  # names stand this far above their bar
FOLD, BESIDE = (
    23,
    24,
)  # Chinese characters in a line on a phone: of a name; of a name and the words at its right
LINE = 18 / ROW_PIXELS  # a further line of a name


@dataclass(frozen=True)
class Line:
    """One row of a chart: a name, words at its right end, and a cell; a heading has no cell. `key` is the id of what
    the row is about, which the chart's data carry as well."""

    name: str
    right: str = ""
    cell: Cell | None = None
    standing: int = 0
    key: str = ""


def rows_figure(lines: Sequence[Line], headings: bool = True) -> tuple[go.Figure, list[tuple[Line, float]]]:
    """An empty chart of rows, each named above its bar so that names are never clipped on a phone."""
    places, top, above = [], 0.0, []
    for line in lines:
        heading = headings and line.cell is None
        above.append(folded(line.name, "" if heading else line.right))
        top += LINE * (len(above[-1]) - 1)
        places.append((line, top + (0.3 if heading else 0.62)))
        top += HEADER if heading else ROW
    figure = go.Figure(layout=look.layout(int(top * ROW_PIXELS) + 34))
    shapes, labels = [], []
    for (line, y), name in zip(places, above, strict=True):
        heading = headings and line.cell is None
        told = [one for one in name if one]
        middle = (y if heading else y - LIFT) - LINE * (len(name) - 1 - (len(told) - 1) / 2)
        labels.append(_label("<br>".join(map(plain, told)), middle, "left", quiet=heading))
        if line.right:
            labels.append(_label(line.right, y - LIFT, "right"))
        if isinstance(line.cell, Withheld | Banded):
            shapes.append(_strip(y))
            labels.append(_why(line.cell, y))
    add_marks(figure, shapes, labels)
    figure.update_yaxes(range=[top + 0.05, 0], visible=False, fixedrange=True)
    figure.update_xaxes(
        fixedrange=True, gridcolor=look.LINE, zeroline=False, tickfont={"color": look.QUIET, "size": 11}
    )
    return figure, places


def add_marks(figure: go.Figure, shapes: Iterable[Mark] = (), annotations: Iterable[Mark] = ()) -> None:
    """Shapes and annotations in one go: one by one, Plotly copies all of them each time."""
    figure.layout.shapes += tuple(shapes)
    figure.layout.annotations += tuple(annotations)


def plain(name: str) -> str:
    """A name as Plotly text, in which it would otherwise read markup."""
    return escape(name, quote=False)


def folded(name: str, right: str = "") -> list[str]:
    """A name in lines that fit a phone; the last one stands beside the words at the right, or above long ones."""
    told, line = [], ""
    for mark in name:
        if look.wide(line + mark) > FOLD and mark not in "、，；：）":
            head, blank, tail = line.rpartition(" ")
            whole = not blank or look.wide(tail) > FOLD / 2
            told.append((line if whole else head).rstrip())
            line = "" if whole else tail
        line = (line + mark).lstrip()
    beside = look.wide(re.sub(r"<[^>]*>", "", right)) * 12 / 13
    return [*told, line, ""] if right and look.wide(line) + beside > BESIDE else [*told, line]


def _label(text: str, y: float, side: str, quiet: bool = False) -> Mark:
    return {
        "text": text,
        "x": 0 if side == "left" else 1, "xref": "paper", "xanchor": side, "y": y, "yanchor": "middle", "showarrow": False,
        "align": side, "font": {"size": 12 if quiet or side == "right" else 13, "color": look.QUIET if quiet else look.TEXT},
    }  # fmt: skip


def _strip(y: float) -> Mark:
    """A quiet grey strip for the reason: never an empty space, never a zero."""
    return {
        "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": y - BAR / 2, "y1": y + BAR / 2,
        "fillcolor": "#F0F1F3", "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _why(cell: Withheld | Banded, y: float) -> Mark:
    return {
        "text": cell.why,
        "x": 0.5,
        "xref": "paper",
        "y": y,
        "showarrow": False,
        "font": {"size": 12, "color": look.QUIET},
    }


def diverging(lines: Sequence[Line]) -> go.Figure:
    figure, places = rows_figure(lines)
    drawn = [(line, line.cell, y) for line, y in places if isinstance(line.cell, Shown)]
    for grade in GRADES:
        _grade_bars(figure, grade, drawn)
    least = min((-formulas.bad_rate(cell.counts) for _, cell, _ in drawn), default=0.0)
    most = max((formulas.rate_with_basic(cell.counts) for _, cell, _ in drawn), default=1.0)
    figure.update_layout(barmode="overlay", uniformtext={"minsize": 11, "mode": "hide"})
    figure.update_xaxes(
        range=[min(least, -0.08) * 1.03, most * 1.01], tickvals=[0], ticktext=["0"], showgrid=False
    )
    zero = {"type": "line", "x0": 0, "x1": 0, "line": {"color": look.TEXT, "width": 1.5}}
    # Beside the bars only, so that it crosses no name.
    add_marks(figure, ({**zero, "y0": y - 0.27, "y1": y + 0.27} for _, _, y in drawn))
    return figure


def _grade_bars(figure: go.Figure, grade: Grade, drawn: Sequence[tuple[Line, Shown, float]]) -> None:
    shares = [cell.counts[grade - 1] / cell.n for _, cell, _ in drawn]
    figure.add_bar(
        orientation="h",
        name=names.GRADE_NAMES[grade],
        base=[_start(cell, grade) for _, cell, _ in drawn],
        x=shares,
        y=[y for *_, y in drawn],
        width=BAR,
        marker={
            "color": look.GRADE_COLOURS[grade],
            "line": {"color": look.CARD, "width": 1},
            "pattern": hatch(grade),
        },
        text=[f"{share * 100:.0f}" if share >= 0.005 else "" for share in shares],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": look.INK_ON[grade], "size": 12},
        customdata=[
            [
                line.key,
                plain(line.name),
                names.GRADE_NAMES[grade],
                cell.counts[grade - 1],
                cell.n,
                share,
                about(cell),
            ]
            for (line, cell, _), share in zip(drawn, shares, strict=True)
        ],
        hovertemplate="%{customdata[1]} · %{customdata[2]}：%{customdata[6]}%{customdata[5]:.0%}"
        "（%{customdata[6]}%{customdata[3]} / %{customdata[4]}）<extra></extra>",
    )


def _start(cell: Shown, grade: Grade) -> float:
    """Where a grade's bar begins: the two bad grades end at zero, 基本满意 begins there."""
    return (sum(cell.counts[: grade - 1]) - cell.bad) / cell.n


def hatch(grade: Grade) -> dict[str, object]:
    return {
        "shape": look.HATCHED.get(grade, ""),
        "fillmode": "overlay",
        "fgcolor": "#FFFFFF",
        "fgopacity": 0.35,
        "size": 7,
        "solidity": 0.16,
    }


def dot(figure: go.Figure, line: Line, level: Level, unit: Unit, y: float) -> None:
    """A figure with its 合理范围, coloured by how its department stands."""
    colour = {-1: look.BELOW, 0: look.ALIKE, 1: look.ABOVE}[line.standing]
    figure.add_scatter(
        x=[level.low, level.high],
        y=[y, y],
        mode="lines",
        line={"color": colour, "width": 3},
        opacity=0.5,
        hoverinfo="skip",
    )
    span = unit.span((level.low, level.high))
    told = (about(line.cell) if line.cell else "") + unit.of(level.value)
    figure.add_scatter(
        x=[level.value],
        y=[y],
        customdata=[line.key],
        mode="markers",
        marker={
            "color": colour,
            "size": 11,
            "symbol": {-1: "diamond", 0: "circle", 1: "circle"}[line.standing],
        },
        hovertext=f"{plain(line.name)}：{told}，合理范围 {span}，n={level.n:,}",
        hoverinfo="text",
    )
