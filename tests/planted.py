"""Hostile texts in every field that people fill in, planted through the real actions."""

import csv
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest
import xlsxwriter
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from survey.actions.accounts import accounts, passwords
from survey.actions.answers import on_behalf, trials
from survey.actions.answers.claims import Refused
from survey.actions.figures import screens
from survey.actions.registry import departments, enterprises
from survey.actions.waves import lifecycle, new_waves, reminders
from survey.core.answers.answers import check
from survey.core.answers.form import Form
from survey.core.models import Mode, Role
from survey.core.registry.rows import RegistryTable
from survey.core.registry.table import read_registry
from survey.settings import get_settings
from survey.storage.database import reading, writing
from survey.storage.schema import prepare
from survey.storage.waves import monitor, published
from tests.conftest import forget
from tests.factories import MadeWave, release, submit
from tests.hostile import ALL, FORMULAS, MARKDOWN, MARKUP, as_name
from tests.people import PASSWORD

HEADER = (
    "企业名称",
    "行业",
    "规模",
    "园区",
    "服务专员",
    "包联领导",
    "联系人",
    "英文名称",
    "<b id=planted>备注</b>",
)
RATED = (*MARKUP, *MARKDOWN, *FORMULAS)[::3]  # names of departments
NAME, CLASS = 40, 20  # characters that a department and its class may have


@dataclass
class Planted:
    """Where to look: an open wave full of texts, a draft on trial, a wall screen, receipts, accounts by role."""

    wave: MadeWave
    draft: int
    trial_code: str
    screen: str
    receipts: list[str]
    names: dict[Role, str]


def listed(kind: str, texts: tuple[str, ...] = ALL) -> bytes:
    """A list of enterprises with a text in every field; every seventh row cannot be imported."""
    rows = [HEADER]
    for number, text in enumerate(texts):
        wrong = "长" * 30 if number % 7 == 6 else text[:20]
        rows.append(
            (as_name(text), text[:20], text[-20:], wrong, text[:20], text[:20], text[:20], text, text)
        )
    file = io.BytesIO()
    if kind == "csv":
        lines = io.StringIO()
        csv.writer(lines).writerows(rows)
        return lines.getvalue().encode()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("=1+1<b>&")
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(line, place, cell)
    return file.getvalue()


def table() -> RegistryTable:
    return read_registry(listed("xlsx"), "<img src=x onerror=window.__pwned=1>\u202e\x00=1+1.xlsx")


def plant(now: datetime, folder: Path) -> Planted:
    """Everything, in an empty database."""
    begun = now - timedelta(days=2)
    with writing() as db:
        departments.load_departments(db, _departments(folder))
        enterprises.apply_import(db, enterprises.plan_import(db, table()), MARKUP[1], begun)
    names = {role: _account(role, text, now) for role, text in zip(Role, cycle(MARKUP), strict=False)}
    for number, text in enumerate(ALL):  # one draft for every text as a title
        with writing() as db:
            new = new_waves.NewWave(f"{number}{text}"[:60], now + timedelta(days=9), now + timedelta(days=19))
            draft = new_waves.create_wave(db, new, text[:40], now).id
    with writing() as db:
        trial = trials.make_trial_code(db, draft, now, MARKUP[0])
    wave = _open(begun)
    receipts = _answer(wave, begun)
    release(wave, now)
    with writing() as db:
        lifecycle.extend_wave(db, wave.id, now + timedelta(days=30), "".join(MARKUP[:4]), now, MARKDOWN[0])
        reminders.draw_up_list(db, wave.id, now)
        screen = screens.make_screen(db, wave.id, MARKUP[1], now)
    _remind(wave, now)
    _try(draft, trial)
    return Planted(wave, draft, trial, screen, receipts, names)


def _departments(folder: Path) -> Path:
    path = folder / "departments.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "name", "category", "duty", "name_en", "duty_en"))
        for number, text in enumerate(RATED):
            rows.writerow(
                (f"d{number}", f"{number}{text}"[:NAME], RATED[number % 3][:CLASS], text, text, text)
            )
        rows.writerow(("tax", MARKUP[1], FORMULAS[4][:CLASS], MARKDOWN[0], MARKUP[0], FORMULAS[0]))
    return path


def _account(role: Role, text: str, now: datetime) -> str:
    with writing() as db:
        user = accounts.add_user(
            db, f"{text[:34]}{role.value[:3]}", role, PASSWORD, now, own=True,
            department_id="tax" if role == Role.HANDLER else None,
        )  # fmt: skip
        return user.name


def _open(now: datetime) -> MadeWave:
    with writing() as db:
        new = new_waves.NewWave(
            f'=HYPERLINK("http://x"){MARKUP[1][:30]}', now, now + timedelta(days=20), Mode.NAMED,
            host_name=MARKUP[6][:30] + MARKDOWN[0][:20],
        )  # fmt: skip
        wave = new_waves.create_wave(db, new, FORMULAS[0], now)
        made = lifecycle.invite(db, wave.id, [one["id"] for one in _all(db)])
        lifecycle.open_wave(db, wave.id, now, MARKUP[4])
        code = published.open_code(db, wave.id) or ""
        return MadeWave(wave.id, list(made.values()), code, published.form(wave), list(made.values()))


def _all(db: object) -> list[dict[str, int]]:
    from survey.storage.registry import enterprises as stored

    return list(stored.rows(db))  # type: ignore[arg-type]


def _answer(wave: MadeWave, now: datetime) -> list[str]:
    """Twenty forms: bad grades with a text each, and remarks and requests in turn."""
    receipts, texts = [], cycle(ALL)
    ids = [one.id for one in wave.form.departments]
    for number in range(min(20, len(wave.codes) - 4)):
        said = {f"t__{one}": next(texts) for one in ids if number % 2}
        last = {"text": next(texts) + "。", "kind": "request", "about": ids[number % len(ids)],
                "use": "help" if number % 3 else "count", "contact": next(texts)[:60]}  # fmt: skip
        grades = dict.fromkeys(ids, 2 if number % 2 else 4 + number % 3 // 2)
        receipts.append(submit(wave, grades, now=now, **said, **last))
    return receipts


def _remind(wave: MadeWave, now: datetime) -> None:
    """One reminded, one answered by telephone who disputes it."""
    with reading() as db:
        found = published.wave(db, wave.id)
        listed = monitor.day_list(db, found, now) if found else None
    if not listed or not listed.due:
        return
    ids = [one.enterprise.id for one in listed.due]
    with writing() as db:
        reminders.mark_reminded(db, wave.id, ids[:1], MARKUP[0], now)
        answers = check(wave.form, {"d": ["tax"], "g.tax.overall": ["4"]}, get_settings())
        on_behalf.enter_on_behalf(db, wave.id, ids[-1], answers, "phone", MARKUP[0], now)


def _try(draft: int, code: str) -> None:
    """A trial form with texts."""
    with writing() as db:
        wave = published.wave(db, draft)
        assert wave is not None
        form: Form = published.form(wave)
        fields = {"d": ["tax"], "g.tax.overall": ["1"], "t.tax": [MARKUP[1]], "text": [MARKDOWN[0]],
                  "kind": ["request"]}  # fmt: skip
        try:
            trials.submit_trial(
                db, code, secrets.token_urlsafe(16), fields, check(form, fields, get_settings())
            )
        except Refused as refused:
            raise AssertionError from refused


@contextmanager
def world(folder: Path) -> Iterator[Planted]:
    """A database of its own with everything planted, for all tests of a file."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SURVEY_")]:
            patch.delenv(name)
        patch.setenv("SURVEY_DATA_DIR", str(folder))
        quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
        patch.setattr(passwords, "hasher", lambda: quick)
        forget()
        prepare()
        yield plant(datetime.now(UTC), folder)
        forget()
