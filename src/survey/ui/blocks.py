"""What pages are made of: first line, counts, chart cards, and every empty state."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NoReturn

import streamlit as st

from survey.core import names
from survey.core.models import Mode, Source, Wave
from survey.core.names import MODE_NAMES
from survey.core.waves.phase import Phase, phase_told, until_told
from survey.core.waves.rounds import said
from survey.output.figures.picture import Key, Picture
from survey.ui.moment import moment, phase

PLOTLY = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}


def safe(text: object) -> str:
    """Text from people, ready to stand inside our own markup. Nothing of theirs becomes markup."""
    return escape(str(text))


def finding(sentence: str, under: str = "") -> None:
    """The first line of a page: what there is to know."""
    more = f'<p class="under">{safe(under)}</p>' if under else ""
    st.html(f'<h1 class="finding">{safe(sentence)}</h1>{more}')


def phase_mark(wave: Wave) -> str:
    """Where a wave stands, as a small mark (markup)."""
    return f'<span class="pill {phase(wave).name.lower()}">{phase_told(wave, moment())}</span>'


def marks(wave: Wave) -> str:
    """Phase and mode of a wave as small marks (markup)."""
    found = [phase_mark(wave)]
    found.append(f'<span class="pill">{MODE_NAMES[Mode(wave.mode)]}</span>')
    if wave.demo:
        found.append('<span class="pill demo">演示数据</span>')
    return " ".join(found)


def wave_marks(wave: Wave, source: Source = Source.VERIFIED) -> None:
    """The marks of the wave that a page shows, under its first line; unverified figures say so."""
    unverified = f'<span class="pill unverified">{names.SOURCE_NAMES[source]}</span>'
    st.html(
        f'<p class="under">{safe(wave.title)} {marks(wave)} {unverified if source == Source.OPEN else ""}</p>'
    )


def counts(cells: Iterable[tuple[str, str, str]]) -> None:
    """A row of figures: name, value, and a line under it."""
    items = "".join(
        f'<div><dt>{safe(name)}</dt><dd>{safe(value)}<div class="more">{safe(more)}</div></dd></div>'
        for name, value, more in cells
    )
    st.html(f'<dl class="counts">{items}</dl>')


def glance(told: Iterable[tuple[str, str]]) -> None:
    """A few lines under the first: what each is about, and its sentence."""
    items = "".join(f"<dt>{safe(about)}</dt><dd>{safe(sentence)}</dd>" for about, sentence in told)
    st.html(f'<dl class="glance">{items}</dl>')


def ladder(steps: Iterable[tuple[str, str, str]]) -> None:
    """邀请 → 收回 → 已公布 → 接触: four numbers with arrows."""
    items = "".join(
        f"<li><span>{safe(name)}</span> <b>{safe(value)}</b> <small>{safe(more)}</small></li>"
        for name, value, more in steps
    )
    st.html(f'<ol class="ladder">{items}</ol>')


def picture(one: Picture, key: str) -> None:
    """A chart in its card: finding, what is shown, key, chart, n and formula."""
    with st.container(key=f"card-{key}"):
        st.html(f'<h2 class="card-title">{safe(one.title)}</h2><p class="card-note">{safe(one.subtitle)}</p>'
                + _key(one.key))  # fmt: skip
        if one.figure is None:
            st.html(f'<div class="withheld">{safe(one.note)}</div>')
            return
        st.plotly_chart(one.figure, key=key, theme=None, config=PLOTLY, alt=one.alt)
        st.html(f'<p class="card-note">{safe(one.note)}</p>')


def pictures(**charts: Picture) -> None:
    """Charts beside each other, by their keys."""
    for column, (key, one) in zip(st.columns(len(charts)), charts.items(), strict=True):
        with column:
            picture(one, key)


def _key(entries: Sequence[Key]) -> str:
    items = "".join(f"<li>{_swatch(one)}{safe(one.name)}</li>" for one in entries)
    return f'<ul class="key">{items}</ul>' if items else ""


def _swatch(one: Key) -> str:
    hatched = " hatched" if one.hatched else ""
    return f'<span class="swatch{hatched}" style="background-color:{one.colour}"></span>'


def title(text: str, note: str = "") -> None:
    """What a card is about, and a line under it."""
    under = f'<p class="card-note">{safe(note)}</p>' if note else ""
    st.html(f'<h2 class="card-title">{safe(text)}</h2>{under}')


def nothing(title: str, text: str) -> None:
    """A designed empty page."""
    st.html(f'<div class="nothing page"><b>{safe(title)}</b>{safe(text)}</div>')


def no_answers(wave: Wave) -> NoReturn:
    """What to do about a wave without answers; nothing of the page comes after it."""
    match phase(wave):
        case Phase.DRAFT:
            nothing("这个期次还没有开启", "请经办人在「期次」里开启它，随即生成测评码。")
        case Phase.WAITING:
            nothing("这个期次还没有到时间", f"{said(wave.opens_at)} 自动开启，随即生成测评码。")
        case Phase.OPEN:
            nothing("还没有收到答卷", "把「一键测评」页的测评码发给企业，第一份答卷会自动出现在这里。")
        case Phase.WINDING_UP:
            nothing("还没有收到答卷", f"期次正在收尾，{until_told(wave, moment())}前仍可提交。")
        case _:
            nothing("没有收到答卷", "这个期次已经截止。")
    st.stop()
