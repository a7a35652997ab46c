"""Who reads which part of a study."""

import pytest

from survey.core.accounts.access import Actor, acting
from survey.core.models import Role
from survey.core.study.model import (
    DriverSet,
    Earlier,
    Measure,
    Move,
    NetGain,
    PairCounts,
    Share,
    Standing,
    Study,
    Tier,
    Trust,
    Word,
    Words,
    load_study,
)
from survey.storage.database import reading
from survey.storage.study.studies import study
from survey.storage.waves import published
from tests import people, studies
from tests.factories import MadeWave, make_wave, release, submit

RATE = Measure.WITH_BASIC


def studied() -> MadeWave:
    """Two departments, each with something of every kind in the study."""
    wave = make_wave(enterprises=12)
    for number in range(12):
        submit(wave, {"tax": 1 + number % 5, "market": 5 - number % 5})
    release(wave)
    items = [
        str(wave.form.item(place))
        for place, one in enumerate(wave.form.departments)
        if one.id in ("tax", "market")
    ]
    move = Move(0.5, 0.6, 0.0, 0.2, 40, 40)
    earlier = Earlier(
        9, "上期", {}, {one: {RATE: move} for one in items}, {RATE: move},
        {one: {RATE: PairCounts(3, 2, 1, 4, 10)} for one in items}, {one: {RATE: NetGain(0.1, 0, 0.2, 0, 0)} for one in items},
    )  # fmt: skip
    both = ("tax", "market")
    studies.keep(
        wave.id, earlier=earlier, trust={one: Trust(0, ()) for one in both}, drivers={one: DriverSet() for one in both},
        words=Words((Word("等待", 9, 1),), {one: (Word("排队", 6, 1),) for one in both}), bounds=(0.3, 0.9),
    )  # fmt: skip
    return wave


def seen_by(role: Role, wave_id: int) -> Study:
    with (
        acting(Actor.of(people.account(role, department_id="tax" if role == Role.HANDLER else None))),
        reading() as db,
    ):
        wave = published.wave(db, wave_id)
        assert wave is not None
        found = study(db, wave)
    assert found is not None
    return found


@pytest.mark.usefixtures("sqlite_database")
def test_a_handler_reads_the_part_of_the_own_department_and_nothing_of_all_together() -> None:
    wave = studied()
    mine = next(
        str(wave.form.item(place)) for place, one in enumerate(wave.form.departments) if one.id == "tax"
    )
    found, whole = seen_by(Role.HANDLER, wave.id), seen_by(Role.VIEWER, wave.id)
    assert found.earlier is not None
    assert set(found.results) == {mine} < set(whole.results)
    assert set(found.earlier.moves) == set(found.earlier.pairs) == set(found.earlier.gains) == {mine}
    assert (found.overall, found.earlier.overall, found.bounds, found.words.dissatisfied) == (
        {},
        {},
        None,
        (),
    )
    assert set(found.trust) == set(found.drivers) == set(found.words.departments) == {"tax"}
    assert whole.overall
    assert whole.bounds == (0.3, 0.9)


def test_a_study_of_an_older_version_still_opens() -> None:
    """Word for word what was stored before; it is only made anew with the next release."""
    level = {"value": 0.8, "low": 0.7, "high": 0.9, "n": 40, "effective": 38.5}
    ranked = {"tier": "明显低于平均", "distance": -0.1, "best": 2, "worst": 3, "of": 4, "why": ""}
    alone = {
        "tier": None,
        "distance": 0.0,
        "best": 0,
        "worst": 0,
        "of": 0,
        "why": "评价企业不足 30 家，不参加分档",
    }
    share = {"question_id": "speed", "share": 0.6, "low": 0.5, "high": 0.7}
    found = load_study(
        {
            "release": 1, "closed": True,
            "results": {
                str(item): {"with_basic": {"plain": level, "weighted": None, "place": place}}
                for item, place in enumerate((ranked, alone))
            },
            "drivers": {"": {"shares": [share], "r_squared": 0.4, "n": 200, "why": ""}},
            "earlier": {
                "wave_id": 9, "title": "上期",
                "pairs": {"0": {"with_basic": {"both": 3, "won": 1, "lost": 0, "neither": 2, "n": 6}}},
            },
        }
    )  # fmt: skip
    assert found.results["0"][RATE].place == Standing(Tier.BELOW, -0.1, 2, 3, 4)
    assert found.results["1"][RATE].place == Standing(why="评价企业不足 30 家，不参加分档")
    assert found.drivers[""] == DriverSet((Share("speed", 0.6, 0.5, 0.7),), 0.4, 200)
    assert found.earlier is not None
    assert found.earlier.pairs["0"][RATE] == PairCounts(3, 1, 0, 2, 6)
