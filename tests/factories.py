"""Ready-made waves and submissions, made through the actions; a test names only what matters to it."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from survey.actions.answers.submit import submit_response
from survey.actions.figures.finishing import finish_release
from survey.actions.figures.release import make_release, release_remarks
from survey.actions.registry import departments as registry
from survey.actions.waves import lifecycle, new_waves, opening
from survey.core.accounts.access import Actor, Right, acting
from survey.core.answers.answers import check
from survey.core.answers.form import Form
from survey.core.figures.view import View
from survey.core.models import Channel, Enterprise, Mode, Wave, WaveState
from survey.settings import get_settings
from survey.storage.database import reading, transaction, writing
from survey.storage.figures import released
from survey.storage.waves import proposals, published
from tests.conftest import NOW

DEPARTMENTS = ("tax", "market", "construction")


@dataclass
class MadeWave:
    """An open wave: its codes by enterprise id, its open code and its form."""

    id: int
    codes: list[str]
    open_code: str
    form: Form
    unused: list[str] = field(default_factory=list)

    def next_code(self) -> str:
        return self.unused.pop(0)


def make_wave(
    *,
    enterprises: int = 30,
    mode: Mode = Mode.ANONYMOUS,
    departments: Iterable[str] = DEPARTMENTS,
    title: str = "2026 年一季度测评",
    now: datetime = NOW,
    days: int = 14,
    formula: str = "10-8-6-3-0",
    demo: bool = False,
    industries: Sequence[str] = ("服务业", "制造业"),
    live: bool = True,
) -> MadeWave:
    """An open wave with invited enterprises, of the industries in turn."""
    with writing() as db:
        if not published.departments(db):
            registry.load_departments(db)
        invited = [
            Enterprise(
                name=f"企业{secrets.token_hex(4)}", industry=industries[i % len(industries)], size="规上"
            )
            for i in range(enterprises)
        ]
        db.add_all(invited)
        db.flush()
        new = new_waves.NewWave(
            title, now, now + timedelta(days=days), mode, formula, department_ids=list(departments), demo=demo,
            live=live,
        )  # fmt: skip
        wave = new_waves.create_wave(db, new)
        codes = lifecycle.invite(db, wave.id, [one.id for one in invited])
        agree_by_two(db, wave.id, now)
        lifecycle.open_wave(db, wave.id, now)
        code = published.open_code(db, wave.id)
        assert code is not None
        made = list(codes.values())
        return MadeWave(wave.id, made, code, published.form(wave), list(made))


def agree_by_two(db: Session, wave_id: int, now: datetime) -> None:
    """What it takes to open a draft that invites few, where there is somebody to ask."""
    found = proposals.standing(db, db.get_one(Wave, wave_id), now)
    if found.needed and not found.alone:
        with acting(Actor("提请人", rights=frozenset({Right.ROUNDS, Right.CONSENT}))):
            opening.propose(db, wave_id, now)
        with acting(Actor("同意人", rights=frozenset({Right.CONSENT}))):
            opening.agree(db, wave_id, now)


def submit(
    wave: MadeWave,
    grades: Mapping[str, int] | None = None,
    *,
    code: str | None = None,
    submission_id: str | None = None,
    now: datetime = NOW,
    channel: Channel | None = None,
    device: bytes | None = None,
    **fields: str | list[str],
) -> str:
    """Submit a form: `grades` by department (总体满意度) or `department.question`; returns the receipt."""
    grades = {"tax": 5} if grades is None else grades
    sent: dict[str, list[str]] = {"d": sorted({key.split(".")[0] for key in grades}) or ["none"]}
    for key, grade in grades.items():
        department, _, question = key.partition(".")
        sent[f"g.{department}.{question or 'overall'}"] = [str(grade)]
    sent |= {key.replace("__", "."): [one] if isinstance(one, str) else one for key, one in fields.items()}
    answers = check(wave.form, sent, get_settings(), asks_who="who" in sent)
    with transaction() as db:
        return submit_response(
            db, code=code or wave.next_code(), submission_id=submission_id or secrets.token_urlsafe(16),
            answers=answers, channel=channel, language="zh", now=now, device=device,
        )  # fmt: skip


def release(wave: MadeWave, now: datetime = NOW) -> bool:
    """Let the release jobs run once for this wave."""
    with writing() as db:
        made = make_release(db, wave.id, now)
        release_remarks(db, wave.id)
        closed = db.get_one(Wave, wave.id).state == WaveState.CLOSED
    return finish_release(wave.id, now) if closed else made


def close(wave: MadeWave, now: datetime = NOW) -> None:
    """Close the wave and let its grace pass."""
    with writing() as db:
        lifecycle.close_wave(db, wave.id, now)
    with writing() as db:
        lifecycle.finish_wave(db, wave.id, now + timedelta(minutes=get_settings().grace_minutes + 1))


def figures(wave: MadeWave, view: View | None = None) -> dict[tuple[str, str], dict[str, object]]:
    """(department, question) → record of the released figures."""
    with reading() as db:
        found = published.wave(db, wave.id)
        assert found is not None
        return {
            (one["department_id"], one["question_id"]): one
            for one in released.figures(db, found, view).records()
        }
