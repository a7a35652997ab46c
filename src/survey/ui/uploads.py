"""Upload boxes and the permits behind them: a file is taken only while a page shows a box for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from survey.core.accounts.permits import uploads


def allow_upload() -> None:
    """Say beside every `st.file_uploader` that this page now takes a file."""
    context = get_script_run_ctx()
    if context:
        uploads.give(context.session_id, str(st.user.get("login")))


@contextmanager
def only_while_shown() -> Iterator[None]:
    """Around a whole run of a page: when it shows no upload box any more, its permit lapses."""
    began, context = monotonic(), get_script_run_ctx()
    try:
        yield
    finally:
        if context:
            uploads.lapse(context.session_id, began)
