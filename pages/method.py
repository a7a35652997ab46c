"""方法: how every figure is made, for whoever sees figures; a drawer can lead to each section."""

import streamlit as st

from survey.output.method import sections
from survey.ui import blocks
from survey.ui.access import require_page

require_page("method")
start, *told = sections()
blocks.finding("每个数字怎样算、为什么这样算", "每一节先用一句话说结论，再写公式和出处，供复核的人查对。")
links = "".join(f'<li><a href="#{one.anchor}">{blocks.safe(one.title)}</a></li>' for one in told)
st.html(f'<nav class="method"><ul>{links}</ul></nav>')
for one in told:
    with st.container(key=f"card-{one.anchor}"):
        title = one.title
        st.subheader(title, anchor=one.anchor)
        st.html(f'<div class="method">{one.html}</div>')
st.html(f'<div class="method">{start.html}</div>')
