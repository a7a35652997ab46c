"""看板: the wave at a glance. Counts move by themselves, figures with each release."""

import streamlit as st

from survey.core.access import Right, actor, may
from survey.output import charts, findings
from survey.storage import reads, remarks
from survey.storage.database import reading
from survey.ui import blocks, filters, live
from survey.ui.access import require_page

user = require_page("dashboard")
with reading() as db:
    waves = reads.waves(db)
if not waves:
    blocks.nothing("还没有期次", "请经办人到「期次」里新建并开启一个，企业就可以扫码测评了。")
    st.stop()

top = st.container()
left, right = st.columns([1, 3], vertical_alignment="bottom")
with left:
    wave = filters.choose_wave(waves)
with reading() as db:
    form = reads.form(wave)
    with right:
        view = filters.choose_view(form, reads.strata(db, wave.id), wave, reads.default_source(db, wave))
    part = reads.part_names(db, view)
    drawn = reads.pulse(db, wave.id)
    collected = reads.progress(db, wave).of(view.source)
    figures = reads.figures(db, wave, view)
    arrived = reads.arrivals(db, wave.id)
    told = remarks.released(db, wave.id, limit=8)
    too_few = remarks.over(db, wave)
    over = remarks.left(db, wave.id) if may(actor(), Right.CASES) else []

with top:
    blocks.finding(findings.headline(figures, collected, view.source, part))
    blocks.wave_marks(wave, view.source)
live.dashboard_counts(wave, figures, drawn, view.source)
if not drawn.responses:
    blocks.no_answers(wave)
    st.stop()

left, right = st.columns(2)
with left:
    blocks.picture(charts.rates(figures), "rates")
with right:
    blocks.picture(charts.grades(figures), "grades")
left, right = st.columns(2)
with left:
    blocks.picture(charts.heat(figures), "heat")
with right:
    blocks.picture(charts.arrivals(arrived), "arrivals")
    blocks.remarks(told, too_few, {one.id: one.name for one in form.departments}, wave, over)
blocks.figures_table(figures, wave, view.source)
blocks.files(wave, view, user)
