"""提请开启 on screen: the step for the officer, and the card for the second person, where something waits for them."""

from collections import Counter
from datetime import UTC, datetime

import streamlit as st

from survey.actions.waves import opening
from survey.core.accounts.access import Right, may
from survey.core.models import Enterprise, User, Wave
from survey.core.versions import Seen
from survey.core.waves.frames import state_of
from survey.core.waves.rounds import said
from survey.storage.database import reading
from survey.storage.waves import proposals
from survey.storage.waves.proposals import Waiting
from survey.ui import access, blocks, editing, steps
from survey.ui.moment import moment
from survey.ui.registry.enterprises import who_made


def propose_button(wave: Wave, seen: Seen) -> None:
    """提请开启, where a second person is needed and has not been asked."""
    number = wave.id
    if st.button("提请开启", key="propose", type="primary"):
        steps.do(
            lambda db, _user: opening.propose(db, number, datetime.now(UTC), seen),
            "已提请。请另一位专班人员、领导或纪检监察登录，首页上方有这张名单；同意之后再来开启。",
        )


def above_the_first_page(user: User) -> None:
    """What waits for this person's yes or no; nothing otherwise."""
    if may(user, Right.CONSENT):
        steps.show_message()
        waiting()


def waiting(wave_id: int | None = None) -> None:
    """A card for each draft that waits for whoever looks, or for one of them."""
    with reading() as db:
        found = [one for one in proposals.waiting(db, moment()) if wave_id in (None, one.wave.id)]
    seen = editing.shown(
        "proposals", {one.wave.id: {"state": state_of(one.wave, one.frame)} for one in found}
    )
    for one in found:
        _card(one, seen[one.wave.id])


def _card(one: Waiting, seen: Seen) -> None:
    wave, asked = one.wave, one.proposal
    with st.container(key=f"card-proposal-{wave.id}"):
        blocks.title(
            f"等您表态：「{wave.title}」只邀请 {len(one.frame)} 家企业",
            f"{asked.who} {said(asked.at)} 提请开启，{said(wave.opens_at)} 至 {said(wave.closes_at)}。"
            "名单太小时，虚报几家就能从公布的数字看出其余企业怎么评。请核对下面都是真有的企业，再选同意或不同意。",
        )
        st.html(f'<p class="card-note">{blocks.safe(_makers(one.frame))}</p>')
        with st.expander(f"名单（{len(one.frame)} 家）"):
            st.html(_table(one.frame))
        with st.container(horizontal=True):
            if st.button("同意开启", key=f"agree-{wave.id}", type="primary"):
                number = wave.id
                steps.do(
                    lambda db, _user: opening.agree(db, number, datetime.now(UTC), seen),
                    f"已同意开启「{wave.title}」，由营商专班开启。", right=Right.CONSENT,
                )  # fmt: skip
            if st.button("不同意", key=f"decline-{wave.id}"):
                _decline(wave, seen)


def _makers(frame: list[Enterprise]) -> str:
    """How many each account brought into the registry."""
    counted = Counter(one.made_by or "没有记录" for one in frame)
    return "添加人：" + "、".join(f"{who} {n} 家" for who, n in counted.most_common())


def _table(frame: list[Enterprise]) -> str:
    rows = "".join(
        f'<tr><td class="text">{blocks.safe(one.name)}</td><td>{blocks.safe(one.uscc or "没有信用代码")}</td>'
        f'<td class="text">{blocks.safe(who_made(one) or "没有添加记录")}</td></tr>'
        for one in frame
    )
    return (
        '<table class="figures cases"><thead><tr><th scope="col" class="text">企业</th>'
        '<th scope="col">信用代码</th><th scope="col" class="text">谁添加</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


@access.dialog("不同意开启")
def _decline(wave: Wave, seen: Seen) -> None:
    form = editing.EditForm(f"decline-{wave.id}", seen.values)
    reason = st.text_input(
        "理由（记入期次日志）",
        max_chars=200,
        placeholder="例如：有 5 家查不到工商登记",
        key=form.key("reason"),
    )
    form.questions()
    if st.button("确认不同意", type="primary"):
        number = wave.id
        form.save(
            lambda db, _user, seen: opening.decline(db, number, reason, datetime.now(UTC), seen),
            f"已记下：不同意开启「{wave.title}」。", right=Right.CONSENT,
        )  # fmt: skip
