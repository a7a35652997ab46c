"""The background round: what it closes it also publishes, or it closes nothing."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from survey.actions.seal import seal_wave
from survey.core.clock import CHINA
from survey.core.models import WaveState
from survey.jobs import run_once, seal_when_due
from survey.settings import get_settings
from survey.storage import database as storage
from survey.storage import reads, remarks, sealing
from survey.storage.database import read_engine, reading, writing
from survey.storage.leases import SEAL, plan
from tests.conftest import NOW, forget
from tests.factories import make_wave, submit

OVER = NOW + timedelta(days=14, minutes=31)


@pytest.mark.usefixtures("database")
def test_a_round_that_fails_to_publish_leaves_the_wave_to_the_next() -> None:
    wave = make_wave()
    for _ in range(10):
        submit(wave, {"tax": 4}, text="窗口少", kind="criticism", use="count")
    with writing() as db:
        asked = reads.wave(db, wave.id).questionnaire  # type: ignore[union-attr]
        db.execute(text("UPDATE wave SET questionnaire = '{}'"))
    with pytest.raises(ValueError, match="Questionnaire"):
        run_once(OVER)
    with writing() as db:
        found = reads.wave(db, wave.id)
        assert found is not None
        assert found.state == WaveState.OPEN
        found.questionnaire = asked
    run_once(OVER)
    with reading() as db:
        found = reads.wave(db, wave.id)
        assert found is not None
        assert found.state == WaveState.CLOSED
        assert reads.latest_release(db, wave.id) is not None
        assert len(remarks.released(db, wave.id)) == 10


def night(day: int) -> datetime:
    """Three o'clock in the night of a March day, China time."""
    return datetime(2026, 3, day, 3, tzinfo=CHINA)


def writers() -> int:
    """How many transactions the responses still tell apart; on SQLite, whether its log tells any."""
    if get_settings().is_sqlite:
        return int((get_settings().data_dir / "survey.db-wal").stat().st_size > 0)
    with read_engine().connect() as db:
        return int(db.scalar(text("SELECT count(DISTINCT xmin::text) FROM response")) or 0) - 1


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
    assert seal_when_due(OVER)
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
        assert not seal_when_due(NOW)
        assert not seal_when_due(NOW + timedelta(minutes=5))
    assert seal_when_due(NOW + timedelta(minutes=11))
