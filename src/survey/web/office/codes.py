"""Files about codes at the office door: the bundle just made, the poster, the 封存凭证."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from survey.actions.waves.codes import note_download
from survey.core.accounts.access import Right, actor
from survey.core.models import Wave
from survey.output.waves import bundle, print, vouchers
from survey.output.waves.addressees import Past, occasion
from survey.storage.database import reading, writing
from survey.storage.waves import codes, fingerprint, published
from survey.web.office.gate import for_right
from survey.web.plain import notice

NOT_FOUND = ("没有这个期次", "它可能已被删除，或者地址写错了。", 404)
GONE = (
    "这份发码包已经不在了",
    "链接只保留一小时，或者已经确认保存后删除。码只存指纹，不能再显示；需要时请在「发码」页换码。",
    410,
)
NO_CODE = ("这个期次没有开放码", "期次开启后才有开放扫码的海报。", 404)
NOT_SEALED = ("这个期次还没有封存", "截止后请在「发码」页封存，再下载凭证。", 404)
CHANGED = (
    "数据和封存时不一致",
    "重新算出的指纹与封存时的不同：封存之后有人改动过这个期次的数据。请立即告诉管理员，不要再使用它的报表。",
    409,
)


def _headers(name: str, plain: str) -> dict[str, str]:
    """A Chinese file name for those who understand it, a plain one for the rest; kept by no cache."""
    both = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Disposition": both}


@for_right(Right.ROUNDS, logged="导出")
async def take_bundle(request: Request) -> Response:
    """The ZIP of codes that were just made."""
    wave, name = request.path_params["wave"], request.path_params["name"]
    return await run_in_threadpool(_bundle, wave, name, actor().name)


def _bundle(wave_id: int, name: str, who: str) -> Response:
    bundle.sweep(time.time())
    path = bundle.find(wave_id, name)
    if path is None:
        return notice(*GONE)
    now = datetime.now(UTC)
    with writing() as db:
        wave = published.wave(db, wave_id)
        if wave is None:
            return notice(*NOT_FOUND)
        if wave.closes_at <= now:
            return notice("发码包不再下载", str(Past(wave)), 410)
        note_download(db, wave_id, now, who)
        title = wave.title
    headers = _headers(f"{title}-发码包.zip", f"codes-{wave_id}.zip")
    return FileResponse(path, media_type="application/zip", headers=headers)


def _poster(wave: Wave, now: datetime) -> Response:
    with reading() as db:
        code = published.open_code(db, wave.id)
    if code is None:
        return notice(*NO_CODE)
    try:
        about = occasion(wave, now)
    except Past as past:
        return notice("海报不再下载", str(past), 410)
    return _pdf(print.poster(about, code), f"{wave.title}-海报", f"poster-{wave.id}")


def _voucher(wave: Wave, now: datetime) -> Response:
    if not wave.fingerprint:
        return notice(*NOT_SEALED)
    with reading() as db:
        ledger = codes.ledger(db, wave.id)
        sealed = codes.sealed_at(db, wave.id) or now
        if fingerprint.compute(db, wave) != wave.fingerprint:
            return notice(*CHANGED)
    made = print.voucher(vouchers.content(wave, ledger, sealed, now))
    return _pdf(made, f"{wave.title}-封存凭证", f"voucher-{wave.id}")


def _pdf(made: bytes, name: str, plain: str) -> Response:
    return Response(made, media_type="application/pdf", headers=_headers(f"{name}.pdf", f"{plain}.pdf"))


def _document(part: str, make: Callable[[Wave, datetime], Response], right: Right) -> Route:
    def handler(wave_id: int) -> Response:
        with reading() as db:
            wave = published.wave(db, wave_id)
        return notice(*NOT_FOUND) if wave is None else make(wave, datetime.now(UTC))

    @for_right(right, logged="导出")
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(handler, request.path_params["wave"])

    return Route(f"/codes/{{wave:int}}/{part}.pdf", answer)


def routes() -> list[Route]:
    """The addresses of all files about codes."""
    return [
        Route("/codes/{wave:int}/bundle/{name}.zip", take_bundle),
        _document("poster", _poster, Right.FIGURES),
        _document("voucher", _voucher, Right.ROUNDS),
    ]
