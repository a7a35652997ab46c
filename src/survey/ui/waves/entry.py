"""What stands around the entry form: the way to it, its rules, and what enterprises disputed."""

import streamlit as st

from survey.core.models import Wave
from survey.core.waves.returns import Entered
from survey.ui import blocks

RULES = (
    "先问一句「贵公司扫码填过了吗」：填过的不能再代填，交的时候会被退回。",
    "再说明白「由我代您填，我会知道您怎么打分」：不愿意的，请企业自己扫码。",
    "企业说几分填几分，没打过交道的留空；不替企业拿主意。",
    "代填的答卷标着“经办人代填”，企业用自己的测评码可以确认，也可以提出异议。",
)


def sentence(entered: Entered) -> str:
    """The first line of the page."""
    if not entered.total:
        return "本期还没有代填的答卷。"
    words = [f"电话 {entered.phone}"] if entered.phone else []
    words += [f"走访 {entered.visit}"] if entered.visit else []
    disputed = f"，{len(entered.disputed)} 家有异议，请尽快核实" if entered.disputed else ""
    return f"已代填 {entered.total} 家（{'、'.join(words)}），企业确认了 {entered.confirmed} 家{disputed}。"


def start(wave: Wave, choices: int) -> None:
    """The rules and the button that opens the form."""
    rules = "".join(f"<li>{one}</li>" for one in RULES)
    with st.container(key="card-entry"):
        st.html(
            '<h2 class="card-title">打电话或走访时，由经办人代填</h2>'
            f'<p class="card-note">全程只用键盘，一家约 1 分钟。有 {choices:,} 家企业可以代填。</p>'
            f'<ol class="rules">{rules}</ol>'
        )
        st.html(f'<p><a class="go" href="/entry/{wave.id}" target="_self"><span>打开代填页</span></a></p>')


def disputes(entered: Entered) -> None:
    """Who disputes what was entered, and what to do about it."""
    if not entered.disputed:
        return
    names = "".join(f"<li>{blocks.safe(one)}</li>" for one in entered.disputed)
    with st.container(key="card-disputes"):
        st.html(
            '<h2 class="card-title">企业有异议</h2><p class="card-note">请由另一位同事回电核实。不记名的期次里'
            f'找不到是哪一份答卷，不能撤回，只能如实记录。</p><ul class="rules">{names}</ul>'
        )
