"""A step on a page: one transaction by someone with the right, then a sentence, said once."""

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from survey.actions.accounts import AccountError
from survey.actions.waves import NotAllowed
from survey.core.access import Right
from survey.core.models import User, Wave
from survey.core.questionnaire import QuestionnaireError
from survey.storage.database import writing
from survey.ui import access, messages

MESSAGE = "step-message"


def do(
    step: Callable[[Session, User], object], message: str, then: dict[str, str] | None = None,
    right: Right = Right.ROUNDS,
) -> None:  # fmt: skip
    """Run a step; say what happened, or why not. `then` is the address to go on at."""
    user = access.require(right)
    try:
        with writing() as db:
            result = step(db, user)
    except (NotAllowed, QuestionnaireError, AccountError) as refused:
        messages.refused(refused)
        return
    st.session_state[MESSAGE] = message
    if then is not None:
        made = {"draft": str(result.id)} if isinstance(result, Wave) and "step" in then else {}
        st.query_params.from_dict(made | then)
    st.rerun()


def show_message() -> None:
    """What the last step did."""
    if message := st.session_state.pop(MESSAGE, ""):
        messages.done(message)
