"""How a door listens: uvicorn without a word about visitors, and with patience that has an end."""

import sys
from asyncio import Transport
from asyncio.events import TimerHandle
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from survey.settings import get_settings
from survey.web.headers import SAFETY

HEAD_SECONDS = 15  # for the first lines of a request; a phone on 2G needs two
BODY_SECONDS = 120  # for all of it; five megabytes over a slow office line
FILES = 8192  # open at once, where the system allows it; the usual 1,024 are soon gone
FULL = "现在连接的人太多，请稍候再试"
UNREADABLE = "这不是浏览器发出的请求"


def run(app: Any, host: str, port: int, **more: Any) -> None:
    """Without access log: it would tell addresses and codes. `Server` headers tell versions."""
    _allow_many_files()
    uvicorn.run(
        app, host=host, port=port, http=Patient, access_log=False, log_level="warning", server_header=False,
        timeout_graceful_shutdown=3, **more,
    )  # fmt: skip


def _allow_many_files() -> None:
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Patient(HttpToolsProtocol):
    """Ends connections that say nothing or never come to an end; uvicorn waits for them for ever.
    When all places are taken, the one that has been silent longest makes room."""

    _waiting: TimerHandle | None = None
    _head_wanted = True

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > get_settings().connections and not self._make_room():
            self._refuse(503, FULL)
        else:
            self._wait(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            self._stop_waiting()  # a websocket now
        elif self._waiting is None and (self.cycle is None or self.cycle.response_complete):
            self._wait(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        self._wait(BODY_SECONDS)
        self._head_wanted = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._head_wanted = True
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, UNREADABLE)

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _make_room(self) -> bool:
        silent = [
            one
            for one in self.connections
            if isinstance(one, Patient) and one is not self and one._head_wanted and one._waiting
        ]
        longest = min(silent, key=lambda one: one._waiting.when() if one._waiting else 0, default=None)
        if longest:
            longest.transport.abort()
        return longest is not None

    def _refuse(self, status: int, text: str) -> None:
        body = text.encode()
        headers = {**SAFETY, "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{a}: {b}" for a, b in headers.items())]
        more = ["Retry-After: 5"] if status == 503 else []
        self.transport.write("\r\n".join([*lines, *more, "Connection: close", "", ""]).encode() + body)
        self.transport.close()
