"""Submissions on their way to the disk: everything waiting shares one durable commit."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from queue import Empty, Full, Queue
from threading import Thread
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from survey.settings import get_settings
from survey.storage.database import transaction

S = TypeVar("S")
R = TypeVar("R")
AnyFuture = Future[Any] | asyncio.Future[Any]
F = TypeVar("F", Future[Any], asyncio.Future[Any])
Store = Callable[[Connection, Sequence[S]], Sequence[R | Exception]]
"""Stores a batch and says for each what became of it; an exception raised undoes them all."""

BATCH = 128  # submissions in one commit at most; keeps a batch that is tried again small
TRIES = 5  # of a batch that another process's writer got in the way of
# Each statement lets the other thread in, and the default of 5 ms is how long it may keep us waiting.
SWITCH_SECONDS = 0.0005
# In a crowd, wait for more company: half as many commits leave the processor to the other thread.
GATHER_SECONDS = 0.002

log = logging.getLogger(__name__)


class Busy(Exception):
    """Not stored: the queue is full or the database refused. The phone keeps its draft and tries again."""


class Raced(Exception):
    """Another process claimed one of these codes just now: look again."""


class GroupWriter(Generic[S, R]):
    """One thread with the process's one writing connection; everything waiting goes into one commit."""

    def __init__(self, store: Store[S, R], limit: int) -> None:
        self._store = store
        self._queue: Queue[tuple[S, AnyFuture]] = Queue(limit)
        sys.setswitchinterval(SWITCH_SECONDS)
        Thread(target=self._run, name="writer", daemon=True).start()

    def submit(self, one: S) -> Future[R]:
        """Put one in the queue; its future has a result only once it is durable. Raises `Busy`."""
        return self.put(one, Future())

    def put(self, one: S, answer: F) -> F:
        """Put one in the queue with the future that is to have its result. Raises `Busy`."""
        try:
            self._queue.put_nowait((one, answer))
        except Full as error:
            raise Busy from error
        return answer

    def _run(self) -> None:
        crowded = False
        while True:
            batch = [self._queue.get()]
            if crowded:
                time.sleep(GATHER_SECONDS)
            with suppress(Empty):
                while len(batch) < BATCH:
                    batch.append(self._queue.get_nowait())
            crowded = len(batch) > 1
            self._commit(batch)

    def _commit(self, batch: Sequence[tuple[S, AnyFuture]], tries: int = TRIES) -> None:
        """Store a batch, commit, and only then say that it is stored."""
        try:
            with transaction() as db:
                results = self._store(db, [one for one, _ in batch])
        except Raced:
            if tries:
                return self._commit(batch, tries - 1)
            return _refuse(batch, "Raced")
        except Exception as error:
            # A database that is down is down for all; anything else may be the fault of one of them.
            if len(batch) > 1 and not isinstance(error, OperationalError):
                for single in batch:
                    self._commit([single])
                return None
            return _refuse(batch, type(error).__name__)
        return _answer(batch, results)


def _refuse(batch: Sequence[tuple[Any, AnyFuture]], reason: str) -> None:
    log.warning("写入失败，本批 %d 份未入库：%s", len(batch), reason)
    _answer(batch, [Busy() for _ in batch])


def _answer(batch: Sequence[tuple[Any, AnyFuture]], results: Sequence[Any]) -> None:
    """Give everybody in the batch their result; an event loop is woken once for all of its own."""
    waiting: dict[asyncio.AbstractEventLoop, list[tuple[AnyFuture, Any]]] = {}
    for (_, future), result in zip(batch, results, strict=True):
        if isinstance(future, asyncio.Future):
            waiting.setdefault(future.get_loop(), []).append((future, result))
        else:
            _settle([(future, result)])
    for loop, settled in waiting.items():
        with suppress(RuntimeError):  # closed: nobody waits any more, and what is stored stays stored
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: Sequence[tuple[AnyFuture, Any]]) -> None:
    for future, result in settled:
        if future.done():
            continue  # the phone has hung up
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


@cache
def writer(store: Store[S, R]) -> GroupWriter[S, R]:
    """This process's writer for what `store` stores."""
    return GroupWriter(store, get_settings().queue_limit)


async def write(store: Store[S, R], one: S) -> R:
    """Store one, together with whatever else waits, and return its result once it is durable."""
    answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
    result: R = await writer(store).put(one, answer)
    return result
