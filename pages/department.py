"""部门: one department's story: place, change, trust, dimensions, reasons and remarks."""

import streamlit as st

from survey.core.view import View
from survey.output import charts, charts_reasons, findings_department, glance, story
from survey.storage import arriving, published, released, remarks, studies
from survey.storage.database import reading
from survey.ui import blocks, compare, explain, figure_cards, filters, live, remark_cards
from survey.ui.access import require_page
from survey.ui.moment import moment

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
    told = remarks.told(db, wave, department_id)
if department_id is None:
    blocks.nothing("本期没有测评您的部门", "可以换一个期次看看。")
    st.stop()
place = next(place for place, one in enumerate(form.departments) if one.id == department_id)
row = next(one for one in figures.overall if one.department_id == department_id)
rows = [one for one in figures if one.department_id == department_id]

with top:
    blocks.finding(
        findings_department.department_headline(figures, row, source),
        figure_cards.until(wave, study, note, view),
    )
    blocks.wave_marks(wave, source)
    if drawn.responses:
        blocks.glance(story.story(figures, row, form.item(place), wave, rate))
        figure_cards.trust_link(wave, study, user)
live.watch(wave, drawn)
blocks.ladder(glance.ladder_of(row, forms))
left, right = st.columns([3, 2])
with left:
    blocks.picture(charts.dimensions(figures, department_id), "dimensions")
with right:
    names = [reason.name.zh for reason in form.questionnaire.reasons]
    blocks.picture(charts_reasons.reasons(row.cell, names), "reasons")
compare.questions(figures, rows, rate)
explain.drawer(wave, source, note, study, figures.formula.text, compare.ONE_EXPLAINED)
remark_cards.remarks(told, {one.id: one.name for one in form.departments}, wave)
