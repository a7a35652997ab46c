"""What one sender may hold of a door: long heads, half-sent forms, answers never read. Each limit has a control
that falls without it: the same attack upon a door as uvicorn alone would keep it."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit import config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.exceptions import ConnectionClosed

from survey.running import listening, open_files, patient
from survey.settings import get_settings
from survey.web.doorstep import TOO_LONG
from survey.web.limits import Unfinished
from tests.web.conftest import Door, World, draw, rerun, running
from tests.web.crowds import HANDSHAKE, ask, connect, form, half_sent, is_open, post, request, served, status

LONG = "x" * 20_000
BOMB = 'Cookie: a="' + "\\" * 39_000 + '"'
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def bare(world: World) -> Iterator[Door]:
    with running("impatient", world, SURVEY_HEAD_LIMIT="65536") as door:
        yield door


class TestHeads:
    def long_heads(self, port: int) -> dict[str, bytes]:
        session = request(port, "GET /_stcore/stream", *HANDSHAKE, f"Cookie: a={LONG}")
        return {
            "cookies": request(port, "GET /healthz", BOMB),
            "a header": request(port, "GET /healthz", f"A: {LONG}"),
            "many headers": request(port, "GET /healthz", *(f"A{number}: b" for number in range(2000))),
            "an address": request(port, f"GET /healthz?{LONG}"),
            "a form": request(port, "POST /q/x", f"A: {LONG}", "Content-Length: 1", body=b"a"),
            "a session": session,
        }

    @pytest.mark.parametrize("kind", ["office", "public"])
    def test_a_long_head_is_refused_with_a_sentence(self, kind: str, request: pytest.FixtureRequest) -> None:
        door: Door = request.getfixturevalue(kind)
        heads = self.long_heads(door.port)
        assert {name: ask(door.port, head) for name, head in heads.items()} == dict.fromkeys(heads, 431)
        answer = door.ask("/healthz", Cookie="a=" + LONG)
        assert (answer.text, answer.headers["x-content-type-options"]) == (TOO_LONG, "nosniff")

    def test_without_the_limit_it_is_read(self, bare: Door) -> None:
        heads = self.long_heads(bare.port)
        for name in ("cookies", "a header", "many headers"):
            assert ask(bare.port, heads[name]) == 200, name

    @pytest.mark.parametrize("kind", ["office", "public"])
    def test_a_large_one_that_keeps_the_limit_is_answered(
        self, kind: str, request: pytest.FixtureRequest
    ) -> None:
        port = request.getfixturevalue(kind).port
        from tests.web import crowds

        room = get_settings().head_limit - len(crowds.request(port, "GET /healthz", "Cookie: a="))
        assert ask(port, crowds.request(port, "GET /healthz", "Cookie: a=" + "x" * (room - 40))) == 200

    @pytest.mark.parametrize("size", [9_000, 15_000])
    def test_a_session_whose_reader_would_drop_it_without_a_word_is_answered(
        self, office: Door, size: int
    ) -> None:
        head = request(office.port, "GET /_stcore/stream", *HANDSHAKE, "Cookie: a=" + "x" * size)
        assert ask(office.port, head) == 431

    @pytest.mark.parametrize(
        "beginning",
        [
            b"GET /healthz HTTP/1.1\r\nA: ",
            b"GET /",
            b"POST /q/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: ",
        ],
    )
    def test_a_head_without_end_is_not_kept(self, public: Door, beginning: bytes) -> None:
        assert (
            self.taken(public.port, beginning) < 32 * MEGABYTE
        )  # what the system itself keeps for both sides

    def test_without_the_limit_it_is_kept(self, bare: Door) -> None:
        assert self.taken(bare.port, b"GET /healthz HTTP/1.1\r\nA: ") == 122 * MEGABYTE

    def taken(self, port: int, beginning: bytes) -> int:
        """Bytes of 122 megabytes that a door takes."""
        with closing(connect(port)) as raw:
            raw.sendall(beginning)
            for number in range(122):
                try:
                    raw.sendall(b"x" * MEGABYTE)
                except OSError:
                    return number * MEGABYTE
            return 122 * MEGABYTE

    @pytest.mark.parametrize("kind", ["python", "streamlit"])
    def test_one_port_for_both_refuses_too(self, world: World, kind: str) -> None:
        with running(kind, world) as door:
            for name, head in self.long_heads(door.port).items():
                if kind == "python" or name != "a session":  # Streamlit's own server drops that one unread
                    assert ask(door.port, head) == 431, name


class TestHalfSent:
    """Three hundred phones of one hall share an address, and so may whoever wants to keep them out."""

    PHONES = STALLED = 300

    def finished(self, door: Door, patience: float) -> int:
        """How many phones, all in the middle of sending at the same time, get their receipt."""
        path, bodies = f"/q/{door.world.open_code}", [form(number) for number in range(self.PHONES)]
        done = 0
        with ExitStack() as stack:
            phones = []
            for body in bodies:
                phones.append(stack.enter_context(closing(connect(door.port))))
                phones[-1].sendall(post(door.port, path, body[:10], len(body)))
            for phone, body in zip(phones, bodies, strict=True):
                with suppress(OSError):  # not even taken
                    phone.sendall(body[10:])
            for phone in phones:  # all of them sent on by now: none stalls while others are answered
                phone.settimeout(patience)
                with suppress(OSError):  # never answered
                    done += status(phone) == 303
        return done

    def test_phones_of_one_address_all_finish_beside_those_who_never_do(self, world: World) -> None:
        limits = {"SURVEY_CONNECTIONS": "330", "SURVEY_HALF_SENT": "310"}
        path = f"/q/{world.open_code}"
        with (
            running("public", world, "-n 500", **limits) as door,
            half_sent(door.port, self.STALLED, path) as stalled,
        ):
            assert self.finished(door, 60) == self.PHONES
            assert sum(map(is_open, stalled)) < self.STALLED  # they made the room

    def test_without_the_limits_they_do_not(self, world: World) -> None:
        path = f"/q/{world.open_code}"
        with running("impatient", world, "-n 500") as door, half_sent(door.port, self.STALLED, path):
            assert self.finished(door, 1) < self.PHONES

    FEW_FILES, MORE = "-n 256", 320  # what some systems give a program, and half-sent forms that are more

    def test_a_door_with_few_files_keeps_some_for_whoever_comes(self, world: World) -> None:
        # They would make room anyhow when their time is over, but nobody waits so long.
        with (
            running("public", world, self.FEW_FILES) as door,
            half_sent(door.port, self.MORE, f"/q/{world.open_code}", "127.0.0.2"),
        ):
            assert door.ask("/healthz", timeout=10).status == 200

    @pytest.mark.parametrize(("files", "answers"), [(FEW_FILES, False), ("-n 1024", True)])
    def test_without_the_limits_the_files_decide(self, world: World, files: str, answers: bool) -> None:
        path = f"/q/{world.open_code}"
        with (
            running("impatient", world, files) as door,
            half_sent(door.port, self.MORE, path, "127.0.0.2"),
        ):
            if answers:
                assert door.ask("/healthz").status == 200
            else:
                with pytest.raises(TimeoutError):
                    door.ask("/healthz", timeout=3)

    @pytest.mark.parametrize(("kind", "path"), [("office", "/login"), ("public", "/q/{}")])
    def test_one_address_leaves_room_for_others(self, world: World, kind: str, path: str) -> None:
        limits = {"SURVEY_CONNECTIONS": "60", "SURVEY_HALF_SENT": "20"}
        with (
            running(kind, world, **limits) as door,
            half_sent(door.port, 50, path.format(world.open_code), "127.0.0.2") as stalled,
        ):
            assert door.ask("/healthz").status == 200
            held = [is_open(one) for one in stalled]
            # Which of two that came in one breath was silent longer, only the door can say.
            assert (sum(held), held[0], held[-1]) == (20, False, True)

    def test_whoever_leaves_in_the_middle_of_a_form_leaves_no_line_in_the_log(self, world: World) -> None:
        with running("office", world) as door:
            with half_sent(door.port, 20, "/login"):
                assert door.ask("/healthz").status == 200
            assert door.ask("/login").status == 200
            time.sleep(1)  # for what would be written
            assert "ClientDisconnect" not in door.log.read_text(encoding="utf-8")

    def test_the_one_silent_longest_of_the_largest_source_makes_room(self) -> None:
        waiting = Unfinished()
        for who in "abc":
            waiting.moved(who, "hall")
        waiting.moved("d", "home")
        assert (waiting.first(), waiting.first("home"), waiting.first("nowhere")) == ("a", "d", None)
        waiting.moved("a", "hall")
        assert waiting.first() == "b"
        waiting.idle("c", "hall")
        assert waiting.first() == "c"  # it has its answer
        for who in "abc":
            waiting.left(who, "hall")
        assert (waiting.first(), waiting.count("hall")) == ("d", 0)
        waiting.left("d", "home")
        assert not waiting._by_source


class Leaving(asyncio.Protocol):
    """Ends every connection at the first look."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.abort()  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no files to be counted, nor limits of them")
class TestBursts:
    """Connections that came while a door was busy are looked at a few at a time."""

    MANY = 200

    def most_files(self, loop: Callable[[], asyncio.AbstractEventLoop]) -> int:
        """In a thread of its own: a browser's tests leave a running loop in theirs."""

        def count() -> int:
            with asyncio.Runner(loop_factory=loop) as runner:
                return runner.run(self._most_files())

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(count).result()

    async def _most_files(self) -> int:
        """How many files were open at once beside those of before, when many came in one breath."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Leaving, "127.0.0.1", 0, backlog=open_files.QUEUE)
        port = server.sockets[0].getsockname()[1]
        async with server:
            with ExitStack() as stack:
                for _ in range(self.MANY):
                    stack.enter_context(closing(connect(port)))
                before, most = self.files(), 0
                for _ in range(self.MANY):
                    await asyncio.sleep(0)
                    most = max(most, self.files() - before)
        return most

    def files(self) -> int:
        return len(os.listdir("/dev/fd"))

    def test_few_are_accepted_in_one_breath(self) -> None:
        assert 0 < self.most_files(listening.Loop) <= 4 * open_files.AT_ONCE < self.MANY

    def test_python_alone_accepts_them_all(self) -> None:
        assert self.most_files(asyncio.SelectorEventLoop) == self.MANY


async def take(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def give(request: Request) -> Response:
    return Response(b"x" * 64 * MEGABYTE)


APP = Starlette(routes=[Route("/", take, methods=["POST"]), Route("/give", give)])


class TestPace:
    """A form must come to an end, and an answer must be taken."""

    @pytest.fixture(autouse=True)
    def impatience(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(patient, "BODY_SECONDS", 0.5)
        monkeypatch.setattr(patient, "READ_SECONDS", 0.5)
        yield
        get_settings.cache_clear()

    def rate(self, monkeypatch: pytest.MonkeyPatch, rate: int) -> None:
        monkeypatch.setenv("SURVEY_BODY_RATE", str(rate))
        get_settings.cache_clear()

    def test_a_form_that_stops_is_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rate(monkeypatch, 100_000)
        with served(APP, patient.Patient) as (port, _), closing(connect(port)) as raw:
            raw.sendall(post(port, "/", b"a" * 100, 200))
            assert status(raw) == 408

    def test_one_that_keeps_the_pace_may_take_longer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rate(monkeypatch, 1)
        with served(APP, patient.Patient) as (port, _), closing(connect(port)) as raw:
            raw.sendall(post(port, "/", b"a" * 100, 200))
            time.sleep(1.5)  # longer than any form may take that does not keep the pace
            raw.sendall(b"a" * 100)
            assert status(raw) == 200

    def test_without_the_limit_it_is_waited_for(self) -> None:
        with served(APP, HttpToolsProtocol) as (port, _), closing(connect(port)) as raw:
            raw.sendall(post(port, "/", b"a" * 100, 200))
            raw.settimeout(2)
            with pytest.raises(TimeoutError):
                status(raw)

    @pytest.mark.parametrize("headers", [(), ("Connection: close",)])
    def test_an_answer_that_nobody_takes_is_given_up(self, headers: tuple[str, ...]) -> None:
        with served(APP, patient.Patient) as (port, open_ones), closing(connect(port)) as raw:
            raw.sendall(request(port, "GET /give", *headers))
            assert _comes_to(open_ones, 1)
            assert _comes_to(open_ones, 0)

    def test_without_the_limit_it_is_kept(self) -> None:
        with served(APP, HttpToolsProtocol) as (port, open_ones), closing(connect(port)) as raw:
            raw.sendall(request(port, "GET /give"))
            assert _comes_to(open_ones, 1)
            assert not _comes_to(open_ones, 0, tries=30)


def _comes_to(count: object, number: int, tries: int = 200) -> bool:
    for _ in range(tries):
        if count() == number:  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


class TestReruns:
    """Someone signed in keeps many pages drawing; whoever opens one page beside them gets it."""

    PAGES, EACH = 8, 200

    def test_a_stream_of_reruns_leaves_the_office_to_others(self, world: World) -> None:
        with running("office", world, SURVEY_OFFICE_RUNS="2", SURVEY_OFFICE_RUNS_EACH="1") as door:
            with ExitStack() as stack:
                for _ in range(self.PAGES):
                    busy = stack.enter_context(door.session(world.officer))
                    for _ in range(self.EACH):
                        busy.send(rerun("dashboard"))
                with door.session(world.viewer) as session:
                    page = draw(session)
            assert "某领导" in page
            assert "现在打开的人多" not in page

    def test_nobody_waits_for_memory_to_be_looked_through_after_a_drawing(self) -> None:
        """Streamlit's default stops everyone for a tenth of a second each time; `tests.bench.bare` shows what of it."""
        assert not config.get_option("runner.postScriptGC")

    def test_a_message_larger_than_any_page_sends_ends_the_session(self, office: Door, world: World) -> None:
        with office.session(world.viewer) as session:
            session.send(b"x" * 2 * MEGABYTE)
            with pytest.raises(ConnectionClosed) as closed:
                session.recv(60)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
