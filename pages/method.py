"""方法: how every figure is made, for whoever sees figures; a drawer leads to its section."""

import streamlit as st

from survey.output.study.method import sections
from survey.ui import blocks
from survey.ui.access import require_page

require_page("method")
start, *told = sections()
asked = st.query_params.get("section", "")
chosen = [one for one in told if one.anchor == asked] or told
blocks.finding("每个数字怎样算、为什么这样算", "每一节先用一句话说结论，再写公式和出处，供复核的人查对。")
links = "".join(
    f'<li><a href="/method?section={one.anchor}" target="_self">{blocks.safe(one.title)}</a></li>'
    for one in told
)
whole = '<li><a href="/method" target="_self">全文</a></li>' if len(chosen) == 1 else ""
st.html(f'<nav class="method"><ul>{links}{whole}</ul></nav>')
for one in chosen:
    with st.container(key=f"card-{one.anchor}"):
        st.html(f'<h2 class="card-title">{blocks.safe(one.title)}</h2><div class="method">{one.html}</div>')
if len(chosen) > 1:
    st.html(f'<div class="method">{start.html}</div>')
