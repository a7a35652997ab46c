"""A form that comes in: read within limits, checked, stored, answered with its receipt."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from survey.actions.answers.claims import Refused, Submission
from survey.actions.answers.submit import submit
from survey.actions.answers.trials import submit_trial
from survey.core.answers.answers import Answers, Invalid, Malformed, check
from survey.core.answers.taking import NotTaken
from survey.core.clock import china_day
from survey.core.models import Channel
from survey.core.waves.phase import Phase, phase_of
from survey.settings import get_settings
from survey.storage.answers import devices
from survey.storage.answers.doors import CodeStatus
from survey.storage.answers.writing import Busy
from survey.storage.database import writing
from survey.web.phone import confirming, incoming
from survey.web.phone.codes import could_be_one, find
from survey.web.phone.kept_pages import Pages
from survey.web.phone.notices import Notice, typed_texts
from survey.web.phone.refusing import answer, busy, refusal, refused
from survey.web.phone.rendering import render_corrections
from survey.web.phone.visits import Visit

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
LONG = 65_536  # bytes of a body that is taken apart beside the other phones, not before them
BODY_SECONDS = 30  # a full form takes 7 s on 2G; a connection held open longer is no phone


async def take_form(pages: Pages, visit: Visit) -> Response:
    """Store a form: 303 to its receipt, or a page that gives everything typed back."""
    now, variant = datetime.now(UTC), visit.variant
    status, room, failed = look(pages, visit.code)
    body = await receive(visit, room.bytes)
    if isinstance(body, Response):
        return body
    long = len(body) > LONG
    try:
        sent = await beside(long, incoming.parse, body, room.fields)
    except Malformed:
        typed = typed_texts(await beside(long, incoming.salvage, body, room.fields), None, variant.language)
        return answer(visit, Notice("malformed", 400, typed=typed))
    try:
        if failed:
            raise failed
        if status is None:
            return answer(visit, refusal(NotTaken.UNKNOWN_CODE, pages, None, variant, sent.fields))
        if "confirm" in sent.fields:  # to what was entered since, perhaps
            status = find(visit.code) or status
        return await store(pages, visit, status, sent, now, long)
    except (Busy, SQLAlchemyError) as error:
        log.warning("答卷未入库：%s", type(error).__name__)
        return busy(visit, typed_texts(sent.fields, None, variant.language))


def look(pages: Pages, code: str) -> tuple[CodeStatus | None, incoming.Room, SQLAlchemyError | None]:
    """What a code leads to and how much its form may hold; or a database that does not answer, which is told
    only once the form has come, so that what was typed is handed back."""
    try:
        status = pages.shown(could_be_one(code)) or find(code)
        room = incoming.room_for(pages.wave(status).form, get_settings()) if status else incoming.STRANGER
        return status, room, None
    except SQLAlchemyError as error:
        return None, incoming.STRANGER, error


async def receive(visit: Visit, limit: int) -> bytes | Response:
    """The body, or why it was not taken."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await visit.body(limit)
    except TimeoutError:
        return busy(visit)
    except incoming.TooLarge:
        return answer(visit, Notice("too_large", 413), {"connection": "close"})
    except incoming.WrongType:
        return answer(visit, Notice("wrong_type", 415))


async def beside(long: bool, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Do some work on a form; on a long one beside the other phones, which would wait for it."""
    return await run_in_threadpool(work, *args, **named) if long else work(*args, **named)


async def store(
    pages: Pages, visit: Visit, status: CodeStatus, sent: incoming.Sent, now: datetime, long: bool
) -> Response:
    """Check and store what was sent."""
    wave, variant = pages.wave(status), visit.variant
    trial, asks_who = status.kind == "trial", status.kind == "open"
    try:
        if "confirm" in sent.fields and confirming.entered_for(status):
            words = sent.fields["confirm"]
            return await confirming.take(visit.code, words, wave, status, variant)
        answers = await beside(long, check, wave.form, sent.fields, get_settings(), asks_who)
    except Malformed:
        typed = typed_texts(sent.fields, wave.form, variant.language)
        return answer(visit, Notice("malformed", 400, host_name=wave.host_name, typed=typed))
    except Invalid as error:
        status = find(visit.code) or status  # its hours may have moved since the form was shown
        late = phase_of(status, now) is Phase.WINDING_UP
        shown = replace(variant, trial=trial, asks_who=asks_who, late=late)
        document = render_corrections(pages.wave(status), shown, sent.id, sent.fields, error.problems)
        return document.response(visit.encodings)
    code, channel = visit.code, Channel.TABLET if variant.tablet else None
    try:
        if trial:
            await run_in_threadpool(keep_trial, code, sent, answers)
            return RedirectResponse(f"/q/{code}/r/trial{variant.query}", 303, {"cache-control": "no-store"})
        device = device_mark(visit, wave.id)
        receipt = await submit(Submission(code, sent.id, answers, channel, variant.language, now, device))
    except Refused as why:
        if (now_is := find(visit.code)) is None:
            return answer(visit, refusal(NotTaken.UNKNOWN_CODE, pages, None, variant, sent.fields))
        return answer(visit, refused(why, pages, visit, now_is, sent.fields))
    return RedirectResponse(f"/r/{receipt}{variant.query}", 303, {"cache-control": "no-store"})


def device_mark(visit: Visit, wave_id: int) -> bytes:
    """The day's mark of the device a form comes from. Its address and browser go into it and nowhere else."""
    day = china_day(datetime.now(UTC))
    return devices.mark(wave_id, day, visit.address, visit.browser, visit.languages)


def keep_trial(code: str, sent: incoming.Sent, answers: Answers) -> None:
    """Keep a trial form, far from the answers; raises `Refused`."""
    with writing() as db:
        submit_trial(db, code, sent.id, sent.fields, answers)
