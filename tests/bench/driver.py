"""Respondents in a process of their own: each opens a connection, gets the form and sends it.

Plain sockets and one selector, so that the driver costs little of the machine it shares with the doors.
"""

import contextlib
import json
import re
import secrets
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.I)


@dataclass
class Plan:
    """What to do: where, with which codes (`{code}` in the path), how many at once, for how long, how fast."""

    port: int
    codes: list[str]
    fields: list[list[str]]  # name and value
    at_once: int
    seconds: float
    rate: float = 0  # journeys a second at most; 0 for as fast as they come


@dataclass
class Outcome:
    """Journeys that ended in a receipt, and how long getting and sending took (seconds)."""

    journeys: int = 0
    seconds: float = 0
    failed: int = 0
    get: list[float] = field(default_factory=list)
    post: list[float] = field(default_factory=list)
    page_bytes: int = 0


class Journey:
    """One respondent on the way."""

    def __init__(self, port: int, get: bytes, post: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.post, self.answers, self.buffer = post, 0, b""
        self.began = time.perf_counter()
        self.socket.sendall(get)

    def read(self, outcome: Outcome) -> bool:
        """Take what has come; True at the end of the journey."""
        piece = self.socket.recv(262_144)
        self.buffer += piece
        end = self.buffer.find(b"\r\n\r\n")
        if not piece:
            outcome.failed += 1
            return True
        if end < 0:
            return False
        found = LENGTH.search(self.buffer[:end])
        if len(self.buffer) < end + 4 + (int(found[1]) if found else 0):
            return False
        took = time.perf_counter() - self.began
        if self.answers == 0:
            outcome.get.append(took)
            outcome.page_bytes = len(self.buffer) - end - 4
            self.answers, self.buffer = 1, b""
            self.began = time.perf_counter()
            self.socket.sendall(self.post)
            return False
        if self.buffer.startswith(b"HTTP/1.1 303"):
            outcome.journeys += 1
            outcome.post.append(took)
        else:
            outcome.failed += 1
        return True


def requests(plan: Plan, code: str, body: bytes) -> tuple[bytes, bytes]:
    """The two requests of a journey as a phone's browser sends them."""
    host = f"Host: 127.0.0.1:{plan.port}\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: MicroMessenger\r\n"
    sent = body + b"&sid=" + secrets.token_urlsafe(16).encode()
    get = f"GET /q/{code} HTTP/1.1\r\n{host}\r\n".encode()
    head = (
        f"POST /q/{code} HTTP/1.1\r\n{host}Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(sent)}\r\nConnection: close\r\n\r\n"
    )
    return get, head.encode() + sent


def drive(plan: Plan) -> Outcome:
    """Keep `at_once` respondents going for `seconds`, or until the codes are used up."""
    outcome, body, codes = (
        Outcome(),
        urlencode([tuple(one) for one in plan.fields]).encode(),
        iter(plan.codes),
    )
    selector = selectors.DefaultSelector()
    going = 0
    began = time.perf_counter()
    until, due = began + plan.seconds, began
    while True:
        now = time.perf_counter()
        while going < plan.at_once and now < until and (not plan.rate or now >= due):
            code = next(codes, None)
            if code is None:
                until = now
                break
            journey = Journey(plan.port, *requests(plan, code, body))
            selector.register(journey.socket, selectors.EVENT_READ, journey)
            going, due = going + 1, due + (1 / plan.rate if plan.rate else 0)
        if not going and now >= until:
            break
        for key, _ in selector.select(0.002 if plan.rate else 1):
            ended = True
            with contextlib.suppress(OSError):
                ended = key.data.read(outcome)
            if ended:
                selector.unregister(key.fileobj)
                key.data.socket.close()
                going -= 1
    outcome.seconds = time.perf_counter() - began
    return outcome


if __name__ == "__main__":
    json.dump(vars(drive(Plan(**json.load(sys.stdin)))), sys.stdout)
