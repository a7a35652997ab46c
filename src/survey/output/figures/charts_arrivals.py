"""Responses by day and channel."""

import pandas as pd
import plotly.graph_objects as go

from survey.core.models import Channel, Source, source_of
from survey.core.names import CHANNEL_NAMES
from survey.output import look
from survey.output.figures.picture import Key, Picture

DAY = 86_400_000  # a day on Plotly's time axis; without it a lone day is a hairline
STEPPED = "开放扫码和大厅平板的每满 5 份才计入。"
CHANNEL_COLOURS = {
    Channel.CODE: look.BLUE,
    Channel.OFFICER: "#5E8C6A",
    Channel.OPEN: "#7A9CC6",
    Channel.TABLET: "#C9A24B",
    Channel.IMPORT: look.ALIKE,
}


def in_steps(days: pd.DataFrame, stepped: bool) -> bool:
    """Whether any of the days are told in steps: those of open codes, where a wave hides anything (`stepped`)."""
    return stepped and any(source_of(one) == Source.OPEN for one in days["channel"])


def arrivals(days: pd.DataFrame, stepped: bool = False) -> Picture:
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
    top, near = by_day.idxmax(), in_steps(days, stepped)
    about, why = ("约 ", STEPPED) if near else ("", "")
    return Picture(
        f"收回最多的一天是 {top.month} 月 {top.day} 日：{about}{by_day.max():,} 份",
        "每天收回的答卷数，按渠道",
        f"n {'≈' if near else '='} {total:,} 份答卷。{why}",
        figure,
        tuple(Key(CHANNEL_NAMES[one], CHANNEL_COLOURS[one]) for one in used),
    )


def _around(day: object) -> list[str]:
    """A week around a lone day, or its bar would fill the whole picture."""
    centre = pd.Timestamp(str(day))
    return [f"{centre - pd.Timedelta(days=4):%Y-%m-%d}", f"{centre + pd.Timedelta(days=4):%Y-%m-%d}"]
