"""Signing in and out: an HttpOnly cookie, argon2 in a thread, and a brake on guessing."""

from asyncio import Semaphore
from collections import OrderedDict
from datetime import UTC, datetime
from time import monotonic
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from survey.actions import accounts
from survey.core.access import ROLE_NAMES
from survey.core.models import Role
from survey.settings import get_settings
from survey.storage import reads
from survey.storage.database import reading
from survey.web.guard import COOKIE, same_origin, signed_in
from survey.web.plain import plain_page

WRONG = "账号或密码不对，请检查后重试。"
TOO_OFTEN = "输错次数太多，请 10 分钟后再试，或请管理员重设密码。"
FOREIGN = "这次登录不是从本页面发出的，请重新填写。"
TRIES, WITHIN, REMEMBERED = 8, 600, 10_000
AT_ONCE = Semaphore(2)  # argon2 takes 64 MiB a time
LONGEST = 200  # a longer name or password is nobody's


class Brake:
    """Counts wrong sign-ins by who asked for whom, in this process only."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def is_on(self, key: tuple[str, str]) -> bool:
        recent = [at for at in self._wrong.get(key, ()) if monotonic() - at < WITHIN]
        return len(recent) >= TRIES

    def note(self, key: tuple[str, str]) -> None:
        self._wrong.setdefault(key, []).append(monotonic())
        self._wrong[key] = self._wrong[key][-TRIES:]
        while len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)

    def forget(self, key: tuple[str, str]) -> None:
        self._wrong.pop(key, None)


brake = Brake()


def safe_next(target: str) -> str:
    """Where to go after signing in: a path of this site, or the front page."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith("//") and target.isprintable()
    return target if plain and "\\" not in target and not parts.scheme and not parts.netloc else "/"


async def show(request: Request) -> Response:
    """The sign-in page; someone already signed in goes on."""
    target = safe_next(request.query_params.get("next", "/"))
    if await signed_in(request):
        return RedirectResponse(target, 303)
    return await _page(target)


async def _page(target: str, name: str = "", problem: str = "", status: int = 200) -> Response:
    demo = await run_in_threadpool(_demo_logins)
    return plain_page(
        "login.html", status, target=target, name=name, problem=problem, demo=demo,
        host_name=get_settings().host_name,
    )  # fmt: skip


def _demo_logins() -> list[tuple[str, str]]:
    with reading() as db:
        return [(ROLE_NAMES[Role(role)], name) for role, name in reads.demo_logins(db)]


async def sign_in(request: Request) -> Response:
    """Check name and password; on success set the cookie and go where the visitor was going."""
    form = await request.form(max_files=0, max_fields=8)
    name, password = str(form.get("name", "")).strip(), str(form.get("password", ""))
    target = safe_next(str(form.get("next", "/")))
    key = (request.client.host if request.client else "", name)
    if not same_origin(request.headers):
        return await _page(target, name, FOREIGN, 403)
    if brake.is_on(key):
        return await _page(target, name, TOO_OFTEN, 429)
    token = None
    if name and password and max(len(name), len(password)) <= LONGEST:
        async with AT_ONCE:
            token = await run_in_threadpool(accounts.sign_in, name, password, datetime.now(UTC))
    if token is None:
        brake.note(key)
        return await _page(target, name, WRONG, 422)
    brake.forget(key)
    answer = RedirectResponse(target, 303)
    answer.set_cookie(
        COOKIE, token, max_age=get_settings().session_hours * 3600, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


async def sign_out(request: Request) -> Response:
    """Forget the cookie here and in the database; another site's link does not sign anyone out."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        return RedirectResponse("/", 303)
    if token := request.cookies.get(COOKIE):
        await run_in_threadpool(accounts.sign_out, token)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return answer


def routes() -> list[BaseRoute]:
    """`/login` and `/logout`."""
    return [
        Route("/login", show, methods=["GET"]),
        Route("/login", sign_in, methods=["POST"]),
        Route("/logout", sign_out),
    ]
