"""The public door: forms, receipts and QR codes for phones. Never imports Streamlit."""

import gc
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from survey.core.accounts.access import NOBODY, act_as
from survey.core.answers.receipts import read_receipt
from survey.core.answers.stamps import new_submission_id
from survey.core.answers.taking import NotTaken
from survey.core.discreet import quiet_server, trace
from survey.core.models import Mode
from survey.core.waves.phase import Phase, phase_of
from survey.output.press import qr_codes
from survey.settings import get_settings
from survey.storage.answers.writing import Busy
from survey.storage.database import is_reachable, reading_connection
from survey.storage.ledger import cases
from survey.storage.private_files import keep_private
from survey.web.doorstep import Doorstep
from survey.web.headers import SafeHeaders
from survey.web.phone import confirming
from survey.web.phone.codes import find, why_no_form
from survey.web.phone.kept_pages import Pages
from survey.web.phone.notices import Notice
from survey.web.phone.privacy import privacy_page
from survey.web.phone.receipts import case_receipt, receipt_qr, trial_receipt
from survey.web.phone.refusing import answer, busy, refusal
from survey.web.phone.rendering import empty_form
from survey.web.phone.taking import take_form
from survey.web.phone.visits import Visit, visit_of

Endpoint = Callable[[Visit], Awaitable[Response]]
log = logging.getLogger(__name__)
GARBAGE = 10_000  # new objects before circles among them are looked for; a request leaves hardly any


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
