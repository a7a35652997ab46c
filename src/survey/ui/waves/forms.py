"""What an officer chooses for a wave, and the dialogs that ask before a step that cannot be taken back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import streamlit as st

from survey.actions.waves import drafts, lifecycle, new_waves
from survey.core import editable
from survey.core.answers.questionnaire import QuestionnaireError, load_questionnaire
from survey.core.clock import CHINA, china_day
from survey.core.figures.formulas import FORMULAS
from survey.core.models import Department, Mode, Wave
from survey.core.versions import Values
from survey.core.waves.rounds import at, end_of, last_day, said
from survey.settings import get_settings
from survey.ui import access, editing, messages, steps
from survey.ui.editing import EditForm

MODE_HELP = {
    Mode.ANONYMOUS: "不记名：只存打分，不存是谁打的",
    Mode.PSEUDONYMOUS: "代号：同一家企业前后几期可以对应，但不知道是哪家",
    Mode.NAMED: "实名：主办单位能看到是哪家企业打的分",
}
MIDNIGHT = "24:00"
HALF_HOURS = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 24 * 60, 30)]
COUNTS_ONLY_HELP = "不勾选：收答卷期间显示约数，截止后公布准数。勾选：截止前一个数字也不公布，只看收了多少份。实名期次一直显示准数。"


def settings(wave: Wave | None, departments: Sequence[Department], then: dict[str, str]) -> None:
    """The choices of a draft, or of a new one; nothing is kept until the button is pressed."""
    form = editing.EditForm(
        f"draft-{wave.id if wave else 'new'}", editable.wave(wave) if wave else _blank(departments)
    )
    with form.box():
        title = st.text_input(
            "名称", form["title"], placeholder="例如：2026 年四季度测评", max_chars=60, key=form.key("title")
        )
        first, until = _opening(form), _closing(form)
        chosen = _departments(form, departments)
        modes = list(Mode)
        mode = st.radio(
            "保密方式", modes, modes.index(form["mode"]), MODE_HELP.__getitem__, key=form.key("mode")
        )
        formula = st.selectbox(
            "满意度得分口径", list(FORMULAS), list(FORMULAS).index(form["formula"]),
            lambda one: FORMULAS[one].name, filter_mode=None, key=form.key("formula"),
        )  # fmt: skip
        counts_only = st.checkbox(
            "截止前只看回收数", not form["live"], key=form.key("live"), help=COUNTS_ONLY_HELP
        )
        asked = _questionnaire(form)
        form.questions()
        saved = st.form_submit_button("保存，下一步：邀请企业", type="primary")
    if saved:
        new = new_waves.NewWave(
            title, first, until, Mode(mode or Mode.ANONYMOUS), formula, asked, chosen, live=not counts_only
        )  # fmt: skip
        now = datetime.now(UTC)
        if wave is None:
            form.save(
                lambda db, user, _: new_waves.create_wave(db, new, user.name, now), "草稿已保存。", then
            )
        else:
            number = wave.id
            form.save(
                lambda db, user, seen: drafts.edit_draft(db, number, new, now, user.name, seen),
                "设置已保存。", then,
            )  # fmt: skip


def _questionnaire(form: EditForm) -> str:
    names = _questionnaires(form["questionnaire"])
    asked = st.selectbox(
        "问卷", list(names), format_func=names.__getitem__, filter_mode=None, key=form.key("questionnaire")
    )
    return str(asked)


def _blank(departments: Sequence[Department]) -> Values:
    """What a new wave starts from."""
    tomorrow = datetime.now(CHINA).date() + timedelta(days=1)
    return {
        "title": "", "opens_at": at(tomorrow, time(9)), "closes_at": end_of(tomorrow + timedelta(days=20)),
        "mode": Mode.ANONYMOUS, "formula": next(iter(FORMULAS)), "questionnaire": None, "live": True,
        "departments": [{"id": one.id} for one in departments],
    }  # fmt: skip


def _opening(form: EditForm) -> datetime:
    moment: datetime = form["opens_at"]
    return _moment(form, "开始", moment, china_day(moment), _clock(moment), HALF_HOURS)


def _closing(form: EditForm, label: str = "截止", later: timedelta = timedelta()) -> datetime:
    moment: datetime = form["closes_at"]
    clocks = [*HALF_HOURS[1:], MIDNIGHT]
    return _moment(form, label, moment + later, last_day(moment + later), _closing_clock(moment), clocks)


def _moment(
    form: EditForm, name: str, shown: datetime, day: date, clock: str, clocks: Sequence[str]
) -> datetime:
    """A day and a time of day, side by side; left alone, it is to the second what it was."""
    left, right = st.columns(2)
    found = left.date_input(f"{name}日期", day, format="YYYY-MM-DD", key=form.key(f"{name}-day"))
    offered = sorted({*clocks, clock})
    chosen = right.selectbox(
        f"{name}时刻", offered, offered.index(clock), filter_mode=None, key=form.key(f"{name}-clock")
    )
    assert isinstance(found, date)
    if (found, chosen) == (day, clock):
        return shown
    return end_of(found) if chosen == MIDNIGHT else at(found, time.fromisoformat(chosen))


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%H:%M}"


def _closing_clock(moment: datetime) -> str:
    return MIDNIGHT if _clock(moment) == "00:00" else _clock(moment)


def _departments(form: EditForm, departments: Sequence[Department]) -> list[str]:
    by_id = {one.id: one.name for one in departments}
    rated = [one["id"] for one in form["departments"] if one["id"] in by_id]
    return st.multiselect(
        "参评部门",
        list(by_id),
        rated,
        by_id.__getitem__,
        placeholder="请选择部门",
        key=form.key("departments"),
    )


def _questionnaires(asked: Mapping[str, Any] | None) -> dict[str, str]:
    """File name → title of each questionnaire that can be read; first what a draft asks already."""
    found = {drafts.AS_BEFORE: f"{asked['title']['zh']}（不变）"} if asked else {}
    for path in sorted(new_waves.QUESTIONNAIRES.glob("*.toml")):
        try:
            found[path.stem] = load_questionnaire(path).title.zh + (
                f"（重新读取 {path.name}）" if asked else ""
            )
        except QuestionnaireError as error:
            messages.refused(error)
    return found


def _act(name: str, wave: Wave, invited: int | None = None) -> EditForm:
    """The question before a step: it is about the wave as this dialog shows it."""
    return editing.EditForm(f"{name}-{wave.id}", editable.wave(wave, invited))


@access.dialog("开启期次")
def confirm_open(wave: Wave, invited: int) -> None:
    st.text(
        f"「{wave.title}」开启后，问卷、部门、保密方式、口径和邀请名单都不能再改。\n"
        f"将邀请 {invited:,} 家企业（一企一码），并生成一个开放扫码的测评码；试填全部清除。"
    )
    form = _act("open", wave, invited)
    form.questions()
    if st.button("确认开启", type="primary"):
        number = wave.id
        form.save(
            lambda db, user, seen: lifecycle.open_wave(db, number, datetime.now(UTC), user.name, seen),
            f"「{wave.title}」已开启，测评码已生成。", {},
        )  # fmt: skip


@access.dialog("延期")
def extend(wave: Wave) -> None:
    st.text(
        f"原定 {said(wave.closes_at)} 截止。只能往后延；已发出的测评码继续有效，企业扫码看到新的截止时间。"
    )
    form = _act("extend", wave)
    until = _closing(form, "新的截止", timedelta(days=7))
    reason = st.text_input(
        "理由（记入期次日志）",
        max_chars=200,
        placeholder="例如：回收率偏低，延长一周",
        key=form.key("reason"),
    )
    form.questions()
    if st.button("确认延期", type="primary"):
        number = wave.id
        form.save(
            lambda db, user, seen: lifecycle.extend_wave(
                db, number, until, reason, datetime.now(UTC), user.name, seen
            ),
            f"「{wave.title}」已延期至 {said(until)}。",
        )


@access.dialog("提前截止")
def close_early(wave: Wave) -> None:
    st.text(
        f"「{wave.title}」原定 {said(wave.closes_at)} 截止。截止后不能重新开启，也不能延期。\n"
        f"正在填写的企业还可以在 {get_settings().grace_minutes} 分钟内提交，之后公布准数和分层结果。"
    )
    form = _act("close", wave)
    reason = st.text_input(
        "理由（记入期次日志）", max_chars=200, placeholder="例如：应答企业已全部交卷", key=form.key("reason")
    )
    form.questions()
    if st.button("确认截止", type="primary"):
        number = wave.id
        form.save(
            lambda db, user, seen: lifecycle.close_early(
                db, number, reason, datetime.now(UTC), user.name, seen
            ),
            f"「{wave.title}」已截止。",
        )


@access.dialog("删除草稿")
def delete(wave: Wave, invited: int) -> None:
    codes = (
        f"已生成的 {invited:,} 个测评码同时作废，印好的卡片不能再用。" if invited else "它还没有发过测评码。"
    )
    st.text(f"「{wave.title}」还没有开启，没有答卷。{codes}\n删除后不能恢复。")
    form = _act("delete", wave, invited)
    form.questions()
    if st.button("确认删除", type="primary"):
        number = wave.id
        form.save(
            lambda db, _user, seen: drafts.delete_draft(db, number, seen), f"草稿「{wave.title}」已删除。", {}
        )


@access.dialog("重新开启")
def reopen(wave: Wave) -> None:
    """Always refused; the reason and the way on are said."""
    number = wave.id
    steps.do(lambda db, _user: lifecycle.reopen_wave(db, number), "")
    copy_button(wave, "沿用这一期，新建一期", f"copy-after-{wave.id}")


def copy_button(wave: Wave, label: str, key: str, kind: str = "primary") -> None:
    """沿用上期: one click makes a draft like this wave and goes on to its settings."""
    number = wave.id
    if st.button(label, key=key, type="primary" if kind == "primary" else "secondary"):
        steps.do(
            lambda db, user: drafts.copy_wave(db, number, datetime.now(UTC), user.name),
            f"已沿用「{wave.title}」的问卷、部门、保密方式和口径。请核对下面各项，点「保存，下一步」。",
            {"step": "1"},
        )
