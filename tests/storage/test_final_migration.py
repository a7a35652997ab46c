"""Figures told under the older rule, exact while answers came in: an upgrade neither takes them back nor tells more."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlmodel import Session, col, select

from survey.core.figures.formulas import bad
from survey.core.figures.noise import Noise
from survey.core.models import Mode, Release, Source, Wave, source_of
from survey.core.study.model import Study
from survey.core.study.structure import load_structure
from survey.running.jobs import run_once
from survey.storage import schema
from survey.storage.answers import tallies
from survey.storage.database import reading, reading_connection, write_engine, writing
from survey.storage.figures import released
from survey.storage.study import studies
from survey.storage.waves import fingerprint, published
from survey.storage.waves.verification import verify
from tests.conftest import NOW
from tests.factories import MadeWave, close, make_wave, release, submit
from tests.reference import import_waves

BEFORE = "0010"
FEW = "样本不足，为保护企业不予显示"
GONE = {"strata", "doubtful", "signs"}
Figures = dict[str, Any]


def move(revision: str) -> None:
    config = schema._migrations()
    with write_engine().begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if revision == BEFORE else command.upgrade)(config, revision)


def answer(wave: MadeWave, count: int) -> None:
    """Of every grade, on all departments."""
    for number in range(count):
        grades = {"tax": 1 + number % 5, "market": 5 - number % 5, "construction": 1 + number % 3}
        submit(wave, grades, submission_id=f"{wave.id:03}-{wave.codes[number][:18]}", code=wave.codes[number])


def drop_in(wave: MadeWave, count: int) -> None:
    for number in range(count):
        submit(wave, {"tax": 1 + number % 5, "market": 5}, code=wave.open_code, who="citizen")


def told_before(db: Session, wave_id: int, k: int) -> Figures:
    """The release that the older program would make of all that has come: exact cells, and counts by stratum."""
    wave = db.get_one(Wave, wave_id)
    form = published.form(wave)
    tally = tallies.read(db.connection(), wave_id, len(form.questionnaire.reasons))
    return {"k": k} | {source: _body(tally, form.items, source, k) for source in Source}


def _body(tally: Mapping[int, Any], items: int, source: Source, k: int) -> Figures:
    cells: Figures = {}
    strata: Figures = {}
    for item in range(items):
        parts = [(key, one) for key, one in tally.get(item, {}).items() if source_of(key[1]) == source]
        counts = [sum(column) for column in zip(*(one.counts for _, one in parts), strict=True)] or [0] * 5
        reasons = [sum(column) for column in zip(*(one.reasons for _, one in parts), strict=True)]
        cells[str(item)] = _cell(counts, reasons, k)
        strata[str(item)] = {str(key[0]): [list(one.counts), list(one.reasons)] for key, one in parts}
    forms = max((sum(cell[0]) for cell in cells.values() if isinstance(cell, list)), default=0)
    return {
        "cells": cells, "strata": strata, "asked": dict.fromkeys(cells, forms), "responses": forms,
        "doubtful": {"0": [0, 0, 0, 0, 3]}, "signs": {"forms": forms, "counts": {}, "any": 3, "doubtful": 3},
    }  # fmt: skip


def _cell(counts: list[int], reasons: list[int], k: int) -> Any:
    if sum(counts) < k:
        return FEW
    if k > 1 and not bad(counts):
        return {"n": sum(counts), "low": 0.9, "high": 1.0}
    return [counts, reasons, bad(counts)]


def tell_as_before(wave_id: int, k: int = 5) -> Figures:
    """Two releases of the older program, the second of which is the newest, and its study."""
    with writing() as db:
        for one in db.exec(select(Release).where(Release.wave_id == wave_id)):
            db.delete(one)
        db.flush()
        told = told_before(db, wave_id, k)
        db.add_all(Release(wave_id=wave_id, number=number, made_at=NOW, figures=told) for number in (1, 2))
        studies.keep(db, wave_id, Source.VERIFIED, Study(2, True), NOW)
    return told


def migrate() -> None:
    move(BEFORE)
    move("head")


def kept(wave_id: int) -> list[Figures]:
    with reading() as db:
        query = select(Release).where(Release.wave_id == wave_id).order_by(col(Release.number))
        return [one.figures for one in db.exec(query)]


def mentions(figures: Any) -> set[str]:
    """What of the older rule's counts stands anywhere in it."""
    return {word for word in GONE if f'"{word}"' in json.dumps(figures)}


@pytest.mark.usefixtures("database")
def test_an_open_wave_keeps_its_cells_remembers_what_they_told_and_goes_on() -> None:
    wave = make_wave(enterprises=40)
    answer(wave, 14)
    drop_in(wave, 12)
    before = tell_as_before(wave.id)
    migrate()
    [after] = kept(wave.id)
    tax = str(wave.form.item(wave.form.position["tax"]))
    assert mentions(after) == set()
    assert not after["final"]
    market = str(wave.form.item(wave.form.position["market"]))
    for source in Source:
        assert after[source]["cells"] == before[source]["cells"]
        exact = after[source]["exact"]
        listed = {item: cell[0] for item, cell in before[source]["cells"].items() if isinstance(cell, list)}
        assert exact == listed | ({market: [0, 0, 0, 0, 12]} if source == Source.OPEN else {})
        assert exact[tax]
    receipt = submit(wave, {"tax": 4}, code=wave.codes[20], submission_id="s" * 20)
    assert submit(wave, {"tax": 4}, code=wave.codes[20], submission_id="s" * 20) == receipt
    for code in wave.codes[21:24]:
        submit(wave, {"tax": 5}, code=code)
    drop_in(wave, 6)
    run_once(NOW)
    last = kept(wave.id)[-1]
    assert last["verified"]["cells"][tax] == before["verified"]["cells"][tax], "four newcomers are too few"
    for item in (tax, market):
        assert (last["open"]["cells"][item]["n"], last["open"]["cells"][item]["noise"]) == (18, Noise.OVERALL)
    close(wave)
    run_once(NOW + timedelta(days=20))
    last = kept(wave.id)[-1]
    assert last["final"]
    assert last["verified"]["cells"][tax]["noise"] == Noise.OVERALL, (
        "exact, it would tell of four by subtraction"
    )
    assert last["verified"]["cells"][tax]["n"] == 18
    with reading_connection() as db:
        assert verify(db) == []


@pytest.mark.usefixtures("database")
def test_enough_various_newcomers_let_an_open_wave_of_before_close_exactly() -> None:
    wave = make_wave(enterprises=40)
    answer(wave, 10)
    tell_as_before(wave.id)
    migrate()
    for number, code in enumerate(wave.codes[20:30]):
        submit(wave, {"tax": 1 + number % 5, "market": 5}, code=code)
    close(wave)
    assert release(wave)
    cells = kept(wave.id)[-1]["verified"]["cells"]
    tax, market = (str(wave.form.item(wave.form.position[one])) for one in ("tax", "market"))
    assert cells[tax][0] == [4, 4, 4, 4, 4]
    assert "noise" in cells[market], "exact, it would tell that all newcomers were satisfied"


@pytest.mark.usefixtures("database")
def test_a_closed_wave_keeps_its_figures_and_gets_the_rest_from_the_job() -> None:
    wave = make_wave(enterprises=70)
    answer(wave, 64)
    drop_in(wave, 12)
    before = tell_as_before(wave.id)
    for code in wave.codes[64:67]:
        submit(wave, {"tax": 1}, code=code)  # too few to have moved anything
    close(wave)
    migrate()
    [after] = kept(wave.id)
    assert mentions(after) == set()
    assert [after[source]["settled"] for source in Source] == [True, True]
    assert "exact" not in after["verified"]
    with reading() as db:
        assert studies.computed(db) == {}
    run_once(NOW + timedelta(days=20))
    last = kept(wave.id)[-1]
    assert last["final"]
    for source in Source:
        assert last[source]["cells"] == before[source]["cells"]
        assert last[source]["asked"] == before[source]["asked"], "the late ones are not read as 未接触"
    groups = [group for item in last["verified"]["strata"].values() for group in item]
    assert groups
    assert all(level for _, _, _, level in groups)
    assert load_structure(last["verified"]["structure"]) is not None
    with reading() as db:
        study = studies.study(db, db.get_one(Wave, wave.id))
        assert study is not None
        assert study.closed
        assert study.release == released.latest_release(db, wave.id).number  # type: ignore[union-attr]
    with reading_connection() as connection:
        assert verify(connection) == []


@pytest.mark.usefixtures("database")
def test_a_sealed_wave_keeps_the_fingerprint_that_is_printed_on_its_reports() -> None:
    wave = make_wave(enterprises=40)
    answer(wave, 20)
    close(wave)
    release(wave)
    before = tell_as_before(wave.id)
    with writing() as db:
        sealed = db.get_one(Wave, wave.id)
        sealed.fingerprint = fingerprint.compute(db, sealed)
    migrate()
    for final in (False, True):
        if final:
            run_once(NOW + timedelta(days=20))
        with reading() as db:
            found = db.get_one(Wave, wave.id)
            assert fingerprint.compute(db, found) == found.fingerprint
        as_sealed, *_, newest = kept(wave.id)
        assert as_sealed == before
        assert newest["verified"]["cells"] == before["verified"]["cells"]
        assert newest["final"] is final


@pytest.mark.usefixtures("database")
def test_waves_that_hide_nothing_stay_exact(tmp_path: Path) -> None:
    named = make_wave(enterprises=12, mode=Mode.NAMED)
    answer(named, 7)
    imported, _ = import_waves(tmp_path)
    before = {one: tell_as_before(one, k=1) for one in (named.id, imported)}
    migrate()
    for one, told in before.items():
        [after] = kept(one)
        assert mentions(after) == set()
        assert set(after["verified"]) == set(told["verified"]) - GONE
        assert after["verified"]["cells"] == told["verified"]["cells"]
    submit(named, {"tax": 2}, code=named.codes[9])
    run_once(NOW)
    with reading() as db:
        figures = [released.figures(db, db.get_one(Wave, one)).overall for one in before]
        assert studies.study(db, db.get_one(Wave, imported)) is not None
    assert next(row for row in figures[0] if row.department_id == "tax").cell.n == 8  # type: ignore[union-attr]
    last = kept(imported)[-1]
    assert last["final"]
    told = before[imported]["verified"]["cells"]
    assert {item: cell[0] for item, cell in last["verified"]["cells"].items() if cell != FEW} == {
        item: cell[0] for item, cell in told.items() if cell != FEW
    }
