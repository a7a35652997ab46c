"""企业: the registry of those who rate. Import with a preview, search, edit, archive."""

import streamlit as st

from survey.storage import registry
from survey.storage.database import reading
from survey.ui import blocks, enterprise_import, enterprises
from survey.ui.access import require_page

user = require_page("enterprises")
if enterprise_import.is_open():
    enterprise_import.show(user)
    st.stop()

with reading() as db:
    counts = registry.counts(db)
    last = registry.last_import(db)
blocks.finding(enterprises.sentence(counts))
enterprises.show_message()
enterprises.tools()
enterprise_import.last_done(last)
if not counts.listed + counts.archived:
    enterprise_import.explain()
    st.stop()

with reading() as db:
    search = enterprises.choose(registry.choices(db), counts)
    number, found = enterprises.choose_page(search, registry.how_many(db, search))
    page = registry.page(db, search, number)
enterprises.table(page, search, found)
