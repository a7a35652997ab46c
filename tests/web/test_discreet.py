"""No log of a door tells an address, a code, a receipt, a token or a browser, however it was started."""

import re
import time
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from survey.core.discreet import trace
from survey.storage import database as storage
from tests.web.conftest import Door, World, draw, running
from tests.web.failing_door import PLANTED as TYPED

PLANTED = {"X_Forwarded_For": "203.0.113.77", "User_Agent": "planted-browser/1"}
GUESS, TOKEN = "planted-code-1234567890", "planted-token-1234567890"


def drive(door: Door, world: World) -> set[str]:
    """Ask everything worth telling; the words that no log may hold."""
    code = world.codes[1]
    for path in (f"/q/{code}", f"/q/{GUESS}", f"/r/{GUESS}", f"/q/{code}/qr.png", "/nowhere?t=" + GUESS):
        door.ask(path, **PLANTED)
    door.ask(f"/q/{code}", "POST", body=f"sid={GUESS}&x=%ff".encode(), Content_Type="text/nothing", **PLANTED)
    door.ask("/dashboard?t=" + GUESS, Cookie=f"survey_office={TOKEN}", **PLANTED)
    for token, origin in ((world.viewer, ""), (TOKEN, ""), (world.viewer, "http://planted.example")):
        with suppress(InvalidStatus), door.session(token, origin, **PLANTED) as session:
            draw(session)
            session.send("planted text instead of bytes")
    return {code, GUESS, TOKEN, world.viewer, "planted", *PLANTED.values()}


@pytest.mark.parametrize("kind", ["office", "public", "python", "streamlit"])
def test_no_start_mode_tells_on_visitors(world: World, kind: str) -> None:
    with running(kind, world) as door:
        words = drive(door, world)
    log = door.log.read_text(encoding="utf-8")
    assert {word for word in words if word in log} == set()
    assert "Traceback" not in log


def test_a_server_as_it_comes_would_tell(world: World) -> None:
    with running("talkative public", world) as door:
        drive(door, world)
    log = door.log.read_text(encoding="utf-8")
    assert PLANTED["X_Forwarded_For"] in log
    assert GUESS in log
    with running("talkative office", world) as door:
        drive(door, world)
    assert PLANTED["X_Forwarded_For"] in door.log.read_text(encoding="utf-8")


PLACES = {
    "page", "fragment", "callback", "websocket", "route", "asgi", "task", "callback of the loop", "thread",
    "finalizer", "message",
}  # fmt: skip


def run(session: ClientConnection, **asked: str) -> list[ForwardMsg]:
    """One run of the failing page: `fragment` and `press` are ids, `query` the address."""
    message = BackMsg()
    rerun = message.rerun_script
    rerun.query_string, rerun.fragment_id = asked.get("query", ""), asked.get("fragment", "")
    if "press" in asked:
        rerun.widget_states.widgets.add(id=asked["press"], trigger_value=True)
    session.send(message.SerializeToString())
    told: list[ForwardMsg] = []
    while not told or told[-1].WhichOneof("type") != "script_finished":
        told.append(ForwardMsg())
        told[-1].ParseFromString(session.recv(60))  # type: ignore[arg-type]
    return told


def fail_everywhere(door: Door, world: World) -> None:
    with door.session(world.viewer) as session:
        first = run(session)
        [piece] = [one.auto_rerun.fragment_id for one in first if one.WhichOneof("type") == "auto_rerun"]
        [button] = re.findall(r'id: "([^"]*press[^"]*)"', "".join(str(one) for one in first))
        run(session, fragment=piece)
        run(session, press=button)
        run(session, query="page=1")
    with suppress(InvalidStatus, ConnectionClosed), door.session(world.viewer) as session:
        session.send(b"\xff\xff nothing that a page sends " + TYPED.encode())
        session.recv(5)
    for path in ("/fails", "/odd", "/bare"):
        door.ask(path, Cookie=f"survey_office={world.viewer}")
    with suppress(InvalidStatus, ConnectionClosed), connect(f"ws://127.0.0.1:{door.port}/bare", proxy=None):
        pass
    time.sleep(3)  # a round of the jobs


@pytest.mark.parametrize("kind", ["failing", "failing aloud"])
def test_no_error_tells_what_people_typed(world: World, kind: str) -> None:
    with running(kind, world) as door:
        fail_everywhere(door, world)
    log = door.log.read_text(encoding="utf-8")
    assert 'fail("job")' in log, "jobs tell by themselves, where and never what"
    if kind == "failing":
        assert TYPED not in log
        assert "failing_door.py" in log, "what failed where is still told"
    else:
        assert {place for place in PLACES if not re.search(f"(in |{TYPED} ){place}\\b", log)} == set()


def fail() -> None:
    try:
        raise KeyError(GUESS)
    except KeyError as error:
        raise ValueError(f"no {GUESS}") from error


def test_an_error_is_told_without_its_message() -> None:
    with pytest.raises(ValueError, match=GUESS) as found:
        fail()
    told = trace(found.value)
    assert GUESS not in told.replace("{GUESS}", "")
    assert "KeyError" in told
    assert "test_discreet.py" in told


@pytest.mark.usefixtures("database")
def test_a_database_error_does_not_quote_what_was_asked() -> None:
    with storage.read_engine().connect() as db, pytest.raises(SQLAlchemyError) as found:
        db.execute(text("SELECT * FROM nothing WHERE a = :code"), {"code": GUESS})
    assert GUESS not in str(found.value)
