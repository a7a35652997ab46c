"""Submissions on their way to the disk: many share one durable commit on SQLite, a pool on PostgreSQL."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from queue import Empty, Full, Queue
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from survey.settings import get_settings
from survey.storage.database import write_engine

T = TypeVar("T")
Work = Callable[[Connection], T]

BATCH = 128  # submissions in one commit at most; keeps a rolled-back batch small
POOL = 8  # PostgreSQL writers of one process

log = logging.getLogger(__name__)


class Busy(Exception):
    """Not stored: the queue is full or the database refused. The phone keeps its draft and tries again."""


class GroupWriter:
    """One thread with the process's one writing connection; everything waiting goes into one commit."""

    def __init__(self, limit: int) -> None:
        self._queue: Queue[tuple[Work[Any], Future[Any]]] = Queue(limit)
        Thread(target=self._run, name="writer", daemon=True).start()

    def submit(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        try:
            self._queue.put_nowait((work, future))
        except Full as error:
            raise Busy from error
        return future

    def _run(self) -> None:
        while True:
            batch = [self._queue.get()]
            with suppress(Empty):
                while len(batch) < BATCH:
                    batch.append(self._queue.get_nowait())
            self._commit(batch)

    def _commit(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        """Run each work in its own savepoint, commit, and only then say that it is stored."""
        results: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            with write_engine().begin() as db:
                for work, future in batch:
                    results.append((future, *_in_savepoint(db, work)))
        except Exception as error:
            log.warning("写入失败，本批 %d 份未入库：%s", len(batch), type(error).__name__)
            for _, future in batch:
                future.set_exception(Busy())
            return
        for future, result, problem in results:
            if problem:
                future.set_exception(problem)
            else:
                future.set_result(result)


def _in_savepoint(db: Connection, work: Work[T]) -> tuple[T | None, Exception | None]:
    db.exec_driver_sql("SAVEPOINT one")
    try:
        result = work(db)
    except DBAPIError:
        raise  # the database itself failed: the whole batch is tried again by the phones
    except Exception as problem:
        db.exec_driver_sql("ROLLBACK TO one")
        db.exec_driver_sql("RELEASE one")
        return None, problem
    db.exec_driver_sql("RELEASE one")
    return result, None


class PoolWriter:
    """A transaction each on pooled connections; PostgreSQL groups their commits itself."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(POOL, "writer")

    def submit(self, work: Work[T]) -> Future[T]:
        if self._pool._work_queue.qsize() >= get_settings().queue_limit:
            raise Busy
        return self._pool.submit(self._commit, work)

    def _commit(self, work: Work[T]) -> T:
        try:
            with write_engine().begin() as db:
                return work(db)
        except DBAPIError as error:
            log.warning("写入失败，1 份未入库：%s", type(error).__name__)
            raise Busy from error


@cache
def writer() -> GroupWriter | PoolWriter:
    """This process's writer."""
    settings = get_settings()
    return GroupWriter(settings.queue_limit) if settings.is_sqlite else PoolWriter()


async def write(work: Work[T]) -> T:
    """Run `work` in a transaction and return its result once it is durable; raises `Busy`."""
    return await asyncio.wrap_future(writer().submit(work))
