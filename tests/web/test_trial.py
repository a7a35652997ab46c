"""试填 over HTTP: the whole form, watermarked, with a receipt that nobody can take for a real one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from survey.actions.answers import trials
from survey.actions.waves import drafts, lifecycle, new_waves
from survey.storage.database import reading, writing
from survey.storage.waves import rounds
from tests import factories
from tests.web.forms import post

GOOD = {"d": "tax", "g.tax.overall": "5", "sid": "s" * 22}
MARK = "试填：不计入结果，正式开启时清除"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def trial() -> tuple[int, str]:
    """A draft and its trial code."""
    now = datetime.now(UTC)
    last = factories.make_wave(now=now - timedelta(days=90))
    with writing() as db:
        wave_id = drafts.copy_wave(db, last.id, now, "王经办").id
        return wave_id, trials.make_trial_code(db, wave_id, now, "王经办")


def send(door: TestClient, code: str, **more: str) -> Any:
    return post(door, code, GOOD | more)


def kept(wave_id: int) -> int:
    with reading() as db:
        return len(rounds.trials(db, wave_id))


def test_the_form_is_the_real_one_with_a_watermark(door: TestClient, trial: tuple[int, str]) -> None:
    page = door.get(f"/q/{trial[1]}")
    assert page.status_code == 200
    assert MARK in page.text
    assert 'class="trial"' in page.text
    assert 'name="sid"' in page.text
    real = factories.make_wave(now=datetime.now(UTC))
    assert MARK not in door.get(f"/q/{real.codes[0]}").text


def test_its_receipt_has_no_number_and_no_code(door: TestClient, trial: tuple[int, str]) -> None:
    wave_id, code = trial
    answer = send(door, code)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/q/{code}/r/trial")
    page = door.get(answer.headers["location"])
    assert page.status_code == 200
    for expected in (MARK, "试填成功", "不会算进任何结果", 'class="trial"'):
        assert expected in page.text
    for real in ("已收到，谢谢", "回执编号</", "base64"):
        assert real not in page.text
    assert kept(wave_id) == 1


def test_a_mistake_is_answered_like_a_real_one(door: TestClient, trial: tuple[int, str]) -> None:
    wave_id, code = trial
    answer = post(door, code, {"d": "tax", "sid": "s" * 22})
    assert answer.status_code == 422
    assert "打一个总体评价" in answer.text
    assert MARK in answer.text
    assert kept(wave_id) == 0


def test_the_form_follows_the_draft_as_it_is_changed(door: TestClient, trial: tuple[int, str]) -> None:
    wave_id, code = trial
    assert "税务局" in door.get(f"/q/{code}").text
    with writing() as db:
        wave = lifecycle.in_state(db, wave_id, lifecycle.WaveState.DRAFT, "")
        new = new_waves.NewWave(
            "改了名的一期", wave.opens_at, wave.closes_at, questionnaire="", department_ids=["market"]
        )
        drafts.edit_draft(db, wave_id, new, datetime.now(UTC), "王经办")
    page = door.get(f"/q/{code}").text
    assert "改了名的一期" in page
    assert "税务局" not in page


def test_midnight_is_the_end_of_the_day_before(door: TestClient, trial: tuple[int, str]) -> None:
    wave_id, code = trial
    with writing() as db:
        wave = lifecycle.in_state(db, wave_id, lifecycle.WaveState.DRAFT, "")
        wave.opens_at, wave.closes_at = (
            datetime(2026, 3, 2, tzinfo=UTC),
            datetime(2026, 3, 31, 16, tzinfo=UTC),
        )
    assert "3 月 31 日 24:00 截止" in door.get(f"/q/{code}").text


def test_opening_ends_it(door: TestClient, trial: tuple[int, str]) -> None:
    wave_id, code = trial
    send(door, code)
    with writing() as db:
        lifecycle.open_wave(db, wave_id, datetime.now(UTC), "王经办")
    for answer in (
        door.get(f"/q/{code}"),
        send(door, code),
        door.get(f"/q/{code}/r/trial"),
        door.get(f"/q/{code}/qr.svg"),
    ):
        assert answer.status_code == 404
        assert MARK not in answer.text
    assert kept(wave_id) == 0


def test_a_real_code_has_no_trial_receipt(door: TestClient) -> None:
    real = factories.make_wave(now=datetime.now(UTC))
    assert door.get(f"/q/{real.codes[0]}/r/trial").status_code == 404
    assert door.get("/q/nothing/r/trial").status_code == 404
