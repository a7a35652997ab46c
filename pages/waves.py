"""期次: the list, and a draft's way to its opening in four steps."""

import streamlit as st

from survey.storage.database import reading
from survey.storage.waves import arriving, published
from survey.ui import blocks, live, steps
from survey.ui.access import require_page
from survey.ui.moment import phase
from survey.ui.waves import cards, setup

user = require_page("waves")
with reading() as db:
    waves = published.waves(db)
    departments = published.departments(db)

if draft := setup.wanted(waves):
    setup.show(None if isinstance(draft, str) else draft, departments)
    st.stop()

with reading() as db:
    progress = {wave.id: arriving.progress(db, wave) for wave in waves}
    codes = {wave.id: published.open_code(db, wave.id) for wave in waves}
blocks.finding(cards.sentence(waves))
live.watch_phases({wave.id: phase(wave) for wave in waves})
steps.show_message()
cards.begin(waves)
if not waves:
    blocks.nothing("还没有期次", "点「新建期次」，选好时间和参评部门；开启后才会生成测评码。")
for wave in waves:
    cards.card(wave, progress[wave.id], codes[wave.id])
