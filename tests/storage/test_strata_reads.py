"""What a breakdown by stratum tells of a release."""

from typing import Any

import pytest
from sqlalchemy import update

from survey.core.figures.by_stratum import AFTER_CLOSING, COVERED
from survey.core.figures.cells import Shown, Withheld, dump_cell
from survey.core.figures.noise import Noise
from survey.core.figures.view import View
from survey.core.models import Release, Source, Wave, WaveState
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.waves import published
from tests.conftest import NOW
from tests.factories import make_wave

OVERALL: list[Any] = [
    [[1, 2], 10, [1, 2, 2, 3, 2], 1],
    [[3], 20, [2, -1, 5, 5, 8], 1],
    [[4], 20, [2, 3, 5, 5, 5], 1],
]
DIMENSION: list[Any] = [
    [[1], 66, [11, 11, 11, 12, 12], 3],
    [[2, 3], 18, [2, 3, 5, 5, 5], 3],
    [[4], 60, [9, 9, 9, 9, 9], 3],
]


def told(wave_id: int, stratum: int) -> list[Any]:
    """The cells of the first department's 总体满意度 and first dimension."""
    with reading() as db:
        wave = published.wave(db, wave_id)
        assert wave is not None
        figures = released.figures(db, wave, View(stratum_id=stratum))
    return [row.cell for row in figures.rows[:2]]


@pytest.mark.usefixtures("sqlite_database")
def test_strata_counted_together_have_no_figure_and_others_have_noise() -> None:
    wave = make_wave()
    cells = {"0": dump_cell(Shown((5, 8, 12, 13, 12))), "1": dump_cell(Shown((5, 7, 11, 12, 9)))}
    body = {"cells": cells, "asked": {}, "responses": 60, "strata": {"0": OVERALL, "1": DIMENSION}}
    figures = {"k": 5, "final": True, Source.VERIFIED.value: body}
    with writing() as db:
        db.add(Release(wave_id=wave.id, number=1, made_at=NOW, figures=figures))
    assert told(wave.id, 4) == [Withheld(AFTER_CLOSING)] * 2
    with writing() as db:
        db.execute(update(Wave).values(state=WaveState.CLOSED))
    assert told(wave.id, 1)[0] == told(wave.id, 2)[0] == told(wave.id, 2)[1] == Withheld(COVERED)
    for stratum, place, n, level in ((1, 1, 66, 3), (3, 0, 20, 1), (4, 0, 20, 1), (4, 1, 60, 3)):
        cell = told(wave.id, stratum)[place]
        assert (cell.n, cell.blur) == (n, Noise(level).variance)
        assert min(cell.counts) >= 0
