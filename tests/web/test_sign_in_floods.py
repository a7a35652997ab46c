"""A flood of made-up names holds up neither a right sign-in nor the machine: passwords are hashed a few at a time,
sources take turns, and whoever tries account after account is stopped. Each control falls without the limit."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from survey.actions.accounts import passwords, sessions
from survey.core.models import Role
from survey.running.patient import Patient
from survey.settings import get_settings
from survey.web.office import sign_in
from survey.web.office.gate import COOKIE
from survey.web.turns import Crowded, Turns
from tests import people
from tests.people import PASSWORD, account
from tests.web.crowds import ask, post, served

APP = Starlette(routes=sign_in.routes())
OFFICIAL, ATTACKER = "127.0.0.1", "127.0.0.2"
pytestmark = pytest.mark.usefixtures("sqlite_database")


class Held:
    """The tests' hasher, which keeps what goes on at once and in what order; `gate` holds up what is not right."""

    def __init__(self, hasher: Any) -> None:
        self.hasher, self.lock, self.gate = hasher, threading.Lock(), threading.Event()
        self.now = self.most = 0
        self.order: list[str] = []

    def verify(self, password: str, kept: str) -> bool:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
            self.order.append(password)
        if password != PASSWORD:
            self.gate.wait(60)
        with self.lock:
            self.now -= 1
        return bool(self.hasher.verify(password, kept))

    def hash(self, password: str) -> str:
        return str(self.hasher.hash(password))


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Held:
    held = Held(passwords.hasher())
    monkeypatch.setattr(passwords, "hasher", lambda: held)
    return held


def enter(port: int, name: str, password: str = PASSWORD, source: str = OFFICIAL, device: str = "") -> int:
    body = urlencode({"name": name, "password": password}).encode()
    mark = (f"Cookie: {sign_in.DEVICE}={device}",) if device else ()
    return ask(port, post(port, "/login", body, 0, *mark), source)


def until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.01)


def in_line() -> int:
    return sum(map(len, sign_in.STRANGERS._waiting.values()))


@contextmanager
def flooded(port: int, waiting: int) -> Iterator[list[Future[int]]]:
    """Eighty made-up names from one address, of which one is being looked at and so many wait; the others are done."""
    with ThreadPoolExecutor(80) as crowd:
        tries = [crowd.submit(enter, port, f"查无此人{n}", "wrong", ATTACKER) for n in range(80)]
        until(lambda: in_line() == waiting and sum(one.done() for one in tries) == 79 - waiting)
        yield tries


def enters_next(port: int, hashing: Held) -> int:
    """Sign in during a flood; how many were looked at before."""
    with ThreadPoolExecutor(1) as other:
        before = in_line()
        entering = other.submit(enter, port, "王芳")
        until(lambda: in_line() > before)
        hashing.gate.set()
        assert entering.result() == 303
        return hashing.order.index(PASSWORD)


def test_a_right_sign_in_from_elsewhere_is_next_in_turn(hashing: Held) -> None:
    account(Role.VIEWER, "王芳")
    with served(APP, Patient) as (port, _):
        with flooded(port, 4) as tries:
            assert enters_next(port, hashing) == 2  # after the one that was on and one more of the flood
        assert Counter(one.result() for one in tries) == {422: 5, 503: 75}  # nothing was hashed for most
        assert hashing.most == 1


def test_without_turns_it_waits_for_all_of_them(hashing: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "STRANGERS", Turns(1, each=1000, all=1000))
    monkeypatch.setattr(sign_in, "bucket", lambda _address: "all the same")
    account(Role.VIEWER, "王芳")
    with served(APP, Patient) as (port, _), flooded(port, 79):
        assert enters_next(port, hashing) == 80


def test_a_browser_that_signed_in_before_passes_a_flood_of_its_own_address(hashing: Held) -> None:
    device = sessions.new_device(account(Role.VIEWER, "王芳"))
    other = sessions.new_device(account(Role.VIEWER, "李强"))
    with served(APP, Patient) as (port, _):
        with flooded(port, 4):
            assert enter(port, "王芳", source=ATTACKER, device=device) == 303  # none of the flood is through
            hashing.gate.set()
        for _ in range(get_settings().wrong_sign_ins):
            sign_in.wrong_sign_ins.note(ATTACKER)
        assert enter(port, "王芳", source=ATTACKER) == 429
        assert enter(port, "王芳", source=ATTACKER, device=device) == 303
        assert enter(port, "王芳", source=ATTACKER, device=other) == 429  # another's mark


@pytest.mark.parametrize(("limit", "tried"), [("20", 20), ("1000", 40)])  # the second is the control
def test_account_after_account_is_stopped(
    hashing: Held, monkeypatch: pytest.MonkeyPatch, limit: str, tried: int
) -> None:
    monkeypatch.setenv("SURVEY_WRONG_SIGN_INS", limit)
    get_settings.cache_clear()
    hashing.gate.set()
    names = [f"员工{number}" for number in range(40)]
    for name in names:
        account(Role.VIEWER, name)
    with served(APP, Patient) as (port, _):
        found = [enter(port, name, "Spring-2026", ATTACKER) for name in names]
        assert found == [422] * tried + [429] * (40 - tried)
        assert len(hashing.order) == tried
        assert enter(port, names[-1], source=OFFICIAL) == 303


@pytest.mark.parametrize(("limit", "after"), [("5", 429), ("20", 303)])  # the second is the control
def test_guessing_the_old_password_is_stopped(
    hashing: Held, monkeypatch: pytest.MonkeyPatch, limit: str, after: int
) -> None:
    monkeypatch.setenv("SURVEY_LOCK_AFTER", limit)
    get_settings.cache_clear()
    hashing.gate.set()
    token = people.sign_in(Role.VIEWER, name="王芳")

    def change(port: int, old: str) -> int:
        body = urlencode({"old": old, "new": "My-own-word-1", "again": "My-own-word-1"}).encode()
        return ask(port, post(port, "/password", body, 0, f"Cookie: {COOKIE}={token}"))

    with served(APP, Patient) as (port, _):
        assert [change(port, f"wrong{number}") for number in range(5)] == [422] * 5
        assert change(port, PASSWORD) == after


def test_no_phone_waits_while_a_password_is_hashed(hashing: Held) -> None:
    """The database is free meanwhile: whoever wants to write can."""
    token = people.sign_in(Role.VIEWER, name="王芳")
    body = urlencode({"old": "wrong", "new": "My-own-word-1", "again": "My-own-word-1"}).encode()
    with served(APP, Patient) as (port, _), ThreadPoolExecutor(1) as other:
        changing = other.submit(ask, port, post(port, "/password", body, 0, f"Cookie: {COOKIE}={token}"))
        until(lambda: hashing.order[-1:] == ["wrong"])
        account(Role.VIEWER, "李强")  # written by now
        assert not changing.done()
        hashing.gate.set()
        assert changing.result() == 422


class TestTurns:
    def test_sources_take_turns_and_a_place_is_never_lost(self) -> None:
        import asyncio

        async def run() -> list[str]:
            turns, order = Turns(1, each=3, all=5), []

            async def work(source: str) -> None:
                try:
                    async with turns.one(source):
                        order.append(source)
                        await asyncio.sleep(0)
                except Crowded:
                    order.append(f"{source} is told")

            async with turns.one("first"):
                tasks = [asyncio.create_task(work(source)) for source in ("a", "a", "a", "a", "b", "c", "d")]
                await asyncio.sleep(0)
                tasks[4].cancel()  # b hangs up
                await asyncio.sleep(0)
            await asyncio.gather(*tasks, return_exceptions=True)
            await work("last")
            assert (turns._free, len(turns._waiting)) == (1, 0)
            return order

        with ThreadPoolExecutor(1) as thread:
            order = thread.submit(asyncio.run, run()).result()
        assert order == ["a is told", "d is told", "a", "c", "a", "a", "last"]
