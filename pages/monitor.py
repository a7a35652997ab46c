"""回收: who has answered by group, how fast, and whom to remind today. Never what anybody answered."""

import streamlit as st

from survey.core.accounts.access import Right, may
from survey.core.clock import china_day
from survey.core.figures.withholding import hides_nothing
from survey.core.models import Source
from survey.core.waves.phase import until_told
from survey.output.waves import charts_monitor
from survey.output.waves.reminders import headline
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.waves import arriving, monitor
from survey.ui import blocks, filters, live
from survey.ui.access import require_page
from survey.ui.moment import moment, phase
from survey.ui.waves import returns
from survey.ui.waves.signs import card as signs_card

user = require_page("monitor")
wave, top = filters.chosen_wave(
    "开启期次、发出测评码之后，这里显示谁还没答、今天该提醒哪些企业。", lambda one: not one.imported
)
today = china_day(moment())
with reading() as db:
    drawn = arriving.pulse(db, wave.id, moment())
    progress = arriving.progress(db, wave)
    seen = monitor.returns(db, wave)
    course = monitor.course(db, wave)
    entered = monitor.entered(db, wave.id)
    listed = monitor.day_list(db, wave, moment()) if may(user, Right.ROUNDS) else None
    told = Source if hides_nothing(wave) else (Source.VERIFIED,)  # of open codes nothing is ever exact
    signs = {one: released.signs(db, wave, one) for one in told if progress.of(one)}

with top:
    counted = progress.answered_of_invited, progress.invited
    blocks.finding(headline(*counted, seen, phase(wave), until_told(wave, moment())))
    blocks.wave_marks(wave)
live.watch(wave, drawn)
if not progress.invited:
    blocks.nothing("没有可以跟踪的企业", "发放一企一码之后，才知道哪些企业还没有作答。")
    if signs:
        signs_card(wave, signs)
    st.stop()
returns.counts(wave, progress.answered_of_invited, progress.invited, seen, entered)

if may(user, Right.ROUNDS):
    returns.today(wave, listed, user)
returns.why()
left, right = st.columns(2)
with left:
    blocks.picture(charts_monitor.curve(course, today, phase(wave)), "course")
    blocks.picture(charts_monitor.rates(seen.officers, "服务专员", returns.as_of(seen)), "officers")
with right:
    blocks.picture(charts_monitor.rates(seen.strata, "分层", returns.as_of(seen)), "strata")
if signs:
    signs_card(wave, signs)
