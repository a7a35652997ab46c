"""Forms as phones send them to the public door."""

import http.client
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

from starlette.testclient import TestClient

from tests.factories import MadeWave, make_wave

FORM = {"content-type": "application/x-www-form-urlencoded"}


def made(**more: Any) -> MadeWave:
    """An open wave that opened an hour ago."""
    return make_wave(now=datetime.now(UTC) - timedelta(hours=1), **more)


def post(door: TestClient, code: str, fields: Mapping[str, str], query: str = "") -> Any:
    """What the door answers to a form."""
    return door.post(f"/q/{code}{query}", content=urlencode(fields), headers=FORM)


def in_turn(port: int, forms: Mapping[str, Mapping[str, str]], start: Barrier) -> list[tuple[int, str]]:
    """One phone of its own at every code, with all others at once: status and receipt of each form.

    It asks again when a door is busy.
    """
    connection, answers = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    for code, fields in forms.items():
        start.wait()
        while True:
            connection.request("POST", f"/q/{code}", urlencode(fields), FORM)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 503:
                break
            time.sleep(0.05)
        answers.append((answer.status, answer.getheader("location") or ""))
    return answers
