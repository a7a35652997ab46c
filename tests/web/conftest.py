"""Both doors as real servers, and a page session as a browser would open it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from survey.core.models import Role
from survey.settings import ROOT
from survey.storage import schema
from survey.web.phone.public import create_app
from tests import doors as processes
from tests import people
from tests.bench.doors import free_port
from tests.conftest import forget
from tests.factories import make_wave

DOOR = {
    "office": ["-m", "survey.cli", "door", "office"],
    "public": ["-m", "survey.cli", "door", "public"],
    "python": ["app.py"],
    "streamlit": ["-m", "streamlit", "run", "app.py", "--server.port", "{port}"],
    # Positive control: the office door as Streamlit alone would be.
    "unguarded": [
        "-c",
        "from survey.web.office import guard; guard.middleware = lambda: []; from survey.running import listening;"
        "listening.run('app:app', '127.0.0.1', {port})",
    ],
    # Positive control: doors whose server says what it does.
    "talkative public": [
        "-c",
        "from survey.core import discreet; discreet.quiet_server = lambda: None; import uvicorn;"
        "uvicorn.run('survey.web.phone.public:create_app', factory=True, port={port})",
    ],
    "talkative office": [
        "-c",
        "from survey.core import discreet; import logging, uvicorn;"
        "discreet.quiet_server = lambda: logging.getLogger('uvicorn.access').setLevel('INFO');"
        "uvicorn.run('app:app', port={port}, access_log=False)",
    ],
    # Doors in which everything fails with planted words; positive control: as Python and Streamlit would tell it.
    "failing": ["-c", "from tests.web import failing_door; failing_door.run({port})"],
    "failing aloud": [
        "-c",
        "from survey.core import discreet; discreet.quiet_errors = lambda: None;"
        "from tests.web import failing_door; failing_door.run({port})",
    ],
    # Positive control: the public door as uvicorn alone would keep it.
    "impatient": [
        "-c",
        "import uvicorn; uvicorn.run('survey.web.phone.public:create_app', factory=True, port={port}, log_level='critical')",
    ],
}
START_SECONDS = 90


@dataclass
class World:
    """A database with one open wave, an officer and a viewer."""

    folder: Path
    codes: list[str]
    open_code: str
    officer: str
    viewer: str


@dataclass
class Door:
    """A door that runs as a process of its own."""

    port: int
    log: Path
    world: World

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, method: str = "GET", timeout: float = 30, body: bytes | None = None, **headers: str
    ) -> "Answer":
        """One request on a connection of its own, the path as it is."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, names)
            found = connection.getresponse()
            return Answer(found.status, {a.lower(): b for a, b in found.getheaders()}, found.read())
        finally:
            connection.close()

    def session(self, token: str | None, origin: str | None = "", **headers: str) -> ClientConnection:
        """A page session; raises `InvalidStatus` when it is refused."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            named["Cookie"] = f"survey_office={token}"
        return connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            origin=None if origin is None else Origin(origin or self.origin),
            additional_headers=named, subprotocols=[Subprotocol("streamlit")],
            max_size=None, open_timeout=60, close_timeout=1, proxy=None,
        )  # fmt: skip

    def refusal(self, token: str | None, origin: str | None = "", **headers: str) -> int:
        """The status with which a page session is refused; 0 when it opens."""
        try:
            with self.session(token, origin, **headers):
                return 0
        except InvalidStatus as refused:
            return refused.response.status_code


@dataclass(frozen=True)
class Answer:
    """What a door answered; header names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def rerun(page: str) -> bytes:
    """What a browser sends to have a page drawn."""
    run = BackMsg()
    run.rerun_script.page_name = page
    return bytes(run.SerializeToString())


def draw(session: ClientConnection, page: str = "dashboard") -> str:
    """Run a page to its end; everything it drew, as text."""
    session.send(rerun(page))
    drawn: list[str] = []
    while True:
        message = ForwardMsg()
        message.ParseFromString(session.recv(120))  # type: ignore[arg-type]
        drawn.append(str(message.delta) if message.WhichOneof("type") == "delta" else "")
        if message.WhichOneof("type") == "script_finished":
            return "".join(drawn).encode("latin-1", "backslashreplace").decode("unicode_escape", "replace")


@contextmanager
def running(kind: str, world: World, limits: str = "", **environment: str) -> Iterator[Door]:
    """A door as a process of its own, over the database of `world`; `limits` are words for `ulimit`."""
    port = free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith("SURVEY_")}
    env |= {"SURVEY_DATA_DIR": str(world.folder), "SURVEY_PUBLIC_HOST": "127.0.0.1"}
    env |= {
        "SURVEY_PUBLIC_PORT": str(port),
        "SURVEY_OFFICE_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    if kind in ("office", "unguarded"):
        env["SURVEY_DOOR"] = "office"
    command = [sys.executable, *(word.format(port=port) for word in DOOR[kind])]
    if limits:
        command = ["sh", "-c", f'ulimit {limits} && exec "$@"', "sh", *command]
    log = world.folder / f"{kind}-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env | environment, stdout=out, stderr=out)
    try:
        door = Door(port, log, world)
        _wait_for(door, process)
        yield door
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(door: Door, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            door.ask("/healthz")
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(door.log.read_text(encoding="utf-8"))
            time.sleep(0.1)


@pytest.fixture
def door() -> Iterator[TestClient]:
    """The public door in this process, over the test's database."""
    with TestClient(create_app(), follow_redirects=False) as client:
        yield client


@pytest.fixture
def doors(database: str) -> Iterator[list[processes.Door]]:
    """Two public doors, each a process that can be killed, on one database."""
    both = [processes.Door(), processes.Door()]
    yield both
    for one in both:
        one.kill()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """What the doors of this file of tests serve."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SURVEY_")]:
            patch.delenv(name)
        folder = tmp_path_factory.mktemp("doors")
        patch.setenv("SURVEY_DATA_DIR", str(folder))
        forget()
        schema.prepare()
        now = datetime.now(UTC)
        wave: Any = make_wave(now=now - timedelta(hours=1))
        tokens = []
        for name, role in (("某专班", Role.OFFICER), ("某领导", Role.VIEWER)):
            tokens.append(people.sign_in(role, now, name=name))
        forget()
    return World(folder, list(wave.codes), wave.open_code, *tokens)


@pytest.fixture(scope="module")
def office(world: World) -> Iterator[Door]:
    with running("office", world) as door:
        yield door


@pytest.fixture(scope="module")
def public(world: World) -> Iterator[Door]:
    with running("public", world) as door:
        yield door


@pytest.fixture(scope="module")
def unguarded(world: World) -> Iterator[Door]:
    with running("unguarded", world) as door:
        yield door
