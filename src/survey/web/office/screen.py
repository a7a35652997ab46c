"""大屏: a wave's released figures on a wall, by a read-only address that can be taken back at any time."""

from datetime import UTC, datetime
from itertools import groupby

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from survey.core.accounts.access import Actor, Right, acting
from survey.core.answers.receipts import digest
from survey.core.clock import CHINA
from survey.core.figures.cells import Row, Shown
from survey.core.figures.view import View
from survey.core.figures.withholding import hides_nothing
from survey.core.study.judged import Judged
from survey.core.waves.phase import phase_told
from survey.output import sentences
from survey.output.figures import findings
from survey.output.study.compared import in_order
from survey.storage.accounts import people
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.study.studies import judged_figures
from survey.storage.waves import arriving, published
from survey.web.plain import notice, plain_page

GONE = ("这个大屏地址不能用了", "它可能已被收回，请向营商专班要新的地址。", 404)
EVERY = 30  # seconds between refreshes
LONGEST_TOKEN = 64


async def show(request: Request) -> Response:
    """The wall page, or a page that tells nothing but that there is none."""
    return await run_in_threadpool(_show, request.path_params["token"])


def _show(token: str) -> Response:
    now = datetime.now(UTC)
    with reading() as db:
        screen = people.screen_by_token(db, digest(token[:LONGEST_TOKEN]))
        if screen is None:
            return notice(*GONE)
        with acting(Actor(f"大屏 {screen.name}", rights=frozenset({Right.FIGURES}))):
            wave = published.wave(db, screen.wave_id)
            if wave is None:
                return notice(*GONE)
            source = published.default_source(db, wave)
            figures = judged_figures(db, wave, View(source=source))
            progress = arriving.progress(db, wave)
            note = released.release_note(db, wave, source)
    so_far = "" if hides_nothing(wave) or not note.number else sentences.so_far(source, note.final)
    return plain_page(
        "screen.html", wave=wave, every=EVERY, headline=findings.headline(figures, progress.of(source), source),
        phase=phase_told(wave, now), classes=_by_class(figures), formula=figures.formula.text, progress=progress,
        at=f"{now.astimezone(CHINA):%H:%M}", so_far=so_far,
    )  # fmt: skip


def _by_class(figures: Judged) -> list[tuple[str, list[dict[str, object]]]]:
    """Departments are compared within their class only, so that each class stands by itself."""
    return [
        (name, [_bar(one, figures) for one in part])
        for name, part in groupby(in_order(figures), lambda row: row.category)
    ]


def _bar(row: Row, figures: Judged) -> dict[str, object]:
    """A department's satisfaction rate with its range, in percent; none where it is withheld."""
    bar: dict[str, object] = {"name": row.department, "why": ""}
    if not isinstance(row.cell, Shown):
        return bar | {"why": row.cell.why}
    level = figures.of(row).level
    rate, low, high = (
        (round(100 * one) for one in (level.value, level.low, level.high)) if level else (0, 0, 0)
    )
    return bar | {"about": findings.about(row.cell), "rate": rate, "low": low, "high": high, "n": row.cell.n}  # fmt: skip


def routes() -> list[Route]:
    """The wall's address."""
    return [Route("/screen/{token}", show)]
