"""Pieces of pages that run alone: each asks again whether it is still for the one for whom its page was drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlmodel import Session
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection

from survey.actions.accounts import accounts, sessions
from survey.core.accounts.access import PAGES, Right
from survey.core.models import Role, User
from survey.storage.database import writing
from tests import people
from tests.conftest import forget
from tests.test_access import HOLDERS
from tests.web.conftest import Door, World

NOW = datetime.now(UTC)


@dataclass
class Run:
    """Everything one run drew, the pieces that will draw themselves anew, and what Streamlit calls the page."""

    drawn: str
    pieces: list[str]
    page: str


def run(session: ClientConnection, page: str = "", fragment: str = "", known: str = "") -> Run:
    """A run as a browser asks for it: by the page's address at first, then by what Streamlit calls it."""
    message, told = BackMsg(), ForwardMsg()
    asked = message.rerun_script
    asked.page_name, asked.fragment_id, asked.page_script_hash = page, fragment, known
    session.send(message.SerializeToString())
    drawn, pieces, ended = "", [], False
    while not ended:
        told = ForwardMsg()
        told.ParseFromString(session.recv(60))  # type: ignore[arg-type]
        kind = told.WhichOneof("type")
        drawn += str(told.delta) if kind == "delta" else ""
        if kind == "navigation":
            known = told.navigation.page_script_hash
        pieces += [told.auto_rerun.fragment_id] if kind == "auto_rerun" else []
        ended = kind == "script_finished" and told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return Run(drawn.encode("latin-1", "backslashreplace").decode("unicode_escape", "replace"), pieces, known)


CHANGES: dict[str, tuple[Callable[[Session, User], object], str]] = {
    "another role": (
        lambda db, user: accounts.change_user(db, user.id, Role.AUDITOR, NOW),
        "本次访问已记入审计日志",
    ),
    "disabled": (lambda db, user: accounts.disable(db, user.id), "请先登录"),
    "password reset": (lambda db, user: accounts.reset_password(db, user.id, NOW), "请先登录"),
}


def drawn_by(page: str) -> Role:
    """Someone who may open a page, and is no auditor."""
    [*rights] = PAGES[page][1]
    return max(HOLDERS[rights[0]] - {Role.AUDITOR})


TRIED = [page for page in PAGES if PAGES[page][1] != (Right.AUDIT,)]


@pytest.fixture(scope="module")
def pieces_seen() -> set[str]:
    return set()


@pytest.mark.parametrize("tried", TRIED)
def test_no_piece_goes_on_for_whoever_may_no_longer(
    tried: str, office: Door, world: World, monkeypatch: pytest.MonkeyPatch, pieces_seen: set[str]
) -> None:
    monkeypatch.setenv("SURVEY_DATA_DIR", str(world.folder))
    forget()
    people.account(Role.ADMIN)  # so that another may go
    for name, (change, says) in CHANGES.items():
        user = people.account(drawn_by(tried), f"{tried}-{name}")
        token = sessions.sign_in(user.name, people.PASSWORD, NOW).token
        with office.session(token) as session:
            first = run(session, tried)
            assert user.name in first.drawn
            pieces_seen.update(first.pieces and [tried])
            for piece in first.pieces:
                again = run(session, fragment=piece, known=first.page).drawn
                assert says not in again, "it goes on for whoever may"
            with writing() as db:
                change(db, user)
            for piece in first.pieces:
                again = run(session, fragment=piece, known=first.page).drawn
                assert says in again, (tried, name, piece)
    forget()


def test_pieces_were_there(pieces_seen: set[str]) -> None:
    assert {"dashboard", "invite"} <= pieces_seen
