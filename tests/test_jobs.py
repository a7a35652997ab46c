"""The background jobs: each by itself, none undone by another, and none held up by a clock that was wrong."""

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from survey.actions import doctor
from survey.actions.waves import drafts
from survey.actions.waves.seal import seal_wave
from survey.core.clock import CHINA
from survey.core.jobs import SHORTEST, WHOLE, Job
from survey.core.models import JobState, Lease, Wave, WaveState
from survey.core.names import JOB_NAMES
from survey.running import jobs, runner
from survey.running.jobs import Task, run_once, seal_when_due
from survey.running.runner import JobRunner
from survey.settings import get_settings
from survey.storage import database as storage
from survey.storage.database import read_engine, reading, writing
from survey.storage.figures import released
from survey.storage.jobs import note_failure, note_successes
from survey.storage.leases import LEASE, SEAL, is_due, plan, take_lease
from survey.storage.remarks import listed
from survey.storage.waves import monitor, sealing
from tests.conftest import NOW, forget
from tests.factories import make_wave, submit

OVER = NOW + timedelta(days=14, minutes=31)


def spoil(wave_id: int) -> dict[str, object]:
    """Make a wave unreadable; its questionnaire as it was."""
    with writing() as db:
        wave = db.get(Wave, wave_id)
        assert wave is not None
        asked, wave.questionnaire = wave.questionnaire, {}
    return asked


def mend(wave_id: int, asked: dict[str, object]) -> None:
    with writing() as db:
        db.get(Wave, wave_id).questionnaire = asked  # type: ignore[union-attr]


def state(wave_id: int) -> WaveState:
    with reading() as db:
        return db.get(Wave, wave_id).state  # type: ignore[union-attr]


def releases(wave_id: int) -> int:
    with reading() as db:
        last = released.latest_release(db, wave_id)
    return last.number if last else 0


def told(job: Job, about: int = WHOLE) -> JobState:
    with reading() as db:
        return db.get(JobState, (job, about)) or JobState(name=job, about=about)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.usefixtures("database")
def test_a_wave_that_cannot_be_published_closes_and_is_published_in_a_later_round() -> None:
    wave = make_wave()
    for _ in range(10):
        submit(wave, {"tax": 4}, text="窗口少", kind="criticism", use="count")
    asked = spoil(wave.id)
    with pytest.raises(ExceptionGroup, match="没做成"):
        run_once(OVER)
    assert state(wave.id) == WaveState.CLOSED, "no more answers are taken, whatever fails"
    assert told(Job.FINAL, wave.id).failures == 1
    assert releases(wave.id) == 0
    mend(wave.id, asked)
    run_once(OVER + SHORTEST)
    with reading() as db:
        assert released.is_final(released.latest_release(db, wave.id))
        assert len(listed.released(db, wave.id)) == 10


@pytest.mark.usefixtures("database")
def test_what_fails_for_one_wave_keeps_nothing_of_the_others_back() -> None:
    bad, good = make_wave(), make_wave()
    for wave in (bad, good):
        for _ in range(5):
            submit(wave, {"tax": 4})
    spoil(bad.id)
    with pytest.raises(ExceptionGroup) as failed:
        run_once(NOW)
    assert len(failed.value.exceptions) == 1
    assert (releases(bad.id), releases(good.id)) == (0, 1)
    with pytest.raises(ExceptionGroup):
        run_once(OVER)
    assert (state(bad.id), state(good.id)) == (WaveState.CLOSED, WaveState.CLOSED)
    assert (releases(bad.id), releases(good.id)) == (0, 2)


@pytest.mark.usefixtures("database")
def test_a_list_that_fails_undoes_no_closing_and_stops_no_other_job() -> None:
    over, going = make_wave(), make_wave(days=60)
    for _ in range(5):
        submit(going, {"tax": 4})
    with writing() as db:  # nobody can be listed any more: who answered cannot be read
        db.execute(text("ALTER TABLE reminder RENAME TO elsewhere"))
        db.execute(text("ALTER TABLE outstanding RENAME TO away"))
    with pytest.raises(ExceptionGroup):
        run_once(OVER)
    assert state(over.id) == WaveState.CLOSED
    assert releases(going.id) == 1
    assert told(Job.LISTS).failures == 1
    assert told(Job.LISTS).succeeded_at is None
    assert (
        told(Job.CLOSE).succeeded_at == told(Job.RELEASE).succeeded_at == told(Job.SEAL).succeeded_at == OVER
    )
    with writing() as db:
        db.execute(text("ALTER TABLE elsewhere RENAME TO reminder"))
        db.execute(text("ALTER TABLE away RENAME TO outstanding"))
    run_once(OVER + SHORTEST)
    assert (told(Job.LISTS).failures, told(Job.LISTS).succeeded_at) == (0, OVER + SHORTEST)
    assert told(Job.LISTS).failed_at == OVER, "what had failed, and when, can still be looked up"


@pytest.mark.usefixtures("database")
def test_what_keeps_failing_is_tried_less_and_less_often() -> None:
    wave = make_wave()
    for _ in range(5):
        submit(wave, {"tax": 4})
    asked, now, tries = spoil(wave.id), NOW, []
    for _ in range(4000):  # rounds of 1.5 s: a hundred minutes
        before = told(Job.RELEASE, wave.id).failures
        try:
            run_once(now)
        except ExceptionGroup:
            tries.append(now)
            assert told(Job.RELEASE, wave.id).failures == before + 1
        now = max(now + seconds(1.5), told(Job.RELEASE, wave.id).again_at or now)
        if len(tries) == 10:
            break
    waits = [round((after - before).total_seconds()) for before, after in pairwise(tries)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    mend(wave.id, asked)
    run_once(now)
    assert releases(wave.id) == 1
    assert told(Job.RELEASE, wave.id).failures == 0


@pytest.mark.usefixtures("database")
def test_the_reason_kept_names_what_and_where_and_nobody() -> None:
    wave = make_wave()
    for _ in range(5):
        submit(wave, {"tax": 4})
    with writing() as db:
        db.execute(text("UPDATE wave SET questionnaire = :told"), {"told": '{"title": "王老板 13800138000"}'})
    with pytest.raises(ExceptionGroup):
        run_once(NOW)
    reason = told(Job.RELEASE, wave.id).reason
    assert "ValidationError" in reason
    assert "第 " in reason
    assert not any(part in reason for part in ("王老板", "13800138000", "\n"))


@pytest.mark.usefixtures("database")
def test_what_is_gone_does_not_fail_for_ever() -> None:
    wave = make_wave()
    for _ in range(5):
        submit(wave, {"tax": 4})
    asked = spoil(wave.id)
    with pytest.raises(ExceptionGroup):
        run_once(NOW)
    mend(wave.id, asked)
    with writing() as db:
        db.execute(text("UPDATE wave SET published = :no"), {"no": False})
        db.execute(text("UPDATE wave SET state = 'closed'"))
    run_once(NOW + SHORTEST)
    assert told(Job.RELEASE, wave.id).failures == 0


@pytest.mark.usefixtures("database")
def test_a_success_is_written_down_once_a_minute() -> None:
    run_once(NOW)
    run_once(NOW + seconds(30))
    assert told(Job.RELEASE).succeeded_at == NOW
    run_once(NOW + seconds(61))
    assert told(Job.RELEASE).succeeded_at == NOW + seconds(61)


# --- clocks that jump ---------------------------------------------------------------------------------

WEEK = timedelta(days=7)


@pytest.mark.usefixtures("database")
def test_a_lease_seven_days_ahead_heals_itself() -> None:
    with writing() as db:
        assert take_lease(db, "jobs", "clock ahead", NOW + WEEK)
    with writing() as db:
        assert take_lease(db, "jobs", "us", NOW)
    with writing() as db:
        assert not take_lease(db, "jobs", "clock ahead", NOW + seconds(1)), "ours now"
        assert take_lease(db, "jobs", "us", NOW + seconds(1)), "and it can be kept"


@pytest.mark.usefixtures("database")
def test_a_lease_within_its_term_is_respected() -> None:
    with writing() as db:
        assert take_lease(db, "jobs", "somebody", NOW)
        assert not take_lease(db, "jobs", "us", NOW)
        assert not take_lease(db, "jobs", "us", NOW + LEASE - seconds(0.1))
        assert take_lease(db, "jobs", "us", NOW + LEASE + seconds(0.1))


@pytest.mark.usefixtures("database")
def test_a_runner_starts_though_the_last_one_had_a_clock_ahead() -> None:
    ahead = datetime.now(UTC) + WEEK
    with writing() as db:
        take_lease(db, "jobs", "clock ahead", ahead)
        note_failure(db, (Job.RELEASE, WHOLE), ahead, "")
        note_successes(db, Job, ahead)
    runner = JobRunner()
    runner.start()
    deadline = time.monotonic() + 60
    while (seen := told(Job.SEAL).succeeded_at) is None or seen >= ahead:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    runner.stop()
    assert told(Job.RELEASE).failures == 0


@pytest.mark.usefixtures("database")
def test_a_clock_that_was_ahead_for_a_while_leaves_every_job_working() -> None:
    """A round with a clock a week ahead, then the right time again: nothing waits for that week to pass."""
    wave = make_wave(days=60)
    for _ in range(5):
        submit(wave, {"tax": 4})
    day = NOW + timedelta(days=1)
    run_once(day)
    spoil_now = spoil(wave.id)
    for _ in range(5):
        submit(wave, {"tax": 5})
    with pytest.raises(ExceptionGroup):
        run_once(day + WEEK)
    mend(wave.id, spoil_now)
    back = day + seconds(120)
    run_once(back)
    assert releases(wave.id) == 2
    assert all(told(job).succeeded_at == back for job in Job)
    with reading() as db:
        kept = monitor.outstanding(db, wave.id)
        assert kept is not None
        assert kept.at == back, "today has its list"
    submit(wave)
    assert writers() > 0
    assert not sealed(night(12))
    run_once(night(12) + seconds(1))
    assert sealed(night(12) + seconds(1))


@pytest.mark.usefixtures("database")
def test_a_clock_that_jumps_ahead_does_the_jobs_of_that_time_once() -> None:
    wave = make_wave(days=60)
    run_once(NOW)
    run_once(NOW + WEEK)
    run_once(NOW + WEEK + seconds(2))
    with reading() as db:
        kept = monitor.outstanding(db, wave.id)
        assert kept is not None
        assert kept.at == NOW + WEEK


@pytest.mark.usefixtures("database")
def test_nothing_is_opened_or_closed_for_good_by_a_clock_that_has_just_jumped() -> None:
    going = make_wave()
    for _ in range(5):
        submit(going, {"tax": 4})
    with writing() as db:
        draft = drafts.copy_wave(db, going.id, NOW, "王经办")
        drafts.schedule(db, draft.id, NOW, "王经办")
    run_once(NOW)
    later = max(OVER, draft.opens_at) + seconds(1)
    with pytest.raises(ExceptionGroup) as waiting:
        run_once(later, steady=False)
    assert [str(one) for one in waiting.value.exceptions] == ["时钟刚才往前跳了，先等它走稳"] * 2
    assert (state(going.id), state(draft.id)) == (WaveState.OPEN, WaveState.DRAFT)
    [told_of] = [one for one in doctor.examine(later) if one.name == JOB_NAMES[Job.CLOSE]]
    assert "时钟刚才往前跳了" in told_of.found
    assert "不要重新启动" in told_of.cure
    run_once(NOW + seconds(120))  # set right: nothing was lost, and nothing waits any more
    assert told(Job.CLOSE, going.id).failures == 0
    submit(going, {"tax": 4}, now=NOW + seconds(120))
    run_once(later)
    assert (state(going.id), state(draft.id)) == (WaveState.CLOSED, WaveState.OPEN)


@pytest.mark.usefixtures("database")
def test_a_runner_tells_a_jump_from_time_that_has_passed() -> None:
    wave = make_wave(now=datetime.now(UTC) - timedelta(days=15))
    runner = JobRunner()
    runner.clock.steady(
        datetime.now(UTC) - timedelta(days=1), time.monotonic()
    )  # its last look at a right clock
    with pytest.raises(ExceptionGroup):
        runner._round()
    assert state(wave.id) == WaveState.OPEN


@pytest.mark.usefixtures("database")
def test_a_job_that_takes_long_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    def until() -> datetime:
        with reading() as db:
            return db.get_one(Lease, "jobs").until

    def long_job(_: int, _now: datetime) -> None:
        first, deadline = until(), time.monotonic() + 60
        while until() <= first:
            assert time.monotonic() < deadline, "never renewed"
            time.sleep(0.05)
        with writing() as db:
            assert not take_lease(db, "jobs", "another", first + seconds(0.1))

    monkeypatch.setattr(jobs, "TASKS", (Task(Job.STUDY, long_job),))
    monkeypatch.setattr(runner, "RENEWED", 0.2)
    JobRunner()._round()
    assert told(Job.STUDY).succeeded_at is not None
    assert "jobs-lease" not in {one.name for one in threading.enumerate()}, "nobody renews it any longer"


def night(day: int) -> datetime:
    """Three o'clock in the night of a March day, China time."""
    return datetime(2026, 3, day, 3, tzinfo=CHINA)


def writers() -> int:
    """How many transactions the responses still tell apart; on SQLite, whether its log tells any."""
    if get_settings().is_sqlite:
        return int((get_settings().data_dir / "survey.db-wal").stat().st_size > 0)
    with read_engine().connect() as db:
        return int(db.scalar(text("SELECT count(DISTINCT xmin::text) FROM response")) or 0) - 1


def sealed(now: datetime) -> bool:
    """Whether a round at `now` has sealed: the next time is later, and PostgreSQL tells no writers apart."""
    with reading() as db:
        later = is_due(db, SEAL, now) is False
    return later and (
        get_settings().is_sqlite or writers() == 0
    )  # a round writes its success into SQLite's log


@pytest.mark.usefixtures("database")
def test_the_tables_are_sealed_once_a_night() -> None:
    wave = make_wave()
    submit(wave)
    submit(wave)
    assert not seal_when_due(night(11) - timedelta(hours=5))  # planned for the coming night
    assert writers() > 0
    assert not seal_when_due(night(11) - timedelta(minutes=1))
    assert seal_when_due(night(11) + timedelta(minutes=1))
    submit(wave)
    assert not seal_when_due(night(11) + timedelta(hours=20))
    assert writers() > 0
    assert seal_when_due(night(12))


@pytest.mark.usefixtures("database")
def test_nothing_tells_the_order_right_after_a_seal() -> None:
    wave = make_wave()
    submit(wave)
    submit(wave)
    sealing.seal()
    assert writers() == 0


@pytest.mark.usefixtures("database")
def test_the_tables_are_sealed_when_a_wave_closes_and_when_it_is_sealed() -> None:
    wave = make_wave()
    submit(wave)
    seal_when_due(NOW)
    assert not seal_when_due(NOW + timedelta(minutes=1))
    run_once(OVER)
    assert sealed(OVER)
    assert not seal_when_due(OVER + timedelta(minutes=1))
    with writing() as db:
        seal_wave(db, wave.id, OVER + timedelta(minutes=2), "王专员")
    assert seal_when_due(OVER + timedelta(minutes=2))


@pytest.mark.usefixtures("database")
def test_a_night_in_which_the_tables_were_busy_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wave = make_wave()
    submit(wave)
    monkeypatch.setattr(sealing, "TRIES", 1)
    monkeypatch.setattr(storage, "BUSY_SECONDS", 0.1)
    forget()
    with writing() as db:
        plan(db, SEAL, NOW)
    # Somebody reads, and keeps what he reads from being moved.
    with read_engine().connect() as other:
        other.execute(text("SELECT count(*) FROM response"))
        submit(wave)
        with pytest.raises(ExceptionGroup) as failed:
            run_once(NOW)
        assert isinstance(failed.value.exceptions[0], sealing.SealFailed)
        run_once(NOW + timedelta(minutes=9))  # not yet
        assert told(Job.SEAL).failures == 1
    assert not sealed(NOW)
    run_once(NOW + timedelta(minutes=11))
    assert sealed(NOW + timedelta(minutes=11))
    assert told(Job.SEAL).failures == 0
