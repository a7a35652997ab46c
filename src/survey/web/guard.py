"""What stands before Streamlit: closed addresses, foreign origins, safe headers, and who is asking."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey.core.access import may
from survey.core.models import Role, User
from survey.core.receipts import digest
from survey.storage import reads
from survey.storage.database import reading
from survey.web.plain import notice

COOKIE = "survey_office"
IDENTITY = b"x-survey-user"
# Streamlit's own addresses that nobody needs here: they leak or run scripts.
CLOSED = re.compile(r"/_stcore/(metrics|agent|script-health-check)(/|$)")
# Streamlit asks nobody's name where it takes files and hands them out.
FILES = {"/_stcore/upload_file/": Role.OFFICER, "/media/": Role.VIEWER}
SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
LARGEST_ID = 2**31 - 1  # in an integer column; databases refuse larger ones as an error
Handler = Callable[[Request], Awaitable[Response]]


class Identity:
    """Tells Streamlit who is asking: a hash of the sign-in cookie, never anything the client claims."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
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
    role = next((role for start, role in FILES.items() if scope["path"].startswith(start)), None)
    if role is None:
        return True
    user = await signed_in(HTTPConnection(scope))
    return user is not None and may(user.role, role)


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


async def signed_in(connection: HTTPConnection) -> User | None:
    """Who is asking, by the cookie, checked in the database."""
    token = connection.cookies.get(COOKIE)
    return await run_in_threadpool(_user, token) if token else None


def _user(token: str) -> User | None:
    with reading() as db:
        return reads.user_by_token(db, token, datetime.now(UTC))


def to_login(request: Request) -> Response:
    """To the sign-in page, and back here afterwards."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(here, safe='')}", 303)


def for_role(role: Role) -> Callable[[Handler], Handler]:
    """A handler only for those who may do what `role` may."""

    def wrap(handler: Handler) -> Handler:
        async def checked(request: Request) -> Response:
            user = await signed_in(request)
            if user is None:
                return to_login(request)
            if not may(user.role, role):
                return notice("您的账号没有这项权限", "需要时请联系管理员。", 403)
            if request.path_params.get("wave", 0) > LARGEST_ID:
                return notice("没有这个期次", "地址可能写错了。", 404)
            return await handler(request)

        return checked

    return wrap
