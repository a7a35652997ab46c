"""Signals end the product, however many come and whenever; nothing hangs and nothing is left running.

`ENDS=20 python -m pytest tests/test_stopping.py` ends `make run` twenty times; the suite does it a few times.
"""

import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from survey.settings import ROOT
from tests.factories import make_wave

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows knows no signals to a group")
ENDS = int(os.environ.get("ENDS", "4"))
MOST_SIGNALS = 200_000
END_SECONDS = 30
LOCKING = """
import signal, threading
stopping = threading.Event()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: stopping.set())
print("ready", flush=True)
while True:
    if stopping.wait(0.5):
        stopping.clear()
        print(flush=True)
"""
FLAGGING = """
from survey.running.stopping import Stop
stop = Stop()
print("ready", flush=True)
while True:
    if stop.wait(0.5):
        stop.asked = False
        print(flush=True)
"""


def hangs(program: str, signals: int) -> bool:
    """Whether a program that answers every signal with a line falls silent under so many, in pairs."""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0, cwd=ROOT) as child:
        assert child.stdout
        child.stdout.readline()
        try:
            for number in range(signals // 2):
                for one in (signal.SIGTERM, signal.SIGINT):
                    child.send_signal(one)
                    _pause(random.random() / 10_000)
                if number % 50 == 49:
                    if not select.select([child.stdout], [], [], 5)[0]:
                        return True
                    os.read(child.stdout.fileno(), 1 << 20)
            return False
        finally:
            child.kill()


def _pause(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def test_a_handler_that_takes_a_lock_hangs() -> None:
    """The control: what the next test shows to be gone is really there."""
    assert hangs(LOCKING, MOST_SIGNALS)


def test_a_handler_that_raises_a_flag_never_hangs() -> None:
    assert not hangs(FLAGGING, 10_000)


# --- the whole product --------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, *command: str, ready: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """The product over the data in `folder`, in a group of its own; killed with all its parts if it stays."""
    environment = os.environ | {
        "SURVEY_DATA_DIR": str(folder), "SURVEY_PUBLIC_HOST": "127.0.0.1",
        "SURVEY_PUBLIC_PORT": str(free_port()), "SURVEY_OFFICE_PORT": str(free_port()),
    }  # fmt: skip
    with (folder / "said.log").open("wb") as log:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 120
        while ready and "Ctrl-C" not in (folder / "said.log").read_text(encoding="utf-8"):
            if child.poll() is not None or time.monotonic() > deadline:
                pytest.fail((folder / "said.log").read_text(encoding="utf-8"))
            time.sleep(0.05)
        yield child
    finally:
        for one in family(child):
            one.kill()
        child.wait()


def family(child: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """A process and everything that it started."""
    try:
        one = psutil.Process(child.pid)
        return [*one.children(recursive=True), one]
    except psutil.NoSuchProcess:
        return []


def left_over(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.skipif(
    not shutil.which("make") or not (ROOT / ".venv/runtime").exists(), reason="not set up by make"
)
@pytest.mark.parametrize("number", range(ENDS))
def test_make_run_is_ended_by_a_signal_to_its_group(sqlite_database: Path, number: int) -> None:
    """make passes a signal on to what it runs, so that it comes twice; every other time in the middle of starting."""
    make_wave()  # so that no demo is made
    how = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)[number % 3]
    with running(sqlite_database, "make", "run", ready=number % 2 == 0) as child:
        time.sleep(random.random() * 4)
        started = family(child)
        os.killpg(child.pid, how)
        assert left_over(started, END_SECONDS) == []


@pytest.mark.parametrize("number", range(2 * ENDS))
def test_ctrl_c_at_any_moment_of_the_start_is_heard(sqlite_database: Path, number: int) -> None:
    with running(sqlite_database, sys.executable, "-m", "survey", "serve", ready=False) as child:
        time.sleep(0.2 + random.random() * 2)
        started = family(child)
        os.killpg(child.pid, signal.SIGINT)
        assert left_over(started, END_SECONDS) == []


def test_signals_that_keep_coming_do_not_keep_it_from_ending(sqlite_database: Path) -> None:
    with running(sqlite_database, sys.executable, "-m", "survey.cli", "serve") as child:
        started = family(child)
        deadline = time.monotonic() + END_SECONDS
        while child.poll() is None and time.monotonic() < deadline:
            os.killpg(child.pid, random.choice((signal.SIGTERM, signal.SIGINT)))
            time.sleep(random.random() / 1000)
        assert left_over(started, END_SECONDS) == []
        assert "已停止。" in (sqlite_database / "said.log").read_text(encoding="utf-8")


def test_parts_whose_parent_was_killed_end_by_themselves(sqlite_database: Path) -> None:
    with running(sqlite_database, sys.executable, "-m", "survey.cli", "serve") as child:
        parts = [one for one in family(child) if one.pid != child.pid]
        assert len(parts) >= 3
        child.kill()
        assert left_over(parts, END_SECONDS) == []
