"""Set up, open and close 期次. Everything in a wave is frozen when it opens."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from survey.core import strata
from survey.core.models import (
    Department,
    Enterprise,
    Invitation,
    Mode,
    Stratum,
    Wave,
    WaveState,
)
from survey.core.questionnaire import RatedDepartment, load_questionnaire
from survey.core.receipts import digest, new_code
from survey.core.statistics import FORMULAS
from survey.settings import ROOT, get_settings

QUESTIONNAIRES = ROOT / "data" / "questionnaires"


class NotAllowed(Exception):
    """The step is not possible now; the text is a Chinese sentence with the cure."""


@dataclass(frozen=True)
class NewWave:
    """What an officer chooses for a wave. Times are aware."""

    title: str
    opens_at: datetime
    closes_at: datetime
    mode: Mode = Mode.ANONYMOUS
    formula: str = "10-8-6-3-0"
    questionnaire: str = "business"
    department_ids: Sequence[str] | None = None  # None: all active ones
    series: str = "main"
    host_name: str = ""
    demo: bool = False


def create_wave(db: Session, new: NewWave) -> Wave:
    """A draft wave; raises `NotAllowed` or `QuestionnaireError`."""
    title = new.title.strip()
    if not 1 <= len(title) <= 60:
        raise NotAllowed("期次名称要填 1 到 60 个字。")
    if new.closes_at <= new.opens_at:
        raise NotAllowed("截止时间要晚于开始时间，请改正其中一个。")
    if new.formula not in FORMULAS:
        raise NotAllowed("没有这个口径，请从列表里选一个。")
    departments = _departments(db, new.department_ids)
    if not departments:
        raise NotAllowed("至少选一个参评部门。")
    questionnaire = load_questionnaire(QUESTIONNAIRES / f"{new.questionnaire}.toml")
    wave = Wave(
        title=title, series=new.series, mode=new.mode, formula=new.formula,
        opens_at=new.opens_at, closes_at=new.closes_at,
        questionnaire=questionnaire.model_dump(mode="json"), departments=departments,
        host_name=new.host_name or get_settings().host_name, demo=new.demo,
    )  # fmt: skip
    db.add(wave)
    db.flush()
    return wave


def _departments(db: Session, ids: Sequence[str] | None) -> list[dict[str, Any]]:
    query = select(Department).where(col(Department.active)).order_by(col(Department.position))
    return [
        asdict(RatedDepartment(one.id, one.name, one.category, one.duty, one.name_en))
        for one in db.exec(query)
        if ids is None or one.id in ids
    ]


def invite(db: Session, wave_id: int, enterprise_ids: Iterable[int]) -> dict[int, str]:
    """Make one code per enterprise of a draft wave: enterprise id → code, which is shown only now."""
    _wave_in(db, wave_id, WaveState.DRAFT, "期次已开启，邀请名单已经固定。")
    codes = {enterprise: new_code() for enterprise in enterprise_ids}
    db.add_all(_invitation(wave_id, code, enterprise_id=one) for one, code in codes.items())
    db.flush()
    return codes


def _invitation(wave_id: int, code: str, **more: Any) -> Invitation:
    return Invitation(id=secrets.token_bytes(16), wave_id=wave_id, code_hash=digest(code), **more)


def open_wave(db: Session, wave_id: int, now: datetime) -> Wave:
    """Freeze departments, questionnaire and strata, hang out an open code, and let answers in."""
    wave = _wave_in(db, wave_id, WaveState.DRAFT, "这个期次已经开启过，不能再次开启。")
    if wave.closes_at <= now:
        raise NotAllowed("截止时间已过，请先改晚截止时间再开启。")
    wave.departments = _departments(db, [one["id"] for one in wave.departments])
    if not wave.departments:
        raise NotAllowed("参评部门都已停用，请重新选择部门。")
    _freeze_strata(db, wave_id)
    code = new_code()
    db.add(_invitation(wave_id, code, open_code=code))
    wave.opens_at = min(wave.opens_at, now)
    wave.state = WaveState.OPEN
    db.add(wave)
    return wave


def _freeze_strata(db: Session, wave_id: int) -> None:
    """Give every invited enterprise's code its stratum."""
    query = select(Invitation, Enterprise).join(Enterprise).where(Invitation.wave_id == wave_id)
    invited = [(invitation, _attributes(one)) for invitation, one in db.exec(query)]
    names = strata.merge(attributes for _, attributes in invited)
    rows = {name: Stratum(wave_id=wave_id, name=name) for name in sorted(set(names.values()))}
    db.add_all(rows.values())
    db.flush()
    for invitation, attributes in invited:
        stratum = rows[names[attributes]]
        stratum.invited += 1
        invitation.stratum_id = stratum.id


def _attributes(enterprise: Enterprise) -> strata.Attributes:
    return enterprise.industry, enterprise.size, enterprise.park


def close_wave(db: Session, wave_id: int, now: datetime) -> Wave:
    """Let no more answers in; those being filled in may still come within the grace."""
    wave = _wave_in(db, wave_id, WaveState.OPEN, "只有进行中的期次才能截止。")
    wave.closes_at = min(wave.closes_at, now)
    db.add(wave)
    return wave


def finish_due_waves(db: Session, now: datetime) -> list[int]:
    """Mark waves closed whose closing time and grace have passed; returns their ids."""
    over = now - timedelta(minutes=get_settings().grace_minutes)
    due = select(Wave.id).where(Wave.state == WaveState.OPEN, Wave.closes_at < over)
    ids = list(db.exec(due))
    if ids:
        db.execute(update(Wave).where(col(Wave.id).in_(ids)).values(state=WaveState.CLOSED))
    return ids


def _wave_in(db: Session, wave_id: int, state: WaveState, otherwise: str) -> Wave:
    wave = db.get(Wave, wave_id, with_for_update=True)
    if wave is None:
        raise NotAllowed("没有这个期次。")
    if wave.state != state:
        raise NotAllowed(otherwise)
    return wave
