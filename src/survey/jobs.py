"""Background work: close due waves, draw up the day's lists, make releases. One runner at a time, by lease."""

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

from sqlmodel import Session, select

from survey.actions.audit import write_anchor
from survey.actions.drafts import open_due_waves
from survey.actions.release import make_release, release_remarks
from survey.actions.reminders import draw_up_lists
from survey.actions.waves import finish_due_waves
from survey.core.access import SYSTEM, act_as
from survey.core.models import Wave, WaveState
from survey.storage import reads
from survey.storage.database import reading, writing
from survey.storage.leases import give_back, take_lease

EVERY = 1.5  # seconds between rounds: with the pages' 2 s poll, counts and figures are seen within 5 s

log = logging.getLogger(__name__)


def run_once(now: datetime) -> int:
    """One round over all open waves; returns how many releases it made."""
    with writing() as db:
        open_due_waves(db, now)
        # In one transaction: once a wave is closed, no later round looks at it.
        made = sum(_release(db, wave_id, now) for wave_id in finish_due_waves(db, now))
        draw_up_lists(db, now)
        write_anchor(db, now)
    with reading() as db:
        going = select(Wave.id).where(Wave.state == WaveState.OPEN)
        ids = [*db.exec(going), *reads.without_release(db)]
    for wave_id in ids:
        with writing() as db:
            made += _release(db, wave_id, now)
    return made


def _release(db: Session, wave_id: int, now: datetime) -> bool:
    made = make_release(db, wave_id, now)
    release_remarks(db, wave_id)
    return made


class JobRunner:
    """A thread that runs `run_once` while it holds the lease."""

    def __init__(self) -> None:
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
        while not self._stopped.wait(EVERY):
            self._try(self._round)
        self._try(self._give_back)

    def _round(self) -> None:
        now = datetime.now(UTC)
        with writing() as db:
            mine = take_lease(db, "jobs", self._holder, now)
        if mine:
            run_once(now)

    def _give_back(self) -> None:
        """So that a restart goes on at once."""
        with writing() as db:
            give_back(db, "jobs", self._holder)

    @staticmethod
    def _try(step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:
            log.exception("后台任务本轮失败，稍后再试")
