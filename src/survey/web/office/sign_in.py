"""Signing in to the office door: an HttpOnly cookie, argon2 in a thread, a password of one's own."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from survey.actions.accounts import accounts, passwords, sessions
from survey.actions.accounts.accounts import AccountError
from survey.actions.accounts.sessions import SignedIn, SignInRefused
from survey.core.accounts.access import Actor, act_as
from survey.core.answers.receipts import digest
from survey.core.models import Role, User
from survey.core.names import ROLE_NAMES
from survey.core.plain_text import one_line
from survey.settings import get_settings
from survey.storage.accounts import people
from survey.storage.database import reading
from survey.web.cookies import cookie, forget, keep
from survey.web.limits import WrongTries, bucket
from survey.web.office.gate import COOKIE, signed_in, to_login
from survey.web.office.guard import same_origin
from survey.web.plain import plain_page
from survey.web.turns import Crowded, Turns

FOREIGN = "这次登录不是从本页面发出的，请重新填写。"
UNLIKE = "两次填写的新密码不一样，请重新填写。"
SPRAYED = "从这里输错密码的次数太多，请 {minutes} 分钟后再试，或换用以前登录过的浏览器。"
CROWDED = "现在登录的人太多，请过一会儿再试。"
# argon2 takes 64 MiB and a good part of a second. Browsers that signed in before do not queue with strangers.
KNOWN, STRANGERS = Turns(2, each=4, all=200), Turns(1, each=4, all=100)
wrong_sign_ins = WrongTries(lambda: get_settings().wrong_sign_ins)
DEVICE = "survey_device"  # by which a browser that signed in before is known again
DEVICE_SECONDS = 180 * 86400


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
        return [(ROLE_NAMES[Role(role)], name) for role, name in people.demo_logins(db)]


async def sign_in(request: Request) -> Response:
    """Check name and password; on success set the cookie and go where the visitor was going."""
    form = await request.form(max_files=0, max_fields=8)
    name, password = one_line(str(form.get("name", ""))), str(form.get("password", ""))
    target = safe_next(str(form.get("next", "/")))
    if not same_origin(request.headers):
        return await _page(target, name, FOREIGN, 403)
    if not (name and password and max(len(name), len(password)) <= passwords.LONGEST):
        return await _page(target, name, sessions.WRONG, 422)
    source, device = bucket(request.client.host if request.client else ""), cookie(request, DEVICE) or ""
    known = await run_in_threadpool(sessions.is_known, name, device)
    if not known and (wait := wrong_sign_ins.wait(source)):
        return _later(await _page(target, name, SPRAYED.format(minutes=-(-wait // 60)), 429), wait)
    try:
        async with KNOWN.one(device) if known else STRANGERS.one(source):
            made = await run_in_threadpool(
                sessions.sign_in, name, password, datetime.now(UTC), source, device
            )
    except Crowded:
        return _later(await _page(target, name, CROWDED, 503))
    except SignInRefused as refused:
        if not known and str(refused) == sessions.WRONG:
            wrong_sign_ins.note(source)
        return await _page(target, name, str(refused), 429 if refused.locked else 422)
    return _welcome(request, made, "/password" if made.must_change else target)


def _later(answer: Response, seconds: int = 5) -> Response:
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _welcome(request: Request, made: SignedIn, target: str) -> Response:
    answer = RedirectResponse(target, 303)
    keep(answer, request, COOKIE, made.token, get_settings().session_hours * 3600)
    keep(answer, request, DEVICE, made.device, DEVICE_SECONDS)
    return answer


async def sign_out(request: Request) -> Response:
    """Forget the cookie here and in the database; another site's link does not sign anyone out."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        return RedirectResponse("/", 303)
    if token := cookie(request, COOKIE):
        await run_in_threadpool(sessions.sign_out, token, datetime.now(UTC))
    answer = RedirectResponse("/login", 303)
    forget(answer, request, COOKIE)
    return answer


async def password(request: Request) -> Response:
    """更改密码: asked for at the first sign-in and when a password has become too old."""
    user = await signed_in(request)
    if user is None:
        return to_login(request)
    if request.method == "GET":
        return _password_page(user)
    form = await request.form(max_files=0, max_fields=8)
    old, new, again = (str(form.get(name, "")) for name in ("old", "new", "again"))
    if not same_origin(request.headers):
        return _password_page(user, FOREIGN, 403)
    if new != again:
        return _password_page(user, UNLIKE, 422)
    if max(len(old), len(new)) > passwords.LONGEST:
        return _password_page(user, f"密码最多 {passwords.LONGEST} 个字符，请换一个。", 422)
    act_as(Actor.of(user))
    login = digest(cookie(request, COOKIE) or "")
    try:
        async with KNOWN.one(user.name):
            device = await run_in_threadpool(
                accounts.change_own_password, user.id, old, new, datetime.now(UTC), login
            )
    except Crowded:
        return _later(_password_page(user, CROWDED, 503))
    except SignInRefused as refused:
        return _password_page(user, str(refused), 429)
    except AccountError as error:
        return _password_page(user, str(error), 422)
    answer = RedirectResponse("/", 303)
    keep(answer, request, DEVICE, device, DEVICE_SECONDS)  # the one from before ended with the password
    return answer


def _password_page(user: User, problem: str = "", status: int = 200) -> Response:
    return plain_page(
        "password.html", status, name=user.name, problem=problem, forced=user.must_change,
        rule=passwords.rule(),
    )  # fmt: skip


def routes() -> list[BaseRoute]:
    """`/login`, `/logout` and `/password`."""
    return [
        Route("/login", show, methods=["GET"]),
        Route("/login", sign_in, methods=["POST"]),
        Route("/logout", sign_out),
        Route("/password", password, methods=["GET", "POST"]),
    ]
