"""比较: departments of a class against each other, in tiers and ranges of ranks, under any figure and 口径."""

import streamlit as st

from survey.core.models import Source
from survey.output.figures import charts, charts_heat, findings_comparison, glance
from survey.output.study import compared
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.study import studies
from survey.storage.waves import arriving, published
from survey.ui import blocks, explain, filters, live
from survey.ui.access import require_page
from survey.ui.figures import cards, compare
from survey.ui.moment import moment

user = require_page("compare")
wave, top, (right,) = filters.chosen_wave_beside(
    (1, 3), "开启期次并收到答卷后，这里把同类部门放在一起比较：分档不排名，名次只给范围。"
)
form = published.form(wave)
with reading() as db:
    names = published.strata(db, wave.id)
    with right:
        view = filters.choose_view(db, form, wave, names)
    left, right = st.columns(2)
    with left:
        measure = filters.choose_measure()
    with right:
        question = filters.choose_question(form)
    drawn = arriving.pulse(db, wave.id, moment())
    note = released.release_note(db, wave, view.source)
    forms = released.form_counts(db, wave, view)
    figures = studies.judged_figures(db, wave, view)
    parts = released.by_stratum(db, wave, question) if view.source == Source.VERIFIED else {}
    part = published.part_names(db, view)
rows = compared.in_order(figures, question, measure)

with top:
    said = findings_comparison.comparison_headline(figures, rows, measure)
    blocks.finding(said, cards.until(wave, figures.study, note, view))
    blocks.wave_marks(wave, view.source)
live.watch(wave, drawn)
if not drawn.responses:
    blocks.no_answers(wave)

blocks.ladder(glance.ladder(forms, figures.ratings))
if figures.study:
    compare.tiers(figures, rows, measure)
elif view.stratum_id is None:
    compare.computing()
blocks.picture(charts.rates(figures, question, measure), "ranges")
compare.table(figures, rows, measure)
explain.drawer(
    wave, view.source, note, figures.study, figures.formula.text, compare.EXPLAINED,
    [("梯队", "每个部门与本类别各部门的平均比，多重比较按 Holm 法校正；评价不足 30 家的不参加")],
)  # fmt: skip
compare.strata(wave, rows, names, parts, measure, figures.formula)
blocks.picture(charts_heat.heat(figures), "heat")
compare.formulas(figures, rows)
