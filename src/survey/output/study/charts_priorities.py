"""Pictures of 先改什么: importance against satisfaction with four quadrants, or satisfaction alone."""

from collections.abc import Sequence

import plotly.graph_objects as go

from survey.core.numerals import SHARE, percent
from survey.core.study.model import Level
from survey.core.study.priorities import Quadrant
from survey.output import look
from survey.output.figures import findings
from survey.output.figures.picture import Picture
from survey.output.figures.rows import Line, plain, rows_figure
from survey.output.study.priorities import Dimension, Placed, meeting, placed

Span = tuple[float, float]
HEIGHT, LINE, CHARACTER = 460, 17, 13  # pixels of the picture, of a line of text, and of a character in it
PHONE = 300  # pixels the points have on a phone from left to right
MARGIN = {"l": 4, "r": 10, "t": 8, "b": 4}
PLOT = HEIGHT - 56  # what is left for the points, roughly: the axis and its title take the rest
STYLE = {
    Quadrant.FIX: (look.BELOW, "diamond"),
    Quadrant.LATER: ("#D98C3F", "triangle-up"),
    Quadrant.KEEP: (look.ABOVE, "circle"),
    Quadrant.FINE: ("#67A9CF", "square"),
    Quadrant.BORDER: (look.ALIKE, "circle-open"),
}
CORNERS = {  # of the picture: x, y
    Quadrant.FIX: (1, 0), Quadrant.LATER: (0, 0), Quadrant.KEEP: (1, 1), Quadrant.FINE: (0, 1),
}  # fmt: skip
WHAT = (
    "越靠右关联越强，越靠下满意率（含基本满意）越低；横线和竖线为合理范围，虚线为各维度平均。"
    "实心的归入四角所写的类；空心圆的范围跨过虚线，是边界"
)


def quadrants(found: Sequence[Dimension], title: str, note: str) -> Picture:
    """Every dimension as a point with its ranges both ways; names stand beside their points, never over each other."""
    judged = placed(found)
    if not judged:
        return levels(found, title, note)
    figure = go.Figure(layout=look.layout(HEIGHT, margin=MARGIN))
    across, up = _spans(judged)
    _frame(figure, judged, across, up)
    for one in judged:
        _point(figure, one)
    _names(figure, judged, across, up)
    return Picture(title, WHAT, note, figure)


def _spans(found: Sequence[Placed]) -> tuple[Span, Span]:
    """What both axes show: every range, and room for names and the corners."""
    shares = [end for one in found for end in (one.driver.low, one.driver.high)]
    rates = [end for one in found for end in (one.level.low, one.level.high)]
    wide, tall = max(shares) - min(shares), max(rates) - min(rates)
    return (
        (min(shares) - 0.06 * wide, max(shares) + 0.06 * wide),
        (min(rates) - 0.16 * tall, max(rates) + 0.16 * tall),
    )


def _frame(figure: go.Figure, found: Sequence[Placed], across: Span, up: Span) -> None:
    """Axes, the two lines that part the quadrants, and the names of these."""
    rate, share = meeting(found)
    dashed = {"color": look.QUIET, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=share, x1=share, yref="paper", y0=0, y1=1, layer="below", line=dashed)
    figure.add_shape(type="line", xref="paper", x0=0, x1=1, y0=rate, y1=rate, layer="below", line=dashed)
    for quadrant, (x, y) in CORNERS.items():
        figure.add_annotation(
            text=quadrant.value, xref="paper", yref="paper", x=x, y=y, showarrow=False,
            xanchor="right" if x else "left", yanchor="top" if y else "bottom", xshift=-4 if x else 4,
            font={"size": 13, "color": STYLE[quadrant][0]},
        )  # fmt: skip
    axis = {"fixedrange": True, "gridcolor": look.LINE, "zeroline": False, "tickformat": ".0%", "nticks": 5}
    axis["tickfont"] = {"size": 11, "color": look.QUIET}
    figure.update_xaxes(
        range=across, title={"text": "关联占比 →", "font": {"size": 12}, "standoff": 6}, **axis
    )
    figure.update_yaxes(range=up, **axis)


def _point(figure: go.Figure, one: Placed) -> None:
    colour, symbol = STYLE[one.priority.quadrant]
    x, y = one.driver.share, one.level.value
    for xs, ys in (((one.driver.low, one.driver.high), (y, y)), ((x, x), (one.level.low, one.level.high))):
        figure.add_scatter(
            x=xs, y=ys, mode="lines", line={"color": colour, "width": 2.5}, opacity=0.45, hoverinfo="skip"
        )
    figure.add_scatter(
        x=[x], y=[y], customdata=[one.id], mode="markers", hoverinfo="text",
        marker={"color": colour, "size": 13, "symbol": symbol, "line": {"width": 2.5, "color": colour}},
        hovertext=plain(
            f"{one.name}：满意率 {percent(y)}（{SHARE.span((one.level.low, one.level.high))}），"
            f"关联占比 {percent(x)}（{SHARE.span((one.driver.low, one.driver.high))}），{one.priority.quadrant}"
        ),
    )  # fmt: skip


def _names(figure: go.Figure, found: Sequence[Placed], across: Span, up: Span) -> None:
    """Names beside their points on the side that has room, moved apart where two would meet."""
    pixel = (up[1] - up[0]) / PLOT
    lowest = up[1] - 1.6 * LINE * pixel  # below the names of the quadrants
    for one in found:
        at = min(one.level.value + 14 * pixel, lowest)
        lowest = at - LINE * pixel
        left = _stands_left(one, found, across, up)
        figure.add_annotation(
            x=one.driver.share, y=one.level.value, text=f"<b>{plain(one.name)}</b>", axref="pixel", ayref="pixel",
            ax=-12 if left else 12, ay=(one.level.value - at) / pixel, xanchor="right" if left else "left",
            showarrow=True, arrowhead=0, arrowwidth=1, arrowcolor=look.QUIET, font={"size": 13, "color": look.TEXT},
        )  # fmt: skip


def _stands_left(one: Placed, found: Sequence[Placed], across: Span, up: Span) -> bool:
    """Towards the middle of the picture, unless on a phone another point lies there and the other side has room."""
    wide, tall = PHONE / (across[1] - across[0]), PLOT / (up[1] - up[0])
    name = CHARACTER * len(one.name) + 16
    others = [
        (other.driver.share - one.driver.share) * wide
        for other in found
        if other is not one and abs(other.level.value - one.level.value) * tall < 2 * LINE
    ]
    room = {True: (one.driver.share - across[0]) * wide, False: (across[1] - one.driver.share) * wide}
    free = {left: not any(0 <= (-x if left else x) < name for x in others) for left in (True, False)}
    inward = one.driver.share > sum(across) / 2
    return not inward if not free[inward] and free[not inward] and room[not inward] > name else inward


def levels(found: Sequence[Dimension], title: str, note: str) -> Picture:
    """满意率 alone, a row for each dimension."""
    if not any(one.level for one in found):
        return Picture(title, "各维度的满意率", f"{findings.why_not(found[0].cell)}。")
    rows = sorted(found, key=lambda one: one.level.value if one.level else 2)
    figure, places = rows_figure([Line(one.name, _words(one.level), one.cell, key=one.id) for one in rows])
    drawn = [(one.level, y, one.id) for one, (_, y) in zip(rows, places, strict=True) if one.level]
    for level, y, key in drawn:
        figure.add_scatter(
            x=[level.low, level.high], y=[y, y], mode="lines", line={"color": look.BLUE, "width": 3}, opacity=0.45,
            hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=[level.value], y=[y], customdata=[key], mode="markers", marker={"color": look.BLUE, "size": 11},
            hoverinfo="skip",
        )  # fmt: skip
    lowest, highest = min(one.low for one, *_ in drawn), max(one.high for one, *_ in drawn)
    room = max(0.05 * (highest - lowest), 0.01)
    figure.update_xaxes(range=[lowest - room, highest + room], tickformat=".0%", nticks=6)
    return Picture(title, "各维度的满意率（含基本满意）和合理范围，低的在上面", note, figure)


def _words(level: Level | None) -> str:
    return (
        f"<b>{percent(level.value)}</b>（{SHARE.span((level.low, level.high))}）· n={level.n:,}"
        if level
        else ""
    )
