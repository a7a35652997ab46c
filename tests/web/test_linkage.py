"""Whoever steals a sealed database cannot tell whose answer is whose; each attack works where it should."""

import asyncio
import hmac
import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode
from zipfile import BadZipFile, ZipFile

import pytest
from sqlalchemy import text
from sqlmodel import select
from starlette.requests import Request
from starlette.testclient import TestClient

from survey.actions.answers import submit as submitting
from survey.actions.waves.seal import seal_wave
from survey.core.answers.receipts import digest
from survey.core.models import Response, WaveEvent
from survey.settings import get_settings
from survey.storage.database import read_engine, reading, reading_connection, write_engine, writing
from survey.storage.figures import released
from survey.storage.waves import fingerprint, published
from survey.storage.waves.sealing import seal
from survey.storage.waves.verification import verify
from survey.web.office import exports
from survey.web.phone.public import create_app
from tests.browser.conftest import free_port
from tests.conftest import forget
from tests.factories import close, make_wave, release, submit
from tests.web import linkage
from tests.web.linkage import AGENT, ANSWERS, BOUND, FORM, FORWARDED, IP, World, answer_all

K = 5


@pytest.fixture
def door(database: str) -> Iterator[TestClient]:
    with TestClient(create_app(), follow_redirects=False, client=(IP, 50000)) as client:
        yield client


def over(world: World) -> None:
    """The wave closes, its last figures come out, it is sealed and so are the tables."""
    close(world.wave, datetime.now(UTC))
    release(world.wave, datetime.now(UTC))
    with writing() as db:
        seal_wave(db, world.wave.id, datetime.now(UTC), "王专员")
    seal()


def guesses(world: World) -> dict[str, int]:
    """Right guesses of each attack that needs a trace."""
    found = {
        "table order": world.right(linkage.by_table_order()),
        "arrival": world.right(linkage.by_arrival(world)),
        "keys": world.right(linkage.by_keys()),
        "values": world.right(linkage.by_shared_values()),
        "content": world.right(linkage.by_content(world, get_settings().secret)),
    }
    if read_engine().dialect.name == "postgresql":
        found["transaction"] = world.right(linkage.by_transaction())
    return found


def test_no_answer_of_a_sealed_wave_finds_its_enterprise(
    database: str, door: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    world = answer_all(door)
    release(world.wave, datetime.now(UTC))
    before = guesses(world)
    if database == "postgresql":  # the honest residual until the next seal
        assert before["transaction"] == before["arrival"] == before["table order"] == ANSWERS
        vacuum_full()
        assert world.right(linkage.by_transaction()) == ANSWERS
    else:
        assert max(before.values()) < BOUND
    assert before["content"] == 0
    assert None not in [one["content_mark"] for one in linkage.rows("participation")]
    assert min(one["count"] for one in linkage.rows("arrival")) == 1  # somebody came alone on a day
    columns = {*linkage.rows("response")[0], *linkage.rows("participation")[0]}
    assert not [one for one in columns if any(word in one for word in ("day", "_at", "_on", "time", "date"))]
    alone = list(linkage.by_kind(world))
    assert world.right(alone) == len(alone) == 3  # its stratum, 代填 and English; a day stands at no answer

    over(world)
    after = guesses(world)
    assert max(after.values()) < BOUND, after
    assert {one["content_mark"] for one in linkage.rows("participation")} == {None}
    answers, people = linkage.kinds(world)
    assert min(answers.values()) >= K
    assert {kind: len(ones) for kind, ones in people.items()} == answers
    assert list(linkage.by_kind(world)) == []
    with reading_connection() as db:
        assert verify(db) == []
    assert_released_strata_are_the_answers(world)
    assert_nothing_planted(world, database, tmp_path, served(caplog) + "".join(capfd.readouterr()))


def served(caplog: pytest.LogCaptureFixture) -> str:
    """What the door wrote, at every level; the test's own phone writes addresses too."""
    return "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("httpx"))


def vacuum_full() -> None:
    with write_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM FULL response"))
        db.execute(text("VACUUM FULL participation"))


def assert_released_strata_are_the_answers(world: World) -> None:
    """Raters by groups of strata in the last release, 总体 of the first department, against the responses; none below
    k."""
    with reading() as db:
        wave = published.wave(db, world.wave.id)
        assert wave is not None
        last = released.latest_release(db, wave.id)
        assert last is not None
        shown = {tuple(group): n for group, n, *_ in last.figures["verified"]["strata"]["0"]}
        strata = {one.id: one.invited for one in published.strata(db, wave.id)}
        counted: dict[int, int] = {}
        for stratum in db.exec(select(Response.stratum_id)):
            counted[stratum] = counted.get(stratum, 0) + 1
        assert {one for group in shown for one in group} == counted.keys() == strata.keys()
        assert shown == {group: sum(counted[one] for one in group) for group in shown}
        assert min(shown.values()) >= K
        assert sum(strata.values()) == linkage.INVITED
        assert wave.fingerprint == fingerprint.compute(db, wave)


def assert_nothing_planted(world: World, database: str, folder: Path, logs: str) -> None:
    """Addresses, phones and codes stand in no byte of the database, no log and no download."""
    planted = [IP, FORWARDED, AGENT, *world.wave.codes, *world.ids]
    stored, files = everything(database, folder), downloads(world)
    assert "2026 年一季度测评".encode() in stored
    assert "税务局".encode() in files
    for where in (stored, files, logs.encode()):
        assert [one for one in planted if one.encode() in where or one.encode().hex().encode() in where] == []
    with writing() as db:
        db.add(WaveEvent(wave_id=world.wave.id, at=datetime.now(UTC), what="control", detail=IP))
    seal()
    assert IP.encode() in everything(database, folder)


def everything(database: str, folder: Path) -> bytes:
    """Every byte the database holds: its files, or every column of every table."""
    if database == "sqlite":
        assert (folder / "survey.db-wal").stat().st_size == 0
        names = [one for one in folder.rglob("*") if one.is_file() and one.name != "demo.json"]
        return b"".join(
            subprocess.run(["cat", *names], check=True, capture_output=True).stdout.splitlines(True)
        )
    parts: list[bytes] = []
    with write_engine().connect() as db:
        names = db.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        cursor = db.connection.cursor()
        for name in names:
            with cursor.copy(f"COPY (SELECT *, ctid, xmin FROM {name}) TO STDOUT") as copy:
                parts += [bytes(part) for part in copy]
    return b"".join(parts)


def downloads(world: World) -> bytes:
    """Every file the office hands out of the wave, unpacked."""
    scope = {"type": "http", "query_string": b"", "headers": [], "path_params": {"wave": world.wave.id}}
    parts = []
    for file, name, *_, make in exports.DOWNLOADS:
        answer = exports._download(make, file, name)(Request(scope))
        body = answer.body if hasattr(answer, "body") else b"".join(_streamed(answer))
        try:
            with ZipFile(BytesIO(body)) as packed:
                parts += [packed.read(one) for one in packed.namelist()]
        except BadZipFile:
            parts.append(body)
    return b"".join(parts)


def _streamed(answer: object) -> Iterator[bytes]:
    async def read() -> list[bytes]:
        return [one.encode() if isinstance(one, str) else one async for one in answer.body_iterator]  # type: ignore[attr-defined]

    with ThreadPoolExecutor(1) as thread:  # this one may hold the loop of an open browser
        return iter(thread.submit(asyncio.run, read()).result())


@pytest.mark.usefixtures("database")
def test_the_attacks_find_everybody_where_a_table_lets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a table with row numbers is matched whole, and so is one whose keys come from the codes."""
    world = World(make_wave(enterprises=1))
    world.truth = {os.urandom(32): os.urandom(18) for _ in range(ANSWERS)}
    with write_engine().begin() as db:
        db.execute(text("CREATE TABLE control (number INTEGER PRIMARY KEY, id BYTEA, grades BYTEA)"))
        db.execute(
            text("INSERT INTO control VALUES (:number, :id, :grades)"),
            [
                {"number": number, "id": key[:16], "grades": grades}
                for number, (key, grades) in enumerate(world.truth.items())
            ],
        )
    kept = sorted(linkage.rows("control"), key=lambda one: one["number"])
    used = [{"key": one, "submission_hash": os.urandom(32)} for one in world.truth]
    monkeypatch.setattr(linkage, "rows", {"response": kept, "participation": used}.__getitem__)
    assert world.right(linkage.by_arrival(world)) == ANSWERS
    assert world.right(linkage.by_table_order()) == ANSWERS
    assert world.right(linkage.by_shared_values()) == ANSWERS
    dice = random.Random(1)
    dice.shuffle(kept)
    assert world.right(linkage.by_arrival(world)) < BOUND


MARKS: dict[str, Callable[[str, bytes], bytes]] = {
    "plain hash": lambda _, content: sha256(content).digest(),
    "keyed with a hash that is kept": lambda sid, content: hmac.digest(digest(sid), content, "sha256"),
    "of an id longer than a block of HMAC, whose key is its hash": lambda sid, content: hmac.digest(
        f"{sid:<65}".encode(), content, "sha256"
    ),
    "keyed with the server's secret": lambda _, content: hmac.digest(
        get_settings().secret, content, "sha256"
    ),
    "ours": submitting.content_mark,
}


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("how", MARKS)
def test_other_marks_of_content_would_tell_who_answered_what(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the attack by content: marks that can be made again from what a thief holds."""
    monkeypatch.setattr(submitting, "content_mark", MARKS[how])
    world, dice = World(make_wave()), random.Random(3)
    padded = "longer" in how
    for code in world.wave.codes:
        sid = f"{os.urandom(24).hex():<65}" if padded else os.urandom(24).hex()
        grades = {
            f"{one}.{q.id}": dice.randint(1, 5)
            for one in world.wave.form.position
            for q in world.wave.form.questions
        }
        submit(world.wave, grades, code=code, submission_id=sid)
        world.truth[digest(code)] = bytes(
            grades[name[2:]] for names in world.wave.form.grade_fields for name in names
        )
    found = world.right(linkage.by_content(world, get_settings().secret))
    assert found == (0 if how == "ours" else len(world.wave.codes))


def test_the_log_of_sqlite_tells_until_it_is_sealed(sqlite_database: Path) -> None:
    wave = make_wave(now=datetime.now(UTC) - timedelta(hours=1))
    world = World(wave)
    with TestClient(create_app(), follow_redirects=False) as phones:
        for place, code in enumerate(wave.codes):
            fields = {
                "d": "tax",
                **{
                    f"g.tax.{one.id}": str((place // 5**q) % 5 + 1)
                    for q, one in enumerate(wave.form.questions[:3])
                },
            }
            answer = phones.post(
                f"/q/{code}", content=urlencode({**fields, "sid": f"{place:022}"}), headers=FORM
            )
            assert answer.status_code == 303
        stored = {bytes(one["grades"]) for one in linkage.rows("response")}
        assert len(stored) == len(wave.codes)
        tax = wave.form.position["tax"] * len(wave.form.questions)
        for place, code in enumerate(wave.codes):
            mine = bytes((place // 5**q) % 5 + 1 for q in range(3))
            world.truth[digest(code)] = next(one for one in stored if one[tax : tax + 3] == mine)
        assert world.right(linkage.by_log(sqlite_database, sqlite_database / "before")) > BOUND
        seal()
        assert list(linkage.by_log(sqlite_database, sqlite_database / "after")) == []


BARE = """
import logging, uvicorn
from survey.web.phone.public import create_app
app = create_app()
logging.getLogger("uvicorn.access").disabled = False
uvicorn.run(app, port={port})
"""


@pytest.mark.parametrize("careful", [True, False])
def test_a_running_server_logs_neither_addresses_nor_codes(sqlite_database: Path, careful: bool) -> None:
    """The control is the same door as uvicorn serves it by itself, with its access log."""
    wave, port = make_wave(now=datetime.now(UTC) - timedelta(hours=1)), free_port()
    forget()
    ours = ["-m", "survey.cli", "door", "public"]
    bare = ["-c", BARE.format(port=port)]
    log = sqlite_database / "door.log"
    settings = {"SURVEY_PUBLIC_PORT": str(port), "SURVEY_PUBLIC_HOST": "127.0.0.1"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *(ours if careful else bare)],
            env={**os.environ, **settings},
            stdout=out,
            stderr=out,
        )
    try:
        statuses = [_ask(port, *one) for code in wave.codes[:5] for one in _requests(code)]
    finally:
        process.terminate()
        process.wait(timeout=20)
    assert statuses.count(303) == 5
    planted = [FORWARDED, AGENT, *wave.codes, "127.0.0.1:"]
    written = log.read_text(encoding="utf-8").replace(f"127.0.0.1:{port}", "")  # where it listens
    found = [one for one in planted if one in written]
    assert (found == []) == careful, found


def _requests(code: str) -> list[tuple[str, str, str]]:
    good = urlencode({"d": "tax", "g.tax.overall": "5", "sid": code})
    return [
        ("GET", f"/q/{code}", ""),
        ("POST", f"/q/{code}", good),
        ("POST", f"/q/{code}", "sid=%00"),
        ("GET", f"/x/{code}", ""),
    ]


def _ask(port: int, method: str, path: str, body: str) -> int:
    deadline = time.monotonic() + 30
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request(method, path, body, FORM)
            return connection.getresponse().status
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        finally:
            connection.close()
