"""Server time of the statistics pages, from a thousand responses to a million, and of the study that they read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from survey.actions.figures.finishing import finish_release
from survey.actions.figures.release import make_release
from survey.actions.figures.study import study_wave
from survey.core.answers.receipts import digest
from survey.core.models import Role, Stratum, Wave, WaveState
from survey.storage.database import write_engine, writing
from tests.bench import worlds
from tests.bench.figures import timed
from tests.people import sign_in

SIZES = (1_000, 1_000_000)
PAGES = ("dashboard", "department", "compare", "trend", "priorities", "trust", "remarks")
MENU = Path(__file__).resolve().parents[2] / "pages" / "menu.py"
ROUNDS = 3


def measure(sizes: tuple[int, ...] = SIZES) -> Iterator[dict[str, Any]]:
    """Per size: milliseconds of the final release and of its study, and of every page."""
    for size in sizes:
        with worlds.world():
            wave, _ = worlds.open_wave(1000)
            worlds.load_responses(wave, size)
            with writing() as db:
                make_release(db, wave, datetime.now(UTC))
            _close(size)
            final = timed(lambda wave=wave: finish_release(wave, datetime.now(UTC)))  # type: ignore[misc]
            study = timed(lambda wave=wave: study_wave(wave, datetime.now(UTC)))  # type: ignore[misc]
            yield {"responses": size, "final": final, "study": study, **{page: _page(page) for page in PAGES}}


def _close(size: int) -> None:
    """Twice as many invited as answered, so that everything can be weighted."""
    with write_engine().begin() as db:
        db.execute(update(Stratum).values(invited=Stratum.invited * max(2 * size // 1000, 1)))
        db.execute(update(Wave).values(state=WaveState.CLOSED))


def _page(page: str) -> float:
    """Milliseconds of a run of a page that has been opened before; the script in this process, no network."""
    app = AppTest.from_file(str(MENU), default_timeout=60)
    app.user = {"login": digest(sign_in(Role.OFFICER)).hex()}
    app.run()
    app.switch_page(f"{page}.py")
    app.run()
    assert not app.exception
    return timed(app.run, ROUNDS)
