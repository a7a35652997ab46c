"""Floods at both doors: what steady visitors wait meanwhile, and the memory of the door, with its limits and without.

`python -m tests.bench.floods [quick]` prints the table alone. The attacker is a process of its own at other addresses.
"""

import asyncio
import contextlib
import os
import random
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from survey.core.models import Role
from survey.settings import ROOT
from tests.bench import bare, doors, office, worlds
from tests.people import PASSWORD, account, sign_in

ATTACKERS = 8  # addresses, 127.0.0.2 and the following
PATIENCE = 10  # seconds after which a visitor gives up
FILES = 1024  # that both doors may open: the usual limit of a service
PATHS = {"public": "/q/{}", "office": "/login"}


@dataclass
class Waits:
    """What visitors waited (seconds), and how many gave up."""

    times: list[float] = field(default_factory=list)
    gave_up: int = 0


def measure(quick: bool) -> Iterator[dict[str, Any]]:
    """For each door and attack: waits alone, under attack, under attack without limits; memory in MB after each."""
    with worlds.world():
        wave, _ = worlds.open_wave(1)
        code = worlds.open_code_of(wave)
        account(Role.VIEWER, "值班")
        tokens = sign_in(Role.VIEWER, name="领导"), sign_in(Role.HANDLER, name="经办")
        for name in PATHS:
            for attack, one in ATTACKS.items():
                if (quick and attack not in ("slow", "bombs")) or (one.office_only and name == "public"):
                    continue
                visitor = Visitor(PATHS[name].format(code), one.visitor, tokens[0])
                found = {"door": name, "attack": attack}
                for kind in ("kept", "bare"):
                    found |= _beside(attack, kind, name, visitor, tokens[1], quick)
                yield found


def _beside(attack: str, kind: str, name: str, visitor: "Visitor", token: str, quick: bool) -> dict[str, Any]:
    """One door, with its limits (`kept`) or without (`bare`), before and during an attack."""
    port = doors.free_port()
    with _door(name, kind, port) as process:
        visitor.come(port)
        alone = visit(port, visitor, 1 if quick or kind == "bare" else 4)
        with _attacked(attack, port, visitor.path, token, quick):
            beside = visit(port, visitor, 2 if quick else 10)
        return {f"{kind}_alone": alone, kind: beside, f"{kind}_memory": memory(process.pid)}


@contextlib.contextmanager
def _door(name: str, kind: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    if kind == "kept":
        with doors.door(name, port, FILES) as process:
            yield process
    else:
        command = ["-m", "tests.bench.bare", name, str(port)]
        about = {"SURVEY_DOOR": name, "SURVEY_OFFICE_PORT": str(port), **bare.ENVIRONMENT}
        with doors.process(port, command, FILES, **about) as process:
            yield process


@dataclass(frozen=True)
class Visitor:
    """Someone who takes a page, signs in (`names`), or draws the dashboard as whom `token` says (`reruns`)."""

    path: str
    kind: str
    token: str

    @property
    def every(self) -> float:
        """Seconds until the next one comes."""
        return 2 if self.kind else 0.2

    def come(self, port: int) -> bool:
        """Whether they got what they came for."""
        try:
            if self.kind == "reruns":
                return asyncio.run(self._draw(port))
            body = urlencode({"name": "值班", "password": PASSWORD}) if self.kind == "names" else ""
            about = {
                "Origin": f"http://127.0.0.1:{port}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
                connection.request("POST" if body else "GET", self.path, body or None, about if body else {})
                return connection.getresponse().status == (303 if body else 200)
        except (OSError, HTTPException, WebSocketException, AssertionError):
            return False

    async def _draw(self, port: int) -> bool:
        leave = asyncio.Event()
        leave.set()
        await asyncio.wait_for(office.open_dashboard(port, self.token, leave), PATIENCE)
        return True


def visit(port: int, visitor: Visitor, seconds: float) -> Waits:
    """One visitor after the other, each on a connection of their own, whether or not others still wait."""
    waits, began = Waits(), time.perf_counter()

    def come() -> None:
        came = time.perf_counter()
        good = visitor.come(port)
        waits.times.append(time.perf_counter() - came)
        waits.gave_up += not good

    with ThreadPoolExecutor(64) as visitors:  # 64 is more than can wait at once
        while time.perf_counter() - began < seconds:
            visitors.submit(come)
            time.sleep(visitor.every)
    return waits


def memory(pid: int) -> float:
    """The most that a process ever held, in MB; 0 where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0


@contextlib.contextmanager
def _attacked(attack: str, port: int, path: str, token: str, quick: bool) -> Iterator[None]:
    share = "10" if quick else "1"
    command = [sys.executable, "-m", "tests.bench.floods", "attack", attack, str(port), path, token, share]
    attacker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert attacker.stdout is not None
    attacker.stdout.readline()  # it has begun
    try:
        yield
    finally:
        attacker.kill()
        attacker.wait()


# --- the attacker, in a process of its own -----------------------------------------------------------

Held = socket.socket | ClientConnection | None
FORM = "Content-Type: application/x-www-form-urlencoded"
SESSION = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: " + "A" * 22 + "==",
)
ACCEPTED = b"HTTP/1.1 101"  # a session began
dice = random.Random(1)


@dataclass(frozen=True)
class Target:
    """What is attacked, and the cookie of whoever has one."""

    port: int
    path: str
    token: str


def _connect(port: int) -> socket.socket:
    source = f"127.0.0.{dice.randrange(2, 2 + ATTACKERS)}"
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(source, 0))


def _head(port: int, first: str, *headers: str) -> bytes:
    host = f"127.0.0.1:{port}"
    return "\r\n".join(
        (f"{first} HTTP/1.1", f"Host: {host}", f"Origin: http://{host}", *headers, "", "")
    ).encode()


def _ask(port: int, data: bytes) -> None:
    """Send, and wait for whatever is answered."""
    with contextlib.suppress(OSError), closing(_connect(port)) as raw:
        raw.sendall(data)
        raw.recv(100)


def _hold(port: int, data: bytes) -> socket.socket | None:
    """Send, and stay."""
    with contextlib.suppress(OSError):
        raw = _connect(port)
        raw.sendall(data)
        return raw
    return None


def _garbled(at: Target, _number: int) -> Held:
    """A request cut off somewhere, one of its bytes another one."""
    good = _head(at.port, f"GET {at.path}", "User-Agent: " + "x" * 60)
    data = bytearray(good[: dice.randrange(1, len(good) - 4)])
    data[dice.randrange(len(data))] = dice.randrange(256)
    return _hold(at.port, bytes(data))


def _slow(at: Target, _number: int) -> Held:
    return _hold(at.port, _head(at.port, f"POST {at.path}", FORM, "Content-Length: 60000") + b"a" * 30_000)


def _oversized(at: Target, _number: int) -> None:
    _ask(at.port, _head(at.port, "GET /healthz")[:-2] + b"A: " + b"x" * (5 << 20) + b"\r\n\r\n")


def _bombs(at: Target, _number: int) -> None:
    _ask(at.port, _head(at.port, f"GET {at.path}", 'Cookie: a="' + "\\" * 40_000 + '"'))


def _sockets(at: Target, _number: int) -> Held:
    return _hold(at.port, _head(at.port, "GET /_stcore/stream", *SESSION))


def _names(at: Target, number: int) -> None:
    body = urlencode({"name": f"nobody{number}", "password": "wrong-word-1"})
    _ask(at.port, _head(at.port, "POST /login", FORM, f"Content-Length: {len(body)}") + body.encode())


def _reruns(at: Target, _number: int) -> Held:
    """A session that asks for its page as fast as it can, and takes what it is sent."""
    session = connect(
        f"ws://127.0.0.1:{at.port}/_stcore/stream", origin=Origin(f"http://127.0.0.1:{at.port}"),
        additional_headers={"Cookie": f"survey_office={at.token}"}, subprotocols=[Subprotocol("streamlit")],
        max_size=None, ping_interval=None, proxy=None,
    )  # fmt: skip
    Thread(target=lambda: [None for _ in session], daemon=True).start()
    with contextlib.suppress(OSError, WebSocketException):
        while True:
            session.send(office.rerun("department"))
    return session


@dataclass(frozen=True)
class Attack:
    """What is done, how often, and by how many at once; again and again until the visitors are through, and what was
    held and has been closed is opened again. `visitor`: who comes beside it, when not someone who takes a page."""

    label: str
    act: Callable[[Target, int], Held]
    times: int
    at_once: int
    visitor: str = ""
    office_only: bool = False


ATTACKS = {
    "garbled": Attack("2,000 个乱码连接", _garbled, 2000, 20),
    "slow": Attack("500 个发到一半的表单", _slow, 500, 20),
    "slower": Attack("2,000 个发到一半的表单", _slow, 2000, 20),
    "oversized": Attack("200 个 5 MB 的请求头", _oversized, 200, 10),
    "bombs": Attack("20 个 40 KB 的 Cookie", _bombs, 20, 4),
    "sockets": Attack("2,000 个没有登录的页面会话", _sockets, 2000, 20),
    "names": Attack("80 人同时用编造的账号登录", _names, 800, 80, "names", office_only=True),
    "reruns": Attack("20 个页面不停地要求重画", _reruns, 20, 20, "reruns", office_only=True),
}

STANDS = {
    ("public", "slow"): "500 个连接不到 1,024 个句柄，uvicorn 只是留着它们；2,000 个就倒下，见下一行。",
    ("office", "slow"): "500 个连接不到 1,024 个句柄，uvicorn 只是留着它们；2,000 个就倒下，见下一行。",
    ("public", "bombs"): "手机页面不读 Cookie，没有人去解析它。",
    ("public", "sockets"): "手机页面没有会话，uvicorn 当场拒绝并断开。",
    ("office", "bombs"): "这个 Python 解析 Cookie 不慢（CVE-2024-7592 已修好）。",
}  # where a door stands without limits: why


def _is_open(held: Held) -> bool:
    """Whether the other side still keeps it."""
    if not isinstance(held, socket.socket):
        return False
    held.setblocking(False)
    with contextlib.suppress(OSError):
        try:
            if held.recv(len(ACCEPTED), socket.MSG_PEEK) == ACCEPTED:
                return True
        except BlockingIOError:
            return True
    held.close()  # it hung up, or said no
    return False


def attack(name: str, at: Target, share: int) -> None:
    """Until this process is ended."""
    os.nice(19)  # attackers have machines of their own
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    one = ATTACKS[name]
    held: list[Held] = [None] * max(1, one.times // share)
    print("begun", flush=True)

    def again(number: int) -> None:
        if not _is_open(held[number]):
            held[number] = one.act(at, number)

    with ThreadPoolExecutor(one.at_once) as crowd:
        while True:
            list(crowd.map(again, range(len(held))))
            time.sleep(1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["attack"]:
        name, port, path, token, share = sys.argv[2:]
        attack(name, Target(int(port), path, token), int(share))
    else:
        from tests.bench.__main__ import flood_table

        print(flood_table("quick" in sys.argv))
