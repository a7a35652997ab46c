"""The ceiling: a bare route that sends a fixed page and stores one row durably, many rows to a commit."""

import asyncio
import os
import secrets
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

import pysqlite3
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route


class Store:
    """One thread, one connection; whatever waits goes into one durable commit."""

    def __init__(self, path: str) -> None:
        self.waiting: SimpleQueue[tuple[bytes, Future[None]]] = SimpleQueue()
        self.db = pysqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("CREATE TABLE IF NOT EXISTS note (id BLOB PRIMARY KEY, body BLOB) WITHOUT ROWID")
        Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            batch = [self.waiting.get()]
            with suppress(Empty):
                while len(batch) < 128:
                    batch.append(self.waiting.get_nowait())
            self.db.execute("BEGIN IMMEDIATE")
            for body, _ in batch:
                self.db.execute("INSERT INTO note VALUES (?, ?)", (secrets.token_bytes(16), body))
            self.db.execute("COMMIT")
            for _, future in batch:
                future.set_result(None)


def create_app() -> Starlette:
    page = os.urandom(int(os.environ["CEILING_PAGE"]))
    store = Store(os.environ["CEILING_STORE"])

    async def form(request: Request) -> Response:
        if request.method == "GET":
            return Response(page, media_type="text/html")
        future: Future[None] = Future()
        store.waiting.put((await request.body(), future))
        await asyncio.wrap_future(future)
        return RedirectResponse("/r/1", 303)

    return Starlette(routes=[Route("/q/{code}", form, methods=["GET", "POST"])])
