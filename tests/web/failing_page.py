"""A page on which everything fails with words that no log may hold."""

import streamlit as st

from survey.core.accounts.access import EVERYONE
from survey.ui.access import refreshing, require
from tests.web.failing_door import fail

require(*EVERYONE)


@refreshing(1)
def piece() -> None:
    st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
    if st.session_state["drawn"] > 1:
        fail("fragment")
    st.text("piece")


st.button("press", on_click=fail, args=("callback",), key="press")
if "page" in st.query_params:
    fail("page")
piece()
