"""Everything shown is a function of the release: every page, file and address answers although the database refuses to
read a single answer or counter of answers. What is added later is walked too.

Exempt: files of single answers, which only 实名 and imported waves have.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from survey.actions.figures.screens import make_screen
from survey.actions.figures.study import study_wave
from survey.core.accounts.access import PAGES, ROLE_RIGHTS
from survey.core.models import Role
from survey.storage.answers import tallies
from survey.storage.database import reading_connection, writing
from survey.web.office.doors import office_routes
from survey.web.office.gate import COOKIE
from survey.web.office.guard import Identity
from survey.web.phone.public import create_app
from tests.blind import blind
from tests.factories import MadeWave, close, make_wave, release, submit
from tests.pages.conftest import Open
from tests.people import sign_in

SINGLE_ANSWERS = ("ratings.csv",)
FORMS = 14


def filled(now: datetime) -> MadeWave:
    wave = make_wave(now=now, enterprises=40)
    for number in range(FORMS):
        submit(
            wave,
            {"tax": 1 + number % 5, "market": 4 - number % 3},
            now=now,
            text=f"第 {number} 条意见",
            kind="criticism",
        )
        submit(wave, {"tax": 5}, code=wave.open_code, now=now)
    release(wave, now)
    return wave


@pytest.fixture
def waves(database: str) -> tuple[MadeWave, MadeWave]:
    return closed_and_open()


def closed_and_open() -> tuple[MadeWave, MadeWave]:
    """A closed wave and an open one after it, both released and studied."""
    now = datetime.now(UTC)
    before = filled(now - timedelta(days=40))
    close(before, now - timedelta(days=26))
    release(before, now)
    after = filled(now - timedelta(hours=1))
    for one in (before, after):
        study_wave(one.id, now)
    return before, after


@pytest.fixture
def office() -> Iterator[TestClient]:
    door = Starlette(routes=office_routes(), middleware=[Middleware(Identity)])
    with TestClient(door, follow_redirects=False) as client:
        yield client


def test_the_database_does_refuse(waves: tuple[MadeWave, MadeWave]) -> None:
    """Positive control."""
    with blind(), pytest.raises(DatabaseError), reading_connection() as db:
        tallies.count_responses(db, waves[0].id)
    with reading_connection() as db:
        assert tallies.count_responses(db, waves[0].id)


@pytest.mark.parametrize("role", list(Role))
def test_every_address_of_the_office_answers_without_reading_an_answer(
    waves: tuple[MadeWave, MadeWave], office: TestClient, role: Role
) -> None:
    office.cookies.set(COOKIE, sign_in(role))
    with writing() as db:
        screen = make_screen(db, waves[1].id, "大厅", datetime.now(UTC))
    wrong = []
    with blind():
        for route in office_routes():
            path = getattr(route, "path", "")
            if path in ("/logout", "/session") or path.endswith(SINGLE_ANSWERS):
                continue
            for wave in waves:
                there = (
                    path.replace("{wave:int}", str(wave.id)).replace("{token}", screen).replace("{name}", "x")
                )
                answer = office.get(there)
                if answer.status_code >= 500:
                    wrong.append((there, answer.status_code))
    assert wrong == []


def test_every_address_of_the_phone_door_answers_without_reading_an_answer(
    waves: tuple[MadeWave, MadeWave],
) -> None:
    wave = waves[1]
    receipt = submit(wave, {"tax": 3}, now=datetime.now(UTC))
    wrong = []
    with TestClient(create_app(), follow_redirects=False) as phone, blind():
        for route in create_app().routes:
            path = getattr(route, "path", "")
            for code in (wave.codes[0], wave.codes[-1], wave.open_code):
                there = path.replace("{code}", code).replace("{receipt}", receipt)
                if phone.get(there).status_code >= 500:
                    wrong.append(there)
    assert wrong == []


def test_every_page_is_drawn_without_reading_an_answer(sqlite_database: Path, open_page: Open) -> None:
    waves = closed_and_open()
    with blind():
        for name, (_, rights) in PAGES.items():
            for role in (one for one in Role if ROLE_RIGHTS[one] & set(rights)):
                for wave in waves:
                    open_page(f"{name}.py", role, wave=wave.id)
