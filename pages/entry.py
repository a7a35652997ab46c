"""代填: what an enterprise says on the phone or on a visit is entered on a plain page made for the keyboard."""

import streamlit as st

from survey.storage import monitor, reads
from survey.storage.database import reading
from survey.ui import blocks, entry, filters
from survey.ui.access import require_page
from survey.ui.moment import phase

user = require_page("entry")
with reading() as db:
    waves = [one for one in reads.waves(db) if phase(one).taking and not one.imported]
if not waves:
    blocks.nothing("没有期次在收答卷", "期次开启之后、收齐之前，企业在电话里或走访时说的打分可以在这里代填。")
    st.stop()

top = st.container()
wave = filters.choose_wave(waves)
with reading() as db:
    entered = monitor.entered(db, wave.id)
    choices = len(monitor.may_be_entered(db, wave.id))
with top:
    blocks.finding(entry.sentence(entered))
    blocks.wave_marks(wave)
entry.start(wave, choices)
entry.disputes(entered)
