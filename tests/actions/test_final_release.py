"""One figure is drawn once, whoever looks however often, and whatever is killed meanwhile; the final release is one."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import col, select

from survey.actions.figures.finishing import finish_release
from survey.core.answers import signs
from survey.core.figures import noise
from survey.core.figures.cells import Withheld
from survey.core.figures.withholding import COUNTS_ONLY
from survey.core.models import Mode, Release, Source, Wave
from survey.running.jobs import run_once
from survey.storage.database import reading, reading_connection
from survey.storage.figures import released
from survey.storage.study import studies
from survey.storage.waves.verification import verify
from tests.conftest import NOW
from tests.factories import MadeWave, close, figures, make_wave, release, submit

RUNS = 200
TAX = ("tax", "overall")
pytestmark = pytest.mark.usefixtures("database")


def answer(wave: MadeWave, count: int) -> None:
    for number in range(count):
        submit(wave, {"tax": 1 + number % 5, "market": 5 - number % 5, "market.attitude": 1 + number % 4})


def drop_in(wave: MadeWave, count: int) -> None:
    for number in range(count):
        submit(wave, {"tax": 1 + number % 5}, code=wave.open_code)


def kept(wave: MadeWave) -> list[str]:
    """All releases there are, as they are stored."""
    with reading() as db:
        query = select(Release).where(Release.wave_id == wave.id).order_by(col(Release.number))
        return [json.dumps(one.figures, sort_keys=True) for one in db.exec(query)]


def finals(wave: MadeWave) -> int:
    return sum(json.loads(one)["final"] for one in kept(wave))


@contextmanager
def counted_draws(patch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """What is drawn meanwhile, by the real draw."""
    drawn: list[int] = []
    real = noise.draw

    def draw(*args: noise.Noise) -> int:
        drawn.append(real(*args))
        return drawn[-1]

    with patch.context() as patched:
        for module in (noise, signs):
            patched.setattr(module, "draw", draw)
        yield drawn


def at_once(act: Callable[[], bool], times: int = 2) -> list[bool]:
    """What as many threads return that all begin at the same moment."""
    ready = Barrier(times)

    def one(_: int) -> bool:
        ready.wait()
        return act()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.parametrize("closed", [False, True])
def test_two_hundred_rounds_without_a_new_form_release_and_draw_nothing(
    closed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = make_wave(days=60)
    answer(wave, 14)
    drop_in(wave, 14)
    if closed:
        close(wave)
    with counted_draws(monkeypatch) as drawn:
        assert release(wave)
        assert drawn
        before = kept(wave)
        drawn.clear()
        assert not any(release(wave, NOW + timedelta(hours=5 * number)) for number in range(RUNS))
        assert drawn == []
    assert kept(wave) == before


def test_two_that_release_at_once_draw_every_figure_once() -> None:
    wave = make_wave(enterprises=60)
    answer(wave, 10)
    for _ in range(4):
        assert sorted(at_once(lambda: release(wave))) == [False, True]
        answer(wave, 5)
    stored = [json.loads(one) for one in kept(wave)]
    assert len(stored) == 4
    seen: dict[tuple[str, int], set[str]] = {}
    for one in stored:
        for item, cell in one[Source.VERIFIED]["cells"].items():
            if isinstance(cell, dict):
                seen.setdefault((item, cell["n"]), set()).add(json.dumps(cell))
    assert len(seen) > 4
    assert all(len(cells) == 1 for cells in seen.values())


def test_two_that_finish_at_once_make_one_final_release() -> None:
    wave = make_wave(enterprises=60)
    answer(wave, 40)
    drop_in(wave, 12)
    close(wave)
    assert sorted(at_once(lambda: finish_release(wave.id, NOW), 3)) == [False, False, True]
    assert finals(wave) == 1
    with reading_connection() as db:
        assert verify(db) == []


KILLED = """
import os, sys
from datetime import datetime
from sqlalchemy import event
from survey.actions.figures.finishing import finish_release
from survey.actions.figures.release import make_release
from survey.storage.database import write_engine, writing
wave, when, what = int(sys.argv[1]), sys.argv[2], sys.argv[3]
now = datetime.fromisoformat(sys.argv[4])
if when == "before":
    event.listen(write_engine(), "commit", lambda _: os._exit(9))
if what == "final":
    finish_release(wave, now)
else:
    with writing() as db:
        make_release(db, wave, now)
os._exit(9)
"""


def killed(wave: MadeWave, when: str, what: str) -> None:
    """A process that dies right before or right after it has committed."""
    command = [sys.executable, "-c", KILLED, str(wave.id), when, what, NOW.isoformat()]
    assert subprocess.run(command, check=False, timeout=120).returncode == 9


@pytest.mark.parametrize("what", ["live", "final"])
def test_a_process_killed_before_it_commits_has_told_nothing_and_the_next_tells_all(what: str) -> None:
    wave = make_wave(enterprises=60)
    answer(wave, 34)
    drop_in(wave, 12)
    if what == "final":
        close(wave)
    killed(wave, "before", what)
    assert kept(wave) == []
    assert figures(wave)[TAX]["n"] is None
    run_once(NOW)
    assert figures(wave)[TAX]["n"] == 34
    assert len(kept(wave)) == 1
    assert finals(wave) == (what == "final")
    with reading_connection() as db:
        assert verify(db) == []


@pytest.mark.parametrize("what", ["live", "final"])
def test_a_process_killed_after_it_has_committed_has_told_all_and_the_next_goes_on(what: str) -> None:
    wave = make_wave(enterprises=60)
    answer(wave, 34)
    drop_in(wave, 12)
    if what == "final":
        close(wave)
    killed(wave, "after", what)
    before = kept(wave)
    assert len(before) == 1
    with reading() as db:
        assert studies.computed(db) == {}
    run_once(NOW)
    assert kept(wave) == before
    with reading() as db:
        assert studies.computed(db) == {wave.id: {(1, what == "final")}}


def test_a_wave_that_tells_nothing_meanwhile_tells_all_after_closing() -> None:
    wave = make_wave(live=False)
    answer(wave, 15)
    drop_in(wave, 12)
    run_once(NOW)
    with reading() as db:
        found = db.get_one(Wave, wave.id)
        note = released.release_note(db, found)
        assert (note.responses, note.waiting) == (0, 15)
        assert {row.cell for row in released.figures(db, found)} == {Withheld(COUNTS_ONLY)}
    close(wave)
    assert figures(wave)[TAX]["n"] is None
    run_once(NOW)
    told = figures(wave)[TAX]
    assert [told[f"g{grade}"] for grade in range(1, 6)] == [3] * 5
    assert finals(wave) == 1


def test_a_named_wave_tells_at_once_whatever_was_chosen() -> None:
    wave = make_wave(mode=Mode.NAMED, live=False)
    submit(wave, {"tax": 2})
    release(wave)
    assert figures(wave)[TAX]["n"] == 1
