"""代填: what an enterprise sees behind a code whose form an officer entered, and its word on that."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from survey.actions.answers import on_behalf
from survey.core.answers.answers import Malformed
from survey.core.models import Reply
from survey.core.refusals import NotAllowed
from survey.core.texts import texts
from survey.settings import get_settings
from survey.storage.answers.doors import CodeStatus, WavePage
from survey.storage.database import writing
from survey.web.documents import Document, policy, render
from survey.web.phone.variant import Variant, languages


def entered_for(status: CodeStatus) -> bool:
    """Whether an officer entered the form of this code."""
    return bool(status.on_behalf) and not status.void


def page(wave: WavePage, variant: Variant, word: str, problem: str = "") -> Document:
    """Asks whether the entered form is right, or says what was answered. Never shows what was entered."""
    say, settings = texts(variant.language), get_settings()
    host = settings.host_in(variant.language, wave.host_name)
    buttons = {Reply.CONFIRMED: say["on_behalf.confirm"], Reply.DISPUTED: say["on_behalf.dispute"]}
    answered = word in list(Reply)
    html = render(
        "confirm.html", live=False, say=say.say, languages=languages(variant), host_name=host,
        phone=settings.host_phone, sid=secrets.token_urlsafe(16), answered=answered,
        title=say["on_behalf.answered" if answered else "on_behalf.title"],
        text=say.say(f"on_behalf.{word if answered else 'text'}", host=host),
        problem=say.say(f"on_behalf.{problem}", host=host) if problem else "",
        buttons={name: text for name, text in buttons.items() if name != word},
    )  # fmt: skip
    return Document(html, policy(), 409 if problem else 200)


async def take(
    code: str, words: Sequence[str], wave: WavePage, status: CodeStatus, variant: Variant
) -> Response:
    """Keep the enterprise's word; raises `Malformed`."""
    if len(words) != 1 or words[0] not in list(Reply):
        raise Malformed
    try:
        await run_in_threadpool(_keep, code, Reply(words[0]))
    except NotAllowed:  # the results are sealed
        return page(wave, variant, status.confirmed, "too_late").response()
    return RedirectResponse(f"/q/{code}{variant.query}", 303, {"cache-control": "no-store"})


def _keep(code: str, word: Reply) -> None:
    with writing() as db:
        on_behalf.confirm(db, code, word, datetime.now(UTC))
