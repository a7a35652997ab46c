"""What a code led to when its form was shown is not asked again; whatever happened since is told all the same."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from survey.actions.answers.on_behalf import enter_on_behalf
from survey.actions.waves import lifecycle
from survey.core.answers.answers import check
from survey.core.answers.receipts import digest
from survey.core.dates import closing
from survey.core.models import Invitation, Wave
from survey.core.texts import texts
from survey.settings import get_settings
from survey.storage.database import writing
from survey.web.phone import codes, public, taking
from tests.factories import MadeWave, close, make_wave
from tests.web.forms import FORM

TAX = {"d": "tax", "g.tax.overall": "4"}


@pytest.fixture
def wave(database: str) -> MadeWave:
    return make_wave(now=datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def door(wave: MadeWave) -> Iterator[TestClient]:
    with TestClient(public.create_app(), follow_redirects=False) as client:
        yield client


def send(door: TestClient, code: str, sid: str = "s" * 22, **fields: str) -> tuple[int, str]:
    found = door.post(f"/q/{code}", content=urlencode({"sid": sid, **(fields or TAX)}), headers=FORM)
    return found.status_code, found.text


def void(wave: MadeWave) -> None:
    with writing() as db:
        found = db.exec(select(Invitation).where(Invitation.code_hash == digest(wave.codes[0]))).one()
        found.void = True


def end(wave: MadeWave) -> None:
    close(wave)


def enter(wave: MadeWave) -> None:
    with writing() as db:
        found = db.exec(select(Invitation).where(Invitation.code_hash == digest(wave.codes[0]))).one()
        answers = check(wave.form, {"d": ["tax"], "g.tax.overall": ["2"]}, get_settings())
        enter_on_behalf(
            db, wave.id, found.enterprise_id or 0, answers, "phone", "演示专班", datetime.now(UTC)
        )


@pytest.mark.parametrize(
    ("happens", "status", "told"), [(void, 410, "作废"), (end, 410, "截止"), (enter, 409, "已")]
)
def test_what_happened_since_is_told(
    door: TestClient, wave: MadeWave, happens: Callable[[MadeWave], None], status: int, told: str
) -> None:
    assert door.get(f"/q/{wave.codes[0]}").status_code == 200
    happens(wave)
    found, text = send(door, wave.codes[0])
    assert found == status
    assert told in text


def test_an_enterprise_has_its_word_on_what_was_entered_since(door: TestClient, wave: MadeWave) -> None:
    door.get(f"/q/{wave.codes[0]}")
    enter(wave)
    assert send(door, wave.codes[0], confirm="confirmed")[0] == 303


def test_a_form_that_was_shown_is_looked_up_once(
    door: TestClient, wave: MadeWave, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    find = codes.find
    for used in (public, taking):
        monkeypatch.setattr(used, "find", lambda code: looked.append(code) or find(code))
    for code in wave.codes[:2]:
        door.get(f"/q/{code}")
        assert send(door, code)[0] == 303
    assert looked == wave.codes[:2]
    assert send(door, wave.codes[2])[0] == 303, "not shown here: another process showed it"
    assert looked[2:] == wave.codes[2:3]


def test_hours_that_moved_since_stand_over_the_corrections(door: TestClient, wave: MadeWave) -> None:
    door.get(f"/q/{wave.codes[0]}")
    with writing() as db:
        found = db.get(Wave, wave.id)
        assert found is not None
        later = found.closes_at + timedelta(days=3)
        lifecycle.extend_wave(db, wave.id, later, "企业来信要求", datetime.now(UTC), "经办人")
    status, text = send(door, wave.codes[0], d="tax")
    assert status == 422
    assert closing(later, texts("zh")) in text
