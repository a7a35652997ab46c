"""From a draft to an open wave in four steps: 设置, 邀请企业, 预览和试填, 核对并开启."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import streamlit as st

from survey.actions.answers import trials
from survey.actions.waves import drafts
from survey.core import editable
from survey.core.answers.form import Form
from survey.core.models import Department, Trial, Wave
from survey.core.names import SEVERITY_NAMES
from survey.core.waves.rounds import CheckItem, Severity, said
from survey.output.press import qr_codes
from survey.settings import get_settings
from survey.storage.database import reading
from survey.storage.waves import proposals, published, rounds
from survey.ui import blocks, editing, steps
from survey.ui.access import refreshing
from survey.ui.moment import moment, phase
from survey.ui.waves import cards, forms, invitation
from survey.ui.waves import proposals as asked

STEPS = ("设置", "邀请企业", "预览和试填", "核对并开启")
TRIALS_SHOWN = 5
Kind = Literal["primary", "secondary"]


def wanted(waves: Sequence[Wave]) -> Wave | str | None:
    """The draft that the address asks for, "new" for one that does not exist yet, or None for the list."""
    asked = st.query_params.get("draft", "")
    if asked == "new":
        return "new"
    return next((one for one in waves if str(one.id) == asked and not phase(one).started), None)


def show(wave: Wave | None, departments: Sequence[Department]) -> None:
    """The draft at the step that the address names."""
    asked = st.query_params.get("step", "1")
    step = int(asked) if wave and asked in "1234" else 1
    blocks.finding(wave.title if wave else "新建期次", _state(wave))
    _road(wave, step)
    steps.show_message()
    if wave is None or step == 1:
        forms.settings(wave, departments, {"step": "2"})
    elif step == 2:
        _invite(wave)
    elif step == 3:
        _try(wave)
    else:
        _open(wave)


def _state(wave: Wave | None) -> str:
    if wave is None:
        return "四步：设置、邀请企业、预览和试填、核对并开启。随时可以离开，草稿都在。"
    if wave.timed:
        return f"已设为 {said(wave.opens_at)} 自动开启，之前还可以改。"
    return "草稿：企业还看不到。四步走完再开启，随时可以离开，草稿都在。"


def _road(wave: Wave | None, step: int) -> None:
    """The four steps, each a way back or on."""
    with st.container(key="road", horizontal=True):
        for place, name in enumerate(STEPS, 1):
            kind: Kind = "primary" if place == step else "secondary"
            if st.button(
                f"{place} {name}", key=f"step-{place}", type=kind, disabled=wave is None and place > 1
            ):
                _go(place)
        if st.button("返回列表", key="back-to-list", type="tertiary"):
            st.query_params.clear()
            st.rerun()


def _go(step: int) -> None:
    st.query_params["step"] = str(step)
    st.rerun()


def _invite(wave: Wave) -> None:
    with reading() as db:
        invited = len(rounds.invited(db, wave.id))
        before = len(rounds.last_invited(db, wave))
    with st.container(key="card-invite"):
        words = f"已经邀请 {invited:,} 家企业，每家一个码。" if invited else "还没有邀请企业。"
        last = (
            f"上期邀请的企业还有 {before:,} 家在册，可以照旧邀请。"
            if before
            else "也可以只用开放扫码（未核验）。"
        )
        st.html(
            f'<h2 class="card-title">{words}</h2><p class="card-note">{last}'
            "在「发码」页选全部或一部分，生成测评码和发送名单。开启以后邀请名单不能再加。</p>"
            f'<p class="card-note"><a class="go" href="/codes?wave={wave.id}" target="_self">'
            f"<span>{'去发码页查看或增加' if invited else '去发码页邀请企业'}</span></a></p>"
        )
    if st.button("下一步：预览和试填", type="primary" if invited else "secondary"):
        steps.do(
            lambda db, user: trials.make_trial_code(db, wave.id, datetime.now(UTC), user.name),
            "试填码已生成，用手机扫一扫就能走一遍。", {"draft": str(wave.id), "step": "3"},
        )  # fmt: skip


def _try(wave: Wave) -> None:
    left, right = st.columns(2)
    with left:
        invitation.preview(wave)
    with right:
        with reading() as db:
            code = rounds.trial_code(db, wave.id)
        with st.container(key="card-trial"):
            if code:
                _trial_code(f"{get_settings().address}/q/{code}")
            elif st.button("生成试填码"):
                steps.do(
                    lambda db, user: trials.make_trial_code(db, wave.id, datetime.now(UTC), user.name),
                    "试填码已生成。",
                )
        _tried(wave)
        if st.button("下一步：核对并开启", type="primary"):
            _go(4)


def _trial_code(address: str) -> None:
    picture = "data:image/svg+xml;base64," + b64encode(qr_codes.svg(address).encode()).decode()
    link = blocks.safe(address)
    st.html(
        '<h2 class="card-title">试填：手机扫码走一遍</h2>'
        '<p class="card-note">和正式的一样填、一样提交，页面印着「试填」。开启时全部清除，不计入任何结果。</p>'
        f'<p class="qr-card small"><img src="{picture}" alt="试填码，指向 {link}"></p>'
        f'<p class="address"><a href="{link}" target="_blank" rel="noopener">{link}</a></p>'
    )


@refreshing(3)
def _tried(wave: Wave) -> None:
    """The trial forms as they come in, so that the team sees what would have been stored."""
    with reading() as db:
        found = rounds.trials(db, wave.id)
    with st.container(key="card-tried"):
        title = f"已试填 {len(found)} 份" if found else "还没有试填"
        rows = "".join(f"<li>{_told(one, published.form(wave))}</li>" for one in found[:TRIALS_SHOWN])
        st.html(f'<h2 class="card-title">{title}</h2><ul class="remarks">{rows}</ul>')


def _told(trial: Trial, form: Form) -> str:
    """One trial form in a line: the overall grades, and what was written."""
    fields = trial.answers["fields"]
    grades = form.questionnaire.grades
    said_of = [
        f"{one.name} {grades[given[0]].zh}"
        for one in form.departments
        if (given := fields.get(f"g.{one.id}.{form.questions[0].id}"))
    ]
    written = [values[0] for name, values in fields.items() if name == "text" or name.startswith("t.")]
    text = "".join(f"<p>{blocks.safe(one)}</p>" for one in written if one.strip())
    return f'<span class="about">{blocks.safe("、".join(said_of) or "都没有打过交道")}</span>{text}'


def _open(wave: Wave) -> None:
    now = moment()
    with reading() as db:
        items = rounds.checklist(db, wave, now)
        standing = proposals.standing(db, wave, now)
        invited = len(rounds.invited(db, wave.id))
    _checks(items)
    asked.waiting(wave.id)
    [seen] = editing.shown("draft-checks", {wave.id: editable.wave(wave, invited)}).values()
    stopped = any(one.severity == Severity.STOP for one in items)
    number, timely = wave.id, wave.opens_at > now
    with st.container(key="open", horizontal=True):
        if standing.needed and not standing.alone and standing.proposal is None:
            asked.propose_button(wave, seen)
        if wave.timed and st.button("取消定时开启", key="untime"):
            steps.do(
                lambda db, user: drafts.unschedule(db, number, datetime.now(UTC), user.name),
                "已取消定时开启。",
            )
        if (
            not wave.timed
            and timely
            and st.button(f"定时：{said(wave.opens_at)} 自动开启", type="primary", disabled=stopped)
        ):
            steps.do(
                lambda db, user: drafts.schedule(db, number, datetime.now(UTC), user.name, seen),
                f"「{wave.title}」将在 {said(wave.opens_at)} 自动开启，{said(wave.closes_at)} 自动截止。", {},
            )  # fmt: skip
        if st.button("现在开启", key="open-now", type="secondary" if timely else "primary", disabled=stopped):
            forms.confirm_open(wave, invited)
    with st.container(key="card-log"):
        st.html('<h2 class="card-title">期次日志</h2>')
        cards.log(wave)


def _checks(items: Sequence[CheckItem]) -> None:
    """The check list, gravest first."""
    stops = sum(one.severity == Severity.STOP for one in items)
    looks = sum(one.severity == Severity.CHECK for one in items)
    title = (
        f"有 {stops} 项必须先改"
        if stops
        else f"可以开启，有 {looks} 项请核对"
        if looks
        else "可以开启，没有要核对的"
    )
    rows = "".join(
        f'<li class="{one.severity}"><b>{SEVERITY_NAMES[one.severity]}</b><span>{blocks.safe(one.sentence)}</span></li>'
        for one in items
    )
    with st.container(key="card-checks"):
        st.html(f'<h2 class="card-title">{title}</h2><ul class="checks">{rows}</ul>')
