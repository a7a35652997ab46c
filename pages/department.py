"""部门: one department's dimensions, reasons and remarks."""

import streamlit as st

from survey.core.access import Right, actor, may
from survey.output import charts, findings
from survey.storage import reads, remarks
from survey.storage.database import reading
from survey.ui import blocks, filters, live
from survey.ui.access import require_page

user = require_page("department")
with reading() as db:
    waves = reads.waves(db)
if not waves:
    blocks.nothing("还没有期次", "开启期次并收到答卷后，这里显示一个部门的各维度评价、差评原因和留言。")
    st.stop()

top = st.container()
left, middle, right = st.columns(3)
with left:
    wave = filters.choose_wave(waves)
form = reads.form(wave)
with middle:
    department_id = filters.choose_department(form)
with reading() as db:
    with right:
        source = filters.choose_source(wave, reads.default_source(db, wave))
    drawn = reads.pulse(db, wave.id)
    figures = reads.figures(db, wave, reads.View(source=source))
    told = remarks.released(db, wave.id, department_id)
    too_few = remarks.over(db, wave)
    over = remarks.left(db, wave.id, department_id) if may(actor(), Right.CASES) else []
if department_id is None:
    blocks.nothing("本期没有测评您的部门", "可以换一个期次看看。")
    st.stop()
row = next(one for one in figures.overall if one.department_id == department_id)

with top:
    blocks.finding(findings.department_headline(figures, row, source))
    blocks.wave_marks(wave, source)
live.watch(wave, drawn)
left, right = st.columns([3, 2])
with left:
    blocks.picture(charts.dimensions(figures, department_id), "dimensions")
with right:
    names = [reason.name.zh for reason in form.questionnaire.reasons]
    blocks.picture(charts.reasons(row.cell, names), "reasons")
blocks.remarks(told, too_few, {one.id: one.name for one in form.departments}, wave, over)
