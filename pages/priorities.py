"""先改什么: which dimension goes most with 总体满意度 and is rated low, and who is weakest in it."""

import streamlit as st

from survey.core.figures.view import View
from survey.output.figures import glance
from survey.output.study import priorities
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.study import studies
from survey.storage.waves import arriving, published
from survey.ui import blocks, explain, filters, live
from survey.ui.access import require_page
from survey.ui.moment import moment
from survey.ui.study import priorities as pieces
from survey.ui.waiting import unanswered, unstudied

require_page("priorities")
wave, top, (middle, right) = filters.chosen_wave_beside(
    3, "开启期次并收到答卷后，这里说明哪个维度最值得先改。"
)
form = published.form(wave)
with middle:
    department_id = filters.choose_scope(form)
with reading() as db:
    with right:
        source = filters.choose_source(wave, published.default_source(db, wave))
    drawn = arriving.pulse(db, wave.id, moment())
    figures = studies.judged_figures(db, wave, View(source=source))
    forms = released.form_counts(db, wave, View(source=source))
    note = released.release_note(db, wave, source)
found = figures.study
live.watch(wave, drawn)
if department_id is None or not form.questionnaire.dimensions:
    pieces.nothing(department_id)
if not drawn.responses:
    unanswered(top, wave, source)
if found is None or found.failed:
    unstudied(top, "先改什么，还要等一等。", wave, source, note, found, pieces.TELLS)
    st.stop()

scope = next((one.name for one in form.departments if one.id == department_id), "全部部门")
dimensions = sorted(priorities.dimensions(form, figures, found, department_id), key=priorities.by_urgency)
drivers = priorities.associated(form, found, department_id)
with top:
    blocks.finding(priorities.headline(scope, dimensions))
    blocks.wave_marks(wave, source)
mine = next((row for row in figures.overall if row.department_id == department_id), None)
blocks.ladder(glance.ladder_of(mine, forms) if mine else glance.ladder(forms, figures.ratings))
pieces.quadrants(form, dimensions, drivers)
with st.container(key="card-dimensions"):
    pieces.places(dimensions)
    n, more = pieces.counted(dimensions, drivers), pieces.explained(department_id)
    explain.drawer(wave, source, note, found, pieces.FORMULA, n, more, "drivers")

dimension_names = {one.id: one.name for one in dimensions}
chosen = filters.choose_dimension(dimension_names)
weakest = priorities.weakest(form, figures, chosen, department_id)
below = priorities.below(figures, chosen)
pieces.weak(weakest, dimension_names[chosen], below, wave, source)
