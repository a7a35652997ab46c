"""企业: the registry of those who rate. Import with a preview, search, edit, archive."""

import streamlit as st

from survey.storage.database import reading
from survey.storage.registry import enterprises as registry
from survey.ui import blocks
from survey.ui.access import require_page
from survey.ui.registry import enterprises, importing

user = require_page("enterprises")
if importing.is_open():
    importing.show(user)
    st.stop()

with reading() as db:
    counts = registry.counts(db)
    last = registry.last_import(db)
blocks.finding(enterprises.sentence(counts))
enterprises.show_message()
enterprises.tools()
importing.last_done(last)
if not counts.listed + counts.archived:
    importing.explain()
    st.stop()

with reading() as db:
    search = enterprises.choose(registry.choices(db), counts)
    number, found = enterprises.choose_page(search, registry.how_many(db, search))
    page = registry.page(db, search, number)
enterprises.table(page, search, found)
