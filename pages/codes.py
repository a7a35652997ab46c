"""发码: give every enterprise its code, replace lost ones, 对账, 封存."""

import streamlit as st

from survey.storage.database import reading
from survey.storage.waves import codes, published
from survey.ui import blocks, filters, steps
from survey.ui.access import require_page
from survey.ui.moment import phase
from survey.ui.waves import code_books, code_forms, code_jobs

user = require_page("codes")
wave, top = filters.chosen_wave("请先在「期次」里新建一个，再回来给企业发码。", lambda one: not one.imported)
with reading() as db:
    ledger = codes.ledger(db, wave.id)
    choices = codes.choices(db)
    open_code = published.open_code(db, wave.id)
with top:
    blocks.finding(code_forms.sentence(wave, ledger))
    blocks.wave_marks(wave)
    steps.show_message()

job = code_jobs.current(wave.id)
if job and job.running:
    code_forms.progress(job)
    st.stop()
if job:
    code_forms.result(job)
if not phase(wave).started:
    code_forms.issue(wave, choices, ledger.invited, user)
if ledger.issued or ledger.responses:
    code_books.books(ledger)
if ledger.invited and phase(wave).inviting:
    code_forms.lost(wave, user)
code_books.poster(wave, open_code)
code_books.sealing(wave, ledger, user)
