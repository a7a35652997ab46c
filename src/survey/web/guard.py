"""What stands before Streamlit: closed addresses, foreign origins, safe headers, and who is asking."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey.core.access import EVERYONE, NOBODY, Right, act_as, may
from survey.core.receipts import digest
from survey.web.gate import COOKIE, signed_in

IDENTITY = b"x-survey-user"
# Streamlit's own addresses that nobody needs here: they leak or run scripts.
CLOSED = re.compile(r"/_stcore/(metrics|agent|script-health-check)(/|$)")
# Streamlit asks nobody's name where it takes files and hands them out.
FILES = {"/_stcore/upload_file/": (Right.ROUNDS,), "/media/": EVERYONE}
SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Identity:
    """Tells Streamlit who is asking: a hash of the sign-in cookie, never anything the client claims."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            act_as(NOBODY)  # until a handler has looked at the cookie
            headers = [(name, value) for name, value in scope["headers"] if name.lower() != IDENTITY]
            token = HTTPConnection(scope).cookies.get(COOKIE)
            if token:
                headers.append((IDENTITY, digest(token).hex().encode()))
            scope = dict(scope, headers=headers)
        await self.app(scope, receive, send)


class Guard:
    """Lets through only what the office door is for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not same_origin(Headers(scope=scope)):
            # Streamlit would ask the internet for its own address before refusing, and block meanwhile.
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http" and CLOSED.match(scope["path"]):
            await PlainTextResponse("没有这个地址", 404)(scope, receive, _with_safety(send))
        elif scope["type"] == "http" and not await _may_have_files(scope):
            await PlainTextResponse("请先登录", 403)(scope, receive, _with_safety(send))
        elif scope["type"] == "http":
            await self.app(scope, receive, _with_safety(send))
        else:
            await self.app(scope, receive, send)


async def _may_have_files(scope: Scope) -> bool:
    """Whether this is no address for files, or someone asks who may send or fetch them."""
    rights = next((rights for start, rights in FILES.items() if scope["path"].startswith(start)), None)
    if rights is None:
        return True
    user = await signed_in(HTTPConnection(scope))
    return user is not None and may(user, *rights)


def same_origin(headers: Headers) -> bool:
    """Whether a page of ours is asking: Origin and Host agree to the letter."""
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host", "-")


def _with_safety(send: Send) -> Send:
    async def with_safety(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SAFETY.items():
                headers.setdefault(name, value)
        await send(message)

    return with_safety


def middleware() -> Sequence[Middleware]:
    """Guard first, then identity."""
    return [Middleware(Guard), Middleware(Identity)]
