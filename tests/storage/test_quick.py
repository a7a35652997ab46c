"""The question of every request: right after every change, and when its connection was cut."""

import pytest

from survey.storage.answers import doors
from survey.storage.answers.doors import FIND_CODE
from tests.factories import make_wave, submit

pytestmark = pytest.mark.usefixtures("database")


def test_a_code_is_found_with_what_holds_for_it_now() -> None:
    wave = make_wave()
    status = doors.find_code(wave.codes[0])
    assert status is not None
    assert (status.wave_id, status.kind, status.void, status.used, status.state) == (
        wave.id, "enterprise", False, False, "open",
    )  # fmt: skip
    assert status.opens_at.tzinfo is not None
    submit(wave, code=wave.codes[0])
    used = doors.find_code(wave.codes[0])
    assert used is not None
    assert used.used
    assert doors.find_code("nobody-knows-this-code") is None


def test_a_cut_connection_is_made_anew() -> None:
    wave = make_wave()
    assert doors.find_code(wave.open_code)
    FIND_CODE._mine.connection.dbapi_connection.close()
    status = doors.find_code(wave.open_code)
    assert status is not None
    assert status.kind == "open"
