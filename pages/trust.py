"""体检: whether a department's score may be believed, who was silent, and what weighting changed."""

import streamlit as st

from survey.core.accounts.access import Right, may
from survey.core.figures.view import View
from survey.core.models import Source
from survey.output.study import trust
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.study import studies
from survey.storage.waves import arriving, published
from survey.ui import blocks, explain, filters, live
from survey.ui.access import require_page
from survey.ui.moment import moment
from survey.ui.study import trust as pieces
from survey.ui.waiting import unanswered, unstudied

user = require_page("trust")
wave, top, (right,) = filters.chosen_wave_beside(
    (2, 1), "开启期次并收到答卷后，这里说明各部门的得分能不能信、为什么。"
)
whole = may(user, Right.FIGURES)
with reading() as db:
    with right:
        source = filters.choose_source(wave, published.default_source(db, wave))
    drawn = arriving.pulse(db, wave.id, moment())
    figures = studies.judged_figures(db, wave, View(source=source))
    note = released.release_note(db, wave, source)
    progress = arriving.progress(db, wave)
    signs = released.signs(db, wave, source) if whole else None
found = figures.study
live.watch(wave, drawn)
if not figures.rows:
    blocks.nothing("本期没有测评您的部门", "可以换一个期次看看。")
    st.stop()
if not progress.collected:
    unanswered(top, wave, source)
if found is None or not found.trust:
    unstudied(top, "得分能不能信，还要等一等。", wave, source, note, found, pieces.TELLS)
    if whole:
        pieces.meanwhile(wave)
    st.stop()

checked = trust.checked(figures, found, source)
with top:
    blocks.finding(trust.headline(checked, found.closed), pieces.so_far(found, source))
    blocks.wave_marks(wave, source)
if signs is not None and source == Source.VERIFIED and progress.invited:
    pieces.ladder(progress, note.responses, signs)
with st.container(key="card-verdicts"):
    pieces.verdicts(checked, wave, found.closed, whole)
    n = f"{note.responses:,} 份答卷"
    explain.drawer(wave, source, note, found, figures.formula.text, n, [("检查", pieces.RULES)], "trust")
if source == Source.OPEN or not found.closed:
    st.stop()

pieces.weighting(found, trust.weighed(figures), whole)
