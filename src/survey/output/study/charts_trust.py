"""Pictures of 体检: what weighting moved, department by department."""

from collections.abc import Sequence
from math import ceil, floor

from survey.output import look
from survey.output.figures.picture import Key, Picture
from survey.output.figures.rows import Line, plain, rows_figure
from survey.output.sentences import weighted
from survey.output.study.trust import POINTS, Weighed, weighed_title

BEFORE, AFTER, NOTED = "#9AA3AF", look.BLUE, look.BELOW
STEP = 5  # points between the ends of the axis


def weighting(found: Sequence[Weighed]) -> Picture:
    """A dumbbell for each department: 满意率 before → after weighting, the most moved first."""
    if not found:
        return Picture("加权前后", "各部门满意率（含基本满意）", "没有可以加权的部门。")
    figure, places = rows_figure([Line(one.name, _words(one), key=one.key) for one in found], headings=False)
    for one, (_, y) in zip(found, places, strict=True):
        before, after = one.shift.before, one.shift.after
        colour = NOTED if one.shift.notable else AFTER
        figure.add_scatter(
            x=[before, after], y=[y, y], mode="lines", line={"color": colour, "width": 3}, opacity=0.45, hoverinfo="skip",
        )  # fmt: skip
        for value, filled in ((before, False), (after, True)):
            figure.add_scatter(
                x=[value], y=[y], customdata=[one.key], mode="markers", cliponaxis=False,
                marker={
                    "size": 12, "color": colour if filled else look.CARD, "symbol": "circle",
                    "line": {"color": colour if filled else BEFORE, "width": 2},
                },
                hovertext=plain(f"{one.name}：{weighted(one.shift)}"), hoverinfo="text",
            )  # fmt: skip
    ends = [value for one in found for value in (one.shift.before, one.shift.after)]
    low, high = floor(min(ends) / STEP) * STEP - 1, min(ceil(max(ends) / STEP) * STEP, 100) + 1
    figure.update_xaxes(range=[low, high], ticksuffix="%", nticks=6)
    return Picture(
        weighed_title(found),
        "各部门满意率（含基本满意），空心为加权前，实心为加权后，变动大的在上面",
        f"n = {sum(one.n for one in found):,} 次部门评价。",
        figure,
        (Key("变动不大", AFTER), Key("变动超过 2 个百分点", NOTED)),
    )


def _words(one: Weighed) -> str:
    return f"{one.shift.before:.1f}% → <b>{one.shift.after:.1f}%</b> · {POINTS.signed(one.shift.after - one.shift.before)}"
