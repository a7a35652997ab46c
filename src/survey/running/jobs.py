"""Background work: open and close 期次 in time, draw up the day's lists, make releases and study them, seal the tables
by night. One runner at a time, by a lease that is renewed while a round lasts. What fails undoes nothing else; it waits,
and is tried again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlmodel import Session, select

from survey.actions.accounts.audit import settle
from survey.actions.figures import study
from survey.actions.figures.finishing import finish_release
from survey.actions.figures.release import make_release, release_remarks
from survey.actions.waves import drafts, reminders
from survey.actions.waves import lifecycle as waves
from survey.core.clock import CHINA, china_day
from survey.core.discreet import reason
from survey.core.jobs import WHOLE, Job
from survey.core.models import Wave, WaveState
from survey.core.refusals import Refusal
from survey.storage import jobs
from survey.storage.answers import devices
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.jobs import Work
from survey.storage.leases import SEAL, is_due, plan
from survey.storage.waves import sealing

QUIET_HOUR = 3  # in China; hardly anybody fills in a form then


@dataclass(frozen=True)
class Task:
    """What a job does, in transactions of its own: once, or for each of the waves that `waves` finds.

    What is `for_good` cannot be undone and waits until the clock is steady.
    """

    job: Job
    do: Callable[[int, datetime], object]
    waves: Callable[[Session, datetime], Iterable[int]] | None = None
    for_good: bool = False


class ClockJumped(Refusal):
    """The clock may be wrong, and what was to be done by it cannot be undone. The text is a Chinese sentence."""

    for_the_log = True

    def __init__(self) -> None:
        super().__init__("时钟刚才往前跳了，先等它走稳")


def run_once(now: datetime, steady: bool = True) -> None:
    """One round: all tasks, each by itself. In the end what failed is raised, together."""
    round = Pass(now, steady)
    done = [task.job for task in TASKS if round.does(task)]
    with writing() as db:
        jobs.note_successes(db, done, now)
    if round.errors:
        raise ExceptionGroup("后台任务有没做成的", round.errors)


class Pass:
    """One pass over the tasks at a moment."""

    def __init__(self, now: datetime, steady: bool) -> None:
        self.errors: list[Exception] = []
        self._now, self._steady = now, steady
        with reading() as db:
            known = jobs.states(db)
        self._failed, self._waiting = jobs.failed(known), jobs.waiting(known, now)

    def does(self, task: Task) -> bool:
        """Do all of a task that is to be tried; whether nothing of it is left."""
        if task.waves is None:
            return self._try((task.job, WHOLE), partial(task.do, WHOLE, self._now))
        found: list[int] = []
        done = [self._try((task.job, WHOLE), lambda: found.extend(_found(task, self._now)))]
        for gone in {one for one in self._failed if one[0] == task.job and one[1] not in (WHOLE, *found)}:
            self._mended(gone)  # a person has closed or deleted it
        do = _wait_for_the_clock if task.for_good and not self._steady else task.do
        done += [self._try((task.job, one), partial(do, one, self._now)) for one in found]
        return all(done)

    def _try(self, work: Work, do: Callable[[], object]) -> bool:
        if work in self._waiting:
            return False
        try:
            do()
        except Exception as error:
            self.errors.append(error)
            with writing() as db:
                jobs.note_failure(db, work, self._now, reason(error))
            return False
        if work in self._failed:
            self._mended(work)
        return True

    @staticmethod
    def _mended(work: Work) -> None:
        with writing() as db:
            jobs.note_mended(db, work)


def _found(task: Task, now: datetime) -> Iterable[int]:
    assert task.waves
    with reading() as db:
        return task.waves(db, now)


def _wait_for_the_clock(_wave: int, _now: datetime) -> None:
    raise ClockJumped


# --- the tasks ----------------------------------------------------------------------------------------


def _destroy_device_keys(_: int, now: datetime) -> None:
    devices.destroy_keys(before=china_day(now))


def _open(wave_id: int, now: datetime) -> None:
    with writing() as db:
        drafts.open_timed(db, wave_id, now)


def _close(wave_id: int, now: datetime) -> None:
    with writing() as db:
        waves.finish_wave(db, wave_id, now)


def _draw_up_list(wave_id: int, now: datetime) -> None:
    with writing() as db:
        reminders.draw_up_list(db, wave_id, now)


def _anchor(_: int, now: datetime) -> None:
    with writing() as db:
        settle(db, now)


def _going(db: Session, _: datetime) -> list[int]:
    return list(db.exec(select(Wave.id).where(Wave.state == WaveState.OPEN)))


def _release(wave_id: int, now: datetime) -> None:
    with writing() as db:
        make_release(db, wave_id, now)
        release_remarks(db, wave_id)


def _seal(_: int, now: datetime) -> None:
    seal_when_due(now)


def seal_when_due(now: datetime) -> bool:
    """Seal the tables if it is time; whether it was done. Due each night, and when a wave closes or is sealed."""
    with reading() as db:
        due = is_due(db, SEAL, now)
    if due is False:
        return False
    if due:
        sealing.seal()
    with writing() as db:
        plan(db, SEAL, _next_quiet_hour(now))
    return bool(due)


def _next_quiet_hour(now: datetime) -> datetime:
    tonight = now.astimezone(CHINA).replace(hour=QUIET_HOUR, minute=0, second=0, microsecond=0)
    return (tonight if tonight > now else tonight + timedelta(days=1)).astimezone(UTC)


TASKS = (
    Task(Job.DEVICES, _destroy_device_keys),
    Task(Job.OPEN, _open, drafts.due_to_open, for_good=True),
    Task(Job.CLOSE, _close, waves.due_to_finish, for_good=True),
    Task(Job.LISTS, _draw_up_list, reminders.without_list),
    Task(Job.ANCHOR, _anchor),
    Task(Job.RELEASE, _release, _going),
    Task(Job.FINAL, finish_release, lambda db, _: released.without_final(db)),
    Task(Job.STUDY, study.study_wave, lambda db, _: study.due(db)),
    Task(Job.SEAL, _seal),
)
