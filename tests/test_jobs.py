"""The background round: what it closes it also publishes, or it closes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from survey.core.models import WaveState
from survey.jobs import run_once
from survey.storage import reads
from survey.storage.database import reading, writing
from tests.conftest import NOW
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
        assert len(reads.remarks(db, wave.id)) == 10
