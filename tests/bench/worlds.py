"""Databases for measuring: an open wave with many codes, and a wave with many responses."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlmodel import select

from survey.actions.registry import departments
from survey.actions.waves import lifecycle, new_waves
from survey.core.answers.form import Form
from survey.core.answers.tally_codec import RESPONSES
from survey.core.models import Arrival, Enterprise, Table, Tally
from survey.core.statistics.vectors import count_grades
from survey.storage import schema
from survey.storage.bulk import load_rows
from survey.storage.database import reading, write_engine, writing
from survey.storage.waves import published

DEPARTMENTS = 10
DIMENSIONS_RATED = 2  # of the 细评 of each department
tables = Table.metadata.tables


@contextmanager
def world(address: str = "") -> Iterator[Path]:
    """An empty, migrated database of this process and its children; the value is its folder."""
    from tests.conftest import forget

    with TemporaryDirectory(prefix="survey-bench-") as folder:
        os.environ |= {"SURVEY_DATA_DIR": folder, "SURVEY_DATABASE_URL": address}
        if not address:
            del os.environ["SURVEY_DATABASE_URL"]
        forget()
        schema.prepare()
        yield Path(folder)
        forget()


def open_wave(enterprises: int) -> tuple[int, list[str]]:
    """An open wave of ten departments whose invited enterprises form 24 strata; its id and codes."""
    kinds = [(a, b, c) for a in "制商建农" for b in ("规上", "规下") for c in "东西南"]
    with writing() as db:
        departments.load_departments(db)
        rows = [(f"企业{number}", *kinds[number % len(kinds)], False) for number in range(enterprises)]
        columns = ("name", "industry", "size", "park", "archived")
        load_rows(db.connection(), tables["enterprise"], columns, rows)
        ids = [one for one in db.exec(select(Enterprise.id)) if one is not None]
        names = [one.id for one in published.departments(db)][:DEPARTMENTS]
        now = datetime.now(UTC)
        new = new_waves.NewWave("压力测试", now, now + timedelta(days=1), department_ids=names)
        wave = new_waves.create_wave(db, new)
        assert wave.id is not None
        codes = lifecycle.invite(db, wave.id, ids)
        lifecycle.open_wave(db, wave.id, now)
        return wave.id, list(codes.values())


def open_code_of(wave_id: int) -> str:
    with reading() as db:
        code = published.open_code(db, wave_id)
        assert code is not None
        return code


def form_of(wave_id: int) -> Form:
    with reading() as db:
        wave = published.wave(db, wave_id)
        assert wave is not None
        return published.form(wave)


def filled_in(form: Form) -> list[tuple[str, str]]:
    """A form as sent: every department rated, two dimensions each, no text."""
    fields = [("d", one.id) for one in form.departments]
    for place, one in enumerate(form.departments):
        for question in form.questions[: DIMENSIONS_RATED + 1]:
            fields.append((f"g.{one.id}.{question.id}", str(3 + place % 3)))
    return fields


def load_responses(wave_id: int, count: int) -> None:
    """Store `count` made-up responses with their counters, as submissions would have left them."""
    form, random = form_of(wave_id), np.random.default_rng(1)
    with reading() as db:
        strata = [one.id for one in published.strata(db, wave_id)]
    columns = ("wave_id", "id", "stratum_id", "channel", "language", "flags", "grades")
    used = ("key", "wave_id", "submission_hash")
    tally = np.zeros((len(strata), form.items, 6), np.int64)
    sizes = np.zeros(len(strata), np.int64)
    for start in range(0, count, 20_000):
        number = min(20_000, count - start)
        grades = random.choice(6, (number, form.items), p=[0.5, 0.02, 0.04, 0.1, 0.16, 0.18]).astype(np.uint8)
        place = random.integers(len(strata), size=number)
        for one in range(len(strata)):
            tally[one] += count_grades(grades[place == one])
            sizes[one] += int((place == one).sum())
        rows: list[tuple[Any, ...]] = [
            (wave_id, key, strata[at], "code", "zh", 0, vector.tobytes())
            for key, at, vector in zip(
                sorted(secrets.token_bytes(16) for _ in range(number)), place.tolist(), grades, strict=True
            )
        ]
        with writing() as db:
            load_rows(db.connection(), tables["response"], columns, rows)
            claims = [(secrets.token_bytes(32), wave_id, b"\0" * 32) for _ in range(number)]
            load_rows(db.connection(), tables["participation"], used, claims)
    _count(wave_id, [one for one in strata if one is not None], tally, sizes, count)


def _count(wave_id: int, strata: list[int], tally: Any, sizes: Any, count: int) -> None:
    shared = {"wave_id": wave_id, "channel": "code", "slot": 0}
    rows = [
        {
            **shared,
            "stratum_id": strata[at],
            "item": item,
            "grade": grade,
            "count": int(tally[at, item, grade]),
        }
        for at, item, grade in np.argwhere(tally).tolist()
        if grade
    ]
    for at, size in enumerate(sizes.tolist()):
        rows.append({**shared, "stratum_id": strata[at], "item": RESPONSES, "grade": 0, "count": size})
    with write_engine().begin() as db:
        db.execute(insert(Tally), rows)
        day = {"wave_id": wave_id, "day": datetime.now(UTC).date(), "channel": "code", "count": count}
        db.execute(insert(Arrival), day)
