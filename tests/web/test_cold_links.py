"""The very first request to a fresh office door goes straight to a page: nobody gets past the sign-in."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

from survey.core.accounts.access import PAGES
from survey.core.models import Role
from tests.browser.conftest import ROOT, free_port
from tests.factories import make_wave, submit
from tests.people import sign_in

SECRET = "绝不外传的期次"
START_SECONDS = 60


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


@contextmanager
def fresh_office(folder: Path) -> Iterator[int]:
    """The office door as `survey serve` starts it; its port."""
    port = free_port()
    environment = {
        **os.environ,
        "SURVEY_DATA_DIR": str(folder),
        "SURVEY_OFFICE_PORT": str(port),
        "SURVEY_DOOR": "office",
    }
    door = subprocess.Popen([sys.executable, "-m", "survey.cli", "door", "office"], cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not listening(port):
            assert door.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield port
    finally:
        door.send_signal(signal.SIGTERM)
        door.wait(timeout=20)


def listening(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def first_run(port: int, page: str, cookie: str) -> str:
    """All that a page sends to a websocket session of its own; nothing where the door refuses the session."""
    headers = {"Cookie": cookie} if cookie else {}
    said = b""
    try:
        async with websockets.connect(
            f"ws://127.0.0.1:{port}/_stcore/stream", origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
            additional_headers=headers, subprotocols=[Subprotocol("streamlit")], max_size=None,
        ) as session:  # fmt: skip
            run = BackMsg()
            run.rerun_script.page_name = page
            await session.send(run.SerializeToString())
            while True:
                message = ForwardMsg()
                frame = await asyncio.wait_for(session.recv(), 60)
                assert isinstance(frame, bytes)
                message.ParseFromString(frame)
                said += frame
                if message.WhichOneof("type") == "script_finished":
                    return said.decode("utf-8", "replace")
    except (websockets.exceptions.InvalidStatus, websockets.exceptions.ConnectionClosed):
        return said.decode("utf-8", "replace")


def at_first(port: int, page: str, cookie: str) -> str:
    """`first_run` in a thread: this one may hold the loop of an open browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, first_run(port, page, cookie)).result()


ONE_OF_EACH = {rights: page for page, (_, rights) in reversed(PAGES.items())}.values()
"""A page for every set of rights: a fresh door takes ten seconds, and all pages stand behind the same script."""


@pytest.mark.parametrize("page", ONE_OF_EACH)
def test_a_cold_deep_link_leads_to_the_sign_in(sqlite_database: Path, page: str) -> None:
    made = make_wave(enterprises=10, title=SECRET)
    submit(made)
    with fresh_office(sqlite_database) as port:
        said = at_first(port, page, "")
        assert SECRET not in said
        assert "请先登录" in said or not said
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.build_opener(NoRedirect).open(f"http://127.0.0.1:{port}/{page}")
        assert answer.value.code == 303
        assert answer.value.headers["location"].startswith(f"/login?next=%2F{page}")
        if page == "dashboard":  # control: the very same first run shows the page to someone signed in
            assert SECRET in at_first(port, page, f"survey_office={sign_in(Role.VIEWER)}")
