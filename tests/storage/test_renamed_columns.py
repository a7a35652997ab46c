"""Columns that were called by another word, or told by another column, lose nothing; the way back is open too."""

from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from survey.core.models import Channel, Kind, Mode, Remark, Response, Wave
from survey.storage import schema
from survey.storage.database import reading, write_engine, writing
from survey.storage.waves import fingerprint
from tests.factories import make_wave

BEFORE = "0008"
SEALED = "7b96da86df8574863ba8f033806e635695d98903b2ea7a53863755b09c1b73e8"


def move(revision: str) -> None:
    config = schema._migrations()
    with write_engine().begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if revision == BEFORE else command.upgrade)(config, revision)


def raw(query: str) -> list[Any]:
    with write_engine().connect() as db:
        return [tuple(row) for row in db.execute(text(query))]


@pytest.mark.usefixtures("database")
def test_a_remark_keeps_the_batch_it_came_out_with() -> None:
    wave = make_wave()
    with writing() as db:
        for number in (None, 1, 2):
            db.add(
                Remark(
                    id=bytes([number or 0]) * 16,
                    wave_id=wave.id,
                    kind=Kind.CRITICISM,
                    text="虚构",
                    batch=number,
                )
            )
    move(BEFORE)
    assert raw('SELECT "release" FROM remark ORDER BY id') == [(None,), (1,), (2,)]
    move("head")
    with reading() as db:
        assert [one.batch for one in db.exec(select(Remark).order_by(Remark.id))] == [None, 1, 2]  # type: ignore[arg-type]


@pytest.mark.usefixtures("database")
def test_a_wave_sealed_while_verified_was_a_column_keeps_its_fingerprint() -> None:
    """The digest was made by that program, of one answer by each channel."""
    opens, closes = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    with writing() as db:
        db.add(Wave(
            id=7, title="一期", series="a", mode=Mode.ANONYMOUS, formula="10-8-6-3-0", opens_at=opens, closes_at=closes,
            questionnaire={"id": "q"}, departments=[], host_name="专班",
        ))  # fmt: skip
        db.flush()
        for number, channel in enumerate(Channel):
            db.add(Response(wave_id=7, id=bytes([number]) * 16, channel=channel, grades=b"\x05\x00"))
    move(BEFORE)
    own = {"code": True, "officer": True, "open": False, "tablet": False, "import": False}
    assert {channel: bool(one) for channel, one in raw("SELECT channel, verified FROM response")} == own
    move("head")
    with reading() as db:
        kept = db.get(Wave, 7)
        assert kept is not None
        assert fingerprint.compute(db, kept) == SEALED
