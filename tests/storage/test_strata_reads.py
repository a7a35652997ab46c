"""What a breakdown by stratum tells of a dimension, beside what it tells of 总体满意度."""

from typing import Any

import pytest
from sqlalchemy import update

from survey.core.figures.cells import Shown, Withheld, dump_cell
from survey.core.figures.view import View
from survey.core.models import Release, Source, Wave, WaveState
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.waves import published
from tests.conftest import NOW
from tests.factories import make_wave

OVERALL: dict[str, Any] = {
    "1": [[1, 1, 1, 2, 1], []],
    "2": [[0, 1, 1, 1, 1], []],
    "3": [[2, 3, 5, 5, 5], []],
    "4": [[2, 3, 5, 5, 5], []],
}
DIMENSION: dict[str, Any] = {name: counts for name, counts in OVERALL.items() if name != "2"}


def told(wave_id: int, stratum: int) -> list[Any]:
    """The cells of the first department's 总体满意度 and first dimension."""
    with reading() as db:
        wave = published.wave(db, wave_id)
        assert wave is not None
        figures = released.figures(db, wave, View(stratum_id=stratum))
    return [row.cell for row in figures.rows[:2]]


@pytest.mark.usefixtures("sqlite_database")
def test_a_stratum_hidden_in_the_overall_grade_is_hidden_in_its_dimensions() -> None:
    """Stratum 2 has too few raters, and 1 is hidden with it; of the dimension nobody in 2 spoke."""
    wave = make_wave()
    cells = {"0": dump_cell(Shown((5, 8, 12, 13, 12))), "1": dump_cell(Shown((5, 7, 11, 12, 11)))}
    body = {"cells": cells, "asked": {}, "responses": 60, "strata": {"0": OVERALL, "1": DIMENSION}}
    with writing() as db:
        db.add(Release(wave_id=wave.id, number=1, made_at=NOW, figures={"k": 5, Source.VERIFIED.value: body}))
        db.execute(update(Wave).values(state=WaveState.CLOSED))
    assert [isinstance(cell, Withheld) for cell in told(wave.id, 1)] == [True, True]
    assert [isinstance(cell, Shown) for cell in told(wave.id, 4)] == [True, True]
