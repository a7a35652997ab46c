"""系统体检: how the installation fares, and what to do where it fares badly."""

import streamlit as st

from survey.actions import doctor
from survey.core.doctor import gravest_first, verdict
from survey.core.waves.rounds import said
from survey.ui import blocks
from survey.ui import doctor as shown
from survey.ui.access import require_page
from survey.ui.moment import moment

require_page("doctor")
now = moment()
with st.spinner("正在逐项查看…"):
    findings = doctor.examine(now)
blocks.finding(verdict(findings), f"{said(now)} 查看。在服务器上也可以运行 survey doctor。")
shown.listed(gravest_first(findings))
st.button("重新检查")  # any click draws the page anew
