"""Creating, opening and closing a wave, each with its confirmation and its Chinese refusal."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st
from sqlmodel import Session

from survey.actions import waves as actions
from survey.core.clock import CHINA
from survey.core.models import Department, Mode, Role, Wave, WaveState
from survey.core.questionnaire import QuestionnaireError, load_questionnaire
from survey.core.statistics import FORMULAS
from survey.settings import get_settings
from survey.storage import reads
from survey.storage.database import writing
from survey.ui import access, blocks
from survey.ui.live import china

MODE_HELP = {
    Mode.ANONYMOUS: "不记名：只存打分，不存是谁打的",
    Mode.PSEUDONYMOUS: "代号：同一家企业前后几期可以对应，但不知道是哪家",
    Mode.NAMED: "实名：主办单位能看到是哪家企业打的分",
}
MESSAGE = "wave-message"


def sentence(waves: Sequence[Wave]) -> str:
    """The first line of the page."""
    going = [wave for wave in waves if wave.state == WaveState.OPEN]
    if not waves:
        return "还没有期次。"
    if not going:
        return f"共 {len(waves)} 个期次，目前没有进行中的。"
    return f"共 {len(waves)} 个期次，进行中：{'、'.join(wave.title for wave in going)}。"


def show_message() -> None:
    """What the last step did; said once."""
    if message := st.session_state.pop(MESSAGE, ""):
        st.success(message)


def card(wave: Wave, progress: reads.Progress, code: str | None) -> None:
    """One wave: what it is, how far it is, and the next step."""
    with st.container(key=f"card-wave-{wave.id}"):
        words, step = st.columns([5, 1], vertical_alignment="center")
        with words:
            st.html(
                f'<h2 class="card-title">{blocks.safe(wave.title)} {blocks.marks(wave)}</h2>'
                f'<p class="card-note">{_about(wave)}</p><p class="card-note">{_numbers(wave, progress)}</p>'
                + (f'<p class="card-note">测评码：{_address(code)}</p>' if code else "")
            )
        with step:
            _next_step(wave, progress)


def _about(wave: Wave) -> str:
    span = f"{china(wave.opens_at):%Y-%m-%d %H:%M} 至 {china(wave.closes_at):%Y-%m-%d %H:%M}"
    return f"{span} · {len(wave.departments)} 个部门 · 口径：{blocks.safe(FORMULAS[wave.formula].name)}"


def _numbers(wave: Wave, progress: reads.Progress) -> str:
    invited = f"一企一码邀请 {progress.invited:,} 家" if progress.invited else "没有发放一企一码"
    return f"{invited} · 收回 {progress.collected:,} 份" if wave.state != WaveState.DRAFT else invited


def _address(code: str) -> str:
    address = blocks.safe(f"{get_settings().address}/q/{code}")
    return f'<span class="address">{address}</span>'


def _next_step(wave: Wave, progress: reads.Progress) -> None:
    if wave.state == WaveState.DRAFT and st.button("开启", key=f"open-{wave.id}", type="primary"):
        _confirm_open(wave, progress)
    still_open = wave.state == WaveState.OPEN and wave.closes_at > datetime.now(UTC)
    if still_open and st.button("截止", key=f"close-{wave.id}"):
        _confirm_close(wave)


@st.dialog("开启期次")
def _confirm_open(wave: Wave, progress: reads.Progress) -> None:
    st.text(
        f"「{wave.title}」开启后，问卷、部门、保密方式和口径都不能再改。\n"
        f"将邀请 {progress.invited:,} 家企业（一企一码），并生成一个开放扫码的测评码。"
    )
    if st.button("确认开启", type="primary"):
        _do(
            lambda db: actions.open_wave(db, wave.id or 0, datetime.now(UTC)),
            f"「{wave.title}」已开启，测评码已生成。",
        )


@st.dialog("截止期次")
def _confirm_close(wave: Wave) -> None:
    grace = get_settings().grace_minutes
    st.text(
        f"「{wave.title}」截止后不能重新开启。\n正在填写的企业还可以在 {grace} 分钟内提交，之后公布分层结果。"
    )
    if st.button("确认截止", type="primary"):
        _do(lambda db: actions.close_wave(db, wave.id or 0, datetime.now(UTC)), f"「{wave.title}」已截止。")


@st.dialog("新建期次", width="large")
def create(departments: Sequence[Department]) -> None:
    """What an officer chooses for a wave; nothing of it is kept until 保存."""
    today = datetime.now(CHINA).date()
    with st.form("new-wave", border=False):
        title = st.text_input("名称", placeholder="例如：2026 年下半年测评", max_chars=60)
        left, right = st.columns(2)
        first = left.date_input("开始日期", today, format="YYYY-MM-DD")
        last = right.date_input("截止日期（当天 24 点止）", today + timedelta(days=20), format="YYYY-MM-DD")
        mode = st.radio("保密方式", list(Mode), format_func=MODE_HELP.__getitem__)
        formula = st.selectbox(
            "满意度得分口径", list(FORMULAS), format_func=lambda one: FORMULAS[one].name, filter_mode=None
        )
        names = _questionnaires()
        questionnaire = st.selectbox("问卷", list(names), format_func=names.__getitem__, filter_mode=None)
        by_id = {one.id: one.name for one in departments}
        chosen = st.multiselect(
            "参评部门", list(by_id), list(by_id), by_id.__getitem__, placeholder="请选择部门"
        )
        saved = st.form_submit_button("保存为草稿", type="primary")
    if saved:
        new = actions.NewWave(
            title, _midnight(first), _midnight(last + timedelta(days=1)), Mode(mode or Mode.ANONYMOUS), formula,
            str(questionnaire), chosen,
        )  # fmt: skip
        _do(lambda db: actions.create_wave(db, new), f"「{title.strip()}」已保存，核对后点「开启」。")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _questionnaires() -> dict[str, str]:
    """File name → title of each questionnaire that can be read."""
    found = {}
    for path in sorted(actions.QUESTIONNAIRES.glob("*.toml")):
        try:
            found[path.stem] = load_questionnaire(path).title.zh
        except QuestionnaireError as error:
            st.error(str(error))
    return found


def _do(step: Callable[[Session], object], message: str) -> None:
    """Run a step in one transaction as an officer; say what happened or why not."""
    access.require(Role.OFFICER)
    try:
        with writing() as db:
            step(db)
    except (actions.NotAllowed, QuestionnaireError) as refused:
        st.error(str(refused))
        return
    st.session_state[MESSAGE] = message
    st.rerun()
