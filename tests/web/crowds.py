"""Connections of those who mean ill, and of phones that mean well, by plain sockets to a real door."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlencode

import uvicorn

from tests.malformed import FORM, GOOD

HANDSHAKE = (
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
)  # fmt: skip


def connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    """A connection from an address of this machine; all of 127.0.0.0/8 is."""
    raw = socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(source, 0))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return raw


def status(raw: socket.socket) -> int:
    """The status of the answer; 0 when the other side hung up without one. `TimeoutError` when there is neither."""
    answer = HTTPResponse(raw)
    try:
        answer.begin()
        answer.read()
    except TimeoutError:
        raise
    except (OSError, HTTPException):
        return 0
    return answer.status


def ask(port: int, data: bytes, source: str = "127.0.0.1") -> int:
    """What is answered to some bytes, of which perhaps not all are taken."""
    with closing(connect(port, source)) as raw:
        with suppress(OSError):
            raw.sendall(data)
        return status(raw)


def is_open(raw: socket.socket) -> bool:
    """Whether the other side still waits for more."""
    raw.setblocking(False)
    try:
        return bool(raw.recv(1))
    except BlockingIOError:
        return True
    except OSError:
        return False


def request(port: int, first: str, *headers: str, body: bytes = b"") -> bytes:
    """A request as a browser sends it."""
    lines = (f"{first} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}", *headers)
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def post(port: int, path: str, body: bytes, length: int = 0, *headers: str) -> bytes:
    """A form that is sent, or the beginning of one of `length` bytes."""
    about = f"Content-Type: {FORM.decode()}", f"Content-Length: {length or len(body)}", *headers
    return request(port, f"POST {path}", *about, body=body)


def form(number: int) -> bytes:
    """A good form of its own, for an open code."""
    return urlencode([("sid", f"{number:022d}"), *GOOD[1:], ("who", "citizen")]).encode()


@contextmanager
def half_sent(port: int, count: int, path: str, source: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Connections that begin a form and send no more of it."""
    with ExitStack() as stack:
        found = [stack.enter_context(closing(connect(port, source))) for _ in range(count)]
        for raw in found:
            raw.sendall(post(port, path, b"sid=", 3000))
        yield found


@contextmanager
def served(app: Any, protocol: type) -> Iterator[tuple[int, Callable[[], int]]]:
    """A server in this process that speaks `protocol`: its port, and how many connections it has."""
    config = uvicorn.Config(
        app, port=0, http=protocol, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1], lambda: len(server.server_state.connections)
    server.should_exit = True
    thread.join(20)
