"""期次: list, create, open and close."""

import streamlit as st

from survey.core.models import Role
from survey.storage import reads
from survey.storage.database import reading
from survey.ui import blocks, wave_forms
from survey.ui.access import require

user = require(Role.OFFICER)
with reading() as db:
    waves = reads.waves(db)
    departments = reads.departments(db)
    progress = {wave.id: reads.progress(db, wave) for wave in waves}
    codes = {wave.id: reads.open_code(db, wave.id) for wave in waves}

blocks.finding(wave_forms.sentence(waves))
wave_forms.show_message()
if st.button("新建期次", type="primary", icon=":material/add:"):
    wave_forms.create(departments)
if not waves:
    blocks.nothing("还没有期次", "点「新建期次」，选好时间和参评部门；开启后才会生成测评码。")
for wave in waves:
    wave_forms.card(wave, progress[wave.id], codes[wave.id])
