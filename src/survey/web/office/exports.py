"""Downloads at the office door: what the screens show, as CSV, workbook and briefing."""

from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from survey.core.accounts.access import Right
from survey.core.figures.view import View
from survey.core.figures.withholding import hides_nothing
from survey.core.models import Source, Wave
from survey.output.figures import exports
from survey.output.figures.exports import Answered
from survey.output.figures.findings import titled
from survey.output.figures.report import Report
from survey.output.figures.study_table import study_csv
from survey.output.figures.workbook import workbook
from survey.storage.answers.each import each_response
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.study.studies import judged_figures
from survey.storage.waves import arriving, published
from survey.web.office.gate import for_right
from survey.web.office.reports import gather, released_remarks
from survey.web.plain import notice

NOT_FOUND = ("没有这个期次", "它可能已被删除，或者地址写错了。", 404)
NO_VIEW = (
    "筛选条件不对", "开放扫码的答卷不分层，分层和来源都要是列表里有的。请回到页面重新选择后下载。", 400,
)  # fmt: skip
NO_RATINGS = (
    "这个期次不能逐条下载",
    "不记名和代号的期次只公布汇总，逐条的评价谁也下载不到。请下载部门汇总。",
    403,
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "docx": DOCX}
Made = Iterator[str] | Callable[[], bytes] | Response
Make = Callable[[Session, Wave, Request], Made]


def _download(make: Make, file: str, name: str) -> Callable[[Request], Response]:
    """A handler that sends what `make` makes of the wave in the address.

    A document is made after the read has ended: it takes a second or two, and holds no transaction open.
    """
    ending = file.rpartition(".")[2]

    def handler(request: Request) -> Response:
        with reading() as db:
            wave = published.wave(db, request.path_params["wave"])
            if wave is None:
                return notice(*NOT_FOUND)
            made = make(db, wave, request)
        if isinstance(made, Response):
            return made
        headers = _headers(wave, f"{name}.{ending}")
        if callable(made):
            return Response(made(), media_type=TYPES[ending], headers=headers)
        return StreamingResponse(made, media_type=TYPES[ending], headers=headers)

    return handler


def _headers(wave: Wave, name: str) -> dict[str, str]:
    """A Chinese file name for those who understand it, a plain one for the rest; kept by no cache."""
    full, ending = quote(f"{wave.title}-{name}", safe=""), name.rpartition(".")[2]
    return {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f"attachment; filename=\"survey-{wave.id}.{ending}\"; filename*=UTF-8''{full}",
    }


def _view(db: Session, wave: Wave, request: Request) -> View:
    """The filters of the page; raises ValueError."""
    query = request.query_params
    stratum, source = query.get("stratum"), query.get("source")
    return View(
        query.get("category") or None,
        int(stratum) if stratum else None,
        Source(source) if source else published.default_source(db, wave),
    )


def _of_view(make: Callable[[Session, Wave, View], Made]) -> Make:
    """A download that follows the filters of the page."""

    def made(db: Session, wave: Wave, request: Request) -> Made:
        try:
            view = _view(db, wave, request)
        except ValueError:
            return notice(*NO_VIEW)
        return make(db, wave, view)

    return made


def _summary(db: Session, wave: Wave, view: View) -> Made:
    title = titled(wave.title, view.source)
    return exports.summary(title, judged_figures(db, wave, view), released.form_counts(db, wave, view))


def _study(db: Session, wave: Wave, view: View) -> Made:
    """Of the whole wave or a class: a stratum has no study of its own."""
    whole = View(category=view.category, source=view.source)
    figures = judged_figures(db, wave, whole)
    return study_csv(titled(wave.title, view.source), figures, published.form(wave))


def _workbook(db: Session, wave: Wave, view: View) -> Made:
    return partial(workbook, gather(db, wave, view))


def _briefing(db: Session, wave: Wave, view: View) -> Made:
    """Of the whole wave: a class or a stratum alone makes no briefing."""
    return partial(_write_briefing, gather(db, wave, View(source=view.source)))


def _write_briefing(report: Report) -> bytes:
    from survey.output.figures.briefing import briefing

    return briefing(report)


def _reasons(db: Session, wave: Wave, view: View) -> Made:
    names = [one.name.zh for one in published.form(wave).questionnaire.reasons]
    return exports.reasons(titled(wave.title, view.source), released.figures(db, wave, view), names)


def _remarks(db: Session, wave: Wave, _request: Request) -> Made:
    return exports.remarks(wave.title, released_remarks(db, wave))


def _arrivals(db: Session, wave: Wave, _request: Request) -> Made:
    return exports.arrivals(wave.title, arriving.arrivals(db, wave))


def _codebook(_db: Session, _wave: Wave, _request: Request) -> Made:
    return exports.dictionary()


def _ratings(_db: Session, wave: Wave, _request: Request) -> Made:
    """Row by row, only where nobody was promised otherwise."""
    if not hides_nothing(wave):
        return notice(*NO_RATINGS)
    answered = (
        Answered(key, name or (pseudonym.hex()[:16] if pseudonym else ""), grades)
        for key, pseudonym, name, grades in each_response(wave.id)
    )
    return exports.ratings(wave.title, published.form(wave), answered)


DOWNLOADS = (
    ("report.xlsx", "测评报告", Right.FIGURES, _of_view(_workbook)),
    ("briefing.docx", "一页简报", Right.FIGURES, _of_view(_briefing)),
    ("summary.csv", "部门汇总", Right.FIGURES, _of_view(_summary)),
    ("statistics.csv", "统计结果", Right.FIGURES, _of_view(_study)),
    ("remarks.csv", "留言", Right.FIGURES, _remarks),
    ("reasons.csv", "差评原因", Right.FIGURES, _of_view(_reasons)),
    ("arrivals.csv", "回收进度", Right.FIGURES, _arrivals),
    ("codebook.csv", "数据字典", Right.FIGURES, _codebook),
    ("ratings.csv", "逐条评价", Right.ROWS, _ratings),
)


def routes() -> list[Route]:
    """The addresses of all downloads."""
    return [_route(*one) for one in DOWNLOADS]


def _route(file: str, name: str, right: Right, make: Make) -> Route:
    handler = _download(make, file, name)

    @for_right(right, logged="导出")
    async def download(request: Request) -> Response:
        return await run_in_threadpool(handler, request)

    return Route(f"/export/{{wave:int}}/{file}", download)
