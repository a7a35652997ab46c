"""Headers that every answer of a door carries, whoever made it, and the last net under errors."""

import logging

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey.core.discreet import trace

log = logging.getLogger(__name__)

SAFETY = {
    # For whatever is no page and brings no policy of its own: it may load and run nothing.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# Browsers complain about both where the address is not encrypted.
ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000", "Cross-Origin-Opener-Policy": "same-origin"}
TELLING = (b"server", b"x-powered-by")
# Streamlit's own files: a worker script among them brings its policy along and needs its neighbours.
BUNDLE, BUNDLE_POLICY = "/static/", "default-src 'self'; object-src 'none'; frame-ancestors 'self'"
HANDED_OUT = "/media/"


class SafeHeaders:
    """Sets what an answer lacks. `referrer` is a Referrer-Policy: "no-referrer" makes a form's Origin null."""

    def __init__(self, app: ASGIApp, referrer: str = "same-origin") -> None:
        self.app = app
        always = {**SAFETY, "Referrer-Policy": referrer}
        self._plain, self._encrypted = _raw(always), _raw({**always, **ENCRYPTED})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        begun = False

        async def with_safety(message: Message) -> None:
            nonlocal begun
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                begun = True
                self._add(message, scope)
            await send(message)

        try:
            await self.app(scope, receive, with_safety)
        except ClientDisconnect:
            return  # in the middle of a form; nobody is there to be told, and strangers could fill the log
        except Exception as error:
            if (
                scope["type"] == "websocket"
            ):  # a session that was sent what no page sends; pages catch their own
                log.warning("页面连接中断：%s", type(error).__name__)
                return
            log.error("未预料的错误：%s", trace(error))
            if not begun:
                await PlainTextResponse("出错了，请稍后再试", 500)(scope, receive, with_safety)

    def _add(self, message: Message, scope: Scope) -> None:
        path = scope["path"]
        if path.startswith((BUNDLE, HANDED_OUT)):
            self._of_streamlit(message, path)
        headers = message.get("headers", ())
        has = {name.lower() for name, _ in headers}
        if not has.isdisjoint(TELLING):
            headers = [one for one in headers if one[0].lower() not in TELLING]
        encrypted = scope["scheme"] in ("https", "wss")
        if encrypted:
            headers = [_never_unencrypted(one) for one in headers]
        lacking = self._encrypted if encrypted else self._plain
        message["headers"] = [*headers, *[one for one in lacking if one[0] not in has]]

    @staticmethod
    def _of_streamlit(message: Message, path: str) -> None:
        headers = MutableHeaders(scope=message)
        if path.startswith(BUNDLE):
            if headers.get("Content-Type", "").startswith("text/html"):
                message["status"] = (
                    404  # no such file; Streamlit answers with its English page as if there were
                )
            headers.setdefault("Content-Security-Policy", BUNDLE_POLICY)
        if path.startswith(HANDED_OUT):
            headers["Cache-Control"] = "no-store"


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _never_unencrypted(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Streamlit does not know of the proxy's https, and leaves its cookies to be sent without it."""
    name, value = header
    plain = name.lower() == b"set-cookie" and b"; secure" not in value.lower()
    return (name, value + b"; Secure") if plain else header
