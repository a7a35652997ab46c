"""Columns that were called by another word keep what stood in them; a schema can be taken back and forth."""

from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from survey.core.models import Kind, Remark
from survey.storage import database as storage
from survey.storage.database import reading, write_engine, writing
from tests.factories import make_wave

BEFORE = "0008"


def move(revision: str) -> None:
    config = storage._migrations()
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
