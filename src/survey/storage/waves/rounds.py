"""Reads for setting up a 期次: the last one, who was invited, what to check before opening, log, trial forms."""

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import exists, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from survey.core.accounts.access import Right, needs
from survey.core.clock import china_day
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.withholding import first
from survey.core.models import Department, Enterprise, Invitation, Mode, Trial, Wave, WaveEvent, WaveState
from survey.core.names import MODE_NAMES
from survey.core.waves.phase import Phase, phase_of
from survey.core.waves.rounds import CheckItem, Severity, last_day, said
from survey.core.workdays import is_known, next_workday, weekday, why_off
from survey.settings import get_settings
from survey.storage.waves import proposals

NAMED = 3  # names in one sentence; the rest is counted


@needs(Right.ROUNDS)
def previous_wave(db: Session, wave: Wave) -> Wave | None:
    """The last wave of the same series that opened before this one."""
    return db.exec(_before(wave).limit(1)).first()


@needs(Right.ROUNDS)
def last_invited(db: Session, wave: Wave) -> list[int]:
    """Ids of the enterprises invited to the last wave that invited any; those archived since are left out."""
    named = exists().where(
        col(Invitation.wave_id) == col(Wave.id), col(Invitation.enterprise_id).is_not(None)
    )
    last = db.exec(_before(wave).where(named).limit(1)).first()
    if last is None:
        return []
    query = select(Enterprise.id).join(Invitation, col(Invitation.enterprise_id) == col(Enterprise.id))
    query = query.where(Invitation.wave_id == last.id, ~col(Invitation.void), ~col(Enterprise.archived))
    return list(db.exec(query.distinct().order_by(col(Enterprise.id))))


def _before(wave: Wave) -> SelectOfScalar[Wave]:
    """The waves of the same series that opened before this one, newest first."""
    query = select(Wave).where(
        Wave.series == wave.series, Wave.id != wave.id, Wave.state != WaveState.DRAFT, col(Wave.published),
        Wave.opens_at < wave.opens_at,
    )  # fmt: skip
    return query.order_by(col(Wave.opens_at).desc(), col(Wave.id).desc())


@needs(Right.ROUNDS)
def invited(db: Session, wave_id: int) -> list[Enterprise]:
    """The enterprises that hold a code of the wave."""
    query = select(Enterprise).join(Invitation, col(Invitation.enterprise_id) == col(Enterprise.id))
    return list(db.exec(query.where(Invitation.wave_id == wave_id, ~col(Invitation.void))))


@needs(Right.ROUNDS)
def events(db: Session, wave_id: int) -> list[WaveEvent]:
    """What was done to the wave, newest first."""
    query = select(WaveEvent).where(WaveEvent.wave_id == wave_id)
    return list(db.exec(query.order_by(col(WaveEvent.id).desc())))


@needs(Right.ROUNDS)
def trial_code(db: Session, wave_id: int) -> str | None:
    """The draft's code for 试填."""
    query = select(Invitation.open_code).where(Invitation.wave_id == wave_id, col(Invitation.trial))
    return db.exec(query.where(~col(Invitation.void))).first()


@needs(Right.ROUNDS)
def trials(db: Session, wave_id: int) -> list[Trial]:
    """The forms tried so far."""
    return list(db.exec(select(Trial).where(Trial.wave_id == wave_id)))


# --- the check list ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Draft:
    """Everything the checks look at, asked once."""

    wave: Wave
    now: datetime
    last: Wave | None
    invited: list[Enterprise]
    active: set[str]
    tried: int
    others: list[Wave] = field(default_factory=list)


@needs(Right.ROUNDS)
def checklist(db: Session, wave: Wave, now: datetime) -> list[CheckItem]:
    """What to look at before a draft opens, the gravest first."""
    others = select(Wave).where(Wave.id != wave.id, col(Wave.published))
    tried = db.exec(select(func.count()).select_from(Trial).where(Trial.wave_id == wave.id)).one()
    draft = _Draft(
        wave, now, previous_wave(db, wave), invited(db, wave.id),
        set(db.exec(select(Department.id).where(col(Department.active)))), tried, list(db.exec(others)),
    )  # fmt: skip
    items = [item for check in CHECKS for item in check(draft)] + proposals.checks(db, wave, now)
    return sorted(items, key=lambda one: list(Severity).index(one.severity))


def _stop(sentence: str) -> CheckItem:
    return CheckItem(Severity.STOP, sentence)


def _check(sentence: str) -> CheckItem:
    return CheckItem(Severity.CHECK, sentence)


def _fine(sentence: str) -> CheckItem:
    return CheckItem(Severity.FINE, sentence)


def _times(draft: _Draft) -> Iterable[CheckItem]:
    wave, last = draft.wave, last_day(draft.wave.closes_at)
    if wave.closes_at <= wave.opens_at:
        yield _stop("截止时间早于开始时间，请改正其中一个。")
    elif wave.closes_at <= draft.now:
        yield _stop(f"截止时间 {said(wave.closes_at)} 已过，请改晚。")
    else:
        days = (last - china_day(wave.opens_at)).days + 1
        yield _fine(f"{said(wave.opens_at)} 开始，{said(wave.closes_at)} 截止，共 {days} 天。")
    for name, day in (("开始", china_day(wave.opens_at)), ("截止", last)):
        yield from _day(name, day)


def _day(name: str, day: date) -> Iterable[CheckItem]:
    if why := why_off(day):
        better = next_workday(day)
        yield _check(f"{name}那天 {day} 是{why}，企业多半不上班，可改到 {better}（{weekday(better)}）。")
    if not is_known(day):
        yield _check(f"{name}那天 {day} 在 {day.year} 年，系统里还没有这一年的放假安排，请自行核对是否调休。")


def _figures(draft: _Draft) -> Iterable[CheckItem]:
    wave, k = draft.wave, get_settings().k_scores
    if wave.mode == Mode.NAMED:
        yield _fine("实名期次：收到答卷随即公布准数。")
    elif wave.live:
        yield _fine(f"收答卷期间公布约数：一个部门满 {first(k)} 家开始，每新到 {k} 家更新；截止后公布准数。")
    else:
        yield _fine("截止前只看回收数，截止后公布准数。")


def _departments(draft: _Draft) -> Iterable[CheckItem]:
    ones = draft.wave.departments
    kept = [one for one in ones if one["id"] in draft.active]
    if not kept:
        yield _stop("没有参评部门，请在「设置」里至少选一个。")
        return
    yield _fine(f"{len(kept)} 个部门参评。")
    if gone := [one["name"] for one in ones if one["id"] not in draft.active]:
        yield _check(f"{len(gone)} 个部门已停用，开启时会去掉：{_names(gone)}。")
    if draft.last is None:
        return
    before = {one["id"]: one["name"] for one in draft.last.departments}
    now = {one["id"]: one["name"] for one in kept}
    if less := [name for id, name in before.items() if id not in now]:
        yield _check(f"比上期少 {len(less)} 个部门：{_names(less)}。")
    if more := [name for id, name in now.items() if id not in before]:
        yield _check(f"比上期多 {len(more)} 个部门：{_names(more)}。")


def _enterprises(draft: _Draft) -> Iterable[CheckItem]:
    ones, enough = draft.invited, get_settings().k_scores
    if not ones:
        yield _check("还没有邀请企业：开启后邀请名单不能再加，只能靠开放扫码（未核验）。")
        return
    yield _fine(f"一企一码邀请 {len(ones):,} 家企业。")
    if len(ones) < enough:
        yield _check(f"只邀请了 {len(ones)} 家，少于 {enough} 家，分数不会公布。")
    if lost := [one.name for one in ones if not (one.contact and one.phone)]:
        yield _check(f"{len(lost)} 家没有联系人或手机号：{_names(lost)}。")
    if archived := [one.name for one in ones if one.archived]:
        yield _check(f"{len(archived)} 家已归档（停用），仍在邀请名单里：{_names(archived)}。")


def _like_last(draft: _Draft) -> Iterable[CheckItem]:
    wave, last = draft.wave, draft.last
    if last is None:
        yield _fine("这是第一期，没有上期可以比较。")
        return
    same = [wave.mode == last.mode, wave.formula == last.formula, wave.questionnaire == last.questionnaire]
    if not same[0]:
        yield _check(
            f"保密方式与上期不同（{MODE_NAMES[Mode(last.mode)]} → {MODE_NAMES[Mode(wave.mode)]}），请确认已告知企业。"
        )
    if not same[1]:
        names = f"{FORMULAS[last.formula].name} → {FORMULAS[wave.formula].name}"
        yield _check(f"口径与上期不同，趋势不可比（{names}）。")
    if not same[2]:
        yield _check("问卷与上期不同，改动过的题目不能和上期比。")
    if all(same):
        yield _fine(f"问卷、保密方式和口径与「{last.title}」相同，可以和上期比。")


def _other_waves(draft: _Draft) -> Iterable[CheckItem]:
    if twins := [one for one in draft.others if one.title == draft.wave.title]:
        yield _check(f"已有 {len(twins)} 个同名的期次，报表里会分不清，请改名。")
    if going := [one.title for one in draft.others if phase_of(one, draft.now) is Phase.OPEN]:
        yield _check(f"「{_names(going)}」还在进行，同一家企业会收到两个码。")


def _tried(draft: _Draft) -> Iterable[CheckItem]:
    if draft.tried:
        yield _fine(f"试填过 {draft.tried} 份，开启时自动清除，不计入结果。")
    else:
        yield _check("还没有人试填过：请用手机扫试填码走一遍。")


def _door(_draft: _Draft) -> Iterable[CheckItem]:
    settings = get_settings()
    if is_private(settings.address):
        where = f"二维码指向内部地址 {settings.address}，企业在外面打不开"
        yield _check(f"{where}：请管理员设置 SURVEY_BASE_URL。")
    elif not settings.address.startswith("https://"):
        yield _check("二维码地址不是 https，微信里可能提示不安全：请管理员配置证书。")
    else:
        yield _fine(f"二维码指向 {settings.address}。")
    if not settings.host_phone:
        yield _check("没有设置核实电话，企业疑心是诈骗时无处可问：请管理员设置 SURVEY_HOST_PHONE。")


CHECKS: tuple[Callable[[_Draft], Iterable[CheckItem]], ...] = (
    _times, _figures, _departments, _enterprises, _like_last, _other_waves, _tried, _door,
)  # fmt: skip


def is_private(address: str) -> bool:
    """Whether an address only works inside this network: a private IP, or a name without a dot."""
    host = urlsplit(address).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal"))


def _names(names: list[str]) -> str:
    return "、".join(names[:NAMED]) + (f"等 {len(names)} 个" if len(names) > NAMED else "")
