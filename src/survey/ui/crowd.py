"""Only a few pages are drawn at the same moment; the others wait their turn, or are asked to come back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Condition, local
from time import monotonic

import streamlit as st

from survey.settings import get_settings

WAIT_SECONDS = 20  # after that, people press F5 and make it worse


class Places:
    """So many places in all, and so many for one sign-in. The next free one goes to whoever has the fewest, and of
    those to whoever waits longest, so that nobody who keeps many pages busy holds up someone who opens one."""

    def __init__(self, total: int, each: int) -> None:
        self._total, self._each = total, each
        self._taken: Counter[str] = Counter()
        self._waiting: dict[object, str] = {}  # by ticket, in the order they came
        self._changed = Condition()

    def take(self, who: str, seconds: float) -> bool:
        """Wait for a place; whether there was one in time."""
        ticket, until = object(), monotonic() + seconds
        with self._changed:
            self._waiting[ticket] = who
            try:
                while self._next() is not ticket:
                    if not self._changed.wait(until - monotonic()):
                        return False
                self._taken[who] += 1
                return True
            finally:
                del self._waiting[ticket]
                self._changed.notify_all()

    def _next(self) -> object | None:
        """The ticket that may go now."""
        if self._taken.total() >= self._total:
            return None
        may = [one for one, who in self._waiting.items() if self._taken[who] < self._each]
        return min(may, key=lambda one: self._taken[self._waiting[one]], default=None)

    def give_back(self, who: str) -> None:
        with self._changed:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]
            self._changed.notify_all()

    @property
    def free(self) -> int:
        return self._total - self._taken.total()


@cache
def _places() -> Places:
    settings = get_settings()
    return Places(settings.office_runs, settings.office_runs_each)


_run = local()  # Streamlit gives every run a thread


@contextmanager
def place() -> Iterator[None]:
    """A place for this run, or for a piece of a page that runs alone. Streamlit stops a run by raising in it, so that
    the place is always given back."""
    if getattr(_run, "has_place", False):
        yield
        return
    places, who = _places(), str(st.user.get("login"))
    if not places.take(who, WAIT_SECONDS):
        _ask_to_wait()
        st.stop()
    _run.has_place = True
    try:
        yield
    finally:
        _run.has_place = False
        places.give_back(who)


def _ask_to_wait() -> None:
    st.html(
        '<div class="nothing page" role="alert"><b>现在打开的人多，请稍候</b>'
        '请过一两分钟刷新本页。企业填写不受影响。<br><a href="" target="_self">刷新</a></div>'
    )
