"""A step on a page: one transaction as an officer, then a sentence, said once."""

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from survey.actions.waves import NotAllowed
from survey.core.models import Role
from survey.storage.database import writing
from survey.ui import access
from survey.ui.words import words

MESSAGE = "step-message"


def do(step: Callable[[Session], object], message: str) -> None:
    """Run a step; say what happened or why not."""
    access.require(Role.OFFICER)
    try:
        with writing() as db:
            step(db)
    except NotAllowed as refused:
        st.error(words(refused))
        return
    st.session_state[MESSAGE] = message
    st.rerun()


def show_message() -> None:
    """What the last step did."""
    if message := st.session_state.pop(MESSAGE, ""):
        st.success(words(message))
