"""Today's list of whom to remind, as a file for officers."""

from datetime import UTC, datetime
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from survey.actions.waves.reminders import note_download
from survey.core.accounts.access import Right, actor
from survey.core.clock import CHINA
from survey.output.waves.addressees import occasion
from survey.output.waves.reminders import workbook
from survey.settings import get_settings
from survey.storage.database import reading, writing
from survey.storage.waves import monitor, published
from survey.web.office.gate import for_right
from survey.web.plain import notice

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_LIST = ("今天没有催填名单", "名单在开启的第二天 0 点做第一份，截止后不再提醒。请回到「回收」页查看。", 404)


@for_right(Right.ROUNDS, logged="导出")
async def reminders(request: Request) -> Response:
    """The day's list, or one 服务专员's part of it."""
    return await run_in_threadpool(_list, request, actor().name)


def _list(request: Request, who: str) -> Response:
    now, officer = datetime.now(UTC), request.query_params.get("officer")
    with reading() as db:
        wave = published.wave(db, request.path_params["wave"])
        listed = monitor.day_list(db, wave, now) if wave else None
    if wave is None or listed is None:
        return notice(*NO_LIST)
    at, due = listed.at.astimezone(CHINA), listed.of(officer)
    body = workbook(
        occasion(wave, now), due, f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}", get_settings().reminders
    )
    with writing() as db:
        note_download(db, wave.id, len(due), who, now)
    part = f"-{officer}" if officer else ""
    name = quote(f"催填名单{part}-{at:%m%d}.xlsx", safe="")
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f"attachment; filename=\"reminders-{wave.id}.xlsx\"; filename*=UTF-8''{name}",
    }
    return Response(body, media_type=XLSX, headers=headers)


def routes() -> list[Route]:
    """The list's address."""
    return [Route("/export/{wave:int}/reminders.xlsx", reminders)]
