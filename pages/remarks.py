"""留言: what enterprises wrote, searched and sorted by themes, and the words that tell."""

import streamlit as st

from survey.core.accounts.access import Right, actor, may
from survey.core.remarks.themes import count
from survey.core.remarks.words import FEWEST_REMARKS
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.remarks import listed
from survey.storage.study import studies
from survey.storage.waves import arriving, published
from survey.ui import blocks, explain, filters, live, steps
from survey.ui.access import require_page
from survey.ui.moment import moment, phase
from survey.ui.remarks import cards, themes
from survey.ui.remarks import listed as shown

user = require_page("remarks")
wave, top = filters.chosen_wave(
    "企业的留言成批公布后，在这里查找、归类，看不满意的企业更常提到什么。", lambda one: phase(one).started
)
officer = may(actor(), Right.CASES)
departments = {one.id: one.name for one in published.form(wave).departments}
with reading() as db:
    source = published.default_source(db, wave)
    drawn = arriving.pulse(db, wave.id, moment())
    everything = listed.labelled(db, wave.id)
    known = listed.themes(db)
    study = studies.study(db, wave, source)
    note = released.release_note(db, wave, source)
    too_few = listed.over(db, wave)
    left_over = listed.left(db, wave.id) if officer else []
counts = count([(one.remark.text, one.labels) for one in everything], known, 1 if officer else FEWEST_REMARKS)
search = filters.choose_remarks(departments, {one.label: f"{one.label}（{one.total}）" for one in counts})
found = [one for one in everything if search.finds(one)]

with top:
    blocks.finding(shown.sentence(everything, counts), cards.remarks_note(too_few, wave))
    blocks.wave_marks(wave)
    steps.show_message()
    themes.show_refusal()
live.watch(wave, drawn)
left, right = st.columns([3, 2])
with left:
    shown.listed(found, len(everything), search, departments, counts, list(known))
    shown.left_over(left_over, departments)
with right:
    shown.telling(wave, study, bool(note.number), everything, departments, search.department_id)
    themes.counted(counts, wave)
    if officer:
        themes.edit(known)
explain.drawer(wave, source, note, study, *shown.explained(everything))
