"""Floods at both doors: what steady visitors wait meanwhile, and the memory of the door, with its limits and without.

`python -m tests.bench.floods [quick]` prints the table alone. The attacker is a process of its own at another address.
"""

import contextlib
import re
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
from typing import Any
from urllib.parse import urlencode

from survey.core.models import Role
from survey.settings import ROOT
from tests.bench import doors, worlds
from tests.people import PASSWORD, account

ATTACKER, PATIENCE = "127.0.0.2", 10  # seconds after which a visitor gives up
PATHS = {"public": "/q/{}", "office": "/login"}
# The same application by uvicorn alone, with every limit of ours taken away before it is loaded.
BARE = (
    "from survey.web import cookies, doorstep, sign_in, turns;"
    "doorstep.with_plain_cookies = lambda scope: scope; doorstep.head_size = lambda *_: 0;"
    "sign_in.STRANGERS = turns.Turns(2, 10**6, 10**6); sign_in.wrong_sign_ins.wait = lambda _: 0;"
    "sign_in.bucket = lambda _: 'everyone in one line';"
    "import uvicorn; uvicorn.run({app!r}, factory={factory}, port={port}, access_log=False, log_level='critical')"
)
APPS = {"public": ("survey.web.public:create_app", True), "office": ("app:app", False)}


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
        for name in PATHS:
            for attack in ("slow", "bombs") if quick else ATTACKS:
                if attack == "names" and name == "public":
                    continue  # there is nothing to sign in to
                found: dict[str, Any] = {"door": name, "attack": attack}
                body = urlencode({"name": "值班", "password": PASSWORD}) if attack == "names" else ""
                for kind in ("kept", "bare"):
                    port = doors.free_port()
                    with _door(name, kind, port) as process:
                        path = PATHS[name].format(code)
                        visit(port, path, 1, body)
                        found[f"{kind}_alone"] = visit(port, path, 1 if quick else 5, body)
                        with _attacked(attack, port, path, quick):
                            found[kind] = visit(port, path, 2 if quick else 10, body)
                        found[f"{kind}_memory"] = memory(process.pid)
                yield found


@contextlib.contextmanager
def _door(name: str, kind: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    if kind == "kept":
        with doors.door(name, port) as process:
            yield process
    else:
        app, factory = APPS[name]
        command = ["-c", BARE.format(app=app, factory=factory, port=port)]
        with doors.process(port, command, SURVEY_DOOR=name, SURVEY_OFFICE_PORT=str(port)) as process:
            yield process


def visit(port: int, path: str, seconds: float, body: str = "") -> Waits:
    """One visitor every fifth of a second, each on a connection of its own, whether or not others still wait;
    with `body` they sign in, one every two seconds."""
    waits, began = Waits(), time.perf_counter()
    with ThreadPoolExecutor(64) as visitors:  # 64 is more than can wait at once
        while time.perf_counter() - began < seconds:
            visitors.submit(_visit, port, path, waits, body)
            time.sleep(2 if body else 0.2)
    return waits


def _visit(port: int, path: str, waits: Waits, body: str) -> None:
    about = {"Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/x-www-form-urlencoded"}
    began = time.perf_counter()
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
            connection.request("POST" if body else "GET", path, body or None, about if body else {})
            good = connection.getresponse().status == (303 if body else 200)
    except (OSError, HTTPException):
        good = False
    waits.times.append(time.perf_counter() - began)
    waits.gave_up += not good


def memory(pid: int) -> float:
    """The most that a process ever held, in MB; 0 where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0


@contextlib.contextmanager
def _attacked(attack: str, port: int, path: str, quick: bool) -> Iterator[None]:
    share = "10" if quick else "1"
    command = [sys.executable, "-m", "tests.bench.floods", "attack", attack, str(port), path, share]
    attacker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert attacker.stdout is not None
    attacker.stdout.readline()  # it has begun
    try:
        yield
    finally:
        attacker.kill()
        attacker.wait()


# --- the attacker, in a process of its own -----------------------------------------------------------


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(ATTACKER, 0))


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


FORM = "Content-Type: application/x-www-form-urlencoded"
SESSION = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: " + "A" * 22 + "==",
)


def _garbled(port: int, _path: str, _number: int) -> None:
    _ask(port, b"\x16\x03\x01\x00\xff\r\n" * 20 + b"\r\n")


def _slow(port: int, path: str, _number: int) -> socket.socket | None:
    return _hold(port, _head(port, f"POST {path}", FORM, "Content-Length: 60000") + b"a" * 30_000)


def _oversized(port: int, _path: str, _number: int) -> None:
    _ask(port, _head(port, "GET /healthz")[:-2] + b"A: " + b"x" * (5 << 20) + b"\r\n\r\n")


def _bombs(port: int, path: str, _number: int) -> None:
    _ask(port, _head(port, f"GET {path}", 'Cookie: a="' + "\\" * 40_000 + '"'))


def _sockets(port: int, _path: str, _number: int) -> socket.socket | None:
    return _hold(port, _head(port, "GET /_stcore/stream", *SESSION))


def _names(port: int, _path: str, number: int) -> None:
    body = urlencode({"name": f"nobody{number}", "password": "wrong-word-1"})
    _ask(port, _head(port, "POST /login", FORM, f"Content-Length: {len(body)}") + body.encode())


@dataclass(frozen=True)
class Attack:
    """What is done, how often in a full run, and by how many at once; again and again until the visitors are through."""

    label: str
    act: Callable[[int, str, int], socket.socket | None]
    times: int
    at_once: int


ATTACKS = {
    "garbled": Attack("2,000 个乱码连接", _garbled, 2000, 20),
    "slow": Attack("500 个发到一半的表单", _slow, 500, 20),
    "oversized": Attack("200 个 5 MB 的请求头", _oversized, 200, 10),
    "bombs": Attack("20 个 40 KB 的 Cookie", _bombs, 20, 4),
    "sockets": Attack("500 个外来的页面会话", _sockets, 500, 20),
    "names": Attack("80 人同时用编造的账号登录", _names, 800, 80),
}


def attack(name: str, port: int, path: str, share: int) -> None:
    one, held = ATTACKS[name], []
    print("begun", flush=True)
    with ThreadPoolExecutor(one.at_once) as crowd:
        for number in range(max(1, one.times // share)):
            held.append(crowd.submit(one.act, port, path, number))
    time.sleep(3600)  # what is held stays held until this process is ended


if __name__ == "__main__":
    if sys.argv[1:2] == ["attack"]:
        attack(sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
    else:
        from tests.bench.__main__ import flood_table

        print(flood_table("quick" in sys.argv))
