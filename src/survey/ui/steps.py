"""A step on a page: one transaction by someone with the right, then a sentence, said once."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from sqlmodel import Session

from survey.core.accounts.access import Right
from survey.core.models import User, Wave
from survey.core.refusals import Refusal
from survey.storage.database import writing
from survey.ui import access, messages

R = TypeVar("R")
MESSAGE = "step-message"


def do(
    step: Callable[[Session, User], object], message: str, then: dict[str, str] | None = None,
    right: Right = Right.ROUNDS,
) -> None:  # fmt: skip
    """Run a step; say what happened, or why not. `then` is the address to go on at."""
    try:
        result = transact(step, right)
    except Refusal as refused:
        messages.refused(refused)
        return
    go_on(result, message, then)


def transact(step: Callable[[Session, User], R], right: Right = Right.ROUNDS) -> R:
    """The step in one transaction; raises `Refusal`."""
    user = access.require(right)
    with writing() as db:
        return step(db, user)


def go_on(result: object, message: str, then: dict[str, str] | None = None) -> None:
    """Draw the page anew, with what was done above it."""
    st.session_state[MESSAGE] = message
    if then is not None:
        made = {"draft": str(result.id)} if isinstance(result, Wave) and "step" in then else {}
        st.query_params.from_dict(made | then)
    st.rerun()


def show_message() -> None:
    """What the last step did."""
    if message := st.session_state.pop(MESSAGE, ""):
        messages.done(message)
