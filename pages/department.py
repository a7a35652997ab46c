"""部门: one department's story: place, change, trust, dimensions, reasons and remarks."""

import streamlit as st

from survey.core.access import Right, actor, may
from survey.core.figures import Withheld
from survey.output import charts, findings, glance, story
from survey.storage import reads, remarks, studies
from survey.storage.database import reading
from survey.ui import blocks, compare, explain, filters, live
from survey.ui.access import require_page
from survey.ui.moment import moment

user = require_page("department")
waves = filters.waves_or_nothing("开启期次并收到答卷后，这里显示一个部门的各维度评价、差评原因和留言。")

top = st.container()
left, middle, right, last = st.columns(4)
with left:
    wave = filters.choose_wave(waves)
form = reads.form(wave)
with middle:
    department_id = filters.choose_department(form)
with last:
    rate = filters.choose_measure(rates_only=True)
with reading() as db:
    with right:
        source = filters.choose_source(wave, reads.default_source(db, wave))
    drawn = reads.pulse(db, wave.id, moment())
    note = reads.release_note(db, wave, source)
    view = reads.View(source=source)
    forms = reads.form_counts(db, wave, view)
    figures = studies.judged_figures(db, wave, view)
    study = figures.study
    told = remarks.released(db, wave.id, department_id)
    too_few = remarks.over(db, wave)
    over = remarks.left(db, wave.id, department_id) if may(actor(), Right.CASES) else []
if department_id is None:
    blocks.nothing("本期没有测评您的部门", "可以换一个期次看看。")
    st.stop()
place = next(place for place, one in enumerate(form.departments) if one.id == department_id)
row = next(one for one in figures.overall if one.department_id == department_id)
rows = [one for one in figures if one.department_id == department_id]
rated = 0 if isinstance(row.cell, Withheld) else row.cell.n

with top:
    blocks.finding(findings.department_headline(figures, row, source), blocks.until(wave, study, note, view))
    blocks.wave_marks(wave, source)
    if drawn.responses:
        blocks.glance(story.story(row, form.item(place), wave, study, rate))
        blocks.trust_link(wave, study, user)
live.watch(wave, drawn)
blocks.ladder(glance.ladder(forms, rated, row.asked, one=True))
left, right = st.columns([3, 2])
with left:
    blocks.picture(charts.dimensions(figures, department_id), "dimensions")
with right:
    names = [reason.name.zh for reason in form.questionnaire.reasons]
    blocks.picture(charts.reasons(row.cell, names), "reasons")
compare.questions(figures, rows, rate)
explain.drawer(
    wave,
    source,
    note,
    study,
    figures.formula.text,
    "每行为评价过本部门这道题的企业数；接触率 = 评价企业 ÷ 答卷数",
)
blocks.remarks(told, too_few, {one.id: one.name for one in form.departments}, wave, over)
