"""部门: one department's story: place, change, trust, dimensions, reasons and remarks."""

import streamlit as st

from survey.core.figures.view import View
from survey.output.figures import charts, charts_reasons, findings_department, glance
from survey.output.study import story
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.remarks import listed
from survey.storage.study import studies
from survey.storage.waves import arriving, published
from survey.ui import blocks, explain, filters, live
from survey.ui.access import require_page
from survey.ui.figures import cards, compare
from survey.ui.moment import moment
from survey.ui.remarks import cards as remark_cards

user = require_page("department")
wave, top, (middle, right, last) = filters.chosen_wave_beside(
    4, "开启期次并收到答卷后，这里显示一个部门的各维度评价、差评原因和留言。"
)
form = published.form(wave)
with middle:
    department_id = filters.choose_department(form)
with last:
    rate = filters.choose_measure(rates_only=True)
with reading() as db:
    with right:
        source = filters.choose_source(wave, published.default_source(db, wave))
    drawn = arriving.pulse(db, wave.id, moment())
    note = released.release_note(db, wave, source)
    view = View(source=source)
    forms = released.form_counts(db, wave, view)
    figures = studies.judged_figures(db, wave, view)
    study = figures.study
    told = listed.told(db, wave, department_id)
if department_id is None:
    blocks.nothing("本期没有测评您的部门", "可以换一个期次看看。")
    st.stop()
row = next(one for one in figures.overall if one.department_id == department_id)
rows = [one for one in figures if one.department_id == department_id]

with top:
    blocks.finding(findings_department.headline(figures, row, source), cards.until(wave, study, note, view))
    blocks.wave_marks(wave, source)
    if drawn.responses:
        blocks.glance(story.story(figures, row, form.item(form.position[department_id]), wave, rate))
        cards.trust_link(wave, study, user)
live.watch(wave, drawn)
blocks.ladder(glance.ladder_of(row, forms))
left, right = st.columns([3, 2])
with left:
    blocks.picture(charts.dimensions(figures, department_id), "dimensions")
with right:
    told_bad = [one.name.zh for one in form.questionnaire.reasons]
    blocks.picture(charts_reasons.reasons(row.cell, told_bad), "reasons")
compare.questions(figures, rows, rate)
explain.drawer(wave, source, note, study, figures.formula.text, compare.ONE_EXPLAINED)
remark_cards.remarks(told, {one.id: one.name for one in form.departments}, wave)
