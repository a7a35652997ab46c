"""Both doors as they are served: who gets in, what they hand out, how they bear a crowd of strangers."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress

import pytest
from websockets.exceptions import ConnectionClosed

from survey.running import patient
from survey.web.headers import ENCRYPTED, SAFETY
from tests.web.conftest import Answer, Door, World, draw, running

FOREIGN = "http://evil.example"
STRANGERS, IDLE = 20, 200


class TestSessions:
    def test_a_page_opens_for_the_signed_in_from_our_own_page(self, office: Door, world: World) -> None:
        with office.session(world.viewer) as session:
            assert "某领导" in draw(session)

    @pytest.mark.parametrize("origin", [FOREIGN, None, "null", "http://127.0.0.1"])
    def test_not_from_elsewhere(self, office: Door, world: World, origin: str | None) -> None:
        assert office.refusal(world.viewer, origin) == 403

    def test_not_under_another_name(self, office: Door, world: World) -> None:
        with closing(socket.create_connection(("127.0.0.1", office.port))) as raw:
            raw.sendall(
                b"GET /_stcore/stream HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n"
                b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
                + f"Cookie: survey_office={world.viewer}\r\n\r\n".encode()
            )
            assert raw.recv(100).startswith(b"HTTP/1.1 421 ")

    @pytest.mark.parametrize("token", [None, "unknown"])
    def test_not_without_a_good_sign_in(self, office: Door, unguarded: Door, token: str | None) -> None:
        assert office.refusal(token) == 401
        assert unguarded.refusal(token) == 0  # so it is the guard that refuses

    def test_a_forged_identity_changes_nobody(self, office: Door, unguarded: Door, world: World) -> None:
        from survey.core.answers.receipts import digest

        forged = {"X_Survey_User": digest(world.officer).hex()}
        with office.session(world.viewer, **forged) as session:
            page = draw(session)
            assert "某领导" in page
            assert "某专班" not in page
        with unguarded.session(None, **forged) as session:
            assert "某专班" in draw(session)  # so the header would be believed

    def test_there_are_not_too_many(self, world: World) -> None:
        with running("office", world, SURVEY_OFFICE_SESSIONS_EACH="2", SURVEY_OFFICE_SESSIONS="3") as door:
            with door.session(world.viewer), door.session(world.viewer):
                assert door.refusal(world.viewer) == 503
                page = door.ask("/dashboard", Cookie=f"survey_office={world.viewer}")
                assert (page.status, page.headers["retry-after"]) == (503, "60")
                with door.session(world.officer):
                    assert door.refusal(world.officer) == 503
            assert _opens_again(door, world.viewer)


def _opens_again(door: Door, token: str) -> bool:
    """Whether closed sessions make room, as soon as the server has noticed."""
    for _ in range(100):
        if door.refusal(token) == 0:
            return True
        time.sleep(0.1)
    return False


class TestAddresses:
    ODD = (
        "/_stcore/{}", "/_stcore/{}/", "/_stcore//{}", "//_stcore/{}", "/_STCORE/{}", "/_stcore/%2e/{}", "/%5fstcore/{}",
        "/_stcore/x/../{}", "/_stcore/{}%20", "/_stcore/{}?x=1", "/static/../_stcore/{}",
    )  # fmt: skip

    @pytest.mark.parametrize("name", ["metrics", "agent", "agent/openapi.json", "script-health-check"])
    def test_streamlits_telling_addresses_are_closed_however_they_are_spelled(
        self, office: Door, name: str
    ) -> None:
        assert {path: office.ask(path.format(name)).status for path in self.ODD} == dict.fromkeys(
            self.ODD, 404
        )

    @pytest.mark.parametrize("name", ["metrics", "agent/openapi.json"])
    def test_they_would_be_open(self, unguarded: Door, name: str) -> None:
        assert unguarded.ask(f"/_stcore/{name}").status == 200

    def test_pages_get_what_they_need(self, office: Door) -> None:
        assert office.ask("/_stcore/health").status == 200
        assert "allowedOrigins" in json.loads(office.ask("/_stcore/host-config").text)
        assert office.ask("/static/js/no-such-file.js").status == 404

    def test_another_name_gets_a_sentence(self, office: Door, unguarded: Door) -> None:
        answer = office.ask("/login", Host="evil.example")
        assert (answer.status, "SURVEY_OFFICE_URL" in answer.text) == (421, True)
        assert unguarded.ask("/login", Host="evil.example").status == 200
        assert office.ask("/healthz", Host="10.9.8.7").status == 200

    def test_other_sites_change_nothing(self, office: Door) -> None:
        form = {"Content_Type": "application/x-www-form-urlencoded", "body": b"name=a&password=b"}
        assert office.ask("/login", "POST", Origin=FOREIGN, **form).status == 403  # type: ignore[arg-type]
        assert office.ask("/login", "POST", Sec_Fetch_Site="cross-site", **form).status == 403  # type: ignore[arg-type]
        assert office.ask("/login", "POST", Origin=office.origin, **form).status == 422  # type: ignore[arg-type]

    def test_a_form_larger_than_any_of_ours_is_not_read(self, office: Door) -> None:
        form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": office.origin}
        assert office.ask("/login", "POST", body=b"name=" + b"a" * 300_000, **form).status == 413


class TestFiles:
    UPLOAD = "/_stcore/upload_file/{}/file"

    def put(self, door: Door, token: str | None, session: str) -> Answer:
        """Send a file the way Streamlit's own page does, with its token against foreign forms."""
        xsrf = door.ask("/_stcore/health").headers["set-cookie"].partition("=")[2].partition(";")[0]
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nx\r\n--x--\r\n'
        cookie = f"_streamlit_xsrf={xsrf}" + (f"; survey_office={token}" if token else "")
        return door.ask(
            self.UPLOAD.format(session), "PUT", body=body, Cookie=cookie, X_Xsrftoken=xsrf,
            Content_Type="multipart/form-data; boundary=x",
        )  # fmt: skip

    def open_session(self, door: Door, token: str) -> tuple[ExitStack, str]:
        """An open page and the number Streamlit gave it."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        stack = ExitStack()
        session = stack.enter_context(door.session(token))
        run = BackMsg()
        run.rerun_script.page_name = "enterprises"
        session.send(run.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(session.recv(120))  # type: ignore[arg-type]
            if message.WhichOneof("type") == "new_session":
                number = message.new_session.initialize.session_id
            if message.WhichOneof("type") == "script_finished":
                return stack, number

    def test_a_page_without_an_upload_box_takes_no_file(
        self, office: Door, unguarded: Door, world: World
    ) -> None:
        stack, number = self.open_session(office, world.officer)
        with stack:
            for token in (None, world.viewer, world.officer):
                assert self.put(office, token, number).status == 403
            assert office.ask(self.UPLOAD.format(number), "POST", body=b"x").status == 403
        stack, number = self.open_session(unguarded, world.officer)
        with stack:
            assert self.put(unguarded, None, number).status == 204  # Streamlit takes it from anyone

    def test_handed_out_files_need_a_sign_in(self, office: Door, world: World) -> None:
        assert office.ask("/media/unknown.csv").status == 403
        known = office.ask("/media/unknown.csv", Cookie=f"survey_office={world.viewer}")
        assert (known.status, known.headers["cache-control"]) == (404, "no-store")


OFFICE_WALK = (
    "/", "/login", "/dashboard", "/nowhere", "/old-browser", "/favicon.png", "/office/office.js", "/office/nothing.css",
    "/session", "/metrics", "/healthz", "/readyz", "/preview/1", "/project/1", "/project/1/count", "/project/99",
    "/export/1/summary.csv", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/media/x",
    "/static/js/no.js", "/logout",
)  # fmt: skip
PUBLIC_WALK = (
    "/", "/q/{code}", "/q/{open}", "/q/{open}/qr.svg", "/q/{open}/qr.png", "/q/nobody", "/q/nobody/qr.svg", "/q/x/r/trial",
    "/r/nobody", "/nowhere", "/healthz", "/readyz",
)  # fmt: skip


class TestHeaders:
    def safe(self, answer: Answer) -> None:
        missing = {name for name in (*SAFETY, "Referrer-Policy") if name.lower() not in answer.headers}
        assert not missing
        assert "server" not in answer.headers
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors" in policy
        assert "'unsafe-eval'" not in policy
        assert "script-src 'unsafe-inline'" not in policy

    @pytest.mark.parametrize("path", OFFICE_WALK)
    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    def test_every_answer_of_the_office(self, office: Door, world: World, path: str, method: str) -> None:
        for cookie in ("", f"survey_office={world.officer}" if path != "/logout" else ""):
            self.safe(office.ask(path, method, Cookie=cookie))

    @pytest.mark.parametrize("path", PUBLIC_WALK)
    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    def test_every_answer_to_phones(self, public: Door, world: World, path: str, method: str) -> None:
        answer = public.ask(path.format(code=world.codes[0], open=world.open_code), method)
        self.safe(answer)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"

    def test_what_streamlit_is_made_of(self, office: Door, unguarded: Door, world: World) -> None:
        shell = office.ask("/dashboard", Cookie=f"survey_office={world.viewer}").text
        script = shell.partition('src="./static/')[2].partition('"')[0]
        answer = office.ask(f"/static/{script}")
        assert (answer.status, "immutable" in answer.headers["cache-control"]) == (200, True)
        self.safe(answer)
        assert "x-content-type-options" not in unguarded.ask(f"/static/{script}").headers

    def test_encrypted_addresses_stay_encrypted(self, office: Door, public: Door) -> None:
        for door in (office, public):
            plain, encrypted = door.ask("/healthz"), door.ask("/healthz", X_Forwarded_Proto="https")
            for name, value in ENCRYPTED.items():
                assert name.lower() not in plain.headers
                assert encrypted.headers[name.lower()] == value

    def test_even_what_is_no_request(self, office: Door, public: Door) -> None:
        for door in (office, public):
            with closing(socket.create_connection(("127.0.0.1", door.port))) as raw:
                raw.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
                answer = raw.recv(4000).decode()
            assert answer.startswith("HTTP/1.1 400 ")
            assert "nosniff" in answer


class TestStrangers:
    """Twenty foreign handshakes and two hundred silent connections leave both doors answering."""

    def test_foreign_handshakes_reach_nothing_that_asks_the_internet(self, world: World) -> None:
        with _black_hole() as (proxy, asked):
            about = {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1"}
            about |= {name.lower(): value for name, value in about.items()}
            with running("office", world, **about) as office:
                assert _besieged(office) is not None
                assert asked() == 0
            with running("unguarded", world, **about) as unguarded:
                assert _besieged(unguarded) is None  # Streamlit asks who it is, and blocks everyone meanwhile
                assert asked() > 0

    @pytest.mark.parametrize("kind", ["office", "public"])
    def test_silent_connections_leave_room(self, world: World, kind: str) -> None:
        with running(kind, world, "-n 160", SURVEY_CONNECTIONS="60") as door, _silent(door):
            assert door.ask("/healthz").status == 200

    def test_silent_connections_would_fill_the_house(self, world: World) -> None:
        with running("impatient", world, "-n 160") as door, _silent(door), pytest.raises(TimeoutError):
            door.ask("/healthz", timeout=5)

    def test_a_request_that_never_comes_to_an_end_is_ended(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:

        monkeypatch.setattr(patient, "HEAD_SECONDS", 0.2)
        with _in_thread(patient.Patient) as port:
            for beginning in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nA: b\r\n"):
                with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as raw:
                    raw.sendall(beginning)
                    with pytest.raises(ConnectionError):
                        _read_to_end(raw)


def _read_to_end(raw: socket.socket) -> None:
    """Raises ConnectionError when the other side hung up; TimeoutError when it did not."""
    if not raw.recv(100):
        raise ConnectionError


def _besieged(door: Door) -> Answer | None:
    """What the door says about its health during foreign handshakes; None when it says nothing for a while."""
    with ThreadPoolExecutor(STRANGERS) as strangers:
        tries = [strangers.submit(_refused, door) for _ in range(STRANGERS)]
        time.sleep(0.3)
        try:
            return door.ask("/healthz", timeout=8)
        except TimeoutError:
            return None
        finally:
            for one in tries:
                one.result()


def _refused(door: Door) -> None:
    with suppress(OSError, ConnectionClosed):  # the unguarded one is too busy to refuse
        assert door.refusal(None, FOREIGN) == 403


@contextmanager
def _black_hole() -> Iterator[tuple[str, "object"]]:
    """The address of a proxy that takes connections and says nothing, and how many it took."""
    taken: list[socket.socket] = []
    with closing(socket.create_server(("127.0.0.1", 0), backlog=200)) as server:

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", lambda: len(taken)
        for one in taken:
            one.close()


@contextmanager
def _silent(door: Door) -> Iterator[None]:
    """Connections that say nothing."""
    with ExitStack() as stack:
        for _ in range(IDLE):
            stack.enter_context(closing(socket.create_connection(("127.0.0.1", door.port), timeout=10)))
        yield


@contextmanager
def _in_thread(protocol: type) -> Iterator[int]:
    """A server in this process that speaks `protocol`; its port."""
    import uvicorn
    from starlette.applications import Starlette

    config = uvicorn.Config(Starlette(), port=0, http=protocol, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(20)
