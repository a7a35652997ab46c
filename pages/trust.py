"""体检: whether a department's score may be believed, who was silent, and what weighting changed."""

import streamlit as st

from survey.core.access import Right, may
from survey.core.models import Source
from survey.core.returns import Group
from survey.output import charts_monitor, charts_trust, trust
from survey.storage import reads, studies
from survey.storage.database import reading
from survey.ui import blocks, explain, filters, live
from survey.ui import trust as pieces
from survey.ui.access import require_page
from survey.ui.moment import moment
from survey.ui.waiting import waiting

user = require_page("trust")
waves = filters.waves_or_nothing("开启期次并收到答卷后，这里说明各部门的得分能不能信、为什么。")

top = st.container()
left, right = st.columns([2, 1])
with left:
    wave = filters.choose_wave(waves)
form, whole = reads.form(wave), may(user, Right.FIGURES)
with reading() as db:
    with right:
        source = filters.choose_source(wave, reads.default_source(db, wave))
    drawn = reads.pulse(db, wave.id, moment())
    figures = reads.figures(db, wave, reads.View(source=source))
    found = studies.study(db, wave, source)
    note = reads.release_note(db, wave, source)
    progress = reads.progress(db, wave)
    signs = reads.signs(db, wave, source) if whole else None
live.watch(wave, drawn)
if not figures.rows:
    blocks.nothing("本期没有测评您的部门", "可以换一个期次看看。")
    st.stop()
if not progress.collected:
    with top:
        blocks.wave_marks(wave, source)
    blocks.no_answers(wave)
    st.stop()
if found is None or not found.trust:
    with top:
        blocks.finding("得分能不能信，还要等一等。")
        blocks.wave_marks(wave, source)
    waiting(wave, note, found, "各部门得分是否可信、哪些企业没有作答、加权前后相差多少")
    if whole:
        pieces.meanwhile(wave)
    st.stop()

checked = trust.checked(figures, found, source)
with top:
    blocks.finding(trust.headline(checked, found.closed), pieces.so_far(found, source))
    blocks.wave_marks(wave, source)
if signs is not None and source == Source.VERIFIED and progress.invited:
    pieces.ladder(progress, signs)
with st.container(key="card-verdicts"):
    pieces.verdicts(checked, wave, found.closed, whole)
    explain.drawer(
        wave, source, note, found, figures.formula.text, f"{note.responses:,} 份答卷", [("检查", pieces.RULES)], "trust",
    )  # fmt: skip
if source == Source.OPEN or not found.closed:
    st.stop()

rows = trust.weighed(figures, form, found)
groups = [
    Group(one.name, one.invited, one.answered, one.key)
    for one in found.weighting.strata
    if whole and one.invited
]
left, right = st.columns(2)
with left:
    pieces.silence(found, rows, whole)
    if rows:
        blocks.picture(charts_trust.weighting(rows), "weighting")
with right:
    if groups:
        lowest_first = sorted(groups, key=lambda one: one.share)
        blocks.picture(charts_monitor.rates(lowest_first, "分层", "截止时"), "strata")
    if len(rows) > 1:
        with st.container(key="card-weighted"):
            blocks.title("加权前后对照")
            pieces.weighting_table(rows)
