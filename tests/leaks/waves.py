"""Whole waves on a real database, answer by answer, and every release that is ever made of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from survey.actions.figures.release import make_final_release, make_release
from survey.actions.registry import departments as registry
from survey.core.figures.withholding import raters_of
from survey.core.models import Channel, Source
from survey.storage.answers.tallies import Counters
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.waves import published
from tests.conftest import NOW
from tests.factories import MadeWave, close, make_wave

INDUSTRIES = ("服务业", "制造业", "建筑业", "批发和零售业")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Ballot:
    """One form: its stratum by place, how it came, its grades by item."""

    stratum: int
    grades: Mapping[int, int]
    channel: Channel = Channel.CODE


def wave_of(departments: int, enterprises: int = 60) -> MadeWave:
    """An open wave that asks of the first so many departments."""
    with writing() as db:
        if not published.departments(db):
            registry.load_departments(db)
        names = [one.id for one in published.departments(db)][:departments]
    return make_wave(enterprises=enterprises, departments=names, industries=INDUSTRIES)


def strata_of(wave: MadeWave) -> list[int]:
    with reading() as db:
        return [one.id for one in published.strata(db, wave.id)]


def pour(wave: MadeWave, ballots: Iterable[Ballot], strata: Sequence[int]) -> None:
    """Count these answers, as submissions would."""
    counters = Counters()
    for one in ballots:
        stratum = strata[one.stratum % len(strata)] if one.channel == Channel.CODE else 0
        grades = bytes(one.grades.get(item, 0) for item in range(wave.form.items))
        counters.add_response((wave.id, stratum, one.channel, 0), grades, {}, len(wave.form.questions))
    with writing() as db:
        counters.write(db.connection())


def tick(wave: MadeWave, now: datetime) -> bool:
    with writing() as db:
        return make_release(db, wave.id, now)


def finish(wave: MadeWave, now: datetime) -> bool:
    """The final release of counts."""
    with writing() as db:
        return make_final_release(db, wave.id, now, {})


def newest(wave: MadeWave) -> dict[str, Any]:
    """The newest release, with its number."""
    with reading() as db:
        found = released.latest_release(db, wave.id)
        return {"number": found.number, **found.figures} if found else {}


def run(wave: MadeWave, batches: Sequence[Sequence[Ballot]]) -> list[dict[str, Any]]:
    """Every release of a wave whose answers come in these batches, one a day; the last is final."""
    strata, found = strata_of(wave), []
    for day, batch in enumerate(batches):
        pour(wave, batch, strata)
        if tick(wave, NOW + day * DAY):
            found.append(newest(wave))
    close(wave, NOW + len(batches) * DAY)
    assert finish(wave, NOW + len(batches) * DAY)
    return [*found, newest(wave)]


def raters(release: Mapping[str, Any]) -> dict[tuple[str, str, str], int]:
    """How many raters each published count is of, by source, kind and name."""
    found = {}
    for source in Source:
        body = release[source.value]
        for item, cell in body.get("cells", {}).items():
            found[source.value, "cell", item] = raters_of(cell)
        for name, cell in body.get("together", {}).items():
            found[source.value, "together", name] = cell["raters"]
    return found
