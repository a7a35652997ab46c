"""What stands before Streamlit lets through only what it should."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.datastructures import Headers

from survey.core.receipts import digest
from survey.web.gate import COOKIE
from survey.web.guard import IDENTITY, Guard, Identity, same_origin
from survey.web.sign_in import safe_next


async def call(middleware: type, scope: dict[str, Any]) -> tuple[dict[str, Any] | None, list[Any]]:
    """Run a middleware; the scope that came through, if any, and what was sent."""
    seen: list[dict[str, Any]] = []
    sent: list[Any] = []

    async def app(inner: dict[str, Any], _receive: Any, _send: Any) -> None:
        seen.append(inner)

    async def send(message: Any) -> None:
        sent.append(message)

    await middleware(app)(scope, None, send)
    return (seen[0] if seen else None), sent


def run(middleware: type, kind: str = "websocket", path: str = "/_stcore/stream", **headers: str) -> Any:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "path": path, "headers": raw, "method": "GET", "query_string": b""}
    with ThreadPoolExecutor(1) as thread:  # this one may hold the loop of an open browser
        return thread.submit(asyncio.run, call(middleware, scope)).result()


def test_a_claimed_identity_is_dropped() -> None:
    scope, _ = run(Identity, x_survey_user="ab" * 32)
    assert IDENTITY not in dict(scope["headers"])


def test_the_cookie_becomes_a_hash_and_never_the_token() -> None:
    scope, _ = run(Identity, cookie=f"{COOKIE}=token", x_survey_user="forged")
    assert [value for name, value in scope["headers"] if name == IDENTITY] == [digest("token").hex().encode()]


@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        ("http://office.example:8501", True),
        ("http://office.example", False),
        ("http://evil.example:8501", False),
        ("null", False),
    ],
)
def test_a_session_opens_only_from_our_own_page(origin: str, passes: bool) -> None:
    scope, sent = run(Guard, host="office.example:8501", origin=origin)
    assert (scope is not None) == passes
    assert passes or sent == [{"type": "websocket.close", "code": 1008}]


def test_no_origin_is_no_page_of_ours() -> None:
    assert not same_origin(Headers({"host": "office.example"}))


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/script-health-check"],
)
def test_closed_addresses_answer_404(path: str) -> None:
    scope, sent = run(Guard, "http", path)
    assert scope is None
    assert sent[0]["status"] == 404


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
