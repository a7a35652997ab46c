"""趋势: a figure over the waves of a series, with what may be said of its changes."""

import streamlit as st

from survey.core.accounts.access import own_department
from survey.core.figures.view import View
from survey.core.study.course import follow
from survey.output.figures import glance
from survey.output.study import charts_trend, courses
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.study import studies, trends
from survey.storage.waves import arriving, published
from survey.ui import blocks, explain, filters, live
from survey.ui.access import require_page
from survey.ui.moment import moment, phase
from survey.ui.study import course

user = require_page("trend")
waves = filters.waves_or_nothing(
    "测评过两期以后，这里显示各部门的变化，以及哪些变化是看得出来的。", lambda one: phase(one).started
)

top = st.container()
names = courses.series_names(waves)
series = filters.choose_series(waves, names)
line = sorted((one for one in waves if one.series == series), key=lambda one: (one.opens_at, one.id))
departments, questions = course.followable([published.form(one) for one in line])
department_id, question_id = filters.choose_followed(departments, questions)
if department_id is None and own_department() is not None:
    blocks.nothing("各期都没有测评您的部门", "测评到您的部门以后，这里显示它的变化。")
    st.stop()
left, right = st.columns(2)
with left:
    yardstick = filters.choose_yardstick()
with right:
    source = None if all(one.imported for one in line) else filters.choose_channel()
with reading() as db:
    found = follow(trends.moments(db, line, department_id, question_id, source), yardstick)
    newest, shown_source = line[-1], found.steps[-1].moment.source
    drawn = arriving.pulse(db, newest.id, moment())
    note = released.release_note(db, newest, shown_source)
    study = studies.study(db, newest, shown_source)
    forms = released.form_counts(db, newest, View(source=shown_source))
name = course.name(departments, questions, department_id, question_id)

with top:
    blocks.finding(courses.headline(found, name), courses.slope_sentence(found, name))
    blocks.wave_marks(newest, shown_source)
live.watch(newest, drawn)
last = found.steps[-1].level
blocks.ladder(glance.ladder(forms, last.n if last else 0, forms.published, one=department_id is not None))
blocks.picture(charts_trend.trend(found, name), "trend")
course.broken(found)
course.waiting(newest, note, study, shown_source)
course.table(found, line)
formula, n, more = course.explained(found)
explain.drawer(newest, shown_source, note, study, formula, n, more)
