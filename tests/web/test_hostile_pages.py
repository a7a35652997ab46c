"""Hostile texts on every page that is no Streamlit page: shown to the letter, doing nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from urllib.parse import quote, urlencode

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.actions.accounts import sessions
from survey.core.models import Role
from survey.web.office.doors import office_routes
from survey.web.office.gate import COOKIE
from survey.web.phone import public, refusing
from tests.hostile import ALL, MARKUP, as_name, live_in
from tests.people import PASSWORD
from tests.planted import Planted, world
from tests.web.forms import FORM

PAGE = {"script", "style", "form", "meta", "link", "svg"}  # tags that our templates write themselves
SID = "s" * 22


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    with world(tmp_path_factory.mktemp("planted")) as made:
        yield made


@pytest.fixture
def door() -> Iterator[TestClient]:
    refusing.wrong_tries.forget()  # every text tries a code that nobody has
    routes = [*office_routes(), *public.routes()]
    with TestClient(Starlette(routes=routes), follow_redirects=False) as client:
        yield client


def sign_in(door: TestClient, planted: Planted, role: Role) -> None:
    signed = sessions.sign_in(planted.names[role], PASSWORD, datetime.now(UTC))
    door.cookies.set(COOKIE, signed.token)


def tame(page: str, scripts: int = 2) -> bool:
    """Whether nothing acts but what our templates wrote."""
    assert live_in(page, PAGE) == []
    assert page.lower().count("<script") <= scripts
    return True


def test_the_phone_pages(door: TestClient, planted: Planted) -> None:
    wave = planted.wave
    for language in ("zh", "en"):
        for address in (
            f"/q/{wave.codes[-1]}", f"/q/{wave.open_code}", f"/q/{planted.trial_code}",
            f"/q/{planted.trial_code}/r/trial", *(f"/r/{one}" for one in planted.receipts), "/q/x", "/r/x",
        ):  # fmt: skip
            answer = door.get(f"{address}?lang={language}")
            assert answer.status_code < 500
            assert tame(answer.text)
    assert "&lt;img src=x onerror=window.__pwned=1&gt;" in door.get(f"/q/{wave.open_code}").text


@pytest.mark.parametrize("text", ALL)
def test_what_was_typed_comes_back_as_text(door: TestClient, planted: Planted, text: str) -> None:
    """In a form to be mended, and in the notice on a used code."""
    wave = planted.wave
    fields = {"sid": SID, "d": "tax", "t.tax": text, "text": text, "contact": text, "use": "help"}
    for code, status in ((wave.codes[-1], 422), (wave.codes[0], 409), ("x", 404)):
        more = {"g.tax.overall": "2", "kind": "request"} if status == 409 else {}
        body = urlencode(fields | more)
        answer = door.post(f"/q/{code}", content=body, headers=FORM)
        assert answer.status_code == (400 if "\0" in text else status)
        assert tame(answer.text)
    malformed = door.post(f"/q/{wave.codes[-1]}", content=urlencode(fields | {"no": text}), headers=FORM)
    assert malformed.status_code == 400
    assert tame(malformed.text)


def test_the_plain_pages_of_the_office(door: TestClient, planted: Planted) -> None:
    number = planted.wave.id
    assert tame(door.get(f"/screen/{planted.screen}").text)
    sign_in(door, planted, Role.OFFICER)
    for address in (
        f"/entry/{number}",
        f"/project/{number}",
        f"/preview/{number}",
        f"/preview/{planted.draft}",
    ):
        answer = door.get(address)
        assert answer.status_code == 200
        assert tame(answer.text)
    entry = door.get(f"/entry/{number}").text
    assert as_name(ALL[-2]) in unescape(entry)


@pytest.mark.parametrize("text", ALL)
def test_addresses_with_hostile_queries(door: TestClient, planted: Planted, text: str) -> None:
    asked = quote(text, safe="")
    number = planted.wave.id
    assert tame(door.get(f"/login?next={asked}").text)
    assert door.get(f"/login?next=/dashboard{asked}").status_code == 200
    sign_in(door, planted, Role.OFFICER)
    for address in (
        f"/entry/{number}?enterprise={asked}", f"/export/{number}/summary.csv?category={asked}",
        f"/export/{number}/summary.csv?stratum={asked}", f"/export/{number}/report.xlsx?source={asked}",
        f"/export/{number}/reminders.xlsx?officer={asked}", f"/login?next={asked}", f"/preview/{number}?lang={asked}",
        f"/codes/{number}/bundle/{asked}.zip",
    ):  # fmt: skip
        answer = door.get(address)
        assert answer.status_code < 500
        head = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
        assert head.isascii()
        assert not set("\r\n\0") & set(head)
        assert not answer.headers.get("location", "/").startswith(("//", "http", "java", "\\"))
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert tame(answer.text)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("text", [*ALL[-10:], "a\0b"])
def test_a_hostile_name_at_the_sign_in_is_only_a_wrong_name(text: str) -> None:
    with TestClient(Starlette(routes=office_routes()), follow_redirects=False) as door:
        head = {**FORM, "origin": "http://testserver"}
        body = urlencode({"name": text, "password": text, "next": text})
        answer = door.post("/login", content=body, headers=head)
        assert answer.status_code == 422
        assert tame(answer.text)


def test_the_same_texts_bare_in_a_page_do_act() -> None:
    live = [text for text in MARKUP if live_in(f"<p title='{text}'>{text}</p><textarea>{text}</textarea>")]
    assert len(live) >= len(MARKUP) - 3  # entities and template marks need another reader
