"""Slow work, a little at a time, and never all of it for one who asks much."""

from asyncio import CancelledError, Future, get_running_loop
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Crowded(Exception):
    """Too much waits already."""


class Turns:
    """At most `at_once` pieces of work go on; sources take turns, so that who asks for one piece waits for one of each
    other source, not for all that one of them heaped up. `each`, `all`: how many of a source and together may wait."""

    def __init__(self, at_once: int, each: int, all: int) -> None:
        self._free, self._each, self._all = at_once, each, all
        self._waiting: OrderedDict[str, deque[Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def one(self, source: str) -> AsyncIterator[None]:
        """A turn, as soon as there is one; raises `Crowded`."""
        if self._free:
            self._free -= 1
        else:
            await self._turn(source)
        try:
            yield
        finally:
            self._pass_on()

    async def _turn(self, source: str) -> None:
        queue = self._waiting.get(source, deque())
        if len(queue) >= self._each or sum(map(len, self._waiting.values())) >= self._all:
            raise Crowded
        self._waiting[source] = queue
        turn = get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except CancelledError:
            if not turn.cancelled():  # it came at the same moment
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            source, queue = self._waiting.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._waiting[source] = queue  # behind all others
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
