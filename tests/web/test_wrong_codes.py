"""Guessing at codes and receipts: uniform answers, and a brake that right codes never feel."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from survey.settings import get_settings
from survey.storage.answers import doors
from survey.web.phone import refusing
from survey.web.phone.public import create_app
from tests.conftest import forget
from tests.factories import MadeWave, make_wave
from tests.web.conftest import World, running
from tests.web.forms import FORM

LIMIT = 5
WRONG = ("x", "y" * 22, "z" * 64, "z" * 65, "a" * 3000, "%E6%B5%8B", "%00", "..%20", "'--")
ADDRESSES = ("/q/{}", "/q/{}/qr.svg", "/q/{}/qr.png")


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, database: str) -> Iterator[TestClient]:
    monkeypatch.setenv("SURVEY_WRONG_CODES", str(LIMIT))
    forget()
    with TestClient(create_app(), follow_redirects=False) as client:
        yield client


@pytest.fixture
def wave(door: TestClient) -> MadeWave:
    return make_wave(now=datetime.now(UTC) - timedelta(hours=1))


def guess(door: TestClient, times: int = LIMIT) -> list[int]:
    return [door.get(f"/q/guess-{number}").status_code for number in range(times)]


def test_guessing_is_braked_and_says_until_when(door: TestClient, wave: MadeWave) -> None:
    assert guess(door, LIMIT + 2) == [404] * LIMIT + [429] * 2
    answer = door.get("/r/guess")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 601
    assert "分钟再试" in answer.text
    assert "guess" not in answer.text
    assert "wrong codes" in door.get("/q/guess?lang=en").text


def test_right_codes_from_the_same_address_go_on(door: TestClient, wave: MadeWave) -> None:
    assert guess(door, LIMIT + 1)[-1] == 429
    code = wave.codes[0]
    assert door.get(f"/q/{code}").status_code == 200
    assert door.get(f"/q/{code}/qr.png").status_code == 200
    body = urlencode({"d": "tax", "g.tax.overall": "5", "sid": "s" * 22})
    sent = door.post(f"/q/{code}", content=body, headers=FORM)
    assert sent.status_code == 303
    assert door.get(sent.headers["location"]).status_code == 200


def test_another_address_is_not_braked(door: TestClient, wave: MadeWave) -> None:
    assert guess(door, LIMIT + 1)[-1] == 429
    with TestClient(create_app(), client=("10.0.0.2", 50_000)) as neighbour:
        assert neighbour.get("/q/guess").status_code == 404


def test_without_a_limit_guessing_would_go_on(
    door: TestClient, wave: MadeWave, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_WRONG_CODES", "1000000")
    get_settings.cache_clear()
    assert set(guess(door, LIMIT * 4)) == {404}


def test_what_was_typed_under_a_wrong_code_comes_back_even_then(door: TestClient, wave: MadeWave) -> None:
    guess(door, LIMIT + 1)
    body = urlencode({"t.tax": "等了三个月", "sid": "s" * 22})
    answer = door.post("/q/guess", content=body, headers=FORM)
    assert answer.status_code == 429
    assert "等了三个月" in answer.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_tells_a_malformed_code_from_an_unknown_one(
    door: TestClient, wave: MadeWave, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    find = doors.find_code

    def watched(code: str) -> doors.CodeStatus | None:
        looked_up.append(code)
        return find(code)

    monkeypatch.setattr(doors, "find_code", watched)
    answers = set()
    for code in WRONG:
        refusing.wrong_tries.forget()
        found = door.get(address.format(code))
        answers.add((found.status_code, found.content, tuple(found.headers.items())))
    assert len(answers) == 1
    assert len(looked_up) == len(WRONG)  # so that the time taken does not tell either


def test_nothing_tells_wrong_receipts_apart(door: TestClient, wave: MadeWave) -> None:
    answers = set()
    for receipt in WRONG:
        refusing.wrong_tries.forget()
        found = door.get(f"/r/{receipt}")
        answers.add((found.status_code, found.content))
    assert len(answers) == 1


@pytest.mark.parametrize("kind", ["public", "python"])
def test_served_doors_count_by_the_address_a_local_proxy_names(world: World, kind: str) -> None:
    with running(kind, world, SURVEY_WRONG_CODES=str(LIMIT)) as door:
        for who in ("203.0.113.7", "2001:db8:1:2::1"):
            found = [door.ask("/q/guess", X_Forwarded_For=who).status for _ in range(LIMIT + 1)]
            assert found == [404] * LIMIT + [429]
        assert door.ask("/q/guess", X_Forwarded_For="203.0.113.8").status == 404
        assert door.ask("/q/guess", X_Forwarded_For="2001:db8:1:2:3::4").status == 429
        assert door.ask(f"/q/{world.codes[0]}", X_Forwarded_For="203.0.113.7").status == 200
