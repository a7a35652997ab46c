"""Attacks on a 不记名 wave by someone who holds the whole database, and what they are scored by."""

import hmac
import random
import secrets
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from survey.actions.answers.on_behalf import enter_on_behalf
from survey.core.answers.answers import Answers, check
from survey.core.answers.receipts import content_mark, digest
from survey.core.models import Invitation
from survey.settings import get_settings
from survey.storage import database as storage
from survey.storage.database import read_engine, reading, writing
from tests.factories import MadeWave, make_wave, submit

IP, FORWARDED, AGENT = "203.0.113.77", "198.51.100.23", "PlantedPhone/7.31"
FORM = {
    "content-type": "application/x-www-form-urlencoded",
    "user-agent": AGENT,
    "x-forwarded-for": FORWARDED,
}
INDUSTRIES = [f"行业{one}" for one in "甲乙丙丁戊己庚辛壬癸子丑"]
INVITED, ANSWERS = 360, 300
BOUND = 8
"""Right guesses: blind guessing makes 1 on average, and 8 or more once in a hundred thousand times."""

Pairs = Iterable[tuple[bytes, bytes]]
"""Participation's key, grades of the response said to be its."""


@dataclass
class World:
    """Who truly answered what, and in which order they came."""

    wave: MadeWave
    truth: dict[bytes, bytes] = field(default_factory=dict)
    english: set[bytes] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)  # of submissions, as phones sent them

    def right(self, pairs: Pairs) -> int:
        """How many pairs are true."""
        return sum(self.truth[key] == grades for key, grades in pairs)


def answer_all(door: TestClient) -> World:
    """300 of 360 enterprises answer through the public door, in any order. Alone in its kind: one in its stratum, one on
    its day, one in English and one entered by an officer."""
    dice = random.Random(5)
    start = datetime.now(UTC) - timedelta(days=3)
    world = World(make_wave(enterprises=INVITED, industries=INDUSTRIES, now=start))
    others = [place for place in range(INVITED) if place % len(INDUSTRIES)]
    places = [0, *dice.sample(others, ANSWERS - 1)]
    dice.shuffle(places)
    special = [place for place in places if place % len(INDUSTRIES) > 1][:3]
    for place in places:
        code = world.wave.codes[place]
        grades = {
            f"g.{one}.{q.id}": str(dice.randint(1, 5))
            for one in world.wave.form.position
            for q in world.wave.form.questions
        }
        world.truth[digest(code)] = bytes(
            int(grades[name]) for names in world.wave.form.grade_fields for name in names
        )
        if place == special[0]:
            world.english.add(digest(code))
        kind = special.index(place) if place in special else -1
        world.ids.append(_answer(door, world.wave, code, grades, kind, start))
    return world


def _answer(
    door: TestClient, wave: MadeWave, code: str, grades: dict[str, str], kind: int, start: datetime
) -> str:
    departments, sid = sorted(wave.form.position), secrets.token_urlsafe(16)
    if kind == 1:  # entered by an officer
        with writing() as db:
            invited = db.exec(
                select(Invitation.enterprise_id).where(Invitation.code_hash == digest(code))
            ).one()
            fields = {"d": departments, **{name: [one] for name, one in grades.items()}}
            answers = check(wave.form, fields, get_settings())
            enter_on_behalf(db, wave.id, invited or 0, answers, "visit", "王专员", datetime.now(UTC), sid)
    elif kind == 2:  # on a day of its own
        submit(
            wave,
            {name[2:]: int(one) for name, one in grades.items()},
            code=code,
            submission_id=sid,
            now=start + timedelta(days=1),
        )
    else:
        sent = [*(("d", one) for one in departments), *grades.items(), ("sid", sid)]
        address = f"/q/{code}?lang={'en' if kind == 0 else 'zh'}"
        answer = door.post(address, content=urlencode(sent), headers=FORM)
        assert answer.status_code == 303
        door.get(answer.headers["location"], headers=FORM)
    return sid


def rows(table: str) -> list[dict[str, Any]]:
    """A table as it lies, with what PostgreSQL marks its rows with."""
    marks = (
        ", ctid::text AS place, xmin::text AS writer" if read_engine().dialect.name == "postgresql" else ""
    )
    with read_engine().connect() as db:
        return [dict(one) for one in db.execute(text(f"SELECT *{marks} FROM {table}")).mappings()]


def by_table_order() -> Pairs:
    return [
        (bytes(a["key"]), bytes(b["grades"]))
        for a, b in zip(rows("participation"), rows("response"), strict=True)
    ]


def by_arrival(world: World) -> Pairs:
    """Who came when is known from watching; the answers are taken as they lie."""
    return zip(world.truth, (bytes(one["grades"]) for one in rows("response")), strict=True)


def by_keys() -> Pairs:
    first = sorted(bytes(one["key"]) for one in rows("participation"))
    second = sorted((bytes(one["id"]), bytes(one["grades"])) for one in rows("response"))
    return [(key, grades) for key, (_, grades) in zip(first, second, strict=True)]


def by_shared_values() -> Pairs:
    """A value, or its hash, that stands in a row of each table."""
    known: dict[bytes, bytes] = {}
    for one in rows("participation"):
        for value in (bytes(one["key"]), bytes(one["submission_hash"])):
            known |= dict.fromkeys(
                (value, value[:16], sha256(value).digest(), sha256(value).digest()[:16]), bytes(one["key"])
            )
    found: set[tuple[bytes, bytes]] = set()
    for one in rows("response"):
        for value in (bytes(value) for value in one.values() if isinstance(value, bytes | memoryview)):
            forms = {value, sha256(value).digest()} & known.keys()
            found |= {(known[form], bytes(one["grades"])) for form in forms}
    return found


def by_content(world: World, secret: bytes) -> Pairs:
    """The content of every response, which is easily written down again, is marked with every key that a thief of the
    database and of the server's secret holds, in every way that suggests itself; a mark that comes out tells whose it is."""
    questions = len(world.wave.form.questions)
    answers = [
        (bytes(one["grades"]), Answers(bytes(one["grades"]), questions).content()) for one in rows("response")
    ]
    for one in rows("participation"):
        if one["content_mark"] is None:
            continue
        mark, known = bytes(one["content_mark"]), [bytes(one["key"]), bytes(one["submission_hash"]), secret]
        for grades, content in answers:
            if mark in _marked(content, known):
                yield bytes(one["key"]), grades


def _marked(content: bytes, keys: list[bytes]) -> Iterable[bytes]:
    yield sha256(content).digest()
    for key in keys:
        yield hmac.digest(key, content, "sha256")
        yield sha256(key + content).digest()
        yield content_mark(key.hex(), content)


def by_transaction() -> Pairs:
    """PostgreSQL: rows written by one transaction, in any order where it wrote several."""
    answers: dict[str, list[bytes]] = {}
    for one in rows("response"):
        answers.setdefault(one["writer"], []).append(bytes(one["grades"]))
    for one in rows("participation"):
        if waiting := answers.get(one["writer"]):
            yield bytes(one["key"]), waiting.pop()


def by_log(folder: Path, copy: Path) -> Pairs:
    """SQLite: replay the log commit by commit and see which rows appear together."""
    copy.mkdir()
    for name in ("survey.db", "survey.db-wal"):  # another process reads, or our own locks would be gone
        subprocess.run(["cp", folder / name, copy / name], check=True)
    log = (copy / "survey.db-wal").read_bytes()
    seen: tuple[set[bytes], set[bytes]] = (set(), set())
    for end in _commits(log):
        (copy / "survey.db-wal").write_bytes(log[:end])
        (copy / "survey.db-shm").unlink(missing_ok=True)
        found = _look(copy / "survey.db")
        keys, answers = (now - before for now, before in zip(found, seen, strict=True))
        if len(keys) == len(answers) == 1:
            yield keys.pop(), answers.pop()
        seen = found


def _commits(log: bytes) -> Iterable[int]:
    """Where each transaction in a log ends."""
    if len(log) < 32:
        return
    size, salt = int.from_bytes(log[8:12]) + 24, log[16:24]
    for start in range(32, len(log) - size + 1, size):
        if log[start + 8 : start + 16] != salt:
            return  # left over from before the log was begun anew
        if int.from_bytes(log[start + 4 : start + 8]):
            yield start + size


def _look(path: Path) -> tuple[set[bytes], set[bytes]]:
    other = storage.sqlite_module().connect(f"file:{path}?mode=ro", uri=True)
    try:
        return tuple({bytes(row[0]) for row in other.execute(sql)} for sql in (
            "SELECT key FROM participation", "SELECT grades FROM response",
        ))  # type: ignore[return-value]  # fmt: skip
    finally:
        other.close()


def kinds(world: World) -> tuple[Counter[Any], dict[Any, list[bytes]]]:
    """Responses by what they tell of their enterprise, and who is known to have answered by the same."""
    answers = Counter((one["stratum_id"], one["channel"], one["language"]) for one in rows("response"))
    told = {channel for _, channel, _ in answers}
    people: dict[Any, list[bytes]] = {}
    with reading() as db:
        for one in db.exec(select(Invitation)):
            key = bytes(one.code_hash)
            if key in world.truth:
                channel = "officer" if one.on_behalf and "officer" in told else "code"
                mine = one.stratum_id, channel, "en" if key in world.english else "zh"
                people.setdefault(mine if mine in answers else (*mine[:2], ""), []).append(key)
    return answers, people


def by_kind(world: World) -> Pairs:
    """Where one enterprise of a kind answered and one answer is of this kind, they belong together."""
    answers, people = kinds(world)
    alone = {
        (one["stratum_id"], one["channel"], one["language"]): bytes(one["grades"])
        for one in rows("response")
        if answers[one["stratum_id"], one["channel"], one["language"]] == 1
    }
    return [(people[kind][0], grades) for kind, grades in alone.items() if len(people.get(kind, ())) == 1]
