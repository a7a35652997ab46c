"""The ceiling: a bare route that sends a fixed page, reads a form and stores it as one durable row.

Form parser and group commit are those anyone would use: Starlette's and our own. No checks, no counters,
no codes, no receipt.
"""

import gc
import json
import os
import secrets
from collections.abc import Sequence

from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from survey.storage.answers.writing import write
from survey.storage.database import write_engine


def store(db: Connection, notes: Sequence[str]) -> list[None]:
    """One row each, in one statement."""
    marks = ", ".join(["(?, ?)"] * len(notes))
    db.exec_driver_sql(
        f"INSERT INTO note VALUES {marks}",
        tuple(value for note in notes for value in (secrets.token_bytes(16), note)),
    )
    return [None] * len(notes)


def create_app() -> Starlette:
    gc.freeze()  # as our door does
    page = os.urandom(int(os.environ["CEILING_PAGE"]))
    with write_engine().begin() as db:
        db.exec_driver_sql("CREATE TABLE IF NOT EXISTS note (id BLOB PRIMARY KEY, body TEXT) WITHOUT ROWID")

    async def form(request: Request) -> Response:
        if request.method == "GET":
            return Response(page, media_type="text/html")
        async with request.form() as sent:
            await write(store, json.dumps(sent.multi_items()))
        return RedirectResponse("/r/1", 303)

    return Starlette(routes=[Route("/q/{code}", form, methods=["GET", "POST"])])
