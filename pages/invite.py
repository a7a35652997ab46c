"""一键测评: the wave's QR code to project or print, a live count, and the form as phones show it."""

import streamlit as st

from survey.settings import get_settings
from survey.storage.database import reading
from survey.storage.waves import arriving, published
from survey.ui import blocks, filters, live
from survey.ui.access import require_page
from survey.ui.moment import moment
from survey.ui.waves import invitation

user = require_page("invite")
wave, top = filters.chosen_wave("请经办人到「期次」里新建并开启一个，这里就会出现测评码。")
with reading() as db:
    code = published.open_code(db, wave.id)
    drawn = arriving.pulse(db, wave.id, moment())
with top:
    blocks.finding(invitation.sentence(wave, code))
    blocks.wave_marks(wave)

left, right = st.columns(2)
with left:
    if code:
        live.collected(wave, drawn)
        invitation.qr_card(wave, f"{get_settings().address}/q/{code}")
    else:
        blocks.nothing("还没有测评码", "请经办人在「期次」里开启它，测评码随即生成。")
with right:
    invitation.preview(wave)
