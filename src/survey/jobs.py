"""Background work: close due waves, draw up the day's lists, make releases and study them, seal the tables by night. One runner at
a time, by lease."""

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from sqlmodel import Session, select

from survey.actions.audit import write_anchor
from survey.actions.drafts import open_due_waves
from survey.actions.release import make_release, release_remarks
from survey.actions.reminders import draw_up_lists
from survey.actions.study import due, study_wave
from survey.actions.waves import finish_due_waves
from survey.core.access import SYSTEM, act_as
from survey.core.clock import CHINA, china_day
from survey.core.models import Wave, WaveState
from survey.storage import devices, reads, sealing
from survey.storage.database import reading, writing
from survey.storage.leases import SEAL, give_back, is_due, plan, take_lease

QUIET_HOUR = 3  # in China; hardly anybody fills in a form then
AGAIN = timedelta(minutes=10)  # after a seal for which the tables were too busy
EVERY = 1.5  # seconds between rounds: with the pages' 2 s poll, counts and figures are seen within 5 s

log = logging.getLogger(__name__)


def run_once(now: datetime) -> int:
    """One round over all open waves; returns how many releases it made."""
    devices.destroy_keys(before=china_day(now))
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
    with reading() as db:
        unstudied = due(db)
    for wave_id in unstudied:
        study_wave(wave_id, now)
    return made


def _release(db: Session, wave_id: int, now: datetime) -> bool:
    made = make_release(db, wave_id, now)
    release_remarks(db, wave_id)
    return made


def seal_when_due(now: datetime) -> bool:
    """Seal the tables if it is time; whether it was done. Due each night, and when a wave closes or is sealed."""
    with reading() as db:
        due = is_due(db, SEAL, now)
    if due is False:
        return False
    try:
        if due:
            sealing.seal()
        following = _next_quiet_hour(now)
    except sealing.SealFailed as failed:
        log.warning("%s", failed)
        due, following = False, now + AGAIN
    with writing() as db:
        plan(db, SEAL, following)
    return bool(due)


def _next_quiet_hour(now: datetime) -> datetime:
    tonight = now.astimezone(CHINA).replace(hour=QUIET_HOUR, minute=0, second=0, microsecond=0)
    return (tonight if tonight > now else tonight + timedelta(days=1)).astimezone(UTC)


class JobRunner:
    """A thread that runs `run_once` and the seal while it holds the lease."""

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
            seal_when_due(now)

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
