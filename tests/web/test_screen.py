"""大屏: released figures only, for whoever has the address, until it is taken back."""

from collections.abc import Iterator

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from survey.actions.figures.screens import make_screen, revoke_screen
from survey.core.models import Screen
from survey.core.refusals import NotAllowed
from survey.storage.database import reading, writing
from survey.web.office.guard import Identity
from survey.web.office.screen import routes
from tests.conftest import NOW
from tests.factories import MadeWave, make_wave, release, submit


@pytest.fixture
def door(database: str) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(), middleware=[Middleware(Identity)])) as client:
        yield client


def hung(wave: MadeWave) -> str:
    """The address of a wall that shows the wave."""
    with writing() as db:
        return f"/screen/{make_screen(db, wave.id, '一楼大厅', NOW)}"


def test_a_wall_shows_what_was_released_and_nothing_else(door: TestClient) -> None:
    wave = make_wave()
    for number in range(6):
        submit(
            wave,
            {"tax": 5 - number % 2} | ({"market": 2} if number < 2 else {}),
            text="很个人的话",
            kind="criticism",
        )
    release(wave)
    page = door.get(hung(wave))
    assert page.headers["cache-control"] == "no-store"
    assert "税务局" in page.text
    assert "6 家" in page.text
    assert "样本不足" in page.text  # market: two raters
    assert "很个人的话" not in page.text


def test_a_wall_taken_back_shows_nothing_at_its_next_look(door: TestClient) -> None:
    wave = make_wave()
    address = hung(wave)
    assert door.get(address).status_code == 200
    with reading() as db:
        [screen] = db.exec(select(Screen)).all()
    with writing() as db:
        revoke_screen(db, screen.id, NOW)
    gone = door.get(address)
    assert gone.status_code == 404
    assert wave_title_is_not_in(gone.text)
    guess = door.get("/screen/" + "x" * 22)
    assert (guess.status_code, guess.text) == (gone.status_code, gone.text), "a guess is told the same"


def wave_title_is_not_in(text: str) -> bool:
    return "一季度" not in text


def test_the_address_is_kept_as_a_hash_only(door: TestClient) -> None:
    token = hung(make_wave()).rpartition("/")[2]
    with reading() as db:
        [kept] = db.exec(select(Screen)).all()
    assert token.encode() not in bytes(kept.token_hash)
    assert token not in kept.name


@pytest.mark.usefixtures("database")
def test_a_wall_has_a_name() -> None:
    wave = make_wave()
    with writing() as db, pytest.raises(NotAllowed, match="大屏名称"):
        make_screen(db, wave.id, "  ", NOW)
