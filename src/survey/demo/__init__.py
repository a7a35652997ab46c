"""Labelled demo data: two waves of 360 made-up enterprises, made through the actions like real ones."""

import json
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from survey.actions.accounts import accounts
from survey.actions.accounts.passwords import made_up
from survey.actions.answers.submit import submit_response
from survey.actions.figures.finishing import finish_release
from survey.actions.figures.release import make_release, release_remarks
from survey.actions.figures.study import study_wave
from survey.actions.waves import lifecycle, new_waves
from survey.core.answers.answers import check
from survey.core.answers.form import RESPONDENTS, Form
from survey.core.answers.stamps import new_submission_id
from survey.core.models import Channel, Enterprise, Mode, Role
from survey.demo.forms import HURRIED, all_the_best, made_up_fields, made_up_remarks, spent
from survey.demo.invited import made_up_enterprises
from survey.settings import get_settings
from survey.storage.accounts import people
from survey.storage.database import reading, transaction, writing
from survey.storage.waves import published

SEED = 20260301  # the same demo everywhere, so that documents and screenshots agree
SHOWN_CODES = 40  # codes printed by `survey demo --json`, the unused ones last
LOGINS = (
    (Role.OFFICER, "演示专班"), (Role.VIEWER, "演示领导"), (Role.HANDLER, "演示住建局"),
    (Role.DISCIPLINE, "演示纪检"), (Role.ADMIN, "演示管理员"), (Role.AUDITOR, "演示审计"),
)  # fmt: skip
HANDLER_OF = "construction"
BY_AGENCY = frozenset(range(100, 109))


@dataclass
class Round:
    """One demo wave as it is being filled."""

    id: int
    form: Form
    codes: list[str]
    open_code: str
    opens_at: datetime
    days: int


def load_demo(now: datetime, progress: Callable[[int, int], None] = lambda done, of: None) -> dict[str, Any]:
    """Make the demo data in an installation that has its departments and nothing else; returns what `data/demo.json` keeps."""
    dice = random.Random(SEED)
    with writing() as db:
        db.add_all(made_up_enterprises(dice, now - timedelta(days=190)))
    logins = [_login(role, name, now) for role, name in LOGINS]
    before = _round(dice, "2026 年上半年测评（演示数据）", now - timedelta(days=182), 21)
    _answer(dice, before, 205, before.opens_at + timedelta(days=21), 0, progress)
    with writing() as db:
        lifecycle.close_wave(db, before.id, before.opens_at + timedelta(days=21))
    with writing() as db:
        lifecycle.finish_wave(db, before.id, now)
    _publish(before, now)
    current = _round(dice, "2026 年下半年测评（演示数据）", now - timedelta(days=9), 21)
    _answer(dice, current, 214, now, 1, progress)
    _publish(current, now)
    settings = get_settings()
    made = {
        "public": settings.address,
        "office": f"http://127.0.0.1:{settings.office_port}",
        "wave": current.id,
        "open_code": current.open_code,
        "codes": current.codes[:SHOWN_CODES] + current.codes[-SHOWN_CODES:],
        "logins": logins,
    }
    _keep(settings.data_dir / "demo.json", made)
    return made


def _keep(path: Path, made: dict[str, Any]) -> None:
    """Write the codes and passwords readable by the owner only."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(made, ensure_ascii=False, indent=2), encoding="utf-8")


def _login(role: Role, name: str, now: datetime) -> dict[str, str]:
    password = made_up()
    with writing() as db:
        rated = [one.id for one in published.departments(db)]
        department = (HANDLER_OF if HANDLER_OF in rated else rated[0]) if role == Role.HANDLER else None
        accounts.add_user(db, name, role, password, now, department_id=department, demo=True)
    return {"role": role.value, "name": name, "password": password}


def _round(dice: random.Random, title: str, opens_at: datetime, days: int) -> Round:
    with writing() as db:
        everyone = list(db.exec(select(Enterprise.id)))
        dice.shuffle(everyone)
        new = new_waves.NewWave(
            title, opens_at, opens_at + timedelta(days=days), Mode.ANONYMOUS, series="demo", demo=True
        )
        wave = new_waves.create_wave(db, new)
        codes = lifecycle.invite(db, wave.id, everyone)
        lifecycle.open_wave(db, wave.id, opens_at)
        open_code = published.open_code(db, wave.id)
        assert open_code is not None
        return Round(wave.id, published.form(wave), list(codes.values()), open_code, opens_at, days)


def _answer(
    dice: random.Random,
    wave: Round,
    forms: int,
    until: datetime,
    kinder: int,
    progress: Callable[[int, int], None],
) -> None:
    """Send `forms` forms, spread over the days so far: most by an enterprise's code, some by the open one."""
    remarks = made_up_remarks(dice)
    span = (until - wave.opens_at).total_seconds()
    moments = sorted(wave.opens_at + timedelta(seconds=span * dice.random() ** 1.6) for _ in range(forms))
    settings, agency = get_settings(), secrets.token_bytes(32)
    for number, moment in enumerate(moments):
        by_open_code = number % 9 == 8
        code = wave.open_code if by_open_code else wave.codes[number]
        fields = made_up_fields(dice, wave.form, kinder, remarks)
        if number in HURRIED:
            fields = all_the_best(wave.form, fields)
        if by_open_code:
            fields["who"] = dice.choices(list(RESPONDENTS), (6, 3, 3, 1))
        answers = check(wave.form, fields, settings, asks_who=by_open_code)
        with transaction() as db:
            submit_response(
                db, code=code, answers=answers, language="zh", now=moment,
                submission_id=new_submission_id(settings.secret, code, moment - spent(number, answers)),
                channel=Channel.TABLET if by_open_code and number % 2 else None,
                device=agency if number in BY_AGENCY else None,
            )  # fmt: skip
        progress(number + 1, forms)


def _publish(wave: Round, now: datetime) -> None:
    with writing() as db:
        make_release(db, wave.id, now)
        release_remarks(db, wave.id)
    finish_release(wave.id, now)
    study_wave(wave.id, now)


def demo_info() -> dict[str, Any] | None:
    """What `survey demo` made, or None."""
    path = get_settings().data_dir / "demo.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def load_demo_when_empty(
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Any] | None:
    """Demo data for an installation with no wave and no account; None where there is something already."""
    with reading() as db:
        if published.has_waves(db) or people.has_users(db):
            return demo_info()
    return load_demo(datetime.now(UTC), progress)
