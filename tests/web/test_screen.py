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
from tests.factories import MadeWave, close, make_wave, release, submit


@pytest.fixture
def door(database: str) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(), middleware=[Middleware(Identity)])) as client:
        yield client


def hung(wave: MadeWave) -> str:
    """The address of a wall that shows the wave."""
    with writing() as db:
        return f"/screen/{make_screen(db, wave.id, '一楼大厅', NOW)}"


def rated_wave() -> MadeWave:
    """Twelve raters of 税务, four of them dissatisfied, and four of 市场监管."""
    wave = make_wave()
    for number in range(12):
        grades = {"tax": 2 if number < 4 else 5} | ({"market": 2} if number < 4 else {})
        submit(wave, grades, text="很个人的话", kind="criticism")
    release(wave)
    return wave


def bar_of(page: str, department: str) -> str:
    """A department's line on a wall."""
    return page.partition(f"{department}</span>")[2].partition("</div>")[0]


def test_a_wall_shows_what_was_released_and_nothing_else(door: TestClient) -> None:
    wave = rated_wave()
    page = door.get(hung(wave))
    assert page.headers["cache-control"] == "no-store"
    assert "<b>约 " in bar_of(page.text, "税务局")
    assert "· 12 家" in bar_of(page.text, "税务局")
    assert "数字是约数，截止后公布准数。" in page.text
    assert 'class="few"' in bar_of(page.text, "市场监督管理局")  # four raters
    assert "家</span>" not in bar_of(page.text, "市场监督管理局")
    assert "很个人的话" not in page.text


def test_a_wall_shows_exact_figures_once_the_wave_is_closed(door: TestClient) -> None:
    wave = rated_wave()
    close(wave)
    release(wave)
    page = door.get(hung(wave)).text
    assert "<b>67%</b>" in bar_of(page, "税务局")  # 8 of 12
    assert "约" not in page
    assert "样本不足" in bar_of(page, "市场监督管理局")
    assert "很个人的话" not in page


def test_a_wall_shows_no_bar_before_ten_have_rated(door: TestClient) -> None:
    wave = make_wave()
    for _ in range(9):
        submit(wave, {"tax": 4})
    release(wave)
    page = door.get(hung(wave)).text
    assert 'class="few"' in bar_of(page, "税务局")
    assert "家</span>" not in page


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
