"""看板: the wave at a glance. Counts move by themselves, figures with each release."""

import streamlit as st

from survey.core.clock import china_day
from survey.output import charts, charts_arrivals, charts_heat, findings, glance
from survey.storage import arriving, cases, published, released, remarks, studies
from survey.storage.database import reading
from survey.ui import blocks, explain, figure_cards, filters, live, remark_cards
from survey.ui.access import require_page
from survey.ui.moment import moment

user = require_page("dashboard")
wave, top, (right,) = filters.chosen_wave_beside(
    (1, 3), "请经办人到「期次」里新建并开启一个，企业就可以扫码测评了。"
)
with reading() as db:
    form = published.form(wave)
    with right:
        strata, source = published.strata(db, wave.id), published.default_source(db, wave)
        view = filters.choose_view(form, strata, wave, source)
    part = published.part_names(db, view)
    drawn = arriving.pulse(db, wave.id, moment())
    collected = arriving.progress(db, wave).of(view.source)
    note = released.release_note(db, wave, view.source)
    figures = studies.judged_figures(db, wave, view)
    study = figures.study
    waiting = cases.open_cases(db, wave.id, china_day(moment()))
    arrived = arriving.arrivals(db, wave.id)
    told = remarks.told(db, wave, limit=8)

names = {one.id: one.name for one in form.departments}

with top:
    blocks.finding(
        findings.headline(figures, collected, view.source, part), figure_cards.until(wave, study, note, view)
    )
    blocks.wave_marks(wave, view.source)
    if drawn.responses and view.stratum_id is None:
        help_wanted = glance.waiting(waiting.count, waiting.oldest, waiting.overdue, names)
        told_first = glance.of_wave(wave, form, figures, whole=not view.category)
        blocks.glance([*told_first, ("请求帮办", help_wanted)])
live.dashboard_counts(wave, figures, drawn, view)
if not drawn.responses:
    blocks.no_answers(wave)
    st.stop()

blocks.pictures(rates=charts.rates(figures), grades=charts.grades(figures))
left, right = st.columns(2)
with left:
    blocks.picture(charts_heat.heat(figures), "heat")
with right:
    blocks.picture(charts_arrivals.arrivals(arrived), "arrivals")
    remark_cards.remarks(told, names, wave)
figure_cards.figures_table(figures, wave, view.source)
explain.drawer(
    wave, view.source, note, study, figures.formula.text, "每行为评价过该部门的企业数",
    [("接触", "评价过部门总体满意度的次数，只含可以公布的部门")],
)  # fmt: skip
figure_cards.files(wave, view, user)
