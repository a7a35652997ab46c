"""What a breakdown by stratum tells of a dimension, beside what it tells of 总体满意度."""

from typing import Any

import pytest
from sqlalchemy import update

from survey.core.figures import Shown, Withheld, dump_cell
from survey.core.models import Release, Source, Wave, WaveState
from survey.storage import reads
from survey.storage.database import reading, writing
from tests.conftest import NOW
from tests.factories import make_wave

OVERALL: dict[str, Any] = {"1": [[1, 1, 1, 2, 1], []], "2": [[0, 1, 1, 1, 1], []], "3": [[2, 3, 5, 5, 5], []]}
DIMENSION: dict[str, Any] = {"1": [[1, 1, 1, 2, 1], []], "3": [[2, 3, 5, 5, 5], []]}


def told(wave_id: int, stratum: int) -> list[Any]:
    """The cells of the first department's 总体满意度 and first dimension."""
    with reading() as db:
        wave = reads.wave(db, wave_id)
        assert wave is not None
        figures = reads.figures(db, wave, reads.View(stratum_id=stratum))
    return [row.cell for row in figures.rows[:2]]


@pytest.mark.usefixtures("sqlite_database")
def test_a_stratum_hidden_in_the_overall_grade_is_hidden_in_its_dimensions() -> None:
    """Stratum 2 has too few raters, and 1 is hidden with it; of the dimension nobody in 2 spoke."""
    wave = make_wave()
    cells = {"0": dump_cell(Shown((3, 5, 7, 8, 7))), "1": dump_cell(Shown((3, 4, 6, 7, 6)))}
    body = {"cells": cells, "asked": {}, "responses": 40, "strata": {"0": OVERALL, "1": DIMENSION}}
    with writing() as db:
        db.add(Release(wave_id=wave.id, number=1, made_at=NOW, figures={"k": 5, Source.VERIFIED.value: body}))
        db.execute(update(Wave).values(state=WaveState.CLOSED))
    assert [isinstance(cell, Withheld) for cell in told(wave.id, 1)] == [True, True]
    assert [isinstance(cell, Shown) for cell in told(wave.id, 3)] == [True, True]
