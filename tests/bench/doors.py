"""Doors started as processes of their own, with the settings that `survey serve` uses."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.running import serving
from survey.settings import ROOT

CEILING = "from survey.running import listening; listening.run('tests.bench.ceiling:create_app', '127.0.0.1', {}, factory=True)"


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(
    port: int, arguments: list[str], files: int = 0, **environment: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """A door that answers on `port`, ended at the end; it may open so many files, or as many as this process."""
    command = [sys.executable, *arguments]
    if files:
        command = ["sh", "-c", f'ulimit -n {files} && exec "$@"', "sh", *command]
    started = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        deadline = time.monotonic() + 60
        while not serving._answers(port):
            if started.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"端口 {port} 没有起来")
            time.sleep(0.05)
        yield started
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:  # one that a flood has frozen does not hear
            started.kill()
            started.wait()


@contextmanager
def door(name: str, port: int, files: int = 0) -> Iterator["subprocess.Popen[bytes]"]:
    """The `public` or the `office` door over the database of this process."""
    about = {f"SURVEY_{name.upper()}_PORT": str(port), f"SURVEY_{name.upper()}_HOST": "127.0.0.1"}
    with process(port, ["-m", "survey.cli", "door", name], files, SURVEY_DOOR=name, **about) as started:
        yield started


@contextmanager
def ceiling(port: int, folder: Path, page_bytes: int) -> Iterator[None]:
    """The bare route."""
    about = {"CEILING_PAGE": str(page_bytes), "SURVEY_DATA_DIR": str(folder / "ceiling")}
    with process(port, ["-c", CEILING.format(port)], **about):
        yield
