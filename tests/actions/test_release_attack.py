"""Releases under attack: what is published of a cell, and of a wave, gives nobody away; what older and simpler rules
would publish does, to the very same attackers.

What attackers learn short of certainty, and of all departments at once: `python -m tests.bench.leaks`.
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np
import pytest
from sqlmodel import select

from survey.actions.figures import bodies
from survey.actions.figures.study import study_wave
from survey.core.figures.noise import Noise
from survey.core.figures.withholding import about
from survey.core.models import Channel, Release, Source, StoredStudy, Wave, source_of
from survey.core.statistics.influence import WITH_BASIC, estimate
from survey.core.study.material import Material
from survey.core.study.structure import dump_structure
from survey.core.study.structuring import as_final, structure_of
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.study import materials
from tests.conftest import NOW, opened
from tests.factories import MadeWave, close, make_wave, release, submit
from tests.leaks import joint
from tests.leaks.reckoning import (
    Leak,
    Look,
    by_grade,
    by_sums,
    column,
    leak,
    likelihoods,
    sure_of,
)  # fmt: skip
from tests.leaks.watching import (
    THRESHOLD_ONLY,
    WAITING,
    K,
    Rule,
    Seen,
    given_away,
    histories,
    real,
    seeded,
    watch,
)  # fmt: skip
from tests.leaks.waves import Ballot, finish, newest, raters, run, tick, wave_of

REAL = real()
SHARES, SIZES, CELLS = (0.1, 0.5, 0.9), (7, 12, 18, 25, 40, 60), 12

# --- one cell: everything its raters can say ----------------------------------------------------------


@pytest.mark.parametrize("n", [6, 9, 10, 11])
def test_whatever_raters_say_no_history_leaves_anybody_no_choice(n: int) -> None:
    with seeded(1) as dice:
        worlds, told = histories(REAL, n, dice)
    assert given_away(worlds, told) == 0
    assert [given_away(worlds, told, insider) for insider in range(n)] == [0] * n


def test_exact_counts_from_the_threshold_on_give_everybody_after_it_away() -> None:
    with seeded(1) as dice:
        assert given_away(*histories(THRESHOLD_ONLY, 9, dice)) == 1


def test_batches_that_wait_while_nearly_all_are_dissatisfied_give_some_away() -> None:
    with seeded(1) as dice:
        assert given_away(*histories(WAITING, 11, dice)) > 0.9  # whoever came after the last batch
        assert given_away(*histories(WAITING, 10, dice)) > 0.02  # nobody did


# --- one cell: how much better than the share known beforehand ----------------------------------------


def leaks(rule: Rule, share: float, insiders: int, look: Look, cells: int = CELLS) -> list[Leak]:
    """Of random cells of every size; so many of their raters, chosen at random, know their own answers."""
    chance, found = random.Random(11), []
    with seeded(7) as dice:
        for n in SIZES * cells:
            bad = [chance.random() < share for _ in range(n)]
            told = likelihoods([watch(rule, bad, Noise.OVERALL, dice)], rule.final, look)
            found.append(leak(told, share, sure_of(bad, chance.sample(range(n), insiders))))
    return found


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("insiders", [0, 1])
@pytest.mark.parametrize("look", [by_grade, by_sums])
def test_an_exact_reckoning_is_sure_of_nobody_and_gains_little(
    share: float, insiders: int, look: Look
) -> None:
    certain, mean, mostly, _ = column(leaks(REAL, share, insiders, look))
    assert certain == 0
    assert mean <= 0.16
    assert mostly <= 0.45


@pytest.mark.parametrize("share", SHARES)
def test_the_same_reckoning_reads_exact_live_counts_off(share: float) -> None:
    certain, mean, mostly, _ = column(leaks(THRESHOLD_ONLY, share, 0, by_grade, cells=2))
    assert certain == 100
    assert mean > 0.16
    assert mostly >= 0.5


# --- an open code, padded -----------------------------------------------------------------------------

DAYS = 8


def odds(cell: Mapping[str, Any]) -> float:
    """That the one form that is not the attacker's own is dissatisfied, as one figure says: all his are satisfied."""
    seen = Seen(cell["n"], cell, tuple(cell["counts"]), Noise.OVERALL)
    satisfied, dissatisfied = by_grade(seen, np.array([0.0, 1.0]))
    return float(np.log(dissatisfied / satisfied))


def guessed(waves: int) -> tuple[float, float]:
    """How often a victim of even odds is guessed right by the first figure, and by those of all days together, each
    with five more forms of the attacker's: of 16 departments a wave."""
    chance, right = random.Random(3), []
    for _ in range(waves):
        wave = wave_of(16)
        items = range(0, wave.form.items, len(wave.form.questions))
        victim = {item: chance.choice((2, 5)) for item in items}
        padding = Ballot(0, dict.fromkeys(items, 5), Channel.OPEN)
        days = [[Ballot(0, victim, Channel.OPEN), *[padding] * (2 * K - 1)], *[[padding] * K] * (DAYS - 1)]
        told = [one["open"]["cells"] for one in run(wave, days)]
        for item, grade in victim.items():
            looks = [odds(cells[str(item)]) for cells in told]
            right.append([(looks[0] > 0) == (grade == 2), (sum(looks) > 0) == (grade == 2)])
    first, together = np.mean(right, axis=0).tolist()
    return first, together


@pytest.fixture
def one_key(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty database, and the same noise of open codes every time."""
    copyfile(migrated_sqlite, tmp_path / migrated_sqlite.name)
    with opened(monkeypatch, SURVEY_DATA_DIR=str(tmp_path), SURVEY_SECRET_KEY="k" * 40):
        yield


@pytest.mark.usefixtures("one_key")
def test_who_pads_an_open_code_and_looks_every_day_learns_no_more_than_by_one_look() -> None:
    first, together = guessed(waves=5)
    assert 0.55 < first < 0.85
    assert together < first + 0.05


@pytest.mark.usefixtures("one_key")
def test_with_new_noise_every_day_he_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "dripped", lambda _before, counts, level, _key: about(counts, level))
    assert guessed(waves=2)[1] > 0.85  # about 0.98; what one look gains stays below this


# --- whole waves on a database ------------------------------------------------------------------------

DEPARTMENTS, WAVES = 16, 4
Arrival = tuple[int, Channel, list[int]]
"""A form's stratum, how it came, which items it rated."""


def arrivals(seed: int, items: int) -> list[list[Arrival]]:
    """Who comes in which batch."""
    chance = random.Random(seed)
    often = [chance.random() ** 2 for _ in range(items)]

    def arrival() -> Arrival:
        rated = [at for at in range(items) if chance.random() < often[at]]
        return chance.randrange(4), chance.choice((Channel.CODE, Channel.OPEN, Channel.TABLET)), rated

    return [[arrival() for _ in range(chance.choice((1, 3, 7, 12)))] for _ in range(chance.randint(5, 14))]


def graded(batches: list[list[Arrival]], seed: int) -> list[list[Ballot]]:
    """These arrivals with some grades or other."""
    chance = random.Random(seed)
    weights = [chance.random() ** 3 + 0.01 for _ in range(5)]

    def ballot(stratum: int, channel: Channel, rated: list[int]) -> Ballot:
        return Ballot(
            stratum,
            dict(zip(rated, chance.choices(range(1, 6), weights, k=len(rated)), strict=True)),
            channel,
        )

    return [[ballot(*one) for one in batch] for batch in batches]


def test_releases_move_by_numbers_alone_and_end_once_with_all_answers(sqlite_database: Path) -> None:
    """1,280 sequences of a cell in pairs: other grades, the same moves."""
    items = wave_of(DEPARTMENTS).form.items
    cells = 0
    for seed in range(WAVES):
        batches = arrivals(seed, items)
        first, second = (
            released_with_numbers(wave_of(DEPARTMENTS), graded(batches, 100 * grades + seed))
            for grades in (1, 2)
        )
        assert [numbers for numbers, _ in first] == [numbers for numbers, _ in second]
        assert [one for _, one in first] != [one for _, one in second]
        apart([numbers for numbers, _ in first])
        complete(first[-1][0], [one for batch in batches for one in batch])
        cells += len(first[-1][0]) + len(second[-1][0])
    assert cells > 1_000


def released_with_numbers(wave: MadeWave, batches: list[list[Ballot]]) -> list[tuple[dict[Any, int], Any]]:
    """Every release of a wave: of how many raters each of its counts is, and all of it; nothing moves afterwards."""
    with seeded(1):
        found = run(wave, batches)
        assert [one["final"] for one in found] == [False] * (len(found) - 1) + [True]
        assert not finish(wave, NOW)
        assert not tick(wave, NOW)
        assert newest(wave) == found[-1]
    return [(raters(one), one) for one in found]


def apart(moments: list[dict[Any, int]]) -> None:
    """No two live states of a count are fewer than k raters apart, and none is of fewer than 2k."""
    for name in {name for moment in moments[:-1] for name in moment}:
        told = sorted({moment.get(name, 0) for moment in moments[:-1]} - {0})
        assert all(n >= 2 * K for n in told)
        assert all(later - earlier >= K for earlier, later in pairwise(told))


def complete(numbers: dict[Any, int], forms: list[Arrival]) -> None:
    """The last release holds every answer of every cell that has enough."""
    for (source, _, item), told in numbers.items():
        came = sum(int(item) in rated and source_of(channel) == source for _, channel, rated in forms)
        assert told == (came if came >= (K if source == Source.VERIFIED else 2 * K) else 0)


# --- all departments at once --------------------------------------------------------------------------


def test_all_that_is_published_of_a_wave_makes_a_guess_better_and_nobody_certain(
    sqlite_database: Path,
) -> None:
    """Totals, classes and strata besides; every count of them is blurred."""
    with seeded(1) as dice:
        found = [joint.gained(one, 0.5) for one in joint.worlds(0.5, 2, (24,), 8, dice)]
    alone, everything = np.mean([one.mean for one in found], axis=0)
    assert alone < everything <= 0.2
    right_alone, right = np.mean([one.brier for one in found], axis=0)
    assert right < right_alone  # the attacker does use them, and rightly
    assert max(gain for one in found for gain in one.largest[1]) < 0.49


# --- a sleeper who tries five grades ------------------------------------------------------------------


def sleeping(grade: int, close_it: bool) -> MadeWave:
    """A wave in which one form, the last, gave this grade; no release shows it: tax has nine raters, market two more
    than when it was last told of, construction too few for ever."""
    wave = make_wave(enterprises=40)
    early = [{"market": 1 + at % 5} | ({"tax": 1 + at % 5} if at < 8 else {}) for at in range(10)]
    for grades in early:
        submit(wave, grades)
    release(wave)
    submit(wave, {"market": 4})
    if close_it:
        for at in range(28):
            submit(wave, {"tax": 1 + at % 5, "market": 1 + at % 4} | ({"construction": 5} if at < 3 else {}))
        submit(wave, {"construction": grade})
        close(wave)
    else:
        submit(wave, {"tax": grade, "market": grade})
    release(wave)
    study_wave(wave.id, NOW)
    return wave


def readable(wave: MadeWave) -> str:
    """All that any viewer can read of it."""
    with reading() as db:
        releases = [one.figures for one in db.exec(select(Release).where(Release.wave_id == wave.id))]
        studies = [one.body for one in db.exec(select(StoredStudy).where(StoredStudy.wave_id == wave.id))]
    return json.dumps([releases, studies], sort_keys=True, ensure_ascii=False)


def range_of_all_answers(wave: MadeWave) -> tuple[float, float]:
    """The control: 满意率 of all departments, and its error, computed from the answers as they are now."""
    with reading() as db:
        last = released.latest_release(db, wave.id)
        found = materials.of_answers(db, db.get_one(Wave, wave.id), last)
    one = estimate(found.survey, [found.overall], WITH_BASIC)[0]
    return one.value, one.se


def five_worlds(empty: Path, folder: Path) -> Iterator[int]:
    """The five grades, each with an empty database of its own."""
    for grade in range(1, 6):
        own = folder / str(grade)
        own.mkdir()
        copyfile(empty, own / empty.name)
        with pytest.MonkeyPatch.context() as patch, opened(patch, SURVEY_DATA_DIR=str(own)), seeded(9):
            yield grade


@pytest.mark.parametrize("close_it", [False, True])
def test_an_answer_that_no_release_shows_changes_nothing_that_can_be_read(
    migrated_sqlite: Path, tmp_path: Path, close_it: bool
) -> None:
    read, ranges = set(), set()
    for grade in five_worlds(migrated_sqlite, tmp_path):
        wave = sleeping(grade, close_it)
        read.add(readable(wave))
        ranges.add(range_of_all_answers(wave))
    assert len(read) == 1
    assert '"results": {' in next(iter(read))
    assert len(ranges) > 1


# --- what hangs on the answers themselves, at closing -------------------------------------------------


def hidden_grades(material: Material, chance: np.random.Generator) -> Iterator[Material]:
    """Random answers of which those about the last department are too few to be told; one of those in five ways."""
    matrix = np.zeros_like(material.answers.matrix)
    questions = len(material.form.questions)
    *told, hidden = (material.form.item(place) for place in range(len(material.form.departments)))
    for item in told:
        rated = chance.random(len(matrix)) < 0.8
        matrix[rated, item] = chance.choice(5, rated.sum(), p=chance.dirichlet(np.ones(5))) + 1
    few = chance.choice(len(matrix), K - 1, replace=False)
    for grade in range(1, 6):
        matrix[few, hidden : hidden + questions] = grade
        yield replace(material, sample=replace(material.answers, matrix=matrix.copy()))


@pytest.fixture
def forty(sqlite_database: Path) -> Material:
    """Of a closed wave, to be filled with other answers."""
    wave = make_wave(enterprises=40)
    for _ in range(40):
        submit(wave)
    close(wave)
    with reading() as db:
        return materials.of_answers(db, db.get_one(Wave, wave.id), None)


def ways(worlds: Iterable[Material]) -> int:
    """How many different things the final release would tell of how answers hang together."""
    return len({json.dumps(dump_structure(structure_of(one, None))) for one in worlds})


def test_how_answers_hang_together_does_not_hang_on_those_too_few_to_be_told(forty: Material) -> None:
    chance = np.random.default_rng(1)
    for _ in range(20):
        assert ways(as_final(one, insiders=1) for one in hidden_grades(forty, chance)) == 1


def test_looked_at_with_those_it_would(forty: Material) -> None:
    chance = np.random.default_rng(1)

    def with_all(one: Material) -> Material:
        return replace(as_final(one, insiders=1), sample=one.sample)

    assert max(ways(map(with_all, hidden_grades(forty, chance))) for _ in range(20)) > 1
