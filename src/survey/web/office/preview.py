"""The form as officials may look at it."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from survey.core.texts import FALLBACK, LANGUAGES
from survey.core.waves.phase import Phase, phase_of
from survey.storage.answers import doors
from survey.storage.answers.doors import WavePage
from survey.storage.database import reading_connection
from survey.web.documents import Document, policy
from survey.web.phone.notices import Notice, render_notice
from survey.web.phone.rendering import form_html, wave_css
from survey.web.phone.variant import Variant


def preview(wave: WavePage, language: str = FALLBACK) -> Document:
    """The form as officials may look at it: it works, it says so, and it cannot be sent."""
    late = phase_of(wave, datetime.now(UTC)) is Phase.WINDING_UP
    html = form_html(wave, Variant(language, late=late))
    return Document(html, policy(wave_css(wave.form), frame_ancestors="*", live=False))


def render_preview(request: Request) -> Response:
    """The office's look at the form of the wave in its address. Reads only."""
    accept = request.headers.get("accept-encoding", "")
    try:
        with reading_connection() as db:
            wave = doors.wave_page(db, int(request.path_params["wave"]))
    except (KeyError, ValueError):
        return render_notice(Notice("unknown_page", 404), Variant()).response(accept)
    asked = request.query_params.get("lang", FALLBACK)
    return preview(wave, asked if asked in LANGUAGES else FALLBACK).response(accept)
