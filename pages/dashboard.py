"""看板: the wave at a glance. Counts move by themselves, figures with each release."""

import streamlit as st

from survey.core.clock import china_day
from survey.core.figures.withholding import hides_nothing
from survey.output.figures import charts, charts_arrivals, charts_heat, findings, glance
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.ledger import cases
from survey.storage.remarks import listed
from survey.storage.study import studies
from survey.storage.waves import arriving, published
from survey.ui import blocks, explain, filters, live
from survey.ui.access import require_page
from survey.ui.figures import cards
from survey.ui.moment import moment
from survey.ui.remarks import cards as remark_cards

user = require_page("dashboard")
wave, top, (right,) = filters.chosen_wave_beside(
    (1, 3), "请经办人到「期次」里新建并开启一个，企业就可以扫码测评了。"
)
with reading() as db:
    form = published.form(wave)
    names = {one.id: one.name for one in form.departments}
    with right:
        view = filters.choose_view(db, form, wave, published.strata(db, wave.id))
    part = published.part_names(db, view)
    drawn = arriving.pulse(db, wave.id, moment())
    collected = arriving.progress(db, wave).of(view.source)
    note = released.release_note(db, wave, view.source)
    figures = studies.judged_figures(db, wave, view)
    waiting = cases.open_cases(db, wave.id, china_day(moment()))
    arrived = arriving.arrivals(db, wave)
    told = listed.told(db, wave, limit=8)

with top:
    blocks.finding(
        findings.headline(figures, collected, view.source, part), cards.until(wave, figures.study, note, view)
    )
    blocks.wave_marks(wave, view.source)
    if drawn.responses and view.stratum_id is None:
        help_wanted = glance.waiting(waiting.count, waiting.oldest, waiting.overdue, names)
        blocks.glance(
            [*glance.of_wave(wave, form, figures, whole=not view.category), ("请求帮办", help_wanted)]
        )
live.dashboard_counts(wave, figures, drawn, view)
if not drawn.responses:
    blocks.no_answers(wave)
blocks.pictures(rates=charts.rates(figures), grades=charts.grades(figures))
left, right = st.columns(2)
with left:
    blocks.picture(charts_heat.heat(figures), "heat")
with right:
    blocks.picture(charts_arrivals.arrivals(arrived, stepped=not hides_nothing(wave)), "arrivals")
    remark_cards.remarks(told, names, wave)
cards.figures_table(figures, wave, view.source)
explain.drawer(wave, view.source, note, figures.study, figures.formula.text, cards.EACH, cards.CONTACTS)
cards.files(wave, view, user)
