"""A phone's request, read once at the door: what everything behind it goes by."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request

from survey.core.models import Channel
from survey.core.texts import LANGUAGES, preferred
from survey.web.phone import incoming
from survey.web.phone.variant import Variant

HEADER_LENGTH = 500  # of a list of languages or a browser's name; the rest is not looked at


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request asks for and says of its device. A form is `posted`; its body has yet to come."""

    code: str  # in the address, as the receipt and the mode; empty where it has none
    receipt: str
    mode: str
    variant: Variant
    address: str
    browser: str
    languages: str
    encodings: str
    posted: bool
    body: Callable[[int], Awaitable[bytes]]  # with its limit, see `incoming.read_body`


def visit_of(request: Request) -> Visit:
    """Read a request, all but its body."""
    heads = dict(reversed(request.headers.raw))  # of two by one name the first counts
    query = request.query_params if request.scope["query_string"] else {}
    languages = heads.get(b"accept-language", b"")[:HEADER_LENGTH].decode("latin-1")
    return Visit(
        request.path_params.get("code", ""), request.path_params.get("receipt", ""), query.get("mode", ""),
        _variant(query.get("lang", ""), query.get("channel", ""), languages),
        request.client.host if request.client else "",
        heads.get(b"user-agent", b"")[:HEADER_LENGTH].decode("latin-1"), languages,
        heads.get(b"accept-encoding", b"").decode("latin-1"),
        request.method == "POST", partial(incoming.read_body, request),
    )  # fmt: skip


def _variant(asked: str, channel: str, languages: str) -> Variant:
    """Language and channel as the address asks for them, or the browser's language; nonsense is ignored."""
    tablet = channel == Channel.TABLET
    return (
        Variant(asked, tablet, chosen=True) if asked in LANGUAGES else Variant(preferred(languages), tablet)
    )
