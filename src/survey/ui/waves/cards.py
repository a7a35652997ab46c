"""The list of 期次: what each is, how far it is, its log, and the steps that can be taken now."""

from collections.abc import Sequence

import streamlit as st

from survey.core.figures.formulas import FORMULAS
from survey.core.models import Wave
from survey.core.waves.phase import Phase
from survey.core.waves.rounds import said
from survey.settings import get_settings
from survey.storage.database import reading
from survey.storage.waves import arriving, rounds
from survey.ui import access, blocks
from survey.ui.moment import phase
from survey.ui.waves import forms


def sentence(waves: Sequence[Wave]) -> str:
    """The first line of the page."""
    if not waves:
        return "还没有期次。"
    told = [
        f"{one}：{'、'.join(names)}"
        for one in (Phase.OPEN, Phase.WINDING_UP)
        if (names := [wave.title for wave in waves if phase(wave) is one])
    ]
    return f"共 {len(waves)} 个期次，{'；'.join(told) or '目前没有在收答卷的'}。"


def begin(waves: Sequence[Wave]) -> None:
    """The two ways to a new wave; 沿用上期 where there is one to go by."""
    last = next((one for one in waves if phase(one).started and not one.imported), None)
    with st.container(key="begin", horizontal=True):
        if last:
            forms.copy_button(last, "沿用上期", "copy-last")
        if st.button("新建期次", icon=":material/add:", type="secondary" if last else "primary"):
            st.query_params.from_dict({"draft": "new"})
            st.rerun()
    if last:
        st.html(f'<p class="card-note">上期：{blocks.safe(last.title)}</p>')


def card(wave: Wave, progress: arriving.Progress, code: str | None) -> None:
    """One wave: what it is, how far it is, and the next step."""
    with st.container(key=f"card-wave-{wave.id}"):
        st.html(
            f'<h2 class="card-title">{blocks.safe(wave.title)} {blocks.marks(wave)}</h2>'
            f'<p class="card-note">{_about(wave)}</p><p class="card-note">{_numbers(wave, progress)}</p>'
            + (f'<p class="card-note">测评码：{_address(code)}</p>' if code else "")
        )
        with st.container(key=f"steps-of-{wave.id}", horizontal=True):
            _next_steps(wave, progress)


def _about(wave: Wave) -> str:
    timed = "，到时自动开启" if phase(wave) is Phase.WAITING else ""
    span = f"{said(wave.opens_at)} 至 {said(wave.closes_at)}{timed}"
    return f"{span} · {len(wave.departments)} 个部门 · 口径：{blocks.safe(FORMULAS[wave.formula].name)}"


def _numbers(wave: Wave, progress: arriving.Progress) -> str:
    invited = f"一企一码邀请 {progress.invited:,} 家" if progress.invited else "没有发放一企一码"
    return f"{invited} · 收回 {progress.collected:,} 份" if phase(wave).started else invited


def _address(code: str) -> str:
    address = blocks.safe(f"{get_settings().address}/q/{code}")
    return f'<span class="address">{address}</span>'


def _next_steps(wave: Wave, progress: arriving.Progress) -> None:
    key, now = wave.id, phase(wave)
    if not now.started:
        if st.button("继续设置", key=f"go-on-{key}", type="primary"):
            st.query_params.from_dict({"draft": str(key), "step": "1"})
            st.rerun()
        if st.button("删除草稿", key=f"delete-{key}"):
            forms.delete(wave, progress.invited)
    elif now is Phase.OPEN:
        if st.button("延期", key=f"extend-{key}"):
            forms.extend(wave)
        if st.button("提前截止", key=f"close-{key}"):
            forms.close_early(wave)
    elif not wave.imported:
        forms.copy_button(wave, "沿用这一期", f"copy-{key}", "secondary")
        if now.over and st.button("重新开启", key=f"reopen-{key}"):
            forms.reopen(wave)
    if st.button("日志", key=f"log-{key}", type="tertiary"):
        _log_dialog(wave)


@access.dialog("期次日志", width="large")
def _log_dialog(wave: Wave) -> None:
    st.html(f'<p class="card-note">{blocks.safe(wave.title)}</p>')
    log(wave)


def log(wave: Wave) -> None:
    """Who did what and when, newest first; nothing is ever taken out."""
    with reading() as db:
        events = rounds.events(db, wave.id)
    rows = "".join(
        f"<tr><td>{said(one.at)}</td><td>{blocks.safe(one.who)}</td>"
        f'<td class="text">{blocks.safe(one.detail)}</td></tr>'
        for one in events
    )
    if not rows:
        st.html('<div class="withheld">这个期次没有日志：它早于日志功能，或者是导入的</div>')
        return
    st.html(
        '<table class="figures cases log"><thead><tr><th scope="col">时间</th><th scope="col">谁</th>'
        f'<th scope="col" class="text">做了什么</th></tr></thead><tbody>{rows}</tbody></table>'
    )
