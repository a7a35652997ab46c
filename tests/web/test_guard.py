"""What stands before Streamlit lets through only what it should."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.datastructures import Headers

from survey.core.answers.receipts import digest
from survey.settings import get_settings
from survey.web.limits import Messages, Throttle
from survey.web.office import guard
from survey.web.office.gate import COOKIE
from survey.web.office.guard import IDENTITY, Guard, Identity, _paced
from survey.web.office.origins import is_own_host, same_origin
from survey.web.office.sign_in import safe_next

HERE = {"host": "127.0.0.1:8501"}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SURVEY_BASE_URL", "https://survey.example")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


async def call(middleware: type, scope: dict[str, Any]) -> tuple[dict[str, Any] | None, list[Any]]:
    """Run a middleware; the scope that came through, if any, and what was sent."""
    seen: list[dict[str, Any]] = []
    sent: list[Any] = []

    async def app(inner: dict[str, Any], _receive: Any, _send: Any) -> None:
        seen.append(inner)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    await middleware(app)(scope, receive, send)
    return (seen[0] if seen else None), sent


def run(
    middleware: type, kind: str = "http", path: str = "/login", method: str = "GET", **headers: str
) -> Any:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": kind, "path": path, "headers": raw, "method": method, "query_string": b"", "scheme": "http",
        "server": ("127.0.0.1", 8501), "extensions": {"websocket.http.response": {}},
    }  # fmt: skip
    with ThreadPoolExecutor(1) as thread:  # this one may hold the loop of an open browser
        return thread.submit(asyncio.run, call(middleware, scope)).result()


def status(*request: str, **headers: str) -> int:
    """The status with which the guard refuses; 0 when it lets through."""
    scope, sent = run(Guard, *request, **headers)
    assert (scope is None) == bool(sent)
    return int(sent[0]["status"]) if sent else 0


@pytest.mark.parametrize("name", [b"X-Survey-User", b"x-survey-user", b"X_Survey_User", b"x_survey-USER"])
def test_a_claimed_identity_is_dropped(name: bytes) -> None:
    scope = {
        "type": "websocket",
        "headers": [(name, b"ab" * 32), (b"cookie", b"other=1"), (name, b"cd" * 32)],
    }
    with ThreadPoolExecutor(1) as thread:
        seen, _ = thread.submit(asyncio.run, call(Identity, scope)).result()
    assert seen is not None
    assert seen["headers"] == [(b"cookie", b"other=1")]


def test_the_cookie_becomes_a_hash_and_never_the_token() -> None:
    scope, _ = run(Identity, cookie=f"{COOKIE}=token", x_survey_user="forged")
    assert [value for name, value in scope["headers"] if name == IDENTITY] == [digest("token").hex().encode()]


@pytest.mark.parametrize(
    ("host", "url", "answers"),
    [
        ("127.0.0.1:8501", "", True),
        ("localhost:8501", "", True),
        ("[::1]:8501", "", True),
        ("127.0.0.1", "", False),
        ("127.0.0.1:8500", "", False),
        ("evil.example:8501", "", False),
        ("survey.example", "", False),  # where phones go, not officials
        ("office.example", "https://office.example", True),
        ("OFFICE.example:443", "https://office.example", True),
        ("office.example:8501", "https://office.example", False),
        ("office.example.evil.example", "https://office.example", False),
        ("localhost:8501", "https://office.example", True),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_the_office_answers_to_its_own_names_only(
    monkeypatch: pytest.MonkeyPatch, kind: str, host: str, url: str, answers: bool
) -> None:
    monkeypatch.setenv("SURVEY_OFFICE_URL", url)
    get_settings.cache_clear()
    refused = 421 if kind == "http" or not answers else 403  # a session still lacks its Origin
    path = "/login" if kind == "http" else "/_stcore/stream"
    assert status(kind, path, host=host) == (0 if answers and kind == "http" else refused)


def test_a_door_open_to_the_network_answers_to_the_address_it_was_reached_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reached(host: str) -> bool:
        scope = {"type": "http", "headers": [(b"host", host.encode())], "server": ("10.1.2.3", 8501)}
        return is_own_host(scope)

    monkeypatch.setenv("SURVEY_OFFICE_HOST", "0.0.0.0")
    get_settings.cache_clear()
    assert reached("10.1.2.3:8501")
    assert not reached("evil.example:8501")
    monkeypatch.setenv("SURVEY_OFFICE_URL", "https://office.example")
    get_settings.cache_clear()
    assert not reached("10.1.2.3:8501")


def test_two_hosts_are_no_host() -> None:
    scope = {"type": "http", "headers": [(b"host", b"localhost:8501")] * 2, "server": ("127.0.0.1", 8501)}
    assert not is_own_host(scope)


def test_phones_on_a_shared_port_come_under_their_own_address() -> None:
    assert status("http", "/q/code", host="survey.example") == 0
    assert status("http", "/q/code", "POST", host="survey.example", origin="null") == 0
    assert status("http", "/dashboard", host="survey.example") == 421
    assert status("http", "/q/code", host="evil.example") == 421


def test_probes_of_health_may_use_any_name() -> None:
    assert status("http", "/healthz", host="10.0.0.7:8501") == 0
    assert status("http", "/readyz") == 0


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("http://127.0.0.1:8501", True),
        ("https://127.0.0.1:8501", True),
        ("http://127.0.0.1", False),
        ("http://127.0.0.1:8500", False),
        ("http://evil.example:8501", False),
        ("http://127.0.0.1:8501.evil.example", False),
        ("http://evil@127.0.0.1:8501", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_our_own_pages_may_ask(origin: str, ours: bool) -> None:
    assert same_origin(Headers({**HERE, "origin": origin})) == ours
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert status("http", "/login", method, **HERE, origin=origin) == (0 if ours else 403)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_from_elsewhere_leads_here_but_changes_nothing(site: str) -> None:
    assert status("http", "/dashboard", "GET", **HERE, sec_fetch_site=site) == 0
    assert status("http", "/logout", "POST", **HERE, sec_fetch_site=site) == 403
    assert status("http", "/logout", "POST", **HERE, sec_fetch_site="same-origin") == 0


@pytest.mark.parametrize(
    ("target", "safe"),
    [
        ("/cases?wave=2", "/cases?wave=2"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\nb", "/"),
        ("", "/"),
    ],
)
def test_only_own_paths_follow_a_sign_in(target: str, safe: str) -> None:
    assert safe_next(target) == safe


def test_messages_of_a_session_wait_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def read_all(number: int) -> list[int]:
        sent = [{"type": "websocket.receive", "bytes": b"x" * n} for n in range(number)]
        receive = _paced(lambda: _after(sent), Messages(Throttle(10, 5), Throttle(1000, 1000)))
        return [len((await receive())["bytes"]) for _ in range(number)]

    async def _after(sent: list[Any]) -> Any:
        return sent.pop(0)

    monkeypatch.setattr(guard, "sleep", sleep)
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, read_all(100)).result() == list(range(100))
    assert waited[:9] == [0] * 9
    assert all(one > 0 for one in waited[11:])
