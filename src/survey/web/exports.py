"""Downloads at the office door: what the screens show, as CSV."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from survey.core.models import Channel, Mode, Role, Wave, WaveState
from survey.output import exports
from survey.output.exports import Answered, FormCounts, ReleasedRemark
from survey.storage import reads, tallies
from survey.storage.answers import each_response
from survey.storage.database import reading
from survey.storage.reads import View
from survey.web.guard import for_role
from survey.web.plain import notice

NOT_FOUND = ("没有这个期次", "它可能已被删除，或者地址写错了。", 404)
NO_RATINGS = (
    "这个期次不能逐条下载",
    "不记名和代号的期次只公布汇总，逐条的评价谁也下载不到。请下载部门汇总。",
    403,
)
Make = Callable[[Session, Wave, Request], Iterator[str] | Response]


def _download(make: Make, name: str) -> Callable[[Request], Response]:
    """A handler that streams what `make` makes of the wave in the address."""

    def handler(request: Request) -> Response:
        with reading() as db:
            wave = reads.wave(db, request.path_params["wave"])
            if wave is None:
                return notice(*NOT_FOUND)
            made = make(db, wave, request)
        if isinstance(made, Response):
            return made
        return StreamingResponse(made, media_type="text/csv; charset=utf-8", headers=_headers(wave, name))

    return handler


def _headers(wave: Wave, name: str) -> dict[str, str]:
    """A Chinese file name for those who understand it, a plain one for the rest; kept by no cache."""
    full = quote(f"{wave.title}-{name}.csv", safe="")
    return {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f"attachment; filename=\"survey-{wave.id}.csv\"; filename*=UTF-8''{full}",
    }


def _view(request: Request) -> View:
    """The filters of the page; raises ValueError."""
    query = request.query_params
    stratum, channel = query.get("stratum"), query.get("channel")
    return View(
        query.get("category") or None,
        int(stratum) if stratum else None,
        Channel(channel) if channel else None,
    )


def _summary(db: Session, wave: Wave, request: Request) -> Iterator[str] | Response:
    try:
        view = _view(request)
    except ValueError:
        return notice(
            "筛选条件不对", "分层与渠道只能选一个，且要是列表里有的。请回到页面重新选择后下载。", 400
        )
    return exports.summary(wave.title, reads.figures(db, wave, view), _forms(db, wave, view))


def _forms(db: Session, wave: Wave, view: View) -> FormCounts:
    """邀请, 收回 and 有效 of the part looked at. A stratum's are told after closing only, like its figures."""
    note, whole = reads.release_note(db, wave), reads.progress(db, wave)
    if view.channel is not None:
        collected = whole.by_channel.get(view.channel, 0)
        return FormCounts(None, collected, collected if not note.waiting else None)
    if view.stratum_id is None:
        return FormCounts(None if wave.imported else whole.invited, whole.collected, note.responses)
    stratum = next((one for one in reads.strata(db, wave.id) if one.id == view.stratum_id), None)
    if stratum is None or wave.state != WaveState.CLOSED:
        return FormCounts(stratum.invited if stratum else None, None, None)
    counts = tallies.count_responses(db.connection(), wave.id)
    collected = sum(count for (number, _), count in counts.items() if number == stratum.id)
    return FormCounts(stratum.invited, collected, collected if not note.waiting else None)


def _remarks(db: Session, wave: Wave, _request: Request) -> Iterator[str]:
    """Released remarks in the order of their random keys: neither time nor batch shows."""
    names = {one.id: one.name for one in reads.form(wave).departments}
    released = sorted(reads.remarks(db, wave.id, limit=None), key=lambda one: one.id)
    return exports.remarks(
        wave.title,
        [
            ReleasedRemark(names.get(one.department_id or "", ""), one.kind, one.text, one.rated_bad)
            for one in released
        ],
    )


def _ratings(_db: Session, wave: Wave, _request: Request) -> Iterator[str] | Response:
    """Row by row, only where nobody was promised otherwise."""
    if wave.mode != Mode.NAMED and not wave.imported:
        return notice(*NO_RATINGS)
    answered = (
        Answered(key, name or (pseudonym.hex()[:16] if pseudonym else ""), grades)
        for key, pseudonym, name, grades in each_response(wave.id)
    )
    return exports.ratings(wave.title, reads.form(wave), answered)


DOWNLOADS = (
    ("summary", "部门汇总", Role.VIEWER, _summary),
    ("remarks", "留言", Role.VIEWER, _remarks),
    ("ratings", "逐条评价", Role.OFFICER, _ratings),
)


def routes() -> list[Route]:
    """The addresses of all downloads."""
    return [_route(*one) for one in DOWNLOADS]


def _route(part: str, name: str, role: Role, make: Make) -> Route:
    handler = _download(make, name)

    @for_role(role)
    async def download(request: Request) -> Response:
        return await run_in_threadpool(handler, request)

    return Route(f"/export/{{wave:int}}/{part}.csv", download)
