"""Under https a sign-in is a `__Host-` cookie, which no neighbour and no unencrypted page can plant."""

import re
import secrets
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.actions.accounts import sessions
from survey.core.models import Role
from survey.settings import get_settings
from survey.web.office.doors import office_routes
from survey.web.office.gate import COOKIE
from survey.web.office.guard import middleware
from survey.web.office.sign_in import DEVICE
from tests import people
from tests.web.conftest import Door, World, draw

HTTPS = {"X_Forwarded_Proto": "https"}


@pytest.fixture
def door(sqlite_database: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("SURVEY_OFFICE_URL", "https://office.example")
    get_settings.cache_clear()
    app = Starlette(routes=office_routes(), middleware=middleware())
    with TestClient(app, "https://office.example", follow_redirects=False) as client:
        yield client


def set_cookies(answer: object) -> dict[str, str]:
    """Name → the rest of the line."""
    lines = answer.headers.get_list("set-cookie")  # type: ignore[attr-defined]
    return {line.partition("=")[0]: line.partition(";")[2].lower() for line in lines}


def sign_in(door: TestClient, name: str, password: str = people.PASSWORD, scheme: str = "https") -> object:
    host = "office.example" if scheme == "https" else "127.0.0.1"
    return door.post(
        f"{scheme}://{host}/login", data={"name": name, "password": password}, headers={"Origin": f"{scheme}://{host}"}
    )  # fmt: skip


def test_https_makes_host_cookies(door: TestClient) -> None:
    user = people.account(Role.VIEWER)
    made = set_cookies(sign_in(door, user.name))
    assert set(made) == {f"__Host-{COOKIE}", f"__Host-{DEVICE}"}
    for rest in made.values():
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= {word.strip() for word in rest.split(";")}
        assert "domain" not in rest
    assert door.get("/session").status_code == 204
    [gone] = set_cookies(door.get("/logout")).items()
    assert gone[0] == f"__Host-{COOKIE}"
    assert "max-age=0" in gone[1]
    assert door.get("/session").status_code == 401


def test_a_plain_cookie_counts_for_nothing_under_https(door: TestClient) -> None:
    """Neither one that a neighbour planted, nor one from before: its holder signs in anew."""
    token = people.sign_in(Role.VIEWER)
    for name, status in ((COOKIE, 401), (f"__Host-{COOKIE}", 204)):
        assert door.get("/session", headers={"Cookie": f"{name}={token}"}).status_code == status


def test_a_changed_password_makes_a_new_mark_of_this_browser(door: TestClient) -> None:
    user = people.account(Role.VIEWER)
    sign_in(door, user.name)
    old = door.cookies[f"__Host-{DEVICE}"]
    fresh = f"Other-{secrets.token_hex(4)}-9"
    changed = door.post(
        "/password", data={"old": people.PASSWORD, "new": fresh, "again": fresh},
        headers={"Origin": "https://office.example"},
    )  # fmt: skip
    assert changed.status_code == 303
    assert set(set_cookies(changed)) == {f"__Host-{DEVICE}"}
    assert not sessions.is_known(user.name, old)
    assert sessions.is_known(user.name, door.cookies[f"__Host-{DEVICE}"])


def test_loopback_without_https_keeps_plain_names(office: Door, world: World) -> None:
    assert office.ask("/session", Cookie=f"{COOKIE}={world.viewer}").status == 204
    assert office.ask("/session", Cookie=f"__Host-{COOKIE}={world.viewer}").status == 401


def test_behind_a_proxy_the_page_session_takes_the_host_cookie_alone(office: Door, world: World) -> None:
    assert office.ask("/session", Cookie=f"__Host-{COOKIE}={world.viewer}", **HTTPS).status == 204
    assert office.ask("/session", Cookie=f"{COOKIE}={world.viewer}", **HTTPS).status == 401
    with office.session(None, Cookie=f"__Host-{COOKIE}={world.viewer}", **HTTPS) as session:
        assert "某领导" in draw(session)


@pytest.mark.parametrize("kind", ["office", "public"])
def test_whatever_cookie_a_door_sets_under_https_is_never_sent_without(
    kind: str, request: pytest.FixtureRequest, world: World
) -> None:
    door: Door = request.getfixturevalue(kind)
    found: dict[str, str] = {}
    paths = (
        "/",
        "/login",
        "/session",
        "/dashboard",
        "/_stcore/host-config",
        "/_stcore/health",
        f"/q/{world.codes[0]}",
        "/privacy",
    )
    for path in paths:
        answer = door.ask(path, Cookie=f"__Host-{COOKIE}={world.viewer}", **HTTPS)
        for line in re.split(r",\s*(?=[^;,=]+=)", answer.headers.get("set-cookie", "")):
            found[line.partition("=")[0]] = line.lower()
    assert all("; secure" in line for line in found.values() if line), found
