"""Only a few pages are drawn at the same moment; the others wait their turn, or are asked to come back."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

import streamlit as st

from survey.settings import get_settings

WAIT_SECONDS = 20  # after that, people press F5 and make it worse


@cache
def _places() -> BoundedSemaphore:
    return BoundedSemaphore(get_settings().office_runs)


@contextmanager
def place() -> Iterator[None]:
    """A place for this run. Streamlit stops a run by raising in it, so that the place is always given back."""
    places = _places()
    if not places.acquire(timeout=WAIT_SECONDS):
        _ask_to_wait()
        st.stop()
    try:
        yield
    finally:
        places.release()


def _ask_to_wait() -> None:
    st.html(
        '<div class="nothing page" role="alert"><b>现在打开的人多，请稍候</b>'
        '请过一两分钟刷新本页。企业填写不受影响。<br><a href="" target="_self">刷新</a></div>'
    )
