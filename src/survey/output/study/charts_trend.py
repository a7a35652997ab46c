"""A figure over waves as a picture: points with their range, lines only between waves that may be compared."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

import plotly.graph_objects as go

from survey.core.clock import CHINA
from survey.core.numerals import Unit
from survey.core.study.course import Course, Moment, Step
from survey.core.study.trends import Change
from survey.output import look
from survey.output.figures.picture import Key, Picture
from survey.output.figures.rows import plain
from survey.output.study.courses import chart_title, subject_name, told, unit_of, withheld_note

LABELLED = 8  # waves whose every figure is written; of more only the first and the last
TICKS = 4  # as many names as fit a phone
SHORT_TITLE = 8  # characters
STRIP = "#F0F1F3"
COLOURS = {Change.RISE: look.ABOVE, Change.FALL: look.BELOW, Change.UNSEEN: look.ALIKE, None: look.ALIKE}
SYMBOLS = {Change.RISE: "triangle-up", Change.FALL: "triangle-down", Change.UNSEEN: "circle", None: "circle"}
BREAKS = {
    "满意度得分口径": "口径",
    "题目": "措辞",
    "加权": "加权",
    "一个来自": "渠道",
}  # a reason's beginning, in a word


def trend(course: Course, name: str) -> Picture:
    """`name`: the department and question followed."""
    broken = "；虚线处前后不同，不能相接" if any(step.reasons for step in course.steps) else ""
    subtitle = f"{subject_name(name, course)}，竖线为合理范围{broken}"
    if not course.shown:
        return Picture(chart_title(course), subtitle, withheld_note(course) or "还没有可以公布的数字。")
    figure = go.Figure(layout=look.layout(340, margin={"l": 4, "r": 14, "t": 26, "b": 4}))
    _strips(figure, course.steps)
    _lines(figure, course)
    _points(figure, course)
    _breaks(figure, course.steps)
    _axes(figure, course)
    ratings = sum(step.level.n for step in course.shown if step.level)
    note = f"{len(course.shown)} 期有数字，n = {ratings:,} 次评价。{withheld_note(course)}"
    return Picture(chart_title(course), subtitle, note, figure, _key(course))


def names_of(moments: Sequence[Moment]) -> list[str]:
    """What stands under each wave: its title where it is short, else the month, or the day, it opened."""
    if all(len(one.title) <= SHORT_TITLE for one in moments):
        return [one.title for one in moments]
    opened = [one.opens_at.astimezone(CHINA) for one in moments]
    for form in ("%Y-%m", "%y-%m-%d"):
        names = [f"{one:{form}}" for one in opened]
        if len(set(names)) == len(names):
            return names
    return [f"第 {number} 期" for number in range(1, len(moments) + 1)]


def _strips(figure: go.Figure, steps: Sequence[Step]) -> None:
    """A quiet strip where a wave has no figure."""
    for x, step in enumerate(steps):
        if step.level is None:
            figure.add_shape(
                type="rect", x0=x - 0.4, x1=x + 0.4, yref="paper", y0=0, y1=1,
                fillcolor=STRIP, line={"width": 0}, layer="below",
            )  # fmt: skip
            if len(steps) <= TICKS:
                figure.add_annotation(
                    x=x,
                    yref="paper",
                    y=0.5,
                    text="不显示",
                    showarrow=False,
                    font={"size": 11, "color": look.QUIET},
                )


def _lines(figure: go.Figure, course: Course) -> None:
    place = {step.moment.wave_id: x for x, step in enumerate(course.steps)}
    for run in course.runs():
        figure.add_scatter(
            x=[place[step.moment.wave_id] for step in run],
            y=[step.level.value for step in run if step.level],
            mode="lines", line={"color": look.BLUE, "width": 2}, hoverinfo="skip",
        )  # fmt: skip


def _points(figure: go.Figure, course: Course) -> None:
    """Every figure with its range; colour and shape say what was tested."""
    unit, shown = course.unit, [(x, step) for x, step in enumerate(course.steps) if step.level]
    levels = [step.level for _, step in shown if step.level]
    few = len(shown) <= LABELLED
    written = [
        f"<b>{told(step, step.level, unit).removesuffix(unit.level)}</b>" for _, step in shown if step.level
    ]
    rises = [later.value >= one.value for one, later in pairwise(levels)]
    sides = [f"top {'left' if up else 'right'}" for up in (*rises, True)]  # clear of the line that goes on
    if not few:  # beside the first and the last, where no range is in the way
        written[1:-1] = [""] * (len(shown) - 2)
        sides = ["middle left"] * (len(shown) - 1) + ["middle right"]
    figure.add_scatter(
        x=[x for x, _ in shown], y=[level.value for level in levels], mode="markers+text", text=written,
        textposition=sides,
        textfont={"size": 13}, cliponaxis=False,
        marker={
            "color": [COLOURS[step.word] for _, step in shown], "size": 11 if few else 7,
            "symbol": [SYMBOLS[step.word] for _, step in shown], "line": {"color": look.CARD, "width": 1},
        },
        error_y={
            "type": "data", "symmetric": False, "color": "rgba(31,90,166,0.4)", "width": 0,
            "thickness": 4 if few else 2,
            "array": [level.high - level.value for level in levels],
            "arrayminus": [level.value - level.low for level in levels],
        },
        hovertext=[_hover(step, unit) for _, step in shown], hoverinfo="text",
    )  # fmt: skip


def _hover(step: Step, unit: Unit) -> str:
    assert step.level
    span = unit_of(step, unit).span((step.level.low, step.level.high))
    word = f"，比上一期{step.word}" if step.word else ""
    return f"{plain(step.moment.title)}：{told(step, step.level, unit)}，合理范围 {span}，n={step.level.n:,}{word}"


def _breaks(figure: go.Figure, steps: Sequence[Step]) -> None:
    """A dotted line where two waves must not be compared, and in a word why."""
    broken = [(x, step.reasons) for x, step in enumerate(steps) if step.reasons]
    for x, reasons in broken:
        figure.add_shape(
            type="line", x0=x - 0.5, x1=x - 0.5, yref="paper", y0=0, y1=1,
            line={"color": look.BELOW, "width": 1.5, "dash": "dot"},
        )  # fmt: skip
        if len(broken) <= TICKS - 1:
            figure.add_annotation(
                x=x - 0.5, yref="paper", y=1, yanchor="bottom", text=f"{short_reasons(reasons)}不同",
                showarrow=False, xanchor="right" if x > len(steps) / 2 else "left",
                font={"size": 12, "color": look.BELOW},
            )  # fmt: skip


def short_reasons(reasons: Sequence[str]) -> str:
    """口径、措辞 …: what differs, in a word each."""
    return "、".join(
        short for start, short in BREAKS.items() if any(why.startswith(start) for why in reasons)
    )


def _axes(figure: go.Figure, course: Course) -> None:
    count, names = len(course.steps), names_of([step.moment for step in course.steps])
    every = max(1, ceil(count / TICKS))
    ticks = range((count - 1) % every, count, every)  # the newest wave always has its name
    beside = 0.07 * count if len(course.shown) > LABELLED else 0  # room for two figures
    figure.update_xaxes(
        tickvals=list(ticks), ticktext=[plain(names[x]) for x in ticks], tickangle=0, fixedrange=True, showgrid=False,
        zeroline=False, range=[-0.5 - beside, count - 0.5 + beside], tickfont={"color": look.QUIET, "size": 12},
    )  # fmt: skip
    levels = [step.level for step in course.shown if step.level]
    low, high = min(one.low for one in levels), max(one.high for one in levels)
    room = max(high - low, 0.02 * (1 if high <= 1 else 100)) * 0.15
    share = course.unit.level == "%"
    figure.update_yaxes(
        range=[low - room, high + room], fixedrange=True, gridcolor=look.LINE, zeroline=False, nticks=6,
        tickformat=".0%" if share else None, tickfont={"color": look.QUIET, "size": 12},
    )  # fmt: skip


def _key(course: Course) -> tuple[Key, ...]:
    words = {step.word for step in course.steps}
    named = ((Change.RISE, "比上一期上升"), (Change.FALL, "比上一期下降"))
    told = tuple(Key(name, COLOURS[word]) for word, name in named if word in words)
    return (*told, Key("看不出变化，或没有可比的上一期", look.ALIKE))
