"""What stands before Streamlit: closed addresses, foreign origins, safe headers, and who is asking."""

import re
from asyncio import sleep
from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey.core.accounts.access import NOBODY, Right, act_as, may
from survey.core.accounts.permits import uploads
from survey.core.answers.receipts import digest
from survey.web.cookies import cookie
from survey.web.doorstep import Doorstep, refuse
from survey.web.headers import SafeHeaders
from survey.web.limits import Messages, sessions
from survey.web.office.gate import COOKIE, signed_in
from survey.web.office.origins import is_foreign, is_own_host
from survey.web.office.origins import same_origin as same_origin

IDENTITY = b"x-survey-user"
STREAM = "/_stcore/stream"
HEALTH = ("/healthz", "/readyz")
PUBLIC = ("/q/", "/r/")  # phones' addresses, where both doors share one port
# All that pages need of Streamlit's own addresses; the others leak, or run scripts.
NEEDED = re.compile(r"/_stcore/(health|host-config|stream|upload_file/[^/]+/[^/]+)|/(static|media)/.+")
STREAMLITS = re.compile(r"/*(_stcore|static|media|component)\b", re.IGNORECASE)
ODD = re.compile(r"//|\\|/\.{1,2}(/|$)|%")
UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+")
LARGEST_BODY = 262_144  # bytes of any form of ours, four times over; files are counted by Streamlit
WRONG_HOST = "请用管理员给的网址打开办公端。这个网址没有登记；管理员可以用设置 SURVEY_OFFICE_URL 登记它。"
FULL = "现在打开的页面太多，请关掉几个，或过一两分钟再试。"


class Identity:
    """Tells Streamlit who is asking: a hash of the sign-in cookie, never anything the client claims."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            act_as(NOBODY)  # until a handler has looked at the cookie
            headers = [(name, value) for name, value in scope["headers"] if not _claims(name)]
            if login := login_of(HTTPConnection(scope)):
                headers.append((IDENTITY, login.encode()))
            scope = dict(scope, headers=headers)
        await self.app(scope, receive, send)


def _claims(name: bytes) -> bool:
    """Whether a header would be read as our own; some servers take underscores for hyphens."""
    return name.lower().replace(b"_", b"-") == IDENTITY


def login_of(connection: HTTPConnection) -> str:
    """What the sign-in of a request is called wherever the cookie itself must not stand; empty without one."""
    token = cookie(connection, COOKIE)
    return digest(token).hex() if token else ""


class Guard:
    """Lets through only what the office door is for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif refusal := await _refusal(scope):
            await refuse(refusal, scope, receive, send)
        elif scope["type"] == "websocket":
            with sessions.one(login_of(HTTPConnection(scope))) as messages:
                await sleep(messages.wait_to_open())
                await self.app(scope, _paced(receive, messages), send)
        else:
            await _limited(self.app, scope, receive, send)


def _paced(receive: Receive, messages: Messages) -> Receive:
    """A session's messages, no faster than a page of ours sends them; the connection itself keeps the others back."""

    async def receive_slowly() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive":
            await sleep(messages.wait(len(message.get("bytes") or message.get("text") or b"")))
        return message

    return receive_slowly


async def _refusal(scope: Scope) -> Response | None:
    """Why this is not let through, if so; cheap reasons first, and Streamlit's own checks not at all:
    it would ask the internet for its own address, and block meanwhile."""
    path = scope["path"]
    if scope["type"] == "http" and path in HEALTH:
        return None
    public = path.startswith(PUBLIC) and scope["type"] == "http"
    if not is_own_host(scope, public):
        return PlainTextResponse(WRONG_HOST, 421)
    if _is_closed(scope):
        return PlainTextResponse("没有这个地址", 404)
    if not public and is_foreign(scope):
        return PlainTextResponse("这个请求不是从本站页面发出的", 403)
    if scope["type"] == "websocket":
        return REFUSALS.get(await may_open(HTTPConnection(scope)))
    return await _files_refusal(scope)


def _is_closed(scope: Scope) -> bool:
    path: str = scope["path"]
    if scope["type"] == "websocket":
        return path != STREAM
    if not STREAMLITS.match(path):
        return False
    return bool(ODD.search(path)) or not NEEDED.fullmatch(path)


async def may_open(connection: HTTPConnection) -> int:
    """Whether a page may open its session now: 204, or 401 without a sign-in, or 503 when there are too many."""
    if await signed_in(connection) is None:
        return 401
    return 503 if sessions.is_full(login_of(connection)) else 204


REFUSALS = {401: PlainTextResponse("请先登录", 401), 503: PlainTextResponse(FULL, 503, {"Retry-After": "60"})}


async def _files_refusal(scope: Scope) -> Response | None:
    """Streamlit asks nobody's name where it takes files and hands them out."""
    upload = UPLOAD.fullmatch(scope["path"])
    if not upload and not scope["path"].startswith("/media/"):
        return None
    connection = HTTPConnection(scope)
    user = await signed_in(connection)
    if user is None or (upload and not may(user, Right.ROUNDS)):
        return PlainTextResponse("请先登录", 403)
    if not upload or scope["method"] == "DELETE":
        return None
    if scope["method"] != "PUT":
        return PlainTextResponse("没有这个地址", 404)
    if uploads.use(upload[1], login_of(connection)):
        return None
    return PlainTextResponse("这个页面现在不收文件，请刷新后重新选择", 403)


class _TooLarge(Exception):
    """More came than any form of ours has."""


async def _limited(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Pass a request on, but no more of its body than a form can have. Files and answers are counted elsewhere."""
    if UPLOAD.fullmatch(scope["path"]) or scope["path"].startswith(PUBLIC):
        await app(scope, receive, send)
        return
    came = 0

    async def counted() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > LARGEST_BODY:
            raise _TooLarge
        return message

    try:
        await app(scope, counted, send)
    except _TooLarge:
        await PlainTextResponse("内容太多", 413, {"Connection": "close"})(scope, receive, send)


def middleware() -> Sequence[Middleware]:
    """Headers around everything, then doorstep, guard and identity."""
    return [Middleware(SafeHeaders), Middleware(Doorstep), Middleware(Guard), Middleware(Identity)]
