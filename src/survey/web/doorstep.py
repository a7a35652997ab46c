"""The first look at a request: how much stands before its body, and which cookies go further."""

from collections.abc import Iterable

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from survey.settings import get_settings
from survey.web.cookies import with_plain_cookies

TOO_LONG = "浏览器带来的信息太多，多半是 Cookie 太大。请清除本网站的 Cookie，再打开一次。"


def head_size(address: bytes, headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Bytes before the body, as they were sent: the address and every header with its colon and line end."""
    size = len(address)
    for name, value in headers:
        size += len(name) + len(value) + 4
    return size


class Doorstep:
    """Refuses what is too long to be read, and takes away cookies that nobody here reads. Our own server refuses
    sooner, see `listening`; this stands before whatever other server runs the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        address = scope.get("raw_path", b"") + scope["query_string"]
        if head_size(address, scope["headers"]) > get_settings().head_limit:
            await refuse(PlainTextResponse(TOO_LONG, 431, {"Connection": "close"}), scope, receive, send)
        else:
            await self.app(with_plain_cookies(scope), receive, send)


async def refuse(refusal: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer instead of the application, also where a page session was asked for."""
    if scope["type"] == "http":
        await refusal(scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        await WebSocket(scope, receive, send).send_denial_response(refusal)
    else:
        await send({"type": "websocket.close", "code": 1008})
