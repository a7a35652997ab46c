"""A 期次 before it opens: copy the last one, change it, let it open by itself, throw it away."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from survey.actions import versions
from survey.actions.accounts.audit import audited
from survey.actions.waves import lifecycle, new_waves, second
from survey.actions.waves import log as wave_log
from survey.actions.waves.lifecycle import in_state
from survey.actions.waves.log import log
from survey.actions.waves.new_waves import NewWave
from survey.core import editable
from survey.core.accounts.access import Right
from survey.core.clock import china_day
from survey.core.models import Invitation, Proposal, Reminder, Trial, Wave, WaveEvent, WaveState, WaveStep
from survey.core.refusals import NotAllowed
from survey.core.versions import Seen
from survey.core.waves.rounds import TITLE_LIMIT, next_span, next_title, said

STARTED = "这个期次已经开启，问卷、部门、保密方式和口径都已固定，不能再改。"
AS_LAST = ("series", "mode", "formula", "questionnaire", "host_name", "demo", "live")
AS_BEFORE = ""
"""In place of a questionnaire file: what the draft asks already."""


@audited("沿用上期", Right.ROUNDS)
def copy_wave(db: Session, wave_id: int, now: datetime, who: str) -> Wave:
    """沿用上期: a draft like an earlier wave, named and dated for its turn. Who is invited is chosen with the codes."""
    last = db.get(Wave, wave_id)
    if last is None or not last.published:
        raise NotAllowed("没有这个期次。")
    if last.imported:
        raise NotAllowed("这是导入的评价表，没有问卷可以沿用，请从一个扫码的期次沿用，或者新建一期。")
    opens_at, closes_at = next_span(last.opens_at, last.closes_at, china_day(now))
    wave = Wave(
        **{name: getattr(last, name) for name in AS_LAST}, title=next_title(last.title)[:TITLE_LIMIT],
        departments=_still_active(db, last), opens_at=opens_at, closes_at=closes_at,
    )  # fmt: skip
    new_waves.refuse_destroyed_key(db, wave)
    db.add(wave)
    db.flush()
    log(db, wave.id, now, who, WaveStep.CREATED, f"沿用「{last.title}」")
    return wave


def _still_active(db: Session, last: Wave) -> list[dict[str, Any]]:
    found = new_waves.rated(db, [one["id"] for one in last.departments])
    return found or new_waves.rated(db, None)


@audited("更改期次", Right.ROUNDS)
def edit_draft(
    db: Session, wave_id: int, new: NewWave, now: datetime, who: str, seen: Seen | None = None
) -> Wave:
    """Change what a draft is; the log says what was changed from what. `seen`: `core.editable.wave` at opening.

    Raises `Stale` for what somebody else has changed otherwise since.
    """
    wave = in_state(db, wave_id, WaveState.DRAFT, STARTED)
    before = editable.wave(wave)
    values = versions.merge(
        db,
        lifecycle.about(wave_id),
        editable.WAVE,
        seen,
        before,
        _given(db, new, seen.values if seen else before),
    )
    _check(db, wave, {**before, **values}, now)
    changes = [_said(name, before[name], value) for name, value in values.items()]
    for name, value in values.items():
        setattr(wave, name, value)
    new_waves.refuse_destroyed_key(db, wave)
    new_waves.refuse_too_long(wave)
    db.add(wave)
    if changes:
        log(db, wave.id, now, who, WaveStep.EDITED, "；".join(changes))
    return wave


def _given(db: Session, new: NewWave, seen: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen, by column; the questionnaire as it was seen unless it is read anew."""
    asked = seen["questionnaire"] if new.questionnaire == AS_BEFORE else new_waves.asked_by(new.questionnaire)
    return new_waves.chosen(db, new) | {"questionnaire": asked}


def _check(db: Session, wave: Wave, values: Mapping[str, Any], now: datetime) -> None:
    """What two officers chose must go together too."""
    new_waves.check_span(values["opens_at"], values["closes_at"])
    if wave.timed and values["opens_at"] <= now:
        raise NotAllowed(
            "已设为定时开启，开始时间要晚于现在；想马上开启，请保存以后的时间，再点「现在开启」。"
        )


def _said(name: str, before: Any, now: Any) -> str:
    """A change as the wave's log tells it."""
    column = editable.WAVE[name]
    if name == "questionnaire":
        return f"改了{column.title}"
    quoted = "「{}」" if name == "title" else "{}"
    return f"{column.title}由 {quoted.format(column.say(before))} 改为 {quoted.format(column.say(now))}"


@audited("定时开启", Right.ROUNDS)
def schedule(db: Session, wave_id: int, now: datetime, who: str, seen: Seen | None = None) -> Wave:
    """定时开启: the wave opens by itself at its opening time, as it was seen or not at all."""
    wave = in_state(db, wave_id, WaveState.DRAFT, STARTED)
    lifecycle.as_seen(db, wave, seen, "还没有设定时开启，请核对后再点一次。")
    if wave.opens_at <= now:
        raise NotAllowed("开始时间已过，不能定时：请改晚开始时间，或者现在就开启。")
    if not new_waves.rated(db, [one["id"] for one in wave.departments]):
        raise NotAllowed("参评部门都已停用，请重新选择部门。")
    second.need_second(db, wave, now)
    wave.timed = True
    db.add(wave)
    log(
        db,
        wave.id,
        now,
        who,
        WaveStep.SCHEDULED,
        f"设为 {said(wave.opens_at)} 定时开启，{said(wave.closes_at)} 截止",
    )
    return wave


@audited("取消定时开启", Right.ROUNDS)
def unschedule(db: Session, wave_id: int, now: datetime, who: str) -> Wave:
    """No longer open by itself."""
    wave = in_state(db, wave_id, WaveState.DRAFT, STARTED)
    if wave.timed:
        wave.timed = False
        db.add(wave)
        log(db, wave.id, now, who, WaveStep.UNSCHEDULED, "取消定时开启")
    return wave


def due_to_open(db: Session, now: datetime) -> list[int]:
    """Drafts whose opening time has come."""
    return list(db.exec(select(Wave.id).where(*_come(now)).order_by(col(Wave.opens_at), col(Wave.id))))


def _come(now: datetime) -> tuple[Any, ...]:
    return Wave.state == WaveState.DRAFT, col(Wave.timed), col(Wave.published), Wave.opens_at <= now


def open_timed(db: Session, wave_id: int, now: datetime) -> bool:
    """Open a wave whose time has come. One that cannot open says so in its log and waits for a person."""
    wave = db.exec(select(Wave).where(Wave.id == wave_id, *_come(now)).with_for_update()).first()
    if wave is None:  # taken back meanwhile
        return False
    try:
        with db.begin_nested():
            lifecycle.open_wave(db, wave.id, now)
        return True
    except NotAllowed as refused:
        wave.timed = False
        log(db, wave.id, now, wave_log.SYSTEM, WaveStep.REFUSED, f"定时开启没有成功：{refused}")
        return False


@audited("删除草稿", Right.ROUNDS)
def delete_draft(db: Session, wave_id: int, seen: Seen | None = None) -> str:
    """Throw a draft away with its codes and trial forms; its name is returned. Nothing was answered yet."""
    wave = in_state(db, wave_id, WaveState.DRAFT, "开启过的期次不能删除：企业的答卷要留底备查。")
    lifecycle.as_seen(db, wave, seen, "草稿还没有删除，请核对后再点一次。")
    for table in (Trial, Invitation, Reminder, Proposal, WaveEvent):
        db.execute(delete(table).where(col(table.wave_id) == wave_id))
    title = wave.title
    db.delete(wave)
    return title
