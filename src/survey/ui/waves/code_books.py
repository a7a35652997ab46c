"""发码对账表 and 封存."""

from datetime import UTC, datetime

import streamlit as st

from survey.actions.waves import seal
from survey.core.models import User, Wave
from survey.core.waves.code_ledger import Ledger
from survey.output.waves import vouchers
from survey.ui import access, messages, steps
from survey.ui.moment import phase


def books(ledger: Ledger) -> None:
    """The ledger, its equations, and a red sentence when one fails."""
    rows = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in vouchers.rows(ledger))
    checks = "".join(_check(*one) for one in ledger.equations)
    with st.container(key="card-books"):
        st.html('<h2 class="card-title">发码对账表</h2>')
        if ledger.void_used:
            messages.refused(f"有 {ledger.void_used:,} 个码先答卷、后作废，请核对是否有企业答了两次。")
        if not ledger.balanced:
            messages.refused("对账不平：下面打 ✗ 的等式两边不相等，请告诉管理员，查清之前不能封存。")
        left, right = st.columns(2)
        left.html(f'<table class="figures"><tbody>{rows}</tbody></table>')
        right.html(
            '<p class="card-note">每个数各自清点，下面的等式必须全部成立：</p>'
            f'<table class="figures"><tbody>{checks}</tbody></table>'
        )


def _check(words: str, left: int, right: int) -> str:
    agrees = left == right
    mark = "✓ 平" if agrees else "✗ 不平"
    tone = "" if agrees else ' class="bad"'
    return f"<tr><td>{words}</td><td{tone}>{left:,} {'=' if agrees else '≠'} {right:,}　{mark}</td></tr>"


def poster(wave: Wave, code: str | None) -> None:
    """The A4 poster of the open code, as long as there is anyone to invite."""
    if code is None or not phase(wave).inviting:
        return
    with st.container(key="card-poster"):
        st.html(
            '<h2 class="card-title">开放扫码海报</h2><p class="card-note">贴在大厅、会场；谁扫都能填，结果标明“未核验”，不和一企一码混在一起。</p>'
            f'<p class="files"><a href="/codes/{wave.id}/poster.pdf" target="_self" download>下载海报（A4 PDF）</a></p>'
        )


def sealing(wave: Wave, ledger: Ledger, user: User) -> None:
    """封存 after closing, then its 凭证."""
    if not phase(wave).over or wave.imported:
        return
    with st.container(key="card-seal"):
        st.html('<h2 class="card-title">封存</h2>')
        if wave.fingerprint:
            st.html(
                f'<p class="card-note">指纹 <b>{wave.fingerprint[: vouchers.SHOWN].upper()}</b>，印在以后的每份报表上。</p>'
                f'<p class="files"><a href="/codes/{wave.id}/voucher.pdf" target="_self" download>下载封存凭证（PDF）</a></p>'
            )
            return
        st.html(
            '<p class="card-note">对账平、答卷收齐之后封存：算出数据的指纹，打印凭证，经办人和监督人签字。</p>'
        )
        if st.button("封存", type="primary", disabled=not ledger.balanced):
            _confirm(wave, user)


@access.dialog("封存")
def _confirm(wave: Wave, user: User) -> None:
    st.text(f"封存「{wave.title}」？\n封存后数据的指纹固定下来，印在每份报表上，不能撤销。")
    if st.button("确认封存", type="primary"):
        steps.do(
            lambda db, _: seal.seal_wave(db, wave.id, datetime.now(UTC), user.name),
            f"「{wave.title}」已封存。",
        )
