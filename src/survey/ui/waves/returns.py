"""The response monitor's counts and today's list, with its marks."""

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from survey.actions.waves import reminders
from survey.core.clock import CHINA, china_day
from survey.core.models import User, Wave
from survey.core.waves.phase import Phase, until_told
from survey.core.waves.returns import NOBODY, DayList, Due, Entered, Returns
from survey.output.figures.findings import percent
from survey.output.waves.addressees import occasion
from survey.output.waves.reminders import message
from survey.output.waves.sending_list import length, messages
from survey.settings import get_settings
from survey.ui import blocks, steps
from survey.ui.live import ends
from survey.ui.moment import moment, phase

SHOWN = 50  # rows on the page; the file holds all
WHY = (
    "名单和分组的回收率每天 0 点做一次，当天不变；新答的不足 {k} 家时沿用前一天的。"
    "这样，名单的变化对不上刚收到的留言，看不出是谁写的。"
)


def as_of(seen: Returns) -> str:
    """When the rates were taken, in words."""
    if seen.at is None:
        return ""
    if seen.final:
        return "截止时的情况"
    at = seen.at.astimezone(CHINA)
    return f"{at.month} 月 {at.day} 日 {at:%H:%M} 的情况"


def counts(wave: Wave, answered: int, invited: int, seen: Returns, entered: Entered) -> None:
    """The row of four figures."""
    share = f"邀请 {invited:,} 家，{percent(answered / invited)}" if invited else "没有发放一企一码"
    cells = [("已答（实时）", f"{answered:,} 家", share)]
    if seen.at and not seen.final:
        cells.append(("未答（名单时）", f"{seen.whole.missing:,} 家", as_of(seen)))
    said = [f"电话 {entered.phone}、走访 {entered.visit}", f"企业已确认 {entered.confirmed}"]
    said += [f"有异议 {len(entered.disputed)}"] if entered.disputed else []
    cells.append(("经办人代填", f"{entered.total:,} 家", "；".join(said) if entered.total else "还没有代填"))
    blocks.counts([*cells, ends(wave)])


def why() -> None:
    """Why nothing here is live but the total."""
    st.html(f'<p class="card-note">{WHY.format(k=get_settings().k_scores)}</p>')


def today(wave: Wave, listed: DayList | None, user: User) -> None:
    """Today's list: whom to remind, the text, the file, and the mark afterwards."""
    with st.container(key="card-today"):
        if listed is None or not listed.due:
            _no_list(wave, listed)
            return
        officers = dict.fromkeys(one.enterprise.officer or NOBODY for one in listed.due)
        title, chooser = st.columns([3, 1], vertical_alignment="bottom")
        with chooser:
            chosen = st.selectbox(
                "服务专员", [None, *officers], format_func=lambda one: one or "全部", key="monitor-officer",
                filter_mode=None,
            )  # fmt: skip
        due = listed.of(chosen)
        with title:
            _title(due, listed)
        _text(wave)
        _table(due)
        _steps(wave, due, chosen, user)


def _no_list(wave: Wave, listed: DayList | None) -> None:
    now = phase(wave)
    if now is Phase.WINDING_UP:
        text = f"已经到了截止时间，不再提醒企业；正在填写的 {until_told(wave, moment())}前仍可提交。"
    elif now is not Phase.OPEN:
        text = f"期次{now}，{'不再' if now.over else '还不用'}提醒企业。"
    elif listed is None:
        text = "第一份名单在开启的第二天 0 点做好；开启当天不催。"
    else:
        text = f"未答的企业都已提醒满 {get_settings().reminders} 次，不再打扰。"
    st.html(f'<h2 class="card-title">今天没有要提醒的企业</h2><p class="card-note">{text}</p>')


def _title(due: Sequence[Due], listed: DayList) -> None:
    waiting, cap = sum(not one.today for one in due), get_settings().reminders
    done = f"，{len(due) - waiting} 家今天已提醒" if waiting < len(due) else ""
    spared = f"另有 {listed.spared:,} 家已提醒满 {cap} 次，不再列出。" if listed.spared else ""
    phoneless = sum(not one.enterprise.phone for one in due)
    missing = f"其中 {phoneless:,} 家没有手机号，请上门或打座机。" if phoneless else ""
    st.html(
        f'<h2 class="card-title">今天请提醒 {waiting:,} 家{done}</h2>'
        f'<p class="card-note">无事不扰：一家企业一期最多提醒 {cap} 次。{spared}{missing}</p>'
    )


def _text(wave: Wave) -> None:
    text = message(occasion(wave, moment()))
    st.html(
        f'<p class="card-note">提醒短信（{length(text)} 个字，{messages(text)} 条）</p>'
        f'<p class="quoted">{blocks.safe(text)}</p>'
    )


def _table(due: Sequence[Due]) -> None:
    titles = ("企业", "服务专员", "联系人", "手机号", "已提醒")
    head = "".join(f'<th scope="col">{one}</th>' for one in titles)
    rows = "".join(_row(one) for one in due[:SHOWN])
    more = f"这里列出前 {SHOWN} 家，共 {len(due):,} 家，下载的名单是全的。" if len(due) > SHOWN else ""
    st.html(
        f'<div class="wide tall"><table class="figures cases"><thead><tr>{head}</tr></thead>'
        f'<tbody>{rows}</tbody></table></div><p class="card-note">{more}</p>'
    )


def _row(one: Due) -> str:
    who = one.enterprise
    state = f"今天，{one.today}" if one.today else f"{one.reminded} 次" if one.reminded else "没有"
    cells = (who.name, who.officer or "未指定", who.contact or "—", who.phone or "—", state)
    marked = (
        f"<td{' class=text' if not place else ''}>{blocks.safe(one)}</td>" for place, one in enumerate(cells)
    )
    return f"<tr>{''.join(marked)}</tr>"


def _steps(wave: Wave, due: Sequence[Due], officer: str | None, user: User) -> None:
    """The file, the mark, and taking the mark back."""
    waiting = [one.enterprise.id for one in due if not one.today]
    mine = sum(one.today == user.name for one in due)
    query = f"?officer={quote(officer)}" if officer else ""
    file, mark, undo = st.columns(3)
    with file:
        st.link_button(
            "下载这份名单（表格）", f"/export/{wave.id}/reminders.xlsx{query}", width="stretch",
        )  # fmt: skip
    with mark:
        label = f"把这 {len(waiting):,} 家标记为已提醒"
        if st.button(label, type="primary", disabled=not waiting, width="stretch", key="mark-reminded"):
            steps.do(
                lambda db, _: reminders.mark_reminded(db, wave.id, waiting, user.name, moment()),
                f"已标记 {len(waiting):,} 家为今天已提醒。",
            )
    with undo:
        if mine and st.button(f"撤销我今天的标记（{mine:,} 家）", width="stretch", key="unmark"):
            chosen = [one.enterprise.id for one in due]
            steps.do(
                lambda db, _: reminders.unmark(db, wave.id, chosen, user.name, china_day(moment())),
                f"已撤销 {mine:,} 家的标记。",
            )
    steps.show_message()
