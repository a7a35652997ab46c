"""How a door waits for a visitor: with patience that has an end."""

from asyncio import BaseProtocol, Transport
from asyncio.events import TimerHandle
from collections.abc import Callable
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from survey.running.open_files import most_by_files
from survey.settings import get_settings
from survey.web.doorstep import TOO_LONG, head_size
from survey.web.headers import SAFETY
from survey.web.limits import Unfinished, bucket

HEAD_SECONDS = 15  # for the first lines of a request; a phone on 2G needs two
BODY_SECONDS = 20  # for a form; a full one takes seven on 2G. Longer only at SURVEY_BODY_RATE
BODY_AT_MOST = 120  # five megabytes over a slow office line
READ_SECONDS = 60  # in which an answer's reader takes at least the 48 KB that let the next piece follow
LINGER_SECONDS, LINGER_BYTES = 2, 262_144  # for which someone still sending is listened to after a refusal
PIECE = 16_384  # bytes taken of a connection at once
LONGEST_SESSION_LINE = 8192  # of a header, for the library that reads page sessions
FULL = "现在连接的人太多，请稍候再试"
SLOW = "网络太慢，内容没有传完，请换个地方再试"
UNREADABLE = "这不是浏览器发出的请求"
unfinished = Unfinished()


class Patient(HttpToolsProtocol):
    """Ends connections that say nothing, too much, or nothing more; uvicorn waits for them for ever. When a source
    or everyone together holds too many requests half sent, whoever has been silent longest makes room."""

    _waiting: TimerHandle | None = None  # for more of a request
    _unread: TimerHandle | None = None  # for someone to take more of an answer
    _in_body, _whole = False, False  # the head came, all of the request came
    _beside = 0  # bytes that came and are not of a body
    _body, _body_began = 0, 0.0
    _refused = False
    _source = ""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.max_size = PIECE  # type: ignore[attr-defined]  # asyncio would take 256 KB at once from anyone
        self._source = bucket(self.client[0]) if self.client else ""
        if self._has_room():
            unfinished.moved(self, self._source)
            self._wait(HEAD_SECONDS, transport.abort)
        else:
            self._refuse(503, FULL)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            self._discard(data)
            return
        self._beside += len(data)
        super().data_received(data)
        if (other := self.transport.get_protocol()) is not self:
            self._hand_over(other)
        elif self._beside > get_settings().head_limit + self._body:
            self._refuse(431, TOO_LONG)
        elif not self._whole and not self._refused:
            unfinished.moved(self, self._source)
            if self._waiting is None and self._in_body:
                self._wait(BODY_SECONDS, self._check_pace)
            elif self._waiting is None:
                self._wait(HEAD_SECONDS, self.transport.abort)

    def on_message_begin(self) -> None:
        self._whole, self._in_body, self._body = False, False, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        limit = get_settings().head_limit
        if self._beside > limit and head_size(self.url, self.headers) > limit:
            self._refuse(431, TOO_LONG)
            raise ValueError  # the parser stops here
        self._stop_waiting()
        self._in_body, self._body_began = True, self.loop.time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._beside -= len(body)
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._whole, self._beside = True, 0
        self._stop_waiting()
        unfinished.left(self, self._source)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._wait_for_reader()
        if self._whole and not self.transport.is_closing():
            unfinished.idle(self, self._source)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_for_reader()
        unfinished.moved(self, self._source)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_waiting_for_reader()
        if self._whole:
            unfinished.left(self, self._source)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()
        self._stop_waiting_for_reader()
        unfinished.left(self, self._source)

    def send_400_response(self, msg: str) -> None:
        if not self._refused:
            self._refuse(400, UNREADABLE)

    def _has_room(self) -> bool:
        settings, longest = get_settings(), None
        if unfinished.count(self._source) >= settings.half_sent:
            longest = unfinished.first(self._source)
        elif len(self.connections) > min(settings.connections, most_by_files()):
            longest = unfinished.first()
        else:
            return True
        if longest is not None:
            unfinished.left(longest, longest._source)
            longest.transport.abort()
        return longest is not None

    def _discard(self, data: bytes) -> None:
        """A connection closed with bytes unread is reset, and the refusal lost with it; so a few more are read."""
        self._beside += len(data)
        if self._beside > LINGER_BYTES:
            self.transport.abort()

    def _hand_over(self, session: BaseProtocol) -> None:
        """A page session from now on; but what reads it drops what it cannot read without a word."""
        self._stop_waiting()
        unfinished.left(self, self._source)
        if not getattr(session, "handshake_initiated", True):
            long = head_size(self.url, self.headers) > LONGEST_SESSION_LINE
            self._refuse(431 if long else 400, TOO_LONG if long else UNREADABLE)

    def _check_pace(self) -> None:
        taken = self.loop.time() - self._body_began
        allowed = min(BODY_SECONDS + self._body / get_settings().body_rate, BODY_AT_MOST)
        if self.flow.read_paused:  # it is us who are slow
            allowed = taken + BODY_SECONDS
        if taken < allowed:
            self._wait(allowed - taken, self._check_pace)
        elif self.cycle.response_started:
            self.transport.abort()
        else:
            self._refuse(408, SLOW)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(seconds, then)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _wait_for_reader(self) -> None:
        self._stop_waiting_for_reader()
        self._unread = self.loop.call_later(READ_SECONDS, self._end_unread)

    def _end_unread(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _stop_waiting_for_reader(self) -> None:
        if self._unread:
            self._unread.cancel()
            self._unread = None

    def _refuse(self, status: int, text: str) -> None:
        self._refused = True
        body = text.encode()
        headers = {**SAFETY, "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{a}: {b}" for a, b in headers.items())]
        more = ["Retry-After: 5"] if status == 503 else []
        self.transport.write("\r\n".join([*lines, *more, "Connection: close", "", ""]).encode() + body)
        if status == 431 and self.cycle is None:
            self.transport.write_eof()
            self._wait(LINGER_SECONDS, self.transport.abort)
        else:
            self.transport.close()
