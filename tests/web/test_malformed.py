"""Ten thousand malformed inputs at the public door: no error page, no trace, nothing stored."""

import asyncio
import re
from collections import Counter
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from survey.storage.database import read_engine
from survey.web.phone.public import create_app
from tests.factories import MadeWave, make_wave
from tests.malformed import GOOD, KINDS, Sent, inputs

INPUTS = 10_000
TRACE = re.compile(rb'Traceback|File "|Error:|Exception|sqlalchemy|survey/|\.py\b')


async def ask(app: Any, code: str, sent: Sent) -> tuple[int, bytes]:
    """What an application answers, without the network between: status and body. A crash counts as 500."""
    pieces = [sent.body[start : start + 9_000] for start in range(0, len(sent.body), 9_000)] or [b""]
    messages = [{"type": "http.request", "body": one, "more_body": True} for one in pieces]
    messages[-1]["more_body"] = False
    head = [(b"host", b"127.0.0.1"), *sent.headers]
    head += [] if sent.content_type is None else [(b"content-type", sent.content_type)]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": sent.method, "scheme": "http",
        "path": f"/q/{sent.path or code}", "raw_path": b"/q", "query_string": sent.query, "root_path": "",
        "headers": head, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    status, body = 500, b""

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status, body
        status, body = message.get("status", status), body + message.get("body", b"")

    try:
        await app(scope, receive, send)
    except Exception as error:
        return 500, body + type(error).__name__.encode() + b"Error:"
    return status, body


async def ask_all(app: Any, codes: list[str], all_of_them: Iterable[Sent]) -> list[tuple[str, int, bytes]]:
    return [
        (one.kind, *await ask(app, codes[place % len(codes)], one)) for place, one in enumerate(all_of_them)
    ]


def in_a_loop(answers: Coroutine[Any, Any, list[tuple[str, int, bytes]]]) -> list[tuple[str, int, bytes]]:
    """Run in a thread of its own: a browser test before this one may have left a loop in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answers).result()


def stored() -> dict[str, int]:
    tables = ("participation", "response", "remark", "ledger_case", "tally", "arrival", "trial")
    with read_engine().connect() as db:
        return {name: int(db.scalar(text(f"SELECT count(*) FROM {name}")) or 0) for name in tables}


def broken(answers: Iterable[tuple[str, int, bytes]]) -> list[tuple[str, int]]:
    """Those that were answered by an error of ours or with words from inside. A deliberate 503 is none."""
    return [
        (kind, status)
        for kind, status, body in answers
        if (status >= 500 and status != 503) or TRACE.search(body)
    ]


def made() -> MadeWave:
    return make_wave(enterprises=2, now=datetime.now(UTC))


def test_malformed_inputs_are_refused_and_leave_nothing(sqlite_database: Path) -> None:
    wave, app = made(), create_app()
    before = stored()
    answers = in_a_loop(ask_all(app, [wave.codes[0], wave.open_code], inputs(INPUTS)))
    assert broken(answers) == []
    assert len(answers) == INPUTS
    assert {kind for kind, _, _ in answers} == {make.__name__.replace("_", " ") for make in KINDS}
    assert {status for _, status, _ in answers} <= {200, 400, 403, 404, 405, 413, 415, 422, 429, 503}, (
        Counter((kind, status) for kind, status, _ in answers)
    )
    assert stored() == before == dict.fromkeys(before, 0)


def test_the_form_they_were_made_from_is_stored(sqlite_database: Path) -> None:
    wave, body = made(), "&".join(f"{name}={value}" for name, value in GOOD).encode()
    [(_, status, _)] = in_a_loop(ask_all(create_app(), [wave.codes[0]], [Sent("good", body)]))
    assert (status, stored()["response"]) == (303, 1)


async def careless(request: Request) -> Response:
    """A door as it is easily written: what comes is taken for what our form sends."""
    fields = dict(parse_qsl((await request.body()).decode(), strict_parsing=True))
    return PlainTextResponse(f"{fields['d']} {int(fields['g.tax.overall'])}")


def test_a_careless_door_breaks_on_nearly_every_kind() -> None:
    app = Starlette(routes=[Route("/q/{code}", careless, methods=["POST"])], debug=True)
    found = broken(in_a_loop(ask_all(app, ["x"], inputs(1_400))))
    assert len({kind for kind, _ in found}) >= 6
