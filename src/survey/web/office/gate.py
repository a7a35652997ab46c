"""Who is asking for an address of the office door, and may they? Refusals are pages, and in the audit log."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from survey.actions.accounts import audit, sessions
from survey.core.accounts.access import Actor, Forbidden, Right, act_as, may
from survey.core.answers.receipts import digest
from survey.core.models import Outcome, User
from survey.storage.accounts import people
from survey.storage.database import reading
from survey.web.cookies import cookie
from survey.web.plain import notice

COOKIE = "survey_office"
LARGEST_ID = 2**31 - 1  # in an integer column; databases refuse larger ones as an error
NOT_ALLOWED = ("您的账号没有这项权限", "需要时请联系系统管理员。本次访问已记入审计日志。", 403)
NO_WAVE = ("没有这个期次", "地址可能写错了。", 404)
Handler = Callable[[Request], Awaitable[Response]]


async def signed_in(connection: HTTPConnection) -> User | None:
    """Who is asking, by the cookie, checked in the database."""
    token = cookie(connection, COOKIE)
    return await run_in_threadpool(_user, token) if token else None


def _user(token: str) -> User | None:
    with reading() as db:
        return people.user_by_login(db, digest(token), datetime.now(UTC))


def here(request: Request) -> str:
    """The address asked for, with its query."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def to_login(request: Request) -> Response:
    """To the sign-in page, and back here afterwards."""
    return RedirectResponse(f"/login?next={quote(here(request), safe='')}", 303)


def for_right(*rights: Right, quiet: bool = False, logged: str = "") -> Callable[[Handler], Handler]:
    """A handler for those who have one of the rights.

    `quiet`: a page asks by itself, which is no sign of a person. `logged`: what stands in the audit log for it.
    """

    def wrap(handler: Handler) -> Handler:
        async def checked(request: Request) -> Response:
            user = await signed_in(request)
            if user is None:
                return to_login(request)
            act_as(Actor.of(user))
            if user.must_change:
                return RedirectResponse("/password", 303)
            if request.path_params.get("wave", 0) > LARGEST_ID:
                return notice(*NO_WAVE)
            if not may(user, *rights):
                return await refuse(request)
            if not quiet:
                await run_in_threadpool(
                    sessions.touch, digest(cookie(request, COOKIE) or ""), datetime.now(UTC)
                )
            try:
                answer = await handler(request)
            except Forbidden:
                return await refuse(request)
            if logged:
                result = Outcome.OK if answer.status_code < 400 else Outcome.FAILED
                await run_in_threadpool(audit.note, logged, here(request), result)
            return answer

        return checked

    return wrap


async def refuse(request: Request) -> Response:
    """A clean page, and a line in the audit log."""
    await run_in_threadpool(audit.note, "访问", here(request), Outcome.REFUSED)
    return notice(*NOT_ALLOWED)
