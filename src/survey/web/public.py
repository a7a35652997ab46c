"""The public door: forms, receipts and QR codes for phones. Never imports Streamlit."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from survey.actions.claims import Refused, Submission
from survey.actions.submit import submit
from survey.actions.trials import submit_trial
from survey.core.access import NOBODY, act_as
from survey.core.answers import Answers, Fields, Invalid, Malformed, check
from survey.core.clock import china_day
from survey.core.dates import closing, moment
from survey.core.discreet import quiet_server, trace
from survey.core.models import Channel, Mode
from survey.core.phase import Phase, phase_of
from survey.core.receipts import read_receipt
from survey.core.stamps import new_submission_id
from survey.core.taking import NotTaken, why_not_taken
from survey.core.texts import texts
from survey.output import qr_codes
from survey.settings import get_settings
from survey.storage import cases, devices, doors
from survey.storage.database import is_reachable, reading_connection, writing
from survey.storage.doors import CodeStatus
from survey.storage.private_files import keep_private
from survey.storage.writing import Busy
from survey.web import confirming, incoming
from survey.web.doorstep import Doorstep
from survey.web.headers import SafeHeaders
from survey.web.kept_pages import Pages
from survey.web.limits import WrongTries
from survey.web.rendering import (
    Notice,
    Variant,
    case_receipt,
    empty_form,
    privacy_page,
    receipt_qr,
    render_corrections,
    render_notice,
    trial_receipt,
    typed_texts,
)
from survey.web.visits import Visit, visit_of

Endpoint = Callable[[Visit], Awaitable[Response]]
P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)

STATUS = {
    NotTaken.UNKNOWN_CODE: 404, NotTaken.NOT_OPEN: 403, NotTaken.NOT_READY: 403, NotTaken.CLOSED: 410, NotTaken.VOID: 410,
    NotTaken.USED: 409, NotTaken.CHANGED: 409, NotTaken.CHANGED_OPEN: 409, NotTaken.SETTLED: 410, NotTaken.TRIAL_FULL: 409,
}  # fmt: skip
WAYS = {
    NotTaken.USED: ("receipt", "add", "not_ours"), NotTaken.CHANGED: ("add", "not_ours"), NotTaken.CHANGED_OPEN: ("add",),
}  # fmt: skip
WRONG = (NotTaken.UNKNOWN_CODE, "unknown_receipt")
RETRY_SECONDS = "3"
CODE_LENGTH = 64  # longer than any code we give out; the rest is not looked up
LONG = 65_536  # bytes of a body that is taken apart beside the other phones, not before them
GARBAGE = 10_000  # new objects before circles among them are looked for; a request leaves hardly any
BODY_SECONDS = 30  # a full form takes 7 s on 2G; a connection held open longer is no phone

wrong_tries = WrongTries(lambda: get_settings().wrong_codes)


def answer(visit: Visit, notice: Notice, more: dict[str, str] | None = None) -> Response:
    """A notice as an answer. Whoever guesses at codes is asked to wait; right codes never come here as wrong."""
    if notice.key in WRONG and (wait := wrong_tries.note(visit.address)):
        minutes = {"minutes": str(-(-wait // 60))}
        notice = replace(notice, key="too_many_wrong", status=429, values=minutes)
        more = {"retry-after": str(wait)}
    document = render_notice(notice, visit.variant)
    return document.response(visit.encodings, more)


def busy(visit: Visit, typed: str = "") -> Response:
    """Not stored, and worth trying again soon."""
    return answer(visit, Notice("busy", 503, typed=typed), {"retry-after": RETRY_SECONDS})


def guarded(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """No visitor sees a traceback; a database that does not answer means: try again."""

    async def guard(request: Request) -> Response:
        visit = visit_of(request)
        try:
            return await endpoint(visit)
        except (Busy, SQLAlchemyError) as error:
            log.warning("暂不可用：%s", type(error).__name__)
            return busy(visit)
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        except Exception as error:
            log.error("未预料的错误：%s", trace(error))
            return answer(visit, Notice("failed", 500))

    return guard


def find(code: str) -> CodeStatus | None:
    """What a code leads to."""
    could_be_one = 0 < len(code) <= CODE_LENGTH and code.isascii()
    return doors.find_code(
        code if could_be_one else "-"
    )  # nobody's; the time taken must not tell which it was


def why_no_form(status: CodeStatus, now: datetime) -> NotTaken | None:
    """Why a code shows no form, if so."""
    if status.kind == "trial":
        return NotTaken.UNKNOWN_CODE if phase_of(status, now).started else None
    used = status.used and status.kind == "enterprise"
    return why_not_taken(status, now) or (NotTaken.USED if used else None)


def refusal(
    key: NotTaken, pages: Pages, status: CodeStatus | None, variant: Variant, fields: Fields | None = None
) -> Notice:
    """The notice for a code that shows no form or takes no answers."""
    if status is None:
        return Notice(NotTaken.UNKNOWN_CODE, 404, typed=typed_texts(fields or {}, None, variant.language))
    wave, say = pages.wave(status), texts(variant.language)
    if key is NotTaken.NOT_OPEN and status.opens_at <= datetime.now(UTC):
        key = NotTaken.NOT_READY  # nobody has opened it in time: the hour that was meant is past
    times = {"opens": moment(status.opens_at, say), "closes": closing(status.closes_at, say)}
    typed = typed_texts(fields or {}, wave.form, variant.language)
    own = status.kind == "enterprise"
    return Notice(key, STATUS[key], times, wave.host_name, WAYS.get(key, ()), own, typed)


def refused(why: Refused, pages: Pages, visit: Visit, status: CodeStatus, fields: Fields) -> Notice:
    """The notice for a form that was not stored. One whose id brought another form before is told of that one's
    receipt, and by an open code may come again as a form of its own."""
    as_new = why.key is NotTaken.CHANGED and status.kind == "open"
    notice = refusal(NotTaken.CHANGED_OPEN if as_new else why.key, pages, status, visit.variant, fields)
    receipt = f"/r/{why.receipt}{visit.variant.query}" if why.receipt else ""
    return replace(notice, receipt=receipt, again=again(visit.code, fields) if as_new else ())


def again(code: str, fields: Fields) -> list[tuple[str, str]]:
    """What was sent, under an id of its own."""
    sid = new_submission_id(get_settings().secret, code, datetime.now(UTC))
    return [*((name, one) for name, values in fields.items() for one in values), ("sid", sid)]


def show_form(pages: Pages, visit: Visit) -> Response:
    """The form behind a code, or why there is none. Looks only: links are previewed and forwarded."""
    status, variant = find(visit.code), visit.variant
    if status and confirming.entered_for(status):
        document = confirming.page(pages.wave(status), variant, status.confirmed)
        return document.response(visit.encodings)
    now = datetime.now(UTC)
    key = NotTaken.UNKNOWN_CODE if status is None else why_no_form(status, now)
    if status is None or key:
        notice = refusal(key or NotTaken.UNKNOWN_CODE, pages, status, variant)
        if (
            key is NotTaken.USED
        ):  # nothing was refused yet, and a phone that lost its receipt asks again from here
            notice = Notice(**{**vars(notice), "status": 200})
        return answer(visit, notice)
    if status.kind == "trial":  # a draft may change between two looks, so that its page is not kept
        page = empty_form(pages.wave(status), replace(variant, trial=True))
    else:
        late = phase_of(status, now) is Phase.WINDING_UP
        page = pages.form(status, replace(variant, asks_who=status.kind == "open", late=late))
        pages.note_shown(visit.code, status)
    sid = new_submission_id(get_settings().secret, visit.code, datetime.now(UTC))
    return page.response(visit.encodings, sid)


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
        status = pages.shown(code) or find(code)
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
        late = phase_of(status, now) is Phase.WINDING_UP
        shown = replace(variant, trial=trial, asks_who=asks_who, late=late)
        document = render_corrections(wave, shown, sent.id, sent.fields, error.problems)
        return document.response(visit.encodings)
    code, channel = visit.code, Channel.TABLET if variant.tablet else None
    try:
        if trial:
            await run_in_threadpool(keep_trial, code, sent, answers)
            return RedirectResponse(f"/q/{code}/r/trial{variant.query}", 303, {"cache-control": "no-store"})
        device = device_mark(visit, wave.id)
        receipt = await submit(Submission(code, sent.id, answers, channel, variant.language, now, device))
    except Refused as why:
        now_is = find(visit.code) or status
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


def show_trial_receipt(pages: Pages, visit: Visit) -> Response:
    """What stands for a receipt after a 试填."""
    status, variant = find(visit.code), visit.variant
    if status is None or why_no_form(status, datetime.now(UTC)) or status.kind != "trial":
        return answer(visit, Notice("unknown_receipt", 404))
    again = f"/q/{visit.code}{variant.query}"
    document = trial_receipt(pages.wave(status), variant, again)
    return document.response(visit.encodings)


def show_receipt(pages: Pages, visit: Visit) -> Response:
    """The receipt, with the enterprise's own case if it asked for help."""
    receipt, variant = read_receipt(visit.receipt, get_settings().secret), visit.variant
    if receipt is None:
        return answer(visit, Notice("unknown_receipt", 404))
    try:
        wave, phase, plain = pages.receipt(receipt.wave_id, variant, datetime.now(UTC))
    except KeyError:  # signed by us, but its wave is gone: a demo that was wiped
        return answer(visit, Notice("unknown_receipt", 404))
    with reading_connection() as db:
        case = cases.case_by_receipt(db, receipt.text)
    if case:
        return case_receipt(wave, variant, receipt, case, phase).response(visit.encodings)
    return plain.response(visit.encodings, receipt.number, receipt_qr(receipt))


@lru_cache(maxsize=32)
def _qr(address: str, kind: str) -> bytes:
    return qr_codes.svg(address).encode() if kind == "svg" else qr_codes.png(address)


def show_qr(visit: Visit, kind: str) -> Response:
    """The QR code of a code that exists."""
    if find(visit.code) is None:
        return answer(visit, Notice(NotTaken.UNKNOWN_CODE, 404))
    body = _qr(f"{get_settings().address}/q/{visit.code}", kind)
    headers = {"cross-origin-resource-policy": "cross-origin"}  # an organiser's own site may show it
    return Response(body, 200, headers, "image/svg+xml" if kind == "svg" else "image/png")


async def healthz(request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """The database answers."""
    ready = is_reachable()
    return PlainTextResponse("ok" if ready else "database", 200 if ready else 503)


async def welcome(visit: Visit) -> Response:
    """For those who typed the bare address."""
    return answer(visit, Notice("welcome", 200))


async def privacy(visit: Visit) -> Response:
    """What is protected, from whom, and what is not."""
    mode = Mode(visit.mode) if visit.mode in list(Mode) else None
    page = privacy_page(visit.variant, mode)
    return page.response(visit.encodings)


def routes() -> list[Route]:
    """The public addresses; both doors can carry them."""
    pages = Pages()

    async def code_page(visit: Visit) -> Response:
        return await take_form(pages, visit) if visit.posted else show_form(pages, visit)

    async def receipt_page(visit: Visit) -> Response:
        return show_receipt(pages, visit)

    async def trial_page(visit: Visit) -> Response:
        return show_trial_receipt(pages, visit)

    async def qr_svg(visit: Visit) -> Response:
        return show_qr(visit, "svg")

    async def qr_png(visit: Visit) -> Response:
        return show_qr(visit, "png")

    return [
        Route("/q/{code}", guarded(code_page), methods=["GET", "POST"]),
        Route("/q/{code}/r/trial", guarded(trial_page)),
        Route("/q/{code}/qr.svg", guarded(qr_svg)),
        Route("/q/{code}/qr.png", guarded(qr_png)),
        Route("/r/{receipt}", guarded(receipt_page)),
        Route("/privacy", guarded(privacy)),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
    ]


async def no_page(request: Request, error: Exception) -> Response:
    """No such address, or not in this way."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    key = "wrong_method" if status == 405 else "unknown_page"
    more = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return answer(visit_of(request), Notice(key, status), more)


class Unnamed:
    """Whoever asks here is nobody: no right of the office comes in by this door."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        act_as(NOBODY)
        await self.app(scope, receive, send)


def create_app() -> Starlette:
    """The public door as an application of its own."""
    gc.freeze()  # what is loaded by now stays; looking through it again stops all phones for 80 ms
    gc.set_threshold(GARBAGE)
    quiet_server()
    keep_private()
    return Starlette(
        routes=[Route("/", guarded(welcome)), *routes()],
        middleware=[
            Middleware(SafeHeaders, referrer="no-referrer"),
            Middleware(Doorstep),
            Middleware(Unnamed),
        ],
        exception_handlers={HTTPException: no_page},
    )
