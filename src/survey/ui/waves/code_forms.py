"""发码: choose whom, watch it being made, take it away; 换码 for what was lost."""

from datetime import UTC, datetime

import streamlit as st

from survey.actions.waves import codes as actions
from survey.core import editable
from survey.core.accounts.access import Right
from survey.core.models import Enterprise, User, Wave
from survey.core.waves.code_ledger import Ledger
from survey.output.waves import sending_list
from survey.output.waves.addressees import Addressee, Past, occasion
from survey.output.waves.bundle import Wanted
from survey.storage.database import reading
from survey.storage.waves import codes, rounds
from survey.storage.waves.codes import RegistryPart
from survey.ui import access, editing, messages
from survey.ui.access import refreshing
from survey.ui.moment import moment, phase
from survey.ui.waves import code_jobs
from survey.ui.waves.code_jobs import CodeJob

NAMES = {"industries": "行业", "sizes": "规模", "parks": "园区", "officers": "服务专员"}
BUTTON = "display:inline-block;background:#1F5AA6;color:#fff;padding:8px 16px;border-radius:8px;text-decoration:none"
SAMPLE = "A" * 22  # as long as a code


def sentence(wave: Wave, ledger: Ledger) -> str:
    """The first line of the page."""
    if not ledger.balanced:
        return "发码对账表不平，请先查清再往下走。"
    if not ledger.invited:
        return "这个期次没有发放一企一码。" if phase(wave).started else "这个期次还没有发码。"
    changed = f"，换码 {ledger.reissued:,} 个" if ledger.reissued else ""
    answered = f"，已用 {ledger.used:,} 个" if phase(wave).started else ""
    return f"已给 {ledger.invited:,} 家企业发码{changed}{answered}，对账平。"


@refreshing(1)
def progress(job: CodeJob) -> None:
    """How far the running job is; the page is drawn anew when it ends."""
    if not job.running:
        st.rerun()
    share = min(1.0, job.done / job.total)
    st.progress(share, f"正在制作：{job.done:,} / {job.total:,}。可以离开本页，做完还在这里。")


def result(job: CodeJob) -> None:
    """What came of the last job: its bundle, or why not."""
    with st.container(key="card-bundle"):
        if job.problem or job.path is None:
            messages.refused(job.problem or "这份发码包已经不在了。")
        else:
            _take(job, f"/codes/{job.wave.id}/bundle/{job.path.stem.partition('-')[2]}.zip")
        for warning in job.warnings[:20]:
            messages.caution(warning)
        kept = "已存好，删除服务器上的这份" if not job.problem else "知道了"
        if st.button(kept, key="put-away"):
            code_jobs.put_away(job.wave.id)
            st.rerun()


def _take(job: CodeJob, address: str) -> None:
    st.html(
        f'<h2 class="card-title">{"换码" if job.lost else "发码"}完成：{len(job.made):,} 家</h2>'
        '<p class="card-note">只给这一次：系统只存码的指纹，链接以后查不到。请下载并保管好，一小时后服务器上的这份自动删除。</p>'
        f'<p><a href="{address}" style="{BUTTON}" target="_self" download>下载发码包（ZIP）</a></p>'
    )
    if len(job.made) == 1:
        try:
            about = occasion(job.wave, moment())
        except Past as past:
            messages.caution(past)
            return
        st.text(f"{job.made[0].name} 的新短信，可以复制：")
        st.text(sending_list.message(job.wanted.template, about, job.made[0]))


def issue(wave: Wave, choices: dict[str, list[str]], invited: int, user: User) -> None:
    """Whom to invite and what to print."""
    if wave.closes_at <= moment():
        messages.caution(actions.PAST)
        return
    with st.container(key="card-issue"):
        st.html(
            '<h2 class="card-title">给企业发码</h2><p class="card-note">不选就是全部。已经有码的和已归档的企业不会重复发。'
            f'发完<a href="/waves?draft={wave.id}&amp;step=2" target="_self">回到「期次」继续</a>。</p>'
        )
        with reading() as db:
            if not codes.uninvited(db, wave.id, RegistryPart()):
                st.text("名录里的企业都已发码。" if invited else "名录里还没有企业，请先导入企业名录。")
                return
        part = _part(choices)
        with reading() as db:
            found = codes.uninvited(db, wave.id, part)
            before = set(rounds.last_invited(db, wave))
        again = f"照上期：只发上期邀请过、仍在册的企业（{len(before):,} 家）"
        if before and st.checkbox(again, key="part-before"):
            found = [one for one in found if one.id in before]
        wanted = _wanted(wave, found)
        phones = sum(not one.phone for one in found)
        without = f"，其中 {phones:,} 家没有手机号" if phones else ""
        st.text(f"将发 {len(found):,} 家{without}。")
        seen = editing.shown("codes", {wave.id: editable.printed(wave)})
        ready = bool(found) and wanted is not None
        if st.button(f"发码（{len(found):,} 家）", type="primary", disabled=not ready) and wanted:
            _begin(CodeJob(wave, found, wanted, user.name, seen[wave.id], lost=False))


def _part(choices: dict[str, list[str]]) -> RegistryPart:
    chosen = {}
    for column, (name, label) in zip(st.columns(len(NAMES)), NAMES.items(), strict=True):
        with column:
            chosen[name] = st.multiselect(label, choices[name], placeholder="全部", key=f"part-{name}")
    left, right = st.columns(2)
    key_only = left.checkbox("只发重点企业", key="part-key")
    return RegistryPart(
        **chosen, key_only=key_only, reachable_only=right.checkbox("只发有手机号的", key="part-phone")
    )


def _wanted(wave: Wave, found: list[Enterprise]) -> Wanted | None:
    """What to print and the text message; None while that cannot be used."""
    left, middle, right = st.columns(3)
    cards = left.checkbox("二维码卡（A4 每张 8 个）", True, key="want-cards")
    letters = middle.checkbox("邀请函（每家一页）", True, key="want-letters")
    folders = right.checkbox("按服务专员分文件夹", True, key="want-folders")
    template = str(
        st.text_area(
            "短信模板", sending_list.TEMPLATE, key="want-text", help="花括号里的字会换成每家企业自己的。"
        )
    )
    if problem := sending_list.problem(template):
        messages.refused(problem)
        return None
    name = max((one.name for one in found), key=len, default="某某有限公司")
    text = sending_list.message(template, occasion(wave, moment()), Addressee(name, SAMPLE))
    size = sending_list.length(text)
    st.caption(f"最长的一条 {size} 个字，按 {sending_list.messages(text)} 条短信计费：")
    st.text(text)
    return Wanted(cards, letters, folders, template)


def lost(wave: Wave, user: User) -> None:
    """换码: for one enterprise, or for all whose code has not been used."""
    with st.container(key="card-lost"):
        st.html(
            '<h2 class="card-title">清单丢了、码外泄了：换码</h2><p class="card-note">旧码当即作废，换成新码。已经答过卷的企业不受影响。</p>'
        )
        words = st.text_input("找企业", placeholder="名称或统一社会信用代码的一部分", key="lost-words")
        with reading() as db:
            found = codes.search(db, wave.id, words) if words.strip() else []
            unused = codes.unused(db, wave.id)
        if words.strip() and not found:
            st.text("有码的企业里没有找到，请换几个字再试。")
        for one in found:
            name, step = st.columns([5, 1], vertical_alignment="center")
            name.text(f"{one.name}　{one.officer}")
            if step.button("换码", key=f"lost-{one.id}"):
                _confirm(wave, [one], user)
        if unused and st.button(f"全部未用的换码（{len(unused):,} 家）", key="lost-all"):
            _confirm(wave, unused, user)
        if not phase(wave).started:
            _withdraw(wave, user)


@access.dialog("换码")
def _confirm(wave: Wave, enterprises: list[Enterprise], user: User) -> None:
    whom = f"「{enterprises[0].name}」" if len(enterprises) == 1 else f"全部未用的 {len(enterprises):,} 家"
    with reading() as db:
        held = codes.held(db, wave.id, [one.id for one in enterprises])
    which = enterprises[0].id if len(enterprises) == 1 else "all"
    form = editing.EditForm(f"replace-{wave.id}-{which}", {"codes": held})
    st.text(f"给{whom}换码？\n旧码当即作废，已经发出去的短信、卡片和信函都不能再用。")
    if st.button("确认换码", type="primary"):
        _begin(
            CodeJob(
                wave, enterprises, Wanted(by_officer=len(enterprises) > 1), user.name, form.seen, lost=True
            )
        )


def _withdraw(wave: Wave, user: User) -> None:
    """Take back all codes while the wave has not opened."""
    if st.button("发错了，撤回全部发码", key="withdraw"):
        _confirm_withdraw(wave, user)


@access.dialog("撤回发码")
def _confirm_withdraw(wave: Wave, user: User) -> None:
    with reading() as db:
        invited = len(rounds.invited(db, wave.id))
    form = editing.EditForm(f"withdraw-{wave.id}", {"invited": invited})
    st.text(f"撤回 {form['invited']:,} 家的码后，已经发出去的码都打不开，邀请名单清空，可以重新发码。")
    form.questions()
    if st.button("确认撤回", type="primary"):
        form.save(
            lambda db, _, seen: actions.withdraw_codes(db, wave.id, datetime.now(UTC), user.name, seen),
            "发码已全部撤回。",
        )


def _begin(job: CodeJob) -> None:
    access.require(Right.ROUNDS)
    if not code_jobs.start(job):
        messages.refused("这个期次正在制作发码包，请等它做完。")
        return
    st.rerun()
