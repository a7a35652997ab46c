"""What arrives at a door: a body with a hard limit, turned into form fields."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from survey.core.questionnaire import SUBMISSION_ID, Fields, Malformed

FORM_TYPE = "application/x-www-form-urlencoded"
FIELD_LIMIT = 2000  # a form of 60 departments, everything answered, has about 1,000


class TooLarge(Exception):
    """A body above the limit; what came of it is thrown away."""


class WrongType(Exception):
    """Not a form."""


@dataclass(frozen=True)
class Submission:
    """A form as it came: the phone's submission id and the fields for `core.questionnaire.check`."""

    id: str
    fields: Fields


async def read_body(request: Request, limit: int) -> bytes:
    """The body, given up as soon as it passes the limit."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM_TYPE:
        raise WrongType
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced[:20]) > limit:
        raise TooLarge
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise TooLarge
    return bytes(body)


def parse(body: bytes) -> Submission:
    """Fields of a body; raises `Malformed` on anything that no browser sends."""
    fields: dict[str, list[str]] = {}
    try:
        pieces = body.decode().split("&")
        if len(pieces) > FIELD_LIMIT:
            raise Malformed
        for piece in pieces:
            name, equals, value = piece.partition("=")
            if "%" in piece or "+" in piece:  # few fields hold more than plain letters and digits
                name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
            if not equals or "\0" in name or "\0" in value:
                raise Malformed
            fields.setdefault(name, []).append(value)
    except ValueError as error:
        raise Malformed from error
    sent = fields.pop("sid", [])
    if len(sent) != 1 or not SUBMISSION_ID.fullmatch(sent[0]):
        raise Malformed
    return Submission(sent[0], fields)


def salvage(body: bytes) -> Fields:
    """Whatever can still be read of a body that was refused, so that typed text can be handed back."""
    try:
        pairs = parse_qsl(body.decode(errors="replace"), errors="replace", max_num_fields=FIELD_LIMIT)
    except ValueError:
        return {}
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\0", ""))
    return fields
