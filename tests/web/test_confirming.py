"""代填: the enterprise looks at its own code and has the last word, with plain HTML alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from survey.actions.answers.on_behalf import enter_on_behalf
from survey.core.answers.answers import check
from survey.core.answers.receipts import digest
from survey.core.models import Invitation, Wave
from survey.settings import get_settings
from survey.storage.database import read_engine, reading, writing
from survey.web.phone.public import create_app
from tests.factories import MadeWave, close, make_wave
from tests.web.forms import FORM

ASKS = "本码的评价由经办人于电话或走访中代填，内容不在此显示"


@pytest.fixture
def wave(database: str) -> MadeWave:
    """A wave in which an officer has entered a form for the first enterprise: 不满意, with a remark."""
    wave = make_wave(now=datetime.now(UTC) - timedelta(hours=1))
    fields = {"d": ["tax"], "g.tax.overall": ["2"], "t.tax": ["排队太久"]}
    with writing() as db:
        who = db.exec(
            select(Invitation.enterprise_id).where(Invitation.code_hash == digest(wave.codes[0]))
        ).one()
        answers = check(wave.form, fields, get_settings())
        enter_on_behalf(db, wave.id, who or 0, answers, "phone", "演示专班", datetime.now(UTC))
    return wave


@pytest.fixture
def door(wave: MadeWave) -> Iterator[TestClient]:
    with TestClient(create_app(), follow_redirects=False) as client:
        yield client


def say(door: TestClient, code: str, word: str, query: str = "") -> object:
    body = urlencode({"sid": "s" * 22, "confirm": word})
    return door.post(f"/q/{code}{query}", content=body, headers=FORM)


def word(code: str) -> str:
    with reading() as db:
        return db.exec(select(Invitation.confirmed).where(Invitation.code_hash == digest(code))).one()


def test_the_page_asks_and_shows_nothing_of_what_was_entered(door: TestClient, wave: MadeWave) -> None:
    page = door.get(f"/q/{wave.codes[0]}")
    assert page.status_code == 200
    assert all(one in page.text for one in (ASKS, "是我们的意见", "不是我们填的", 'method="post"'))
    assert "<script" not in page.text
    assert not any(one in page.text for one in ("排队太久", "税务局", "演示专班"))
    assert word(wave.codes[0]) == "", "looking consumes nothing: links are previewed and forwarded"


@pytest.mark.parametrize(
    ("said", "told"), [("confirmed", "您答的是：是我们的意见"), ("disputed", "您答的是：不是我们填的")]
)
def test_a_word_is_kept_and_thanked_for(door: TestClient, wave: MadeWave, said: str, told: str) -> None:
    code = wave.codes[0]
    answer = say(door, code, said)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/q/{code}")  # type: ignore[attr-defined]
    assert word(code) == said
    page = door.get(f"/q/{code}").text
    assert "已记下，谢谢" in page
    assert told in page


def test_the_latest_word_stands_and_counts_nothing_twice(door: TestClient, wave: MadeWave) -> None:
    code = wave.codes[0]
    say(door, code, "confirmed")
    say(door, code, "disputed", "?lang=en")
    assert word(code) == "disputed"
    assert "this did not come from you" in door.get(f"/q/{code}?lang=en").text
    with read_engine().connect() as db:
        assert db.scalar(text("SELECT count(*) FROM response")) == 1


@pytest.mark.parametrize("nonsense", ["", "yes", "confirmed&confirm=disputed"])
def test_nonsense_is_refused(door: TestClient, wave: MadeWave, nonsense: str) -> None:
    body = f"sid={'s' * 22}&confirm={nonsense}"
    assert door.post(f"/q/{wave.codes[0]}", content=body, headers=FORM).status_code == 400
    assert word(wave.codes[0]) == ""


def test_a_code_that_nobody_entered_for_takes_no_word(door: TestClient, wave: MadeWave) -> None:
    for code in (wave.codes[1], wave.open_code):
        assert ASKS not in door.get(f"/q/{code}").text
        assert say(door, code, "confirmed").status_code == 400  # type: ignore[attr-defined]
    assert say(door, "nonsense", "confirmed").status_code == 404  # type: ignore[attr-defined]


def test_a_form_filled_in_meanwhile_is_told_that_the_code_is_used(door: TestClient, wave: MadeWave) -> None:
    body = urlencode({"d": "tax", "g.tax.overall": "5", "t.tax": "", "sid": "t" * 22})
    answer = door.post(f"/q/{wave.codes[0]}", content=body, headers=FORM)
    assert (answer.status_code, "已经用过" in answer.text) == (409, True)


def test_after_closing_it_may_still_speak_and_after_sealing_no_more(door: TestClient, wave: MadeWave) -> None:
    code = wave.codes[0]
    close(wave, datetime.now(UTC))
    assert say(door, code, "confirmed").status_code == 303  # type: ignore[attr-defined]
    with writing() as db:
        found = db.get(Wave, wave.id)
        assert found is not None
        found.fingerprint = "f" * 64
        db.add(found)
    refused = say(door, code, "disputed")
    assert (refused.status_code, "本期已封存" in refused.text) == (409, True)  # type: ignore[attr-defined]
    assert word(code) == "confirmed"
