"""Answers to a phone that gets no form, no receipt, or may try again."""

from dataclasses import replace
from datetime import UTC, datetime

from starlette.responses import Response

from survey.actions.answers.claims import Refused
from survey.core.answers.answers import Fields
from survey.core.answers.stamps import new_submission_id
from survey.core.answers.taking import NotTaken
from survey.core.dates import closing, moment
from survey.core.texts import texts
from survey.settings import get_settings
from survey.storage.answers.doors import CodeStatus
from survey.web.limits import WrongTries
from survey.web.phone.kept_pages import Pages
from survey.web.phone.notices import Notice, render_notice, typed_texts
from survey.web.phone.variant import Variant
from survey.web.phone.visits import Visit

STATUS = {
    NotTaken.UNKNOWN_CODE: 404, NotTaken.NOT_OPEN: 403, NotTaken.NOT_READY: 403, NotTaken.CLOSED: 410, NotTaken.VOID: 410,
    NotTaken.USED: 409, NotTaken.CHANGED: 409, NotTaken.CHANGED_OPEN: 409, NotTaken.SETTLED: 410, NotTaken.TRIAL_FULL: 409,
}  # fmt: skip
WAYS = {
    NotTaken.USED: ("receipt", "add", "not_ours"), NotTaken.CHANGED: ("add", "not_ours"), NotTaken.CHANGED_OPEN: ("add",),
}  # fmt: skip
WRONG = (NotTaken.UNKNOWN_CODE, "unknown_receipt")
RETRY_SECONDS = "3"

wrong_tries = WrongTries(lambda: get_settings().wrong_codes)


def answer(visit: Visit, notice: Notice, more: dict[str, str] | None = None) -> Response:
    """A notice as an answer. Whoever guesses at codes is asked to wait; right codes never come here as wrong."""
    if notice.key in WRONG and (wait := wrong_tries.note(visit.address)):
        minutes = {"minutes": str(-(-wait // 60))}
        notice = replace(notice, key="too_many_wrong", status=429, values=minutes)
        more = {"retry-after": str(wait)}
    document = render_notice(notice, visit.variant)
    return document.response(visit.encodings, more)


def busy(visit: Visit, typed: str = "") -> Response:
    """Not stored, and worth trying again soon."""
    return answer(visit, Notice("busy", 503, typed=typed), {"retry-after": RETRY_SECONDS})


def refusal(
    key: NotTaken, pages: Pages, status: CodeStatus | None, variant: Variant, fields: Fields | None = None
) -> Notice:
    """The notice for a code that shows no form or takes no answers."""
    if status is None:
        return Notice(NotTaken.UNKNOWN_CODE, 404, typed=typed_texts(fields or {}, None, variant.language))
    wave, say = pages.wave(status), texts(variant.language)
    if key is NotTaken.NOT_OPEN and status.opens_at <= datetime.now(UTC):
        key = NotTaken.NOT_READY  # nobody has opened it in time: the hour that was meant is past
    times = {"opens": moment(status.opens_at, say), "closes": closing(status.closes_at, say)}
    typed = typed_texts(fields or {}, wave.form, variant.language)
    own = status.kind == "enterprise"
    return Notice(key, STATUS[key], times, wave.host_name, WAYS.get(key, ()), own, typed)


def refused(why: Refused, pages: Pages, visit: Visit, status: CodeStatus, fields: Fields) -> Notice:
    """The notice for a form that was not stored. One whose id brought another form before is told of that one's
    receipt, and by an open code may come again as a form of its own."""
    as_new = why.key is NotTaken.CHANGED and status.kind == "open"
    notice = refusal(NotTaken.CHANGED_OPEN if as_new else why.key, pages, status, visit.variant, fields)
    receipt = f"/r/{why.receipt}{visit.variant.query}" if why.receipt else ""
    return replace(notice, receipt=receipt, again=again(visit.code, fields) if as_new else ())


def again(code: str, fields: Fields) -> list[tuple[str, str]]:
    """What was sent, under an id of its own."""
    sid = new_submission_id(get_settings().secret, code, datetime.now(UTC))
    return [*((name, one) for name, values in fields.items() for one in values), ("sid", sid)]
