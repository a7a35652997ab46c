"""大屏: give out read-only addresses of a wave's released figures, and take them back."""

import streamlit as st

from survey.storage import people, reads
from survey.storage.database import reading
from survey.ui import blocks, filters, screens
from survey.ui.access import require_page

require_page("screens")
with reading() as db:
    waves = reads.waves(db)
    given = people.screens(db)
if not waves:
    blocks.nothing("还没有期次", "开启期次之后，可以把已公布的结果放到大厅的大屏上。")
    st.stop()

blocks.finding(screens.sentence(given))
screens.show_new_address()
screens.form(filters.choose_wave(waves))
screens.table(given)
