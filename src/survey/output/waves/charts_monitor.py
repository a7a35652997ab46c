"""Pictures of the response monitor: rates by group, and the way to closing."""

from collections.abc import Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from survey.core.waves.phase import Phase
from survey.core.waves.returns import DailyReturns, Group
from survey.output import look
from survey.output.figures.findings import percent
from survey.output.figures.picture import Picture
from survey.output.figures.rows import BAR, Line, plain, rows_figure

TRACK = "#EEF1F5"
MOST = 20  # groups drawn; the rest is said in a sentence
RECENT = 3  # days


def rates(groups: Sequence[Group], subject: str, moment: str) -> Picture:
    """A bar for each group, the lowest first."""
    title = rates_title(groups, subject)
    if not groups:
        return Picture(title, f"按{subject}", "从开启的第二天起，每天 0 点更新一次。")
    drawn = groups[:MOST]
    lines = [
        Line(one.name, f"<b>{percent(one.share)}</b> · {one.answered:,} / {one.invited:,} 家", key=one.key)
        for one in drawn
    ]
    figure, places = rows_figure(lines, headings=False)
    y = [place for _, place in places]
    for values, colour in (([1.0] * len(y), TRACK), ([one.share for one in drawn], look.BLUE)):
        figure.add_bar(
            x=values, y=y, customdata=[one.key for one in drawn], orientation="h", width=BAR * 0.6,
            marker={"color": colour}, hoverinfo="skip",
        )  # fmt: skip
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(visible=False, range=[0, 1])
    rest = f"只画最低的 {MOST} 组，另有 {len(groups) - MOST} 组。" if len(groups) > MOST else ""
    invited = sum(one.invited for one in groups)
    return Picture(
        title,
        f"按{subject}，已答 / 邀请，最低的在最上面",
        f"{moment}，n = {invited:,} 家。{rest}",
        figure,
    )


def rates_title(groups: Sequence[Group], subject: str) -> str:
    """What the bars say."""
    if not groups:
        return f"各{subject}的回收率明天起显示"
    if len(groups) == 1:
        return f"{groups[0].name}：已答 {percent(groups[0].share)}"
    if all(not one.missing for one in groups):
        return "各组都已答完"
    low, high = groups[0], groups[-1]
    if percent(low.share) == percent(high.share):
        return f"各{subject}的回收率都是 {percent(low.share)}"
    return f"{low.name}最低（{percent(low.share)}），{high.name}最高（{percent(high.share)}）"


def curve(course: DailyReturns, today: date, now: Phase) -> Picture:
    """Answers added up by day, from opening to closing."""
    title = curve_title(course, today, now)
    if not course.answered or not course.invited:
        return Picture(title, "每天累计的回收率", "还没有企业用自己的码作答。")
    days = [course.opens - timedelta(days=1), *course.days]
    shares = [0.0, *(one / course.invited for one in course.answered)]
    if days[-1] < min(today, course.closes):
        days, shares = [*days, min(today, course.closes)], [*shares, shares[-1]]
    figure = go.Figure(layout=look.layout(240, margin={"l": 4, "r": 12, "t": 20, "b": 4}))
    figure.add_scatter(
        x=[one.isoformat() for one in days], y=shares, mode="lines", line={"color": look.BLUE, "width": 2.5},
        fill="tozeroy", fillcolor="rgba(31,90,166,0.08)", cliponaxis=False,
        hovertemplate="%{x|%-m月%-d日} 累计 %{y:.0%}<extra></extra>",
    )  # fmt: skip
    _end(figure, days[-1], shares[-1])
    _closing(figure, course.closes)
    figure.update_xaxes(
        type="date", tickformat="%-m/%-d", fixedrange=True, showgrid=False, nticks=6,
        range=[days[0].isoformat(), (max(course.closes, days[-1]) + timedelta(days=1)).isoformat()],
    )  # fmt: skip
    top = min(1.0, max(0.25, shares[-1] * 1.35))
    figure.update_yaxes(
        fixedrange=True, gridcolor=look.LINE, range=[0, top], tickformat=".0%", nticks=5, zeroline=False
    )
    return Picture(
        title,
        "邀请的企业里累计已答的占比，按天",
        f"n = {course.invited:,} 家邀请企业，已答 {course.answered[-1]:,} 家；开放扫码和大厅平板不计。",
        figure,
    )


def _end(figure: go.Figure, day: date, share: float) -> None:
    """The point reached, with its figure."""
    figure.add_scatter(
        x=[day.isoformat()], y=[share], mode="markers+text", text=[f"<b>{percent(share)}</b>"],
        textposition="top center", marker={"color": look.BLUE, "size": 9}, cliponaxis=False, hoverinfo="skip",
        textfont={"size": 14, "color": look.BLUE},
    )  # fmt: skip


def _closing(figure: go.Figure, day: date) -> None:
    figure.add_shape(
        type="line", x0=day.isoformat(), x1=day.isoformat(), yref="paper", y0=0, y1=1,
        line={"color": look.ALIKE, "width": 1.5, "dash": "dot"},
    )  # fmt: skip
    figure.add_annotation(
        x=day.isoformat(), yref="paper", y=1, yanchor="bottom", text=plain(f"{day.month}/{day.day} 截止"),
        showarrow=False, xanchor="right", font={"size": 11, "color": look.QUIET},
    )  # fmt: skip


def curve_title(course: DailyReturns, today: date, now: Phase) -> str:
    """How fast answers come, and how long they still may."""
    if not course.answered:
        return "还没有企业用自己的码作答"
    total, before = course.answered[-1], dict(zip(course.days, course.answered, strict=True))
    if now.over:
        return f"截止时共答 {total:,} 家"
    if now is Phase.WINDING_UP:
        return f"正在收尾，已答 {total:,} 家"
    if (today - course.opens).days < RECENT:
        return f"开启以来已答 {total:,} 家"
    start = today - timedelta(days=RECENT)
    done = max((total for day, total in before.items() if day < start), default=0)
    whole = max((total for day, total in before.items() if day < today), default=0)
    return (
        f"最近 {RECENT} 天平均每天 {(whole - done) / RECENT:.0f} 家，还有 {course.invited - total:,} 家未答"
    )
