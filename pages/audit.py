"""审计: who did what, when, with what result; whether the log is whole."""

import streamlit as st

from survey.storage.accounts import people
from survey.storage.database import reading
from survey.ui import blocks, filters
from survey.ui.access import require_page
from survey.ui.accounts import audit

require_page("audit")
top = st.container()
search = audit.choose()
with reading() as db:
    found = people.audit_count(db, search)
    number = filters.choose_page(found, audit.SIZE, "audit")
    entries = people.audit_page(db, search, number, audit.SIZE)

with top:
    blocks.finding(
        f"审计日志有 {found:,} 条符合条件的记录。",
        "只增不改，至少保存 183 天。不含企业作答内容和测评码。同一账号十分钟内再次登录失败只计次数，到时合记一条。",
    )
audit.check()
audit.table(entries)
