"""The office routes around Streamlit: its Chinese shell, the preview, the projected QR code."""

import re
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from survey.core.accounts.access import PAGES, Right, first_page
from survey.core.waves.phase import phase_of, phase_told
from survey.output.press import qr_codes
from survey.settings import get_settings
from survey.storage.database import reading
from survey.storage.waves import arriving, published
from survey.web.office.gate import for_right, signed_in, to_login
from survey.web.office.guard import may_open
from survey.web.office.preview import render_preview
from survey.web.plain import notice, plain_page

STATIC = Path(__file__).parents[1] / "static"
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
NO_SCRIPT = "<noscript><p>打开本页需要浏览器允许运行脚本（JavaScript）。</p></noscript>"
OUR_HEAD = (
    '<link rel="stylesheet" href="./office/office.css"><script defer src="./office/office.js"></script>'
)
# Chinese two-engine browsers take the first hint, Internet Explorer the second; the script must come before all others.
FLOOR = (
    '<meta name="renderer" content="webkit"><meta http-equiv="X-UA-Compatible" content="IE=edge">'
    '<script src="/office/floor.js"></script><script src="/office/session.js"></script>'
)
OPENING = '<div id="root"><p class="opening" role="status">正在打开一键测评…</p></div>'


@cache
def shell() -> str:
    """Streamlit's index page with a Chinese language tag, title, loading state and our style."""
    found = find_spec("streamlit")
    assert found is not None
    page = (Path(found.origin or "").parent / "static" / "index.html").read_text(encoding="utf-8")
    # Neither the comments, the agent pointer, the inline script nor the Latin font are wanted.
    unwanted = r"<!--.*?-->|<script>.*?</script>|<link[^>]*(?:service-desc|as=\"font\")[^>]*>"
    page = re.sub(unwanted, "", page, flags=re.DOTALL)
    page = re.sub(r"<noscript>.*?</noscript>", NO_SCRIPT, page, flags=re.DOTALL)
    for theirs, ours in (
        ('<html lang="en">', '<html lang="zh-CN">'),
        ("<title>Streamlit</title>", "<title>一键测评</title>"),
        ("./favicon.png", "./office/icon.svg"),
        ("<head>", f"<head>{FLOOR}"),
        ("</head>", f"{OUR_HEAD}</head>"),
        ('<div id="root"></div>', OPENING),
    ):
        page = page.replace(theirs, ours)
    return f"<!DOCTYPE html>{page.partition('<!DOCTYPE html>')[2]}"


def _page(address: str, rights: tuple[Right, ...]) -> Route:
    """The shell of a Streamlit page; what it shows is decided again in the page."""

    @for_right(*rights)
    async def page(request: Request) -> Response:
        if await may_open(request) == 503:
            busy = notice("现在打开的页面太多", "请关掉几个，或过一两分钟再试。企业填写不受影响。", 503)
            busy.headers["Retry-After"] = "60"
            return busy
        return HTMLResponse(shell(), headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})

    return Route(f"/{address}", page)


async def session(request: Request) -> Response:
    """Whether a page may open its session: browsers do not say why one was refused, see session.js."""
    return Response(status_code=await may_open(request))


async def front(request: Request) -> Response:
    """The front page is the first one that the account may open."""
    user = await signed_in(request)
    return to_login(request) if user is None else RedirectResponse(f"/{first_page(user)}", 303)


async def static(request: Request) -> Response:
    """Our own style, scripts and icon."""
    file = STATIC / request.path_params["name"]
    if file.parent != STATIC or not file.is_file():
        return PlainTextResponse("没有这个文件", 404)
    return FileResponse(file, headers={"Cache-Control": "no-cache"})


async def old_browser(request: Request) -> Response:
    """For browsers that cannot run the pages; needs no sign-in and nothing newer than HTML 4."""
    return plain_page("old_browser.html", host_name=get_settings().host_name)


async def icon(request: Request) -> Response:
    """Our icon."""
    return FileResponse(STATIC / "icon.svg")


@for_right(Right.FIGURES)
async def preview(request: Request) -> Response:
    """The phone form of a wave as it will look; it cannot be sent."""
    return await run_in_threadpool(render_preview, request)


@for_right(Right.FIGURES)
async def project(request: Request) -> Response:
    """A wave's QR code as large as the screen, for a hall."""
    return await run_in_threadpool(_project, request.path_params["wave"])


def _project(wave_id: int) -> Response:
    with reading() as db:
        wave, code = published.wave(db, wave_id), published.open_code(db, wave_id)
        if wave is None or code is None:
            return notice("这个期次还没有测评码", "请先在「期次」里开启它。", 404)
        now = datetime.now(UTC)
        if not phase_of(wave, now).taking:
            return notice(f"本期{phase_of(wave, now)}", "扫码不再收答卷，所以不再投影测评码。", 410)
        address = f"{get_settings().address}/q/{code}"
        return plain_page(
            "project.html", wave=wave, address=address, qr=Markup(qr_codes.svg(address)), phase=phase_told(wave, now),
            count=arriving.pulse(db, wave_id, now).responses,
        )  # fmt: skip


@for_right(Right.FIGURES, quiet=True)
async def count(request: Request) -> Response:
    """How many forms came, for the projected page."""
    number = await run_in_threadpool(_count, request.path_params["wave"])
    return PlainTextResponse(f"{number:,}", headers={"Cache-Control": "no-store"})


def _count(wave_id: int) -> int:
    with reading() as db:
        return arriving.pulse(db, wave_id, datetime.now(UTC)).responses


async def elsewhere(request: Request) -> Response:
    """Any other address: Streamlit would answer with an English page."""
    return notice("没有这个页面", "地址可能写错了，或者页面已经移走。", 404)


class Elsewhere(Convertor[str]):
    """A path that is not Streamlit's own."""

    regex = r"(?!_stcore/|static/|media/|component/).+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("elsewhere", Elsewhere())


def routes() -> list[BaseRoute]:
    """The office routes; Streamlit's own come after them."""
    return [
        Route("/", front),
        *(_page(address, rights) for address, (_, rights) in PAGES.items()),
        Route("/session", session),
        Route("/office/{name}", static),
        Route("/favicon.png", icon),  # Streamlit asks for it by this name
        Route("/old-browser", old_browser),
        Route("/preview/{wave:int}", preview),
        Route("/project/{wave:int}", project),
        Route("/project/{wave:int}/count", count),
    ]


def last_routes() -> list[BaseRoute]:
    """What answers when none of our other routes did; keep it after them."""
    return [Route("/{rest:elsewhere}", elsewhere)]
