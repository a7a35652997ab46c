"""How long figures take, from a thousand responses to a million."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any

from survey.actions.figures.release import make_release
from survey.core.figures.cells import FormCounts
from survey.core.models import Wave
from survey.output.figures import exports
from survey.storage.database import reading, reading_connection, writing
from survey.storage.figures import released
from survey.storage.study import studies
from survey.storage.waves import arriving, published
from survey.storage.waves.verification import read_matrix, verify
from tests.bench import worlds

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 30
UNKNOWN = FormCounts(None, None, None)


def timed(work: Callable[[], Any], rounds: int = 1) -> float:
    """Median milliseconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return median(times)


def dashboard(wave_id: int) -> None:
    """Everything a dashboard asks for."""
    with reading() as db:
        wave = _wave(db, wave_id)
        arriving.pulse(db, wave_id, datetime.now(UTC))
        arriving.progress(db, wave)
        released.release_note(db, wave)
        arriving.arrivals(db, wave)
        assert all(row.cell for row in released.figures(db, wave))


def summary(wave_id: int) -> None:
    with reading() as db:
        wave = _wave(db, wave_id)
        "".join(exports.summary(wave.title, studies.judged_figures(db, wave), UNKNOWN))


def _wave(db: Any, wave_id: int) -> Wave:
    wave = published.wave(db, wave_id)
    assert wave is not None
    return wave


def _verify() -> None:
    with reading_connection() as db:
        assert verify(db) == []


def _matrix(wave_id: int) -> None:
    with reading_connection() as db:
        read_matrix(db, wave_id)


def _release(wave_id: int) -> None:
    with writing() as db:
        assert make_release(db, wave_id, datetime.now(UTC))


def measure(sizes: tuple[int, ...] = SIZES) -> Iterator[dict[str, Any]]:
    """One row per number of responses; the counters are recounted before anything is measured."""
    for size in sizes:
        with worlds.world():
            wave, _ = worlds.open_wave(1000)
            worlds.load_responses(wave, size)
            recount = timed(_verify)
            release = timed(lambda wave=wave: _release(wave))  # type: ignore[misc]
            row = {
                "responses": size,
                "items": worlds.form_of(wave).items,
                "verify": recount,
                "release": release,
            }
            for name, work in (("dashboard", dashboard), ("summary", summary)):
                work(wave)
                row[name] = timed(lambda wave=wave, work=work: work(wave), ROUNDS)  # type: ignore[misc]
            row["matrix"] = timed(lambda wave=wave: _matrix(wave))  # type: ignore[misc]
            yield row
