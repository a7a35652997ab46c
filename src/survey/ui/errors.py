"""What officials see when a page fails: a Chinese sentence, never a trace."""

import logging
from html import escape
from secrets import token_hex

import streamlit as st

from survey.actions.accounts import audit
from survey.core.accounts.access import Forbidden
from survey.core.discreet import trace
from survey.core.models import Outcome
from survey.core.own_files import FileRefused

log = logging.getLogger(__name__)


def report(error: Exception) -> bool:
    """Log the error under a short number and show that number instead; a refusal is said and noted as one."""
    if isinstance(error, Forbidden):
        audit.note("操作", "", Outcome.REFUSED)
        st.html(f'<div class="nothing page" role="alert"><b>没有权限</b>{error}</div>')
        return True
    if isinstance(error, FileRefused):
        st.html(f'<div class="nothing page" role="alert"><b>文件要先改正</b>{escape(str(error))}</div>')
        return True
    number = token_hex(3).upper()
    log.error("页面出错 %s：%s", number, trace(error))
    st.html(
        '<div class="nothing page" role="alert"><b>这个页面暂时打不开</b>'
        f"请刷新重试；仍不行请把编号 {number} 告诉管理员。已收到的答卷不受影响。</div>"
    )
    return True
