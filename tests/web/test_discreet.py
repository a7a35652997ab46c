"""No log of a door tells an address, a code, a receipt, a token or a browser, however it was started."""

from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from websockets.exceptions import InvalidStatus

from survey.core.discreet import trace
from survey.storage import database as storage
from tests.web.conftest import Door, World, draw, running

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
