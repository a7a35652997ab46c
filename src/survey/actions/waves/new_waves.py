"""Set up a 期次: what an officer chooses for it, checked."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from survey.actions.accounts.audit import audited
from survey.actions.waves import keys
from survey.actions.waves.log import SYSTEM, log
from survey.core.accounts.access import Right
from survey.core.answers.form import Form, RatedDepartment
from survey.core.answers.questionnaire import load_questionnaire
from survey.core.figures.formulas import FORMULAS
from survey.core.models import (
    Department,
    Mode,
    Wave,
    WaveStep,
)
from survey.core.plain_text import name_key, one_line
from survey.core.refusals import NotAllowed
from survey.core.waves.rounds import TITLE_LIMIT
from survey.settings import ROOT, get_settings

QUESTIONNAIRES = ROOT / "data" / "questionnaires"


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
    live: bool = True  # tell 约数 while answers come in


@audited("新建期次", Right.ROUNDS)
def create_wave(db: Session, new: NewWave, who: str = SYSTEM, now: datetime | None = None) -> Wave:
    """A draft wave; raises `NotAllowed` or `QuestionnaireError`."""
    wave = Wave(
        **chosen(db, new), series=new.series, questionnaire=asked_by(new.questionnaire),
        host_name=new.host_name or get_settings().host_name, demo=new.demo,
    )  # fmt: skip
    refuse_destroyed_key(db, wave)
    refuse_too_long(wave)
    db.add(wave)
    db.flush()
    log(db, wave.id, now or datetime.now(UTC), who, WaveStep.CREATED, f"新建「{wave.title}」")
    return wave


def refuse_destroyed_key(db: Session, wave: Wave) -> None:
    """Raise `NotAllowed` for a 代号 wave of a series whose key was destroyed."""
    with_key(keys.refuse_destroyed, db, wave)


def refuse_too_long(wave: Wave) -> None:
    """Raise `NotAllowed` for a form that could not be received with every field at its stated limit."""
    settings = get_settings()
    need = Form.thaw(wave.questionnaire, wave.departments).most_bytes(settings)
    if need > settings.body_limit:
        raise NotAllowed(
            f"问卷太长：{len(wave.departments)} 个部门、每格 {settings.text_limit} 字都写满，一份答卷有 {need:,} 字节，"
            f"超过上限 {settings.body_limit:,}。请少选几个部门，或请系统管理员调大 SURVEY_BODY_LIMIT。"
        )


def with_key(step: Callable[[Session, str], None], db: Session, wave: Wave) -> None:
    """Do something about the key of a 代号 wave's series; raises `NotAllowed`."""
    try:
        if wave.mode == Mode.PSEUDONYMOUS:
            step(db, wave.series)
    except keys.KeyRefused as refused:
        raise NotAllowed(str(refused)) from refused


def chosen(db: Session, new: NewWave) -> dict[str, Any]:
    """The columns of a wave that an officer chooses, checked; raises `NotAllowed`."""
    title = one_line(new.title)
    if not 1 <= len(title) <= TITLE_LIMIT:
        raise NotAllowed(f"期次名称要填 1 到 {TITLE_LIMIT} 个字。")
    check_span(new.opens_at, new.closes_at)
    if new.formula not in FORMULAS:
        raise NotAllowed("没有这个口径，请从列表里选一个。")
    departments = rated(db, new.department_ids)
    if not departments:
        raise NotAllowed("至少选一个参评部门。")
    return {
        "title": title, "opens_at": new.opens_at, "closes_at": new.closes_at, "mode": new.mode,
        "formula": new.formula, "departments": departments, "live": new.live,
    }  # fmt: skip


def check_span(opens_at: datetime, closes_at: datetime) -> None:
    """Raise `NotAllowed` for a wave that would end before it begins."""
    if closes_at <= opens_at:
        raise NotAllowed("截止时间要晚于开始时间，请改正其中一个。")


def asked_by(questionnaire: str) -> dict[str, Any]:
    """A copy of a questionnaire file, for a wave to keep; raises `QuestionnaireError`."""
    return load_questionnaire(QUESTIONNAIRES / f"{questionnaire}.toml").model_dump(mode="json")


def rated(db: Session, ids: Sequence[str] | None) -> list[dict[str, Any]]:
    """A wave's own copies of departments, those in use among `ids` or all; raises `NotAllowed` for two of one name."""
    query = select(Department).where(col(Department.active)).order_by(col(Department.position))
    chosen = [one for one in db.exec(query) if ids is None or one.id in ids]
    times = Counter(name_key(one.name) for one in chosen)
    if twice := next((one.name for one in chosen if times[name_key(one.name)] > 1), ""):
        raise NotAllowed(
            f"有两个部门都叫「{twice}」，企业和看结果的人分不清；请在 data/departments.csv 里写出区别后重新启动，或只选一个。"
        )
    return [
        asdict(RatedDepartment(one.id, one.name, one.category, one.duty, one.name_en, one.duty_en))
        for one in chosen
    ]
