"""Cookies by a linear scan. Some Pythons take quadratic time over a quoted one (CVE-2024-7592), Starlette and
Streamlit ask them at every request, and everyone waits meanwhile: so they only ever see plain cookies."""

from collections.abc import Iterator

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

OURS = ("survey_", "__Host-survey_", "_streamlit_")  # what names of cookies begin with that anyone here reads
ESCAPES = '"\\'  # what makes the runtime decode a value; no cookie of ours or of Streamlit's has them


def cookie(connection: HTTPConnection, name: str) -> str | None:
    """The value of one cookie of ours; of two of a name the last, as Starlette has it."""
    called = _called(connection.scope, name)
    return next((value for one, value in reversed(list(_plain(connection.scope))) if one == called), None)


def keep(answer: Response, connection: HTTPConnection, name: str, value: str, seconds: int) -> None:
    """Have the browser keep a cookie of ours that no script reads and no other site sends along."""
    answer.set_cookie(
        _called(connection.scope, name), value, max_age=seconds, httponly=True, samesite="lax",
        secure=_encrypted(connection.scope),
    )  # fmt: skip


def forget(answer: Response, connection: HTTPConnection, name: str) -> None:
    """Have the browser forget a cookie of ours."""
    called, encrypted = _called(connection.scope, name), _encrypted(connection.scope)
    answer.delete_cookie(called, httponly=True, samesite="lax", secure=encrypted)


def _called(scope: Scope, name: str) -> str:
    """Under https no other host of the domain and no unencrypted page can plant a cookie of this prefix."""
    return f"__Host-{name}" if _encrypted(scope) else name


def _encrypted(scope: Scope) -> bool:
    return scope.get("scheme") in ("https", "wss")


def with_plain_cookies(scope: Scope) -> Scope:
    """The scope of a request without cookies that are none of ours, or not plain."""
    if b"cookie" not in dict(scope["headers"]):
        return scope
    kept = "; ".join(f"{name}={value}" for name, value in _plain(scope))
    headers = [header for header in scope["headers"] if header[0] != b"cookie"]
    return dict(scope, headers=[*headers, (b"cookie", kept.encode("latin-1"))] if kept else headers)


def _plain(scope: Scope) -> Iterator[tuple[str, str]]:
    for header, line in scope["headers"]:
        if header == b"cookie":
            for pair in line.decode("latin-1").split(";"):
                name, equals, value = pair.partition("=")
                if equals and name.strip().startswith(OURS) and not any(sign in value for sign in ESCAPES):
                    yield name.strip(), value.strip()
