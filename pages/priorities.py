"""先改什么: which dimension goes most with 总体满意度 and is rated low, and who is weakest in it."""

import streamlit as st

from survey.core import sentences
from survey.core.drivers import Drivers
from survey.core.figures import Withheld
from survey.output import charts_priorities, glance, priorities
from survey.storage import reads, studies
from survey.storage.database import reading
from survey.ui import blocks, explain, filters, live
from survey.ui import priorities as pieces
from survey.ui.access import require_page
from survey.ui.moment import moment
from survey.ui.waiting import waiting

require_page("priorities")
waves = filters.waves_or_nothing("开启期次并收到答卷后，这里说明哪个维度最值得先改。")

top = st.container()
left, middle, right = st.columns(3)
with left:
    wave = filters.choose_wave(waves)
form = reads.form(wave)
with middle:
    department_id = filters.choose_scope(form)
with reading() as db:
    with right:
        source = filters.choose_source(wave, reads.default_source(db, wave))
    drawn = reads.pulse(db, wave.id, moment())
    figures = reads.figures(db, wave, reads.View(source=source))
    forms = reads.form_counts(db, wave, reads.View(source=source))
    found = studies.study(db, wave, source)
    note = reads.release_note(db, wave, source)
live.watch(wave, drawn)
if department_id is None:
    blocks.nothing("本期没有测评您的部门", "可以换一个期次看看。")
    st.stop()
if not form.questionnaire.dimensions:
    blocks.nothing("本期问卷只有总体满意度", "没有分维度的题目，不能比较先改哪个维度。")
    st.stop()
if not drawn.responses:
    with top:
        blocks.wave_marks(wave, source)
    blocks.no_answers(wave)
    st.stop()
if found is None or found.failed:
    with top:
        blocks.finding("先改什么，还要等一等。")
        blocks.wave_marks(wave, source)
    waiting(wave, note, found, "各维度的满意率、与总体满意度的关联")
    st.stop()

scope = next((one.name for one in form.departments if one.id == department_id), "全部部门")
dimensions = sorted(priorities.dimensions(form, figures, found, department_id), key=priorities.by_urgency)
drivers = priorities.associated(form, found, department_id)
names = [one.name.zh for one in form.questionnaire.dimensions]
with top:
    blocks.finding(priorities.headline(scope, dimensions))
    blocks.wave_marks(wave, source)
mine = next((row for row in figures.overall if row.department_id == department_id), None)
if mine is None:
    blocks.ladder(glance.ladder(forms, figures.ratings))
else:
    rated = 0 if isinstance(mine.cell, Withheld) else mine.cell.n
    blocks.ladder(glance.ladder(forms, rated, mine.asked, one=True))
if priorities.alike(dimensions):
    st.html(f'<div class="message caution">{blocks.safe(priorities.ALIKE)}</div>')
n = (
    f"{drivers.n:,} 家评全各维度的企业"
    if isinstance(drivers, Drivers)
    else f"{priorities.ratings(dimensions):,} 次评价"
)
blocks.picture(
    charts_priorities.quadrants(dimensions, sentences.drivers(names, drivers).rstrip("。"), f"n = {n}。"),
    "quadrants",
)
with st.container(key="card-dimensions"):
    blocks.title("各维度的位置")
    pieces.told(dimensions)
    pieces.table(dimensions)
    explain.drawer(
        wave,
        source,
        note,
        found,
        "满意率（含基本满意）：前三级占比",
        n,
        pieces.explained(department_id),
        "drivers",
    )

chosen = filters.choose_dimension({one.id: one.name for one in dimensions})
name = next(one.name for one in dimensions if one.id == chosen)
pieces.weak(
    priorities.weakest(form, figures, found, chosen, department_id), name,
    priorities.below(form, figures, found, chosen), wave, source,
)  # fmt: skip
