"""What strata are made of moves from their names into columns; a wave that is open meanwhile notices nothing."""

import random
from importlib import import_module
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import col, select

from survey.actions.figures.study import study_wave
from survey.actions.registry import departments
from survey.actions.waves import lifecycle, new_waves
from survey.core.models import Enterprise, Invitation, Mode, Stratum, Wave
from survey.core.study.model import Measure, Study
from survey.storage import schema
from survey.storage.database import reading, write_engine, writing
from survey.storage.study import studies
from survey.storage.waves import published
from tests.conftest import NOW
from tests.factories import MadeWave, close, figures, release, submit

migration = import_module("survey.storage.migrations.versions.0006_what_strata_are_made_of")
BEFORE = migration.down_revision
INDUSTRIES = ("信息传输、软件和信息技术服务业", "农、林、牧、渔业", "制造业")
Kind = tuple[str, str, str]
KINDS: list[Kind] = [
    (one, size, park) for one in INDUSTRIES for size in ("规上", "规下") for park in ("东园", "")
]


def move(*, back: bool) -> None:
    """Take the schema back to what an older program knew, or forth to ours again."""
    config = schema._migrations()
    with write_engine().begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE) if back else command.upgrade(config, "head")


def open_one(kinds: list[Kind], each: int = 10, mode: Mode = Mode.ANONYMOUS) -> MadeWave:
    with writing() as db:
        if not published.departments(db):
            departments.load_departments(db)
        ones = [
            Enterprise(name=f"虚构{n}号{kind}", industry=kind[0], size=kind[1], park=kind[2])
            for kind in kinds
            for n in range(each)
        ]
        db.add_all(ones)
        db.flush()
        new = new_waves.NewWave("一期", NOW, NOW.replace(day=25), mode, department_ids=["tax", "market"])
        wave = new_waves.create_wave(db, new)
        codes = lifecycle.invite(db, wave.id, [one.id for one in ones])
        lifecycle.open_wave(db, wave.id, NOW)
        return MadeWave(wave.id, [codes[one.id] for one in ones], "", published.form(wave))


def answer(wave: MadeWave, part: slice, seed: int) -> None:
    """Those at these places answer, the same each time."""
    dice = random.Random(seed)
    for code in wave.codes[part]:
        submit(wave, {"tax": dice.choice((1, 4, 5, 5)), "market": dice.choice((2, 3, 5))}, code=code)


def made(wave: MadeWave) -> dict[int, tuple[str, int, dict[str, list[str]]]]:
    with reading() as db:
        return {one.id: (one.name, one.invited, one.made_of) for one in published.strata(db, wave.id)}


def study_of(wave: MadeWave) -> Study:
    study_wave(wave.id, NOW)
    with reading() as db:
        kept = db.get(Wave, wave.id)
        assert kept is not None
        found = studies.study(db, kept)
    assert found is not None
    return found


def told(wave: MadeWave) -> Any:
    """Every figure of a closed wave, and the weights behind it."""
    found = study_of(wave)
    return (
        list(figures(wave).values()),
        {
            item: {what: (one.plain, one.weighted) for what, one in by.items()}
            for item, by in found.results.items()
        },
        (found.weighting.kish, found.weighting.margins, found.weighting.problem),
    )


@pytest.mark.usefixtures("database")
def test_a_wave_open_before_keeps_names_ids_and_figures() -> None:
    """The same answers with and without the schema moving under them give the same figures."""
    results = []
    for moved in (False, True):
        wave = open_one(
            [kind for kind in KINDS if kind[2]], mode=Mode.NAMED
        )  # others have noise of their own
        answer(wave, slice(0, 30), 1)
        release(wave)
        before = made(wave)
        if moved:
            move(back=True)
            with write_engine().connect() as db:
                names = dict(
                    db.execute(text(f"SELECT id, name FROM stratum WHERE wave_id = {wave.id}")).all()
                )  # type: ignore[arg-type]
            assert names == {number: one[0] for number, one in before.items()}
            move(back=False)
            assert made(wave) == before
        answer(wave, slice(30, 50), 2)  # of the last stratum nobody
        close(wave)
        release(wave)
        results.append(told(wave))
    assert results[0] == results[1]
    assert results[0][2][1] == 3, "thin strata are raked to industry, size and park"


@pytest.mark.usefixtures("database")
def test_industries_of_the_national_standard_are_whole_and_weigh_by_their_columns() -> None:
    wave = open_one([kind for kind in KINDS if kind[2]])
    assert {tuple(one["industry"]) for _, _, one in made(wave).values()} == {(one,) for one in INDUSTRIES}
    assert any(name == "信息传输、软件和信息技术服务业 · 规上 · 东园" for name, _, _ in made(wave).values())
    for place in range(6):  # of the last stratum only a few
        answer(wave, slice(10 * place, 10 * place + (3 if place == 5 else 7 + place % 3)), place)
    with writing() as db:
        reads_k(db, wave.id)
    close(wave)
    release(wave)
    found = study_of(wave)
    assert found.weighting.margins == 3
    assert found.results["0"][Measure.WITH_BASIC].weighted is not None


def reads_k(db: Any, wave_id: int) -> None:
    """A wave by name withholds nothing, so that thin strata stay as they are."""
    kept = db.get(Wave, wave_id)
    assert kept is not None
    kept.mode = Mode.NAMED


@pytest.mark.usefixtures("database")
def test_strata_whose_enterprises_have_changed_are_read_from_their_names() -> None:
    """And those whose names tell nothing keep them whole."""
    wave = open_one(KINDS)
    before = made(wave)
    move(back=True)
    with write_engine().begin() as db:
        db.execute(text("UPDATE enterprise SET size = '微型' WHERE id % 7 = 0"))
        kept = next(number for number, one in before.items() if one[2]["park"])
        db.execute(text(f"UPDATE stratum SET name = 'a · b · c · d' WHERE id = {kept}"))
    move(back=False)
    after = made(wave)
    assert after.pop(kept)[2] == {"industry": [], "size": [], "park": [], "分层": ["a · b · c · d"]}
    assert after == {number: one for number, one in before.items() if number != kept}


@pytest.mark.usefixtures("database")
def test_joined_strata_are_told_by_those_in_them() -> None:
    wave = open_one([kind for kind in KINDS if kind[2]], each=12)
    for place in range(6):
        answer(wave, slice(12 * place, 12 * place + (2 if place % 2 else 8)), place)
    close(wave)
    before = made(wave)
    assert any(len(values) > 1 for _, _, one in before.values() for values in one.values())
    move(back=True)
    move(back=False)
    assert made(wave) == before


@pytest.mark.parametrize(
    ("name", "industry", "size", "park"),
    [
        ("制造业 · 规上 · 东园", ["制造业"], ["规上"], ["东园"]),
        ("规上 · 东园", [], ["规上"], ["东园"]),
        ("文化、体育和娱乐业、制造业 · 规上、规下", ["文化、体育和娱乐业", "制造业"], ["规上", "规下"], []),
        ("全部企业", [], [], []),
        ("没人知道", ["没人知道"], [], []),
    ],
)
def test_names_are_taken_apart_by_known_words(
    name: str, industry: list[str], size: list[str], park: list[str]
) -> None:
    words = {
        "industry": migration.STANDARD | {"制造业"}, "size": frozenset({"规上", "规下"}), "park": frozenset({"东园"}),
    }  # fmt: skip
    found = migration.told_by_name(name, words)
    assert [found.get(one, []) for one in ("industry", "size", "park")] == [industry, size, park]


@pytest.mark.usefixtures("database")
def test_every_code_has_its_stratum_whatever_enterprises_are_called() -> None:
    """Values made of the marks between values neither join nor split strata."""
    kinds: list[Kind] = [
        ("A · B", "规上", ""),
        ("A", "B", "规上"),
        ("甲、乙", "", ""),
        ("甲", "、乙", ""),
        ("；", "；", "；"),
    ]
    wave = open_one(kinds)
    strata = made(wave)
    with reading() as db:
        query = (
            select(Enterprise, Invitation.stratum_id).join(Invitation).where(Invitation.wave_id == wave.id)
        )
        for one, number in db.exec(query):
            own = (one.industry, one.size, one.park)
            values = tuple(next(iter(strata[number][2][name]), "") for name in ("industry", "size", "park"))
            assert own == values
        assert len(list(db.exec(select(Stratum).where(col(Stratum.wave_id) == wave.id)))) == len(kinds)
    assert len({name for name, _, _ in strata.values()}) == len(kinds)
