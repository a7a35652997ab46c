"""Forms that know what they were opened with. What was typed stays in its fields until it is saved or given up.

A form is drawn from what was there when it was opened, not from what is there now: Streamlit gives a field whose
first value changes a fresh start, and what was typed would be gone. Two people at once are told of each other;
see `core.versions`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, TypeVar

import streamlit as st
from sqlmodel import Session
from streamlit.runtime.scriptrunner import StopException

from survey.actions.versions import Stale
from survey.core.accounts.access import Right
from survey.core.models import User
from survey.core.refusals import Refusal
from survey.core.versions import Moved, Seen, Values
from survey.storage.accounts import people
from survey.storage.database import reading
from survey.ui import messages, steps
from survey.ui.blocks import safe

K = TypeVar("K")
MINE, THEIRS = "留我填的", "用现在的"
AT_ONCE = {f"全部{one}": one for one in (MINE, THEIRS)}  # offered for more than a few columns
A_FEW = 2
CHOOSE = "还没有选保留哪一个：请在上面逐项选好，再点一次。"


@dataclass
class _Open:
    """A form from its opening to its end."""

    number: int  # no two openings share a field
    first: Values  # what its fields were drawn with
    seen: Seen
    told: str = ""
    asked: tuple[Moved, ...] = ()
    chosen: dict[str, str] = field(default_factory=dict)  # column → MINE or THEIRS
    times: int = 0  # how often it was refused as stale


@contextmanager
def only_while_drawn() -> Iterator[None]:
    """Around a whole run of a page: a form that it no longer shows is over, and opens anew the next time."""
    forms, drawn = _forms(), set[str]()
    st.session_state[DRAWN] = drawn
    try:
        yield
    except (
        StopException
    ):  # a page stops itself by an exception; one that starts anew has not been drawn whole
        _end(forms, drawn)
        raise
    _end(forms, drawn)


def _end(forms: dict[str, _Open], drawn: set[str]) -> None:
    """A stopped page cannot ask for the session's state any more, so that both are handed over."""
    for name in forms.keys() - drawn:
        del forms[name]


def _forms() -> dict[str, _Open]:
    """The open forms of this session."""
    found: dict[str, _Open] = st.session_state.setdefault("forms", {})
    return found


def shown(name: str, things: Mapping[K, Values]) -> dict[K, Seen]:
    """What the page `name` showed of each thing when a button on it was pressed: this run has read them anew."""
    slot, entry = f"shown-{name}", _newest_entry()
    now = {one: Seen(values, entry) for one, values in things.items()}
    before: dict[K, Seen] = st.session_state.get(slot, {})
    st.session_state[slot] = now
    return now | {one: seen for one, seen in before.items() if one in now}


class EditForm:
    """One opening of the form `name`, which shows `values`: the columns of something, by their names.

    Fields take `form["phone"]` as their first value and `form.key("phone")` as their key.
    """

    def __init__(self, name: str, values: Values) -> None:
        self.name = name
        if name not in _forms():
            st.session_state[COUNT] = number = st.session_state.get(COUNT, 0) + 1
            _forms()[name] = _Open(number, values, Seen(values, _newest_entry()))
        self._open = _forms()[name]
        st.session_state.setdefault(DRAWN, set()).add(name)

    def __getitem__(self, column: str) -> Any:
        return self._open.first[column]

    @property
    def seen(self) -> Seen:
        """What it was opened with."""
        return self._open.seen

    def key(self, column: str) -> str:
        """The key of a field. A form opened on other values has other fields, also after a restart of the server."""
        return f"form-{self.name}-{self._open.number}-{_digest(self._open.first)}-{column}"

    @contextmanager
    def box(self, border: bool = True) -> Iterator[None]:
        """The form itself: nothing typed counts before its button is pressed. Call `questions` above the button."""
        with st.form(self.key("form"), border=border):
            yield

    def questions(self) -> None:
        """Where others' changes are told and asked about: above the button, where the person looks who pressed it."""
        self._top = st.empty()
        self._draw()

    def _draw(self) -> None:
        one = self._open
        if not one.told:
            return
        with self._top.container(key=self.key(f"stale-{one.times}")):
            messages.caution(one.told)
            if len(one.asked) > A_FEW:
                st.radio(
                    "一次选定（逐项另选的除外）", AT_ONCE, None, key=self._choice_for_all(), horizontal=True
                )
            for moved in one.asked:
                title = moved.title  # a column's name, ours
                before = [MINE, THEIRS].index(one.chosen[moved.name]) if moved.name in one.chosen else None
                key = self._choice(moved)
                st.radio(f"「{title}」保留哪一个", [MINE, THEIRS], before, key=key, horizontal=True)
                st.html(f'<p class="under">{MINE}：{safe(moved.mine)}<br>{THEIRS}：{safe(moved.theirs)}</p>')

    def _choice(self, moved: Moved) -> str:
        return self.key(f"keep-{self._open.times}-{moved.name}")

    def _choice_for_all(self) -> str:
        return self.key(f"keep-{self._open.times}")

    def save(
        self, step: Callable[[Session, User, Seen], object], message: str, then: dict[str, str] | None = None,
        right: Right = Right.ROUNDS,
    ) -> None:  # fmt: skip
        """Run a step with what was seen; on success the form is over, otherwise what was typed stays."""
        if (seen := self._seen()) is None:
            messages.refused(CHOOSE)
            return
        try:
            result = steps.transact(lambda db, user: step(db, user, seen), right)
        except Stale as stale:
            self._ask(stale)
        except Refusal as refused:
            messages.refused(refused)
        else:
            _forms().pop(self.name, None)
            steps.go_on(result, message + seen.note, then)

    def _seen(self) -> Seen | None:
        """What was seen with what was chosen since; None while something is not chosen."""
        one = self._open
        otherwise = AT_ONCE.get(st.session_state.get(self._choice_for_all()) or "")
        answers = {moved.name: st.session_state.get(self._choice(moved)) or otherwise for moved in one.asked}
        if None in answers.values():
            return None
        one.chosen = {name: str(answer) for name, answer in answers.items()}
        return replace(
            one.seen, yielded=frozenset(name for name in answers if answers[name] == THEIRS), note=""
        )

    def _ask(self, stale: Stale) -> None:
        """Tell what others changed, and ask about what both did. From here on that has been seen."""
        one = self._open
        one.times += 1
        again = {moved.name for moved in stale.asked}
        one.chosen = {name: answer for name, answer in one.chosen.items() if name not in again}
        one.told = str(stale)
        one.asked = (*stale.asked, *(moved for moved in one.asked if moved.name not in again))
        one.seen = Seen({**one.seen.values, **stale.settled}, one.seen.entry)
        self._draw()


COUNT, DRAWN = "forms-opened", "forms-drawn"


def _digest(values: Values) -> str:
    return sha256(repr(sorted(values.items(), key=lambda one: one[0])).encode()).hexdigest()[:8]


def _newest_entry() -> int:
    with reading() as db:
        last = people.last_entry(db)
    return last.id if last else 0
