"""A thread that does the background jobs again and again, one runner at a time."""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from survey.core.accounts.access import SYSTEM, act_as
from survey.core.discreet import trace
from survey.core.steady import Steadiness
from survey.running.jobs import run_once
from survey.storage.database import writing
from survey.storage.leases import LEASE, give_back, take_lease

EVERY = 1.5  # seconds between rounds: with the pages' 2 s poll, counts and figures are seen within 5 s
RENEWED = LEASE.total_seconds() / 3  # between renewals of the lease; one that fails is made good by the next
OUT_OF_REACH = 10.0  # seconds before the next round when not even a failure can be written down

log = logging.getLogger(__name__)


class JobRunner:
    """A thread that does a round again and again while it holds the lease.

    Another thread renews the lease as long as a round lasts, since a study may compute for minutes. Should it be lost all the
    same, because the machine slept, each piece of work still looks in its own transaction whether it is to be done.
    """

    def __init__(self) -> None:
        self.clock = Steadiness()
        self._holder = secrets.token_hex(8)
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        act_as(SYSTEM)
        pause = EVERY
        while not self._stopped.wait(pause):
            pause = EVERY if self._tried(self._round) else OUT_OF_REACH
        self._tried(self._give_back)

    def _round(self) -> None:
        now = datetime.now(UTC)
        steady = self.clock.steady(now, time.monotonic())
        if self._take_lease():
            with self._lease_kept():
                run_once(now, steady)

    def _take_lease(self) -> bool:
        with writing() as db:
            return take_lease(db, "jobs", self._holder, datetime.now(UTC))

    @contextmanager
    def _lease_kept(self) -> Iterator[None]:
        over = Event()
        keeper = Thread(target=self._renew_until, args=(over,), name="jobs-lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()

    def _renew_until(self, over: Event) -> None:
        while not over.wait(RENEWED):
            try:
                self._take_lease()
            except Exception as error:
                log.warning("后台任务的租约这一次没有续上\n%s", trace(error))

    def _give_back(self) -> None:
        """So that a restart goes on at once."""
        with writing() as db:
            give_back(db, "jobs", self._holder)

    @staticmethod
    def _tried(step: Callable[[], None]) -> bool:
        """Whether it came to an end; what failed on the way has been written down."""
        try:
            step()
        except ExceptionGroup as failed:
            for one in failed.exceptions:
                log.error("后台任务没有做成，稍后再试\n%s", trace(one))
        except Exception as error:
            log.error("后台任务这一轮没有做，稍后再试\n%s", trace(error))
            return False
        return True
